"""Reading what units and colleagues add beside a dossier: watches, markers, notes, comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access
from documents.dossier.annotations.models import Comment, DossierMarker, Marker, Note, Watch
from documents.dossier.models import Dossier, DossierType, DossierUnit
from workflow.actor import Actor


@dataclass(frozen=True, slots=True)
class MarkerOn:
    """A marker of the unit that is on the dossier; `id` is the marker's."""

    id: UUID
    name: str
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """Something that somebody wrote: a note, a comment."""

    id: UUID
    text: str
    author: UUID | None
    unit: str | None
    at: datetime
    document_id: UUID | None = None
    urgent: bool = False


def watch_groups(session: Session, unit: str) -> list[str]:
    """Names of the unit's groups of special watch."""
    query = select(Watch.group_name).where(Watch.unit == unit).distinct().order_by(Watch.group_name)
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Watched:
    """A dossier that the unit watches, with the units where it is open now."""

    id: UUID
    number: str
    type_name: str
    specification: str
    group: str
    since: datetime
    open_units: tuple[str, ...]


MOST_WATCHED = 500


def watched(session: Session, actor: Actor) -> list[Watched]:
    """What the actor's unit watches and the actor may see, by group and then the latest first; at most MOST_WATCHED."""
    rows = session.execute(
        select(Watch, Dossier, DossierType.name)
        .join(Dossier, Dossier.id == Watch.dossier_id)
        .join(DossierType, DossierType.key == Dossier.type_key)
        .where(Watch.unit == (actor.unit or ""), access.visible(actor))
        .order_by(Watch.group_name, Watch.created_at.desc())
        .limit(MOST_WATCHED)
    ).all()
    where = select(DossierUnit.dossier_id, DossierUnit.unit).where(
        DossierUnit.dossier_id.in_([dossier.id for _, dossier, _ in rows]), DossierUnit.status == "open"
    )
    places: dict[UUID, list[str]] = {}
    for dossier_id, unit in session.execute(where.order_by(DossierUnit.unit)):
        places.setdefault(dossier_id, []).append(unit)
    return [
        Watched(
            dossier.id, dossier.number, name, dossier.specification, watch.group_name, watch.created_at,
            tuple(places.get(dossier.id, ())),
        )
        for watch, dossier, name in rows
    ]  # fmt: skip


def watch_groups_of(session: Session, dossier_id: UUID, unit: str) -> list[str]:
    """In which of its groups the unit watches this dossier."""
    query = select(Watch.group_name).where(Watch.dossier_id == dossier_id, Watch.unit == unit)
    return list(session.scalars(query.order_by(Watch.group_name)))


def markers(session: Session, unit: str) -> list[Marker]:
    """The unit's markers on offer, by name."""
    return list(session.scalars(select(Marker).where(Marker.unit == unit, Marker.active).order_by(Marker.name)))


def markers_on(session: Session, dossier_id: UUID, unit: str) -> list[MarkerOn]:
    """The unit's markers on a dossier."""
    query = (
        select(Marker.id, Marker.name, Marker.colour, DossierMarker.text)
        .join(DossierMarker, DossierMarker.marker_id == Marker.id)
        .where(DossierMarker.dossier_id == dossier_id, DossierMarker.removed_at.is_(None), Marker.unit == unit)
        .order_by(Marker.name)
    )
    return [MarkerOn(*row) for row in session.execute(query)]


def notes(session: Session, dossier_id: UUID, unit: str) -> list[Written]:
    """The unit's notes in force, latest first."""
    query = select(Note).where(Note.dossier_id == dossier_id, Note.unit == unit, Note.removed_at.is_(None))
    return [
        Written(row.id, row.text, row.author, row.unit, row.created_at, urgent=row.urgent)
        for row in session.scalars(query.order_by(Note.created_at.desc()))
    ]


def comments(session: Session, dossier_id: UUID) -> list[Written]:
    """Comments in force, on the dossier and on its documents, oldest first."""
    query = select(Comment).where(Comment.dossier_id == dossier_id, Comment.removed_at.is_(None))
    return [
        Written(row.id, row.text, row.author, row.unit, row.created_at, row.document_id)
        for row in session.scalars(query.order_by(Comment.created_at, Comment.id))
    ]
