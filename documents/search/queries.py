"""Searching: what an actor may see of what a query finds, newest first.

results = search(session, actor, 'projeto && saúde', Filters(unit="GRPC"))
total = results.total if results.total is not None else count(session, actor, 'projeto && saúde', Filters(unit="GRPC"))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, Dossier, DossierDocument, DossierType
from documents.search import plans
from documents.search.compiled import compiled
from documents.search.language import Query, parse
from documents.search.models import SearchEntry
from documents.search.plans import limits
from documents.search.results import PAGE, Filters, Found, Place, Results, SearchTooSlow
from documents.search.scopes import numbered, scope
from documents.search.snippets import Piece, snippet
from workflow.actor import Actor
from workflow.errors import InvalidInput

__all__ = ["PAGE", "Filters", "Found", "Place", "Results", "SearchTooSlow", "count", "quick", "search"]

COUNT_TIMEOUT_S = 20.0
QUICK = 8


def search(
    session: Session, actor: Actor, text: str, filters: Filters | None = None, after: Place | None = None
) -> Results:
    """A page of results; InvalidInput says what can't be read, SearchTooSlow what to add."""
    query = parse(text)
    with limits(session):
        found = compiled(session, query)
        hits = plans.page(session, found, scope(session, actor, filters or Filters(), query), after, PAGE + 1)
        items = _items(session, hits.places[:PAGE], query)
    more = hits.places[PAGE - 1] if len(hits.places) > PAGE else None
    return Results(items, hits.total, more, query.notice)


def count(session: Session, actor: Actor, text: str, filters: Filters | None = None) -> int:
    """How many results there are, exactly; for when `search` did not know."""
    query = parse(text)
    with limits(session, COUNT_TIMEOUT_S):
        return plans.count(session, compiled(session, query), scope(session, actor, filters or Filters(), query))


@dataclass(frozen=True)
class Quick:
    """A line of the palette. `kind`: dossier or document; `id`: its own."""

    title: str
    detail: str
    kind: str
    id: UUID
    dossier_id: UUID


def quick(session: Session, actor: Actor, text: str) -> tuple[Quick, ...]:
    """At most eight: by the number of a processo or document (any punctuation), then by words; the last may be unfinished."""
    wanted = text.strip()[:200]
    if not wanted:
        return ()
    found: dict[tuple[UUID, UUID | None], Found] = {}
    if any(char.isdigit() for char in wanted):
        with limits(session, 2):
            subjects = [subject for subject, _ in numbered(session, wanted, QUICK * 4)]
            by_number = select(SearchEntry.stamp, SearchEntry.id).where(SearchEntry.subject.in_(subjects))
            found |= _keyed(_visible(session, actor, [Place(*row) for row in session.execute(by_number)]))
    if len(found) < QUICK:
        found |= _keyed(_by_words(session, actor, wanted))
    return tuple(_line(one) for one in list(found.values())[:QUICK])


def _by_words(session: Session, actor: Actor, wanted: str) -> Sequence[Found]:
    words = wanted.split()
    typed = " && ".join(words) if not set('"*?') & set(wanted) else wanted
    try:
        whole = search(session, actor, typed).items
        if whole or not words[-1][-1].isalnum():
            return whole
        return search(session, actor, typed + "*").items
    except (InvalidInput, SearchTooSlow):
        return ()


def _keyed(items: Sequence[Found]) -> dict[tuple[UUID, UUID | None], Found]:
    return {(item.dossier_id, item.document_id): item for item in items}


def _line(found: Found) -> Quick:
    if found.document_id is None:
        return Quick(
            found.number, found.specification or found.type_name, "dossier", found.dossier_id, found.dossier_id
        )
    title = found.called
    detail = " · ".join(one for one in (found.title, found.dossier_number) if one)
    return Quick(title, detail, "document", found.document_id, found.dossier_id)


def _visible(session: Session, actor: Actor, places: Sequence[Place]) -> Sequence[Found]:
    """Those of some rows that the actor may see, newest first."""
    seen = scope(session, actor, Filters())
    statement = (
        select(SearchEntry.stamp, SearchEntry.id)
        .join(Dossier, Dossier.id == SearchEntry.dossier_id)
        .where(SearchEntry.id.in_([place.id for place in places]), *seen.seen(SearchEntry))
        .order_by(SearchEntry.stamp.desc(), SearchEntry.id.desc())
    )
    return _items(session, [Place(*row) for row in session.execute(statement)], parse(""))


def _items(session: Session, places: Sequence[Place], query: Query) -> tuple[Found, ...]:
    """What is shown of the rows found, in their order."""
    statement = (
        select(SearchEntry.id, SearchEntry.body, Dossier, DossierDocument, DossierType.name, DocumentType.name)
        .join(Dossier, Dossier.id == SearchEntry.dossier_id)
        .join(DossierType, DossierType.key == Dossier.type_key)
        .outerjoin(DossierDocument, DossierDocument.id == SearchEntry.subject)
        .outerjoin(DocumentType, DocumentType.key == DossierDocument.type_key)
        .where(SearchEntry.id.in_([place.id for place in places]))
    )
    rows = {row[0]: row for row in session.execute(statement)}
    found = []
    for place in places:
        _, body, dossier, document, dossier_type, document_type = rows[place.id]
        name = dossier_type if document is None else document_type
        found.append(_found(dossier, document, name or "", snippet(query, body)))
    return tuple(found)


def _found(dossier: Dossier, document: DossierDocument | None, type_name: str, pieces: tuple[Piece, ...]) -> Found:
    thing = dossier if document is None else document
    return Found(
        dossier_id=dossier.id,
        document_id=None if document is None else document.id,
        kind="dossier" if document is None else document.kind,
        type_name=type_name,
        title="" if document is None else document.title,
        number=dossier.number if document is None else document.type_number or f"{document.number:07d}",
        dossier_number=dossier.number,
        specification=dossier.specification,
        unit=dossier.origin_unit if document is None else document.unit,
        level=dossier.effective_level,
        status=thing.status,
        author=thing.created_by,
        created_at=thing.created_at,
        snippet=pieces,
    )
