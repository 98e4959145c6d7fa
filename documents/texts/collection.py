"""What documents are written from: a model for each type, standard texts of the house or of a unit."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.texts import events
from documents.texts.models import StandardText, TextModel
from documents.texts.sanitising import sanitise
from people.access import authorize
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")


def all_models(session: Session) -> list[TextModel]:
    """Every model, those out of use too, by name."""
    return list(session.scalars(select(TextModel).order_by(TextModel.name)))


def model(session: Session, key: str) -> TextModel:
    """One model; NotFound when there is none."""
    found = session.get(TextModel, key)
    if found is None:
        raise NotFound("Não encontramos este modelo.", model=key)
    return found


def save_model(
    session: Session, key: str, name: str, html: str, *, actor: Actor, active: bool = True, new: bool = False
) -> TextModel:
    """A model, new or changed; documents already begun keep their text."""
    authorize(actor, "models.manage")
    if not KEY.fullmatch(key):
        raise InvalidInput({"key": "Use letras minúsculas sem acento, números e _, começando por letra."})
    row = session.get(TextModel, key, with_for_update=True)
    if new and row is not None:
        raise Conflict("Já existe um modelo com este identificador. Escolha outro.")
    other = session.scalar(select(TextModel.key).where(TextModel.name == name))
    if other is not None and other != key:
        raise InvalidInput({"name": "Já existe um modelo com este nome."})
    row = row or TextModel(key=key)
    row.name, row.html, row.active = name, sanitise(html), active
    row.updated_by, row.updated_at = actor.id, clock.now()
    session.add(row)
    session.flush()
    history.record(session, events.MODEL_SAVED, {"model": key, "active": active}, actor=actor)
    return row


def all_standard_texts(session: Session) -> list[StandardText]:
    """Every standard text, those of the house first, then by unit and name."""
    return list(session.scalars(select(StandardText).order_by(StandardText.unit.nulls_first(), StandardText.name)))


def save_standard_text(
    session: Session, text_id: UUID | None, *, name: str, unit: str | None, html: str, actor: Actor
) -> StandardText:
    """A standard text, new or changed; of the whole house without a unit."""
    authorize(actor, "models.manage")
    row = session.get(StandardText, text_id, with_for_update=True) if text_id else StandardText()
    if row is None:
        raise NotFound("Não encontramos este texto.", text=text_id)
    same = (StandardText.name == name, func.coalesce(StandardText.unit, "") == (unit or ""))
    other = session.scalar(select(StandardText.id).where(*same))
    if other is not None and other != text_id:
        raise InvalidInput({"name": "Já existe um texto com este nome."})
    row.name, row.unit, row.html = name, unit, sanitise(html)
    row.updated_by, row.updated_at = actor.id, clock.now()
    session.add(row)
    session.flush()
    history.record(session, events.STANDARD_SAVED, {"text": str(row.id)}, actor=actor)
    return row


def delete_standard_text(session: Session, text_id: UUID, *, actor: Actor) -> None:
    """Take a standard text away; documents that used it keep their text."""
    authorize(actor, "models.manage")
    row = session.get(StandardText, text_id)
    if row is None:
        raise NotFound("Não encontramos este texto.", text=text_id)
    session.delete(row)
    session.flush()
    history.record(session, events.STANDARD_DELETED, {"text": str(text_id)}, actor=actor)
