"""Notes, comments, manual entries, ciência and special watch."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access, events, lines
from documents.dossier.annotations.models import Acknowledgement, Comment, Entry, Note, Watch
from documents.dossier.errors import DossierDocumentNotFound, NotOpenHere, WithoutUnit
from documents.dossier.models import Dossier, DossierDocument, DossierUnit
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Forbidden, InvalidInput, NotFound

MAX_NOTE = 1000
MAX_TEXT = 4000
MAX_GROUP = 60


def acknowledge(
    session: Session, dossier_id: UUID, document_id: UUID | None = None, *, actor: Actor
) -> Acknowledgement:
    """Ciência in the dossier or in one document: a mark that nobody takes back. Doing it twice changes nothing."""
    access.locked(session, actor, dossier_id, access.READ)
    if actor.id is None:
        raise Forbidden("A ciência é de uma pessoa, com a sua conta.")
    document = _document(session, dossier_id, document_id)
    earlier = session.scalar(
        select(Acknowledgement).where(
            Acknowledgement.dossier_id == dossier_id,
            Acknowledgement.document_id.is_not_distinct_from(document_id),
            Acknowledgement.account_id == actor.id,
        )
    )
    if earlier is not None:
        return earlier
    row = Acknowledgement(
        dossier_id=dossier_id, document_id=document_id, account_id=actor.id, unit=actor.unit, created_at=clock.now()
    )
    session.add(row)
    session.flush()
    if document is None:
        events.append(session, dossier_id, events.ACKNOWLEDGED, {}, actor=actor)
    else:
        facts = {"document": str(document.id), "number": document.number}
        events.append(session, dossier_id, events.DOCUMENT_ACKNOWLEDGED, facts, actor=actor)
    return row


def add_entry(session: Session, dossier_id: UUID, text: str, *, actor: Actor) -> Entry:
    """A line of the andamento written by hand. It is neither edited nor deleted; its digest is in the chain."""
    dossier = access.locked(session, actor, dossier_id)
    access.open_line(session, dossier, actor)
    row = Entry(id=uuid4(), dossier_id=dossier_id, text=_text(text, MAX_TEXT), author=actor.id, unit=actor.unit)
    row.created_at = clock.now()
    session.add(row)
    session.flush()
    facts = {"entry": str(row.id), "unit": actor.unit, "text": events.digest(row.id, row.text)}
    events.append(session, dossier_id, events.ENTRY, facts, actor=actor)
    return row


def comment(session: Session, dossier_id: UUID, text: str, *, actor: Actor, document_id: UUID | None = None) -> Comment:
    """Seen by whoever has access to the dossier."""
    access.locked(session, actor, dossier_id, access.READ)
    _document(session, dossier_id, document_id)
    row = Comment(id=uuid4(), dossier_id=dossier_id, document_id=document_id, text=_text(text, MAX_TEXT))
    row.author, row.unit, row.created_at = actor.id, actor.unit, clock.now()
    session.add(row)
    session.flush()
    facts = {"comment": str(row.id), "text": events.digest(row.id, row.text)}
    events.append(session, dossier_id, events.COMMENTED, facts, actor=actor)
    return row


def remove_comment(session: Session, comment_id: UUID, *, actor: Actor) -> None:
    """Its author takes a comment back."""
    row = session.get(Comment, comment_id)
    if row is None or row.removed_at is not None:
        raise NotFound("Este comentário não existe mais.")
    access.locked(session, actor, row.dossier_id, access.READ)
    if row.author != actor.id:
        raise Forbidden("Só quem escreveu o comentário pode retirá-lo.")
    row.removed_at = clock.now()
    session.flush()
    events.append(session, row.dossier_id, events.COMMENT_REMOVED, {"comment": str(row.id)}, actor=actor)


def add_note(session: Session, dossier_id: UUID, text: str, *, actor: Actor, urgent: bool = False) -> Note:
    """A note that only the actor's unit sees."""
    line = own_line(session, dossier_id, actor)
    row = Note(id=uuid4(), dossier_id=dossier_id, unit=line.unit, text=_text(text, MAX_NOTE), urgent=urgent)
    row.author, row.created_at = actor.id, clock.now()
    session.add(row)
    lines.touch(session, line)
    facts = {"note": str(row.id), "unit": line.unit, "text": events.digest(row.id, row.text)}
    events.append(session, dossier_id, events.NOTED, facts, actor=actor)
    return row


