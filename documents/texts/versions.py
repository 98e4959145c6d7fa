"""Versions of a text: every save is kept; a save over somebody else's is told, and both texts stay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentKind, DocumentVersion, DossierDocument
from documents.errors import DocumentNotFound
from documents.signatures import offers, standing
from documents.texts import events, forms, indexing
from documents.texts.errors import NotEditable
from documents.texts.sanitising import plain, sanitise
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Forbidden, InvalidInput

_REFUSALS = {
    "cancelled": "Este documento foi cancelado: o texto não muda mais.",
    "deleted": "Este documento foi excluído.",
    "filed": "Este documento veio de fora e não é editado aqui.",
}


@dataclass(frozen=True)
class Saved:
    """What became of a text: its version, and whether somebody had saved another one meanwhile.

    With `conflict`, `other_version` and `other_author` tell the text that was saved meanwhile, and which stays a version
    too. `in_force`: this text is now the document's; not so when the other one was signed already. `message` is for the
    person.
    """

    version: int
    conflict: bool = False
    other_version: int | None = None
    other_author: UUID | None = None
    in_force: bool = True
    message: str = ""


def save(session: Session, document_id: UUID, html: str, *, actor: Actor, based_on: int, comment: str = "") -> Saved:
    """Keep `html` (made clean) as a version. `based_on`: the version that the author had before them, 0 for none.

    Saving over a signed text that nobody of another unit saw drops its signatures, as people know it from SEI.
    """
    document = editable(session, document_id, actor)
    if document.kind != DocumentKind.INTERNAL:
        raise NotEditable("Este documento é um formulário: altere as respostas.")
    return keep(session, document, sanitise(html), None, actor=actor, based_on=based_on, comment=comment)


def save_form(session: Session, document_id: UUID, answers: Mapping[str, Any], *, actor: Actor, based_on: int) -> Saved:
    """Keep the answers of a form as a version; InvalidInput names the fields that are wrong."""
    document = editable(session, document_id, actor)
    if document.kind != DocumentKind.FORM:
        raise NotEditable("Este documento não é um formulário.")
    html, values = forms.written(session, document.type_key, answers)
    return keep(session, document, html, values, actor=actor, based_on=based_on)


def restore(session: Session, document_id: UUID, version: int, *, actor: Actor) -> Saved:
    """An earlier version's text becomes a new version; nothing between is lost."""
    document = editable(session, document_id, actor)
    old = at(session, document_id, version)
    return keep(
        session,
        document,
        old.html,
        old.answers,
        actor=actor,
        based_on=document.version,
        comment=f"Versão {version} restaurada",
        restored=version,
    )


def at(session: Session, document_id: UUID, version: int) -> DocumentVersion:
    """One version of a document."""
    found = session.get(DocumentVersion, (document_id, version))
    if found is None:
        raise DocumentNotFound("Não encontramos esta versão do documento.", document=str(document_id), version=version)
    return found


def current(session: Session, document: DossierDocument) -> DocumentVersion | None:
    """The version in force; None while nothing was written."""
    return session.get(DocumentVersion, (document.id, document.version)) if document.version else None


def editable(session: Session, document_id: UUID, actor: Actor) -> DossierDocument:
    """The document, locked until the transaction ends; NotEditable says why its text may not change.

    Only the unit that made it writes it, and the units that a block was offered to; the pages ask before, this is the
    second lock on the same door.
    """
    document = locked(session, document_id)
    own = actor.kind == "system" or (actor.unit is not None and actor.unit == document.unit)
    if not own and offers.reaches(session, actor, document_id) is None:
        raise Forbidden(f"Este documento é da unidade {document.unit}, e só ela o edita.", document=str(document_id))
    if document.status in _REFUSALS:
        raise NotEditable(_REFUSALS[document.status], document=str(document_id))
    if document.locked_at is not None:
        raise NotEditable(
            "Outra unidade já viu este documento: o texto não muda mais. Se for preciso, inclua um documento novo.",
            document=str(document_id),
        )
    return document


