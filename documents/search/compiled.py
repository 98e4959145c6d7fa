"""A query as PostgreSQL runs it: its words as a tsquery, wildcards expanded over the vocabulary.

`full` decides by itself. `narrow` finds a little more, cheaply, when a wildcard stands for so many words that reading
their lists costs more than testing the rows that the rest finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, literal, not_, or_, select, text
from sqlalchemy import and_ as both
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from documents.search.language import BadQuery, Query, Term, is_wild
from documents.search.models import SearchEntry, SearchPart, SearchWord
from documents.search.vectors import pair

MOST_FORMS = 2_000
_NO_WORD = "'~'"
"""Stands in no text."""
_LIST_AGAINST_ROW = 100
"""Entries of a list that are read in the time of one row's test."""


@dataclass(frozen=True)
class Compiled:
    """The query for PostgreSQL. `rows`: about how many it finds; `long_from`: the extent from which texts are looked
    for in their parts."""

    query: Query
    full: str
    narrow: str | None
    rows: int
    long_from: int
    forms: Mapping[str, tuple[str, ...]]


def compiled(session: Session, query: Query) -> Compiled | None:
    """None for the empty query; BadQuery when a wildcard stands for too many words."""
    if not query.alternatives:
        return None
    forms = {word: _forms(session, word) for word in _wild_words(query)}
    full = _query(query.alternatives, query.excluded, forms)
    long_from = 1 if query.has_phrase else 2
    return Compiled(query, full, _narrow(session, query, forms), estimate(session, full), long_from, forms)


def estimate(session: Session, tsquery: str) -> int:
    """About how many entries a tsquery finds: what the planner's statistics say, in half a millisecond."""
    statement = text("EXPLAIN (FORMAT JSON) SELECT FROM search_entry WHERE words @@ CAST(:query AS tsquery)")
    plan = session.execute(statement, {"query": tsquery}).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def asked(tsquery: str) -> ColumnElement[Any]:
    """A tsquery as a value of SQL."""
    return cast(literal(tsquery, Text), TSQUERY())


def in_parts(found: Compiled) -> ColumnElement[bool]:
    """The whole query over the parts of long texts: each term may stand in another part."""

    def appears(term: Term) -> ColumnElement[bool]:
        holding = select(SearchPart.entry_id).where(SearchPart.words.op("@@")(asked(_term(term, found.forms))))
        return SearchEntry.id.in_(holding)

    wanted = or_(*(both(*map(appears, group)) for group in found.query.alternatives))
    unwanted = [not_(appears(term)) for term in found.query.excluded]
    return both(SearchEntry.extent >= found.long_from, wanted, *unwanted)


def _wild_words(query: Query) -> set[str]:
    return {word for term in (*query.terms, *query.excluded) for word in term.words if is_wild(word)}


def _forms(session: Session, word: str) -> tuple[str, ...]:
    """The tsquery's words for one with wildcards: a prefix, or every word of the vocabulary that it stands for."""
    stem = word.rstrip("*")
    if not is_wild(stem):
        return (f"'{stem}':*",)
    prefix = word[: min(word.find(sign) for sign in "*?" if sign in word)]
    pattern = "^" + word.replace("*", ".*").replace("?", ".") + "$"
    known = (
        select(SearchWord.word)
        .where(
            SearchWord.word >= prefix, SearchWord.word < prefix + "\U0010ffff", SearchWord.word.regexp_match(pattern)
        )
        .distinct()
        .limit(MOST_FORMS + 1)
    )
    found = session.scalars(known).all()
    if len(found) > MOST_FORMS:
        raise BadQuery(f"“{word}” pode ser mais de 2.000 palavras diferentes: escreva mais letras antes de * ou ?.")
    return tuple(f"'{one}'" for one in found)


def _query(groups: Iterable[Iterable[Term]], excluded: Iterable[Term], forms: Mapping[str, tuple[str, ...]]) -> str:
    wanted = _any([_all([_term(term, forms) for term in group]) for group in groups])
    unwanted = [f"!{_term(term, forms)}" for term in excluded]
    return _all([wanted, *unwanted])


def _term(term: Term, forms: Mapping[str, tuple[str, ...]]) -> str:
    """A word, or the pairs that narrow a phrase and then the phrase itself."""
    words = [_any(forms[word] or (_NO_WORD,)) if is_wild(word) else f"'{word}'" for word in term.words]
    if not term.phrase:
        return words[0]
    neighbours = zip(term.words, term.words[1:], strict=False)
    pairs = [f"'{pair(first, second)}'" for first, second in neighbours if not (is_wild(first) or is_wild(second))]
    return _all([*pairs, "(" + " <-> ".join(words) + ")"])


def _any(pieces: Iterable[str]) -> str:
    found = list(pieces)
    return found[0] if len(found) == 1 else "(" + " | ".join(found) + ")"


def _all(pieces: Iterable[str]) -> str:
    found = list(pieces)
    return found[0] if len(found) == 1 else "(" + " & ".join(found) + ")"


def _narrow(session: Session, query: Query, forms: Mapping[str, tuple[str, ...]]) -> str | None:
    if not forms:
        return None
    groups = [_without_long_lists(session, group, forms) for group in query.alternatives]
    excluded = [term for term in query.excluded if not any(map(is_wild, term.words))]
    if groups == [list(group) for group in query.alternatives] and len(excluded) == len(query.excluded):
        return None
    return _query(groups, excluded, forms)


def _without_long_lists(session: Session, group: tuple[Term, ...], forms: Mapping[str, tuple[str, ...]]) -> list[Term]:
    """The terms of a group without the wildcards whose lists are far longer than what the plain terms find."""
    plain = [term for term in group if not any(map(is_wild, term.words))]
    if not plain:
        return list(group)
    rows = estimate(session, _query([plain], (), forms))
    return [term for term in group if term in plain or _list(session, term, forms) <= rows * _LIST_AGAINST_ROW]


def _list(session: Session, term: Term, forms: Mapping[str, tuple[str, ...]]) -> int:
    """About how many entries the lists of a wildcard's words have; where they are in every text, many times as many."""
    rows = estimate(session, _term(term, forms))
    every = estimate(session, f"!{_NO_WORD}")
    return rows if rows * 2 < every else rows * 20
