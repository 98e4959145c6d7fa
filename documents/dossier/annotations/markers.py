"""Markers: private to the unit, coloured, several on a dossier, each with a text and a history."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import events, lines
from documents.dossier.annotations.models import COLOURS, DossierMarker, Marker
from documents.dossier.annotations.operations import own_line
from documents.dossier.errors import WithoutUnit
from people.access import authorize
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

MAX_NAME = 60
MAX_TEXT = 500


def create_marker(session: Session, name: str, colour: str, *, actor: Actor) -> Marker:
    """A marker of the actor's unit; one that was put away comes back with the new colour."""
    unit = _unit(actor)
    plain = " ".join(name.split())
    if not plain or len(plain) > MAX_NAME:
        raise InvalidInput({"name": f"Dê um nome ao marcador, com no máximo {MAX_NAME} caracteres."})
    if colour not in COLOURS:
        raise InvalidInput({"colour": "Escolha uma das cores da lista."})
    earlier = session.scalar(select(Marker).where(Marker.unit == unit, Marker.name == plain))
    if earlier is not None:
        if earlier.active:
            raise Conflict("Sua unidade já tem um marcador com este nome.")
        earlier.active, earlier.colour = True, colour
        session.flush()
        return earlier
    row = Marker(id=uuid4(), unit=unit, name=plain, colour=colour, created_at=clock.now())
    session.add(row)
    session.flush()
    return row


def retire_marker(session: Session, marker_id: UUID, *, actor: Actor) -> None:
    """It is no longer offered; where it is, it stays until taken away."""
    marker_of(session, marker_id, actor).active = False
    session.flush()


def mark(session: Session, dossier_id: UUID, marker_id: UUID, text: str = "", *, actor: Actor) -> DossierMarker:
    """Put a marker of the unit on a dossier; again with another text, the old one goes to the history."""
    marker = marker_of(session, marker_id, actor)
    plain = text.strip()
    if len(plain) > MAX_TEXT:
        raise InvalidInput({"text": f"O texto do marcador tem no máximo {MAX_TEXT} caracteres."})
    line = own_line(session, dossier_id, actor)
    earlier = _in_force(session, dossier_id, marker_id)
    if earlier is not None:
        if earlier.text == plain:
            return earlier
        earlier.removed_by, earlier.removed_at = actor.id, clock.now()
        session.flush()
    row = DossierMarker(id=uuid4(), dossier_id=dossier_id, marker_id=marker.id, text=plain, author=actor.id)
    row.created_at = clock.now()
    session.add(row)
    lines.touch(session, line)
    facts = {"unit": line.unit, "marker": str(marker.id), "mark": str(row.id), "text": events.digest(row.id, plain)}
    events.append(session, dossier_id, events.MARKED, facts, actor=actor)
    return row


def unmark(session: Session, dossier_id: UUID, marker_id: UUID, *, actor: Actor) -> None:
    """Take the marker off; the history keeps it."""
    marker_of(session, marker_id, actor)
    line = own_line(session, dossier_id, actor)
    row = _in_force(session, dossier_id, marker_id)
    if row is None:
        return
    row.removed_by, row.removed_at = actor.id, clock.now()
    lines.touch(session, line)
    facts = {"unit": line.unit, "marker": str(marker_id), "mark": str(row.id)}
    events.append(session, dossier_id, events.UNMARKED, facts, actor=actor)


def marker_of(session: Session, marker_id: UUID, actor: Actor) -> Marker:
    """A marker of the actor's unit; another unit's does not exist."""
    row = session.get(Marker, marker_id)
    if row is None or row.unit != _unit(actor):
        raise NotFound("Não encontramos este marcador na sua unidade.")
    return row


def markers_of_unit(session: Session, actor: Actor) -> Sequence[Marker]:
    """The unit's markers on offer, by name."""
    query = select(Marker).where(Marker.unit == actor.unit, Marker.active).order_by(Marker.name)
    return session.scalars(query).all()


def _unit(actor: Actor) -> str:
    authorize(actor, "dossier.work")
    if actor.unit is None:
        raise WithoutUnit()
    return actor.unit


def _in_force(session: Session, dossier_id: UUID, marker_id: UUID) -> DossierMarker | None:
    query = select(DossierMarker).where(
        DossierMarker.dossier_id == dossier_id, DossierMarker.marker_id == marker_id, DossierMarker.removed_at.is_(None)
    )
    return session.scalar(query)
