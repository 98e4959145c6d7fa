"""Searches that an account keeps under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.search.models import SavedSearch
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

MOST = 50
LONGEST_NAME = 80


@dataclass(frozen=True)
class Saved:
    """A kept search: its name, and the fields of the page that are filled in."""

    id: UUID
    name: str
    terms: Mapping[str, str]


def saved_searches(session: Session, actor: Actor) -> tuple[Saved, ...]:
    """Those of this account, by name."""
    mine = select(SavedSearch).where(SavedSearch.account_id == actor.id).order_by(func.lower(SavedSearch.name))
    return tuple(Saved(row.id, row.name, row.terms) for row in session.scalars(mine))


def save_search(session: Session, name: str, terms: Mapping[str, str], *, actor: Actor) -> Saved:
    """Keep a search; the same name again keeps the new one in place of the old."""
    if actor.id is None:
        raise Forbidden()
    called = " ".join(name.replace("\x00", "").split())
    if not called or len(called) > LONGEST_NAME:
        message = f"Dê um nome de até {LONGEST_NAME} letras à pesquisa."
        raise InvalidInput({"nome": message}, message)
    if not terms:
        raise InvalidInput(
            {"q": "Escreva o que pesquisar antes de guardar."}, "Escreva o que pesquisar antes de guardar."
        )
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"pesquisa:{actor.id}", 0)))
    )  # one at a time
    mine = select(SavedSearch).where(SavedSearch.account_id == actor.id)
    row = session.scalar(mine.where(func.lower(SavedSearch.name) == called.lower()).limit(1))
    if row is None:
        if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
            raise Conflict(f"Você já guarda {MOST} pesquisas: exclua uma antes de guardar outra.")
        row = SavedSearch(account_id=actor.id, created_at=clock.now())
        session.add(row)
    row.name, row.terms = called, dict(terms)
    session.flush()
    return Saved(row.id, row.name, row.terms)


def delete_search(session: Session, saved_id: UUID, *, actor: Actor) -> str:
    """Forget a kept search of one's own; its name."""
    row = session.get(SavedSearch, saved_id)
    if row is None or actor.id is None or row.account_id != actor.id:
        raise NotFound("Esta pesquisa já não está guardada.", saved=str(saved_id))
    name = row.name
    session.delete(row)
    session.flush()
    return name
