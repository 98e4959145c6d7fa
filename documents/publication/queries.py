"""Reading publications: the public list, one publication with its file, those of a document.

The level that counts for the public is the dossier's at the moment of reading (Lei 12.527/2011, arts. 6º, III, and 31).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, false, or_, select, tuple_
from sqlalchemy.orm import Session

from documents import codes, contents
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.models import Document, DocumentStatus
from documents.publication.models import (
    Publication,
    PublicationEdition,
    PublicationKind,
    PublicationStatus,
    PublicationVehicle,
)
from documents.publication.views import Link, OwnView, Page, PublicView
from documents.search.words import folded_words
from workflow.errors import NotFound

LIMIT = 30
MOST_WORDS = 12
GONE = "Esta publicação foi retirada do acesso público."


@dataclass(frozen=True, slots=True)
class Filters:
    """What the public asks for; empty: everything."""

    day: date | None = None
    vehicle: str = ""
    type_key: str = ""
    words: str = ""


def published(session: Session, filters: Filters, *, after: str = "", limit: int = LIMIT) -> Page:
    """What was published, the latest first. What is withdrawn shows in the list, and no word or type finds it."""
    query = _filtered(_public(), filters)
    place = _place(after)
    if place is not None:
        query = query.where(tuple_(Publication.published_at, Publication.id) < tuple_(*place))
    order = (Publication.published_at.desc(), Publication.id.desc())
    rows = session.execute(query.order_by(*order).limit(limit + 1)).all()
    links = _links(session, [row[0] for row in rows[:limit]])
    items = tuple(_public_view(row, links) for row in rows[:limit])
    last = items[-1] if len(rows) > limit else None
    return Page(items, f"{last.published_at.isoformat()}~{last.id}" if last is not None else "")


def publication(session: Session, publication_id: UUID) -> PublicView:
    """One publication as anybody sees it; NotFound before it is published."""
    row = session.execute(_public().where(Publication.id == publication_id)).one_or_none()
    if row is None:
        raise NotFound("Não encontramos esta publicação. Confira o endereço.")
    return _public_view(row, _links(session, [row[0]]))


def file(session: Session, publication_id: UUID) -> tuple[bytes, str]:
    """The sealed PDF as it was published, and a name for it; NotFound when it may be given no more."""
    shown = publication(session, publication_id)
    if not shown.file:
        raise NotFound(GONE if shown.withdrawn else "Esta publicação não tem um arquivo.")
    sealed_id = session.get_one(Publication, publication_id).sealed_id
    assert sealed_id is not None
    return contents.read_bytes(session, sealed_id), f"publicacao-{shown.day:%Y-%m-%d}-{shown.id.hex[:8]}.pdf"


def of_document(session: Session, document_id: UUID) -> tuple[OwnView, ...]:
    """Every publication of a document, the latest first; whoever calls decides who may know of them."""
    query = _rows().where(Publication.document_id == document_id)
    rows = session.execute(query.order_by(Publication.created_at.desc(), Publication.id)).all()
    links = _links(session, [row[0] for row in rows])
    return tuple(_own_view(row, links) for row in rows)


def rectifiers(session: Session, publication_id: UUID) -> list[tuple[UUID, str]]:
    """The signed documents of the same processo, not yet in the same vehicle, that may rectify a publication; latest first."""
    before = session.get_one(Publication, publication_id)
    once = select(Publication.document_id).where(
        Publication.dossier_id == before.dossier_id,
        Publication.vehicle_key == before.vehicle_key,
        Publication.status != PublicationStatus.CANCELLED,
    )
    query = (
        select(DossierDocument, DocumentType.name)
        .join(DocumentType, DocumentType.key == DossierDocument.type_key)
        .where(
            DossierDocument.dossier_id == before.dossier_id,
            DossierDocument.id.not_in(once),
            DossierDocument.status == "signed",
            DocumentType.publishable,
        )
    )
    rows = session.execute(query.order_by(DossierDocument.position.desc())).all()
    return [(row[0].id, f"{_name(*row)} (documento {row[0].number:07d})") for row in rows]


def types(session: Session) -> list[tuple[str, str]]:
    """The types that the public may choose: those that are published now, and those of which something was."""
    seen = select(DossierDocument.type_key).join(Publication, Publication.document_id == DossierDocument.id)
    seen = seen.where(Publication.status == PublicationStatus.PUBLISHED)
    query = select(DocumentType.key, DocumentType.name).where(or_(DocumentType.publishable, DocumentType.key.in_(seen)))
    return [(row[0], row[1]) for row in session.execute(query.order_by(DocumentType.name))]


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Publication,
            PublicationVehicle.name,
            PublicationEdition,
            DossierDocument,
            DocumentType.name,
            Dossier,
            Document,
        )
        .join(PublicationVehicle, PublicationVehicle.key == Publication.vehicle_key)
        .join(DossierDocument, DossierDocument.id == Publication.document_id)
        .join(DocumentType, DocumentType.key == DossierDocument.type_key)
        .join(Dossier, Dossier.id == Publication.dossier_id)
        .outerjoin(PublicationEdition, PublicationEdition.id == Publication.edition_id)
        .outerjoin(Document, Document.id == Publication.sealed_id)
        .execution_options(populate_existing=True)
    )


def _public() -> Select[*tuple[Any, ...]]:
    return _rows().where(Publication.status == PublicationStatus.PUBLISHED)


def _filtered(query: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    if filters.day is not None:
        query = query.where(PublicationEdition.day == filters.day)
    if filters.vehicle:
        query = query.where(Publication.vehicle_key == filters.vehicle)
    if filters.type_key:
        query = query.where(DossierDocument.type_key == filters.type_key)
    words = folded_words(filters.words)[:MOST_WORDS]
    if filters.words and not words:
        return query.where(false())
    query = query.where(*(Publication.summary_folded.contains(f" {word} ", autoescape=True) for word in words))
    if filters.type_key or filters.words:
        query = query.where(Dossier.effective_level == "publico")
    return query


def _place(text: str) -> tuple[datetime, UUID] | None:
    instant, _, identifier = text.partition("~")
    try:
        when, which = datetime.fromisoformat(instant), UUID(identifier)
    except ValueError:
        return None
    return (when, which) if when.tzinfo is not None else None


def _public_view(row: Row[*tuple[Any, ...]], links: dict[UUID, list[Link]]) -> PublicView:
    published, vehicle, edition, document, type_name, dossier, sealed = row
    shown = PublicView(
        published.id, published.kind, edition.day, published.published_at, published.vehicle_key, vehicle,
        f"{edition.number}/{edition.year}", dossier.effective_level != "publico",
    )  # fmt: skip
    if shown.withdrawn:
        return shown
    file = published.kind != PublicationKind.VOIDING and sealed.status == DocumentStatus.ISSUED
    return PublicView(
        shown.id, shown.kind, shown.day, shown.published_at, shown.vehicle_key, vehicle, shown.edition, False,
        _name(document, type_name), dossier.number, published.unit, published.summary, published.reason or "",
        codes.formatted(sealed.code) if file else "", sealed.sha256 if file else "", file, *_both(published, links),
    )  # fmt: skip


def _own_view(row: Row[*tuple[Any, ...]], links: dict[UUID, list[Link]]) -> OwnView:
    found, vehicle, edition, document, type_name, _, _ = row
    return OwnView(
        found.id, document.id, found.kind, found.status, edition.day if edition is not None else found.day,
        found.vehicle_key, vehicle, f"{edition.number}/{edition.year}" if edition is not None else "", found.summary,
        found.reason or "", found.ended_reason or "", found.unit, _name(document, type_name), *_both(found, links),
    )  # fmt: skip


def _both(row: Publication, links: dict[UUID, list[Link]]) -> tuple[Link | None, tuple[Link, ...]]:
    """What a publication follows, and what followed it."""
    before = next((one for one in links.get(row.id, ()) if one.id == row.of_id), None)
    return before, tuple(one for one in links.get(row.id, ()) if one.id != row.of_id)


def _links(session: Session, rows: Sequence[Publication]) -> dict[UUID, list[Link]]:
    """The published ones that each follows or that follow it, the earliest first."""
    ids, named = {row.id for row in rows}, {row.of_id: row.id for row in rows if row.of_id is not None}
    if not ids:
        return {}
    query = _public().where(or_(Publication.of_id.in_(ids), Publication.id.in_(named)))
    found: dict[UUID, list[Link]] = {}
    for other, vehicle, edition, document, type_name, _, _ in session.execute(query.order_by(Publication.published_at)):
        link = Link(
            other.id, other.kind, edition.day, vehicle, f"{edition.number}/{edition.year}", _name(document, type_name), other.reason or "",
        )  # fmt: skip
        for mine in _linked_to(other, rows):
            found.setdefault(mine, []).append(link)
    return found


def _linked_to(other: Publication, rows: Iterable[Publication]) -> list[UUID]:
    return [row.id for row in rows if other.of_id == row.id or row.of_id == other.id]


def _name(document: DossierDocument, type_name: str) -> str:
    """Portaria 003/2026/DIR; the type alone where it has no number. The title of the tree stays in the processo."""
    return document.type_number or type_name