def remove_note(session: Session, note_id: UUID, *, actor: Actor) -> None:
    """Anybody of the unit takes one of its notes away."""
    row = session.get(Note, note_id)
    if row is None or row.removed_at is not None or row.unit != actor.unit:
        raise NotFound("Esta anotação não existe mais.")
    line = own_line(session, row.dossier_id, actor)
    row.removed_at = clock.now()
    lines.touch(session, line)
    events.append(session, row.dossier_id, events.NOTE_REMOVED, {"note": str(row.id), "unit": row.unit}, actor=actor)


def watch(session: Session, dossier_id: UUID, group: str = "", *, actor: Actor) -> Watch:
    """Special watch of the actor's unit, in a group of its own or in none; also of what is no longer open there."""
    unit = _watching(session, dossier_id, actor)
    name = _group(group)
    earlier = _watch(session, dossier_id, unit, name)
    if earlier is not None:
        return earlier
    row = Watch(dossier_id=dossier_id, unit=unit, group_name=name, created_by=actor.id, created_at=clock.now())
    session.add(row)
    session.flush()
    _touch_here(session, dossier_id, unit)
    events.append(session, dossier_id, events.WATCHED, {"unit": unit}, actor=actor)
    return row


def unwatch(session: Session, dossier_id: UUID, group: str = "", *, actor: Actor) -> None:
    """End the watch in that group."""
    unit = _watching(session, dossier_id, actor)
    row = _watch(session, dossier_id, unit, _group(group))
    if row is None:
        return
    session.delete(row)
    session.flush()
    _touch_here(session, dossier_id, unit)
    events.append(session, dossier_id, events.UNWATCHED, {"unit": unit}, actor=actor)


def own_line(session: Session, dossier_id: UUID, actor: Actor) -> DossierUnit:
    """The dossier's line in the actor's unit, open or closed, with the dossier locked: what is private to a unit is of
    those through which it passed."""
    dossier: Dossier = access.locked(session, actor, dossier_id)
    line = access.line_of(session, dossier, actor)
    if line is None:
        raise NotOpenHere("Este processo nunca passou pela sua unidade.")
    return line


def _watching(session: Session, dossier_id: UUID, actor: Actor) -> str:
    access.locked(session, actor, dossier_id, access.READ)
    if actor.unit is None:
        raise WithoutUnit(dossier=str(dossier_id))
    return actor.unit


def _watch(session: Session, dossier_id: UUID, unit: str, name: str) -> Watch | None:
    query = select(Watch).where(Watch.dossier_id == dossier_id, Watch.unit == unit, Watch.group_name == name)
    return session.scalar(query)


def _touch_here(session: Session, dossier_id: UUID, unit: str) -> None:
    line = session.get(DossierUnit, (dossier_id, unit))
    if line is not None:
        lines.touch(session, line)


def _document(session: Session, dossier_id: UUID, document_id: UUID | None) -> DossierDocument | None:
    if document_id is None:
        return None
    document = session.get(DossierDocument, document_id)
    if document is None or document.dossier_id != dossier_id or document.status == "deleted":
        raise DossierDocumentNotFound(document=str(document_id))
    return document


def _group(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > MAX_GROUP:
        raise InvalidInput({"group": f"O nome do grupo tem no máximo {MAX_GROUP} caracteres."})
    return plain


def _text(text: str, most: int) -> str:
    plain = text.strip()
    if not plain or len(plain) > most:
        raise InvalidInput({"text": f"Escreva o texto, com no máximo {most} caracteres."})
    return plain
