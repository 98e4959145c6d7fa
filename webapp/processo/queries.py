"""What the pages of a processo read beyond the dossier's own queries: people, units, notes, markers, names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier.annotations.models import Comment, DossierMarker, Marker, Note, Watch
from documents.dossier.models import (
    DocumentType,
    Dossier,
    DossierCredential,
    DossierDocument,
    DossierParty,
    LegalHypothesis,
)
from documents.dossier.views import TreeItem
from people.models import Account, Membership, Unit
from people.roles import DOSSIER_ROLES
from workflow import clock


def colleagues(session: Session, unit: str) -> list[tuple[UUID, str]]:
    """Who works the electronic process in a unit today, by name."""
    return _workers(session, unit)


def servants(session: Session) -> list[tuple[UUID, str]]:
    """Who works the electronic process today, in any unit, by name."""
    return _workers(session, None)


def _workers(session: Session, unit: str | None) -> list[tuple[UUID, str]]:
    today = clock.today()
    query = (
        select(Account.id, Account.display_name, Account.login)
        .join(Membership, Membership.account_id == Account.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(
            Membership.role.in_(DOSSIER_ROLES),
            Membership.revoked_at.is_(None),
            Membership.starts_on <= today,
            (Membership.ends_on.is_(None)) | (Membership.ends_on >= today),
            Account.disabled_at.is_(None),
        )
        .distinct()
    )
    rows = session.execute(query if unit is None else query.where(Unit.sigla == unit))
    found = [(identifier, name or login or "") for identifier, name, login in rows]
    return sorted(found, key=lambda pair: pair[1].casefold())


def favourite_types(session: Session, unit: str | None, limit: int = 6) -> list[str]:
    """Keys of the types that the unit opened most, the most used first."""
    query = (
        select(Dossier.type_key)
        .where(Dossier.origin_unit == (unit or ""))
        .group_by(Dossier.type_key)
        .order_by(func.count().desc(), Dossier.type_key)
        .limit(limit)
    )
    return list(session.scalars(query))


def unit_names(session: Session) -> dict[str, str]:
    """Sigla and name of every unit."""
    return dict(session.execute(select(Unit.sigla, Unit.name).order_by(Unit.sigla)).all())


def active_units(session: Session) -> dict[str, str]:
    """Sigla and name of the units that may receive."""
    query = select(Unit.sigla, Unit.name).where(Unit.active).order_by(Unit.sigla)
    return dict(session.execute(query).all())


def drafts_of(session: Session, dossier_id: UUID, unit: str | None) -> list[DossierDocument]:
    """Documents of the unit in this dossier that nobody signed yet."""
    query = select(DossierDocument).where(
        DossierDocument.dossier_id == dossier_id, DossierDocument.status == "draft", DossierDocument.unit == unit
    )
    return list(session.scalars(query.order_by(DossierDocument.position)))


def numbers_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Numbers of dossiers."""
    rows = session.execute(select(Dossier.id, Dossier.number).where(Dossier.id.in_(list(ids))))
    return dict(rows.all())


def document_name(session: Session, document: DossierDocument) -> str:
    """How a document is called: its type's number, or its type and title."""
    kind = session.get(DocumentType, document.type_key)
    return named(kind.name if kind is not None else document.type_key, document.type_number, document.title)


def named(type_name: str, type_number: str | None, title: str) -> str:
    """Of. 002/2018/GRPC/GRI; Despacho; Anexo: Planta do prédio."""
    return f"{type_number or type_name}{f': {title}' if title else ''}"


def described(item: TreeItem) -> str:
    """A document in a list to choose from."""
    name = f"{named(item.type_name, item.type_number, item.title)}, nº {item.number:07d}"
    return (
        f"{name} (cancelado)"
        if item.status == "cancelled"
        else f"{name} (rascunho)"
        if item.status == "draft"
        else name
    )


def hypothesis_choices(session: Session) -> list[tuple[str, str]]:
    """Legal hypotheses in force, each with its law and the level that it allows."""
    rows = session.scalars(
        select(LegalHypothesis).where(LegalHypothesis.active).order_by(LegalHypothesis.level, LegalHypothesis.name)
    )
    return [(str(row.id), f"{row.level.capitalize()}: {row.name} ({row.law})") for row in rows]


def party_names(session: Session, dossier_id: UUID) -> list[str]:
    """The interested parties, as they are written."""
    query = select(DossierParty.name).where(DossierParty.dossier_id == dossier_id).order_by(DossierParty.name_folded)
    return list(session.scalars(query))


def credential_holders(session: Session, dossier_id: UUID) -> frozenset[UUID]:
    """Who may see a sigiloso."""
    query = select(DossierCredential.account_id).where(DossierCredential.dossier_id == dossier_id)
    return frozenset(session.scalars(query))


def watch_groups(session: Session, unit: str) -> list[str]:
    """Names of the unit's groups of special watch."""
    query = select(Watch.group_name).where(Watch.unit == unit).distinct().order_by(Watch.group_name)
    return list(session.scalars(query))


def watch_groups_of(session: Session, dossier_id: UUID, unit: str) -> list[str]:
    """In which of its groups the unit watches this dossier."""
    query = select(Watch.group_name).where(Watch.dossier_id == dossier_id, Watch.unit == unit)
    return list(session.scalars(query.order_by(Watch.group_name)))


def markers(session: Session, unit: str) -> list[Marker]:
    """The unit's markers, by name."""
    return list(session.scalars(select(Marker).where(Marker.unit == unit, Marker.active).order_by(Marker.name)))


@dataclass(frozen=True, slots=True)
class MarkerOn:
    """A marker of the unit that is on the dossier; `id` is the marker's."""

    id: UUID
    name: str
    colour: str
    text: str


def markers_on(session: Session, dossier_id: UUID, unit: str) -> list[MarkerOn]:
    """The unit's markers on a dossier."""
    query = (
        select(Marker.id, Marker.name, Marker.colour, DossierMarker.text)
        .join(DossierMarker, DossierMarker.marker_id == Marker.id)
        .where(DossierMarker.dossier_id == dossier_id, DossierMarker.removed_at.is_(None), Marker.unit == unit)
        .order_by(Marker.name)
    )
    return [MarkerOn(*row) for row in session.execute(query)]


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