def locked(session: Session, document_id: UUID) -> DossierDocument:
    """The document's row, locked; DocumentNotFound when there is none."""
    query = select(DossierDocument).where(DossierDocument.id == document_id).with_for_update(key_share=True)
    document = session.scalar(query.execution_options(populate_existing=True))
    if document is None:
        raise DocumentNotFound(document=str(document_id))
    return document


def keep(
    session: Session,
    document: DossierDocument,
    html: str,
    answers: Mapping[str, Any] | None,
    *,
    actor: Actor,
    based_on: int,
    comment: str = "",
    restored: int | None = None,
) -> Saved:
    """A new version of a locked document; the same text again is no new version."""
    before = current(session, document)
    digest = digest_of(html, answers)
    if before is not None and before.sha256 == digest:
        return Saved(before.version)
    if not 0 <= based_on <= last(session, [document.id]).get(document.id, 0):
        raise InvalidInput(message="A versão de partida não existe. Recarregue a página e confira.")
    conflict = before is not None and based_on != before.version
    in_force = not (conflict and standing.signed(session, document.id))
    row = insert(session, document, html, answers, actor=actor, based_on=based_on, comment=comment)
    if in_force:
        standing.drop(session, document, actor=actor)
        document.version = row.version
        session.flush()
        indexing.index(session, document, plain(html))
    kind = events.KEPT if conflict else events.RESTORED if restored else events.SAVED
    data = {"document": str(document.id), "number": document.number, "version": row.version, "sha256": digest}
    if restored:
        data["restored"] = restored
    events.append(session, document.dossier_id, kind, data, actor=actor)
    return _told(row.version, before if conflict else None, in_force)


def digest_of(html: str, answers: Mapping[str, Any] | None) -> str:
    """SHA-256 of a version's text and answers."""
    plain_answers = "" if answers is None else json.dumps(answers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{html}\0{plain_answers}".encode()).hexdigest()


def insert(
    session: Session,
    document: DossierDocument,
    html: str,
    answers: Mapping[str, Any] | None,
    *,
    actor: Actor,
    based_on: int,
    comment: str = "",
) -> DocumentVersion:
    """The row of a new version of a locked document; which one is in force is not its concern."""
    number = last(session, [document.id]).get(document.id, 0) + 1
    row = row_of(document.id, number, html, answers, actor=actor, based_on=based_on, comment=comment)
    session.add(row)
    session.flush()
    return row


def row_of(
    document_id: UUID,
    number: int,
    html: str,
    answers: Mapping[str, Any] | None,
    *,
    actor: Actor,
    based_on: int,
    comment: str = "",
) -> DocumentVersion:
    """A version, not yet in any session."""
    return DocumentVersion(
        document_id=document_id,
        version=number,
        html=html,
        answers=None if answers is None else dict(answers),
        sha256=digest_of(html, answers),
        based_on=based_on,
        author=actor.id if actor.kind == "account" else None,
        created_at=clock.now(),
        comment=" ".join(comment.split())[:200],
    )


def last(session: Session, document_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The highest number of a version of each document, in force or kept apart."""
    query = select(DocumentVersion.document_id, func.max(DocumentVersion.version))
    query = query.where(DocumentVersion.document_id.in_(list(document_ids))).group_by(DocumentVersion.document_id)
    return dict(session.execute(query).all())


def _told(version: int, other: DocumentVersion | None, in_force: bool) -> Saved:
    if other is None:
        return Saved(version)
    met = f"Outra pessoa salvou a versão {other.version} enquanto você escrevia."
    if in_force:
        message = f"{met} O seu texto é a versão {version}, e os dois estão guardados: compare e decida qual fica."
    else:
        message = (
            f"{met} Ela já foi assinada e continua valendo; o seu texto está guardado como versão {version}: "
            "compare e, se for o caso, restaure-o (as assinaturas serão retiradas)."
        )
    return Saved(version, True, other.version, other.author, in_force, message)
