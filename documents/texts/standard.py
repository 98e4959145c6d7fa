"""Models and standard texts: kept clean, recorded in today's chain; a person's text is theirs once it is in a document."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.texts import events
from documents.texts.models import StandardText, TextModel
from documents.texts.sanitising import plain, sanitise
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import InvalidInput, NotFound

_KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")


def save_model(session: Session, key: str, name: str, html: str, *, actor: Actor, active: bool = True) -> TextModel:
    """Create or change a model; documents already begun keep their text."""
    if not _KEY.fullmatch(key):
        raise InvalidInput({"key": "Use letras minúsculas, números e sublinhado, começando por letra."})
    title, clean = _checked(name, html)
    model = session.get(TextModel, key) or TextModel(key=key)
    model.name, model.html, model.active = title, clean, active
    model.updated_by, model.updated_at = actor.id, clock.now()
    session.add(model)
    session.flush()
    history.record(session, events.MODEL_SAVED, {"model": key, "sha256": _digest(clean)}, actor=actor)
    return model


def save_standard_text(
    session: Session, text_id: UUID | None, name: str, html: str, *, unit: str | None, actor: Actor
) -> StandardText:
    """Create (`text_id` None) or change a standard text of a unit, or of the house with `unit` None."""
    title, clean = _checked(name, html)
    same = select(StandardText.id).where(StandardText.unit.is_not_distinct_from(unit), StandardText.name == title)
    if session.scalar(same.where(StandardText.id != text_id) if text_id else same):
        raise InvalidInput({"name": "Já existe um texto padrão com este nome."})
    row = StandardText(unit=unit) if text_id is None else _standard(session, text_id)
    row.name, row.html, row.updated_by, row.updated_at = title, clean, actor.id, clock.now()
    session.add(row)
    session.flush()
    data = {"text": str(row.id), "unit": row.unit, "sha256": _digest(clean)}
    history.record(session, events.STANDARD_SAVED, data, actor=actor)
    return row


def delete_standard_text(session: Session, text_id: UUID, *, actor: Actor) -> None:
    """Take a standard text away; documents that used it keep their text."""
    row = _standard(session, text_id)
    session.delete(row)
    session.flush()
    history.record(session, events.STANDARD_DELETED, {"text": str(text_id), "unit": row.unit}, actor=actor)


def _standard(session: Session, text_id: UUID) -> StandardText:
    row = session.get(StandardText, text_id)
    if row is None:
        raise NotFound("Não encontramos este texto padrão.")
    return row


def _checked(name: str, html: str) -> tuple[str, str]:
    title, clean = " ".join(name.split()), sanitise(html)
    problems = {}
    if not 2 <= len(title) <= 200:
        problems["name"] = "Dê um nome com 2 a 200 caracteres."
    if not plain(clean):
        problems["html"] = "Escreva o texto."
    if problems:
        raise InvalidInput(problems)
    return title, clean


def _digest(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()
