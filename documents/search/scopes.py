"""Which rows a search looks at: what was filtered by, and what the actor may see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, false, not_, or_, select, true
from sqlalchemy.orm import Session

from documents.dossier.access import visible
from documents.dossier.models import Dossier, DossierDocument
from documents.search.compiled import asked
from documents.search.language import Query, is_wild
from documents.search.models import SearchEntry
from documents.search.plans import Condition, Scope
from documents.search.results import Filters
from documents.search.vectors import number_mark
from documents.search.words import folded_words
from people.models import Account, Person
from workflow import clock
from workflow.actor import Actor

_E = SearchEntry.__table__.c
FEW_PLACES = 1_000
"""Numbers or names that find at most this many processos make every row of them be tested."""


def scope(session: Session, actor: Actor, filters: Filters, query: Query | None = None) -> Scope:
    """The rows that this actor may find under these filters; the public finds no processo by who its parties are."""
    rows = _plain(filters)
    if actor.kind == "public" and query is not None:
        rows.append(_not_by_a_name(query))
    few = filters.dossier_id is not None
    if filters.number.strip():
        rows.append(_of_number(session, filters.number))
        few = True
    if filters.person.strip():
        person, small = _of_person(session, filters.person)
        rows.append(person)
        few = few or small
    return Scope(tuple(rows), _seen_by(actor), few)


def _plain(filters: Filters) -> list[Condition]:
    equal = (
        (_E.unit, filters.unit),
        (_E.type_key, filters.type_key),
        (_E.author, filters.author),
        (_E.dossier_id, filters.dossier_id),
    )
    rows: list[Condition] = [column == value for column, value in equal if value]
    if filters.kind:
        rows.append(_E.kind != "dossier" if filters.kind == "document" else _E.kind == filters.kind)
    if filters.since is not None:
        rows.append(_E.stamp >= _stamp(filters.since))
    if filters.until is not None:
        rows.append(_E.stamp < _stamp(filters.until + timedelta(days=1)))
    return rows


def _not_by_a_name(query: Query) -> Condition:
    names = {word for term in query.terms for word in term.words}
    marks = [f"'@{word}'" for word in names if not is_wild(word)]
    marks += [f"'@{re.split('[*?]', word)[0]}':*" for word in names if is_wild(word)]
    if not marks:
        return true()
    return or_(_E.kind != "dossier", not_(_E.words.bool_op("@@")(asked(" | ".join(sorted(marks))))))


def _stamp(day: date) -> int:
    return int(datetime.combine(day, time(), clock.TZ).timestamp() * 1_000_000)


def numbered(session: Session, number: str, limit: int = FEW_PLACES) -> list[tuple[UUID, str]]:
    """Subjects (and their kinds) whose number is this, or begins so, whatever the punctuation."""
    digits = "".join(folded_words(number))
    if not digits:
        return []
    mark = f"'{number_mark(digits)}':*"
    statement = select(_E.subject, _E.kind).where(_E.words.bool_op("@@")(asked(mark))).limit(limit)
    return [(subject, kind) for subject, kind in session.execute(statement)]


def _of_number(session: Session, number: str) -> Condition:
    """Documents of that number, and the processos of that number with all that is in them."""
    found = numbered(session, number)
    if not found:
        return false()
    dossiers = [subject for subject, kind in found if kind == "dossier"]
    return or_(_E.subject.in_([subject for subject, _ in found]), _E.dossier_id.in_(dossiers))


def _of_person(session: Session, name: str) -> tuple[Condition, bool]:
    """What has this interested party, or was made by somebody of this name; and whether that is little."""
    words = folded_words(name)
    if not words:
        return false(), True
    party = select(_E.dossier_id).where(_E.words.bool_op("@@")(asked(" & ".join(f"'@{word}'" for word in words))))
    found = session.scalars(party.limit(FEW_PLACES + 1)).all()
    authors = _authors(session, words)
    if len(found) <= FEW_PLACES:
        return or_(_E.dossier_id.in_(found), _E.author.in_(authors)), not authors
    return or_(_E.dossier_id.in_(party), _E.author.in_(authors)), False


def _authors(session: Session, words: Sequence[str]) -> list[UUID]:
    """Accounts of the staff whose names have these words; they are a few thousand, and names are folded here."""
    wanted = set(words)
    named = select(Account.id, Account.display_name, Person.full_name).outerjoin(Person, Person.id == Account.person_id)
    accounts = session.execute(named.where(Account.kind == "staff")).all()
    return [one for one, shown, full in accounts if wanted <= set(folded_words(f"{shown or ''} {full or ''}"))]


def _seen_by(actor: Actor) -> Any:
    """For an actor: what the decision on dossiers says, deleted documents left out. For the public: público processos,
    and of their documents those that were finished and stand."""
    finished = ("signed", "filed")

    def seen(columns: Any) -> list[Condition]:
        if actor.kind == "public":
            standing = exists().where(DossierDocument.id == columns.subject, DossierDocument.status.in_(finished))
            return [Dossier.effective_level == "publico", or_(columns.kind == "dossier", standing)]
        gone = exists().where(DossierDocument.id == columns.subject, DossierDocument.status == "deleted")
        return [visible(actor), ~gone]

    return seen
