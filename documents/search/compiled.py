"""A query as PostgreSQL runs it: its words as a tsquery, wildcards expanded over the vocabulary.

`full` decides by itself, row by row. `reaches` are for the index: each finds a little more than one alternative, cheaply,
and says what is then tested of the rows found: phrases (the index knows pairs, not positions), and wildcards that stand
for so many words that reading their lists costs more than the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Text, cast, func, literal, not_, or_, select, text
from sqlalchemy import and_ as both
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from documents.search.flow import phrase_flow
from documents.search.language import BadQuery, Query, Term, is_wild
from documents.search.models import SearchEntry, SearchPart, SearchWord
from documents.search.vectors import pair

MOST_FORMS = 2_000
_NO_WORD = "'~'"
"""Stands in no text."""
_LIST_AGAINST_ROW = 300
"""Entries of a list that are read in the time of one row's test."""


@dataclass(frozen=True)
class Check:
    """What is tested of a row that the index found: whether a term is there, or (not `wanted`) that it is not.

    `flow`: the signs of a phrase of frequent words (documents.search.flow); else `tsquery` over the row's words.
    """

    tsquery: str
    flow: str | None
    wanted: bool

    def of(self, columns: Any) -> ColumnElement[bool]:
        """As a condition on a row's columns `words` and `flow`."""
        if self.flow is None:
            found: ColumnElement[bool] = columns.words.bool_op("@@")(asked(self.tsquery))
        else:
            found = func.strpos(columns.flow, self.flow) > 0
        return found if self.wanted else not_(found)


@dataclass(frozen=True)
class Reach:
    """What the index is asked, and what is tested of each row that it finds."""

    tsquery: str
    checks: tuple[Check, ...] = ()

    @property
    def costly(self) -> bool:
        """Whether a row's words must be read, which rest outside of it."""
        return any(check.flow is None for check in self.checks)


@dataclass(frozen=True)
class Compiled:
    """The query for PostgreSQL. `rows`: about how many it finds at most, `share` of all; `long_from`: the extent from
    which texts are looked for in their parts. A row may be found by several reaches."""

    query: Query
    full: str
    reaches: tuple[Reach, ...]
    rows: int
    share: float
    long_from: int
    forms: Mapping[str, tuple[str, ...]]


def compiled(session: Session, query: Query) -> Compiled | None:
    """None for the empty query; BadQuery when a wildcard stands for too many words."""
    if not query.alternatives:
        return None
    forms = {word: _forms(session, word) for word in _wild_words(query)}
    full = _query(query.alternatives, query.excluded, forms)
    sizes = _sizes(session, query, forms)
    rows = max(min(sizes[term] for term in group) for group in query.alternatives)
    share = rows / max(1, sizes[None])
    reaches = tuple(_reach(group, query.excluded, forms, sizes) for group in query.alternatives)
    if not any(reach.checks for reach in reaches):
        reaches = (Reach(full),)
    return Compiled(query, full, reaches, rows, share, 1 if query.has_phrase else 2, forms)


def _sizes(session: Session, query: Query, forms: Mapping[str, tuple[str, ...]]) -> dict[Term | None, int]:
    """About how many entries each term finds, and (None) how many there are."""
    asking: dict[Term | None, list[str]] = {None: [f"!{_NO_WORD}"]}
    asking |= {term: _rarest(term, forms) for term in (*query.terms, *query.excluded)}
    found = iter(estimates(session, [one for pieces in asking.values() for one in pieces]))
    return {term: min(next(found) for _ in pieces) for term, pieces in asking.items()}


def _rarest(term: Term, forms: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What a term finds no more than: a word by itself; of a phrase each pair, or each word where it has none."""
    return _pairs(term) or [_alone(word, _word(word, forms)) for word in term.words]


def estimates(session: Session, tsqueries: Sequence[str]) -> list[int]:
    """About how many entries each tsquery finds: what the planner's statistics say, in a millisecond."""
    one = "SELECT FROM search_entry WHERE words @@ CAST(:q{} AS tsquery)"
    statement = " UNION ALL ".join(one.format(number) for number in range(len(tsqueries)))
    values = {f"q{number}": tsquery for number, tsquery in enumerate(tsqueries)}
    plan = session.execute(text(f"EXPLAIN (FORMAT JSON) {statement}"), values).scalar_one()[0]["Plan"]
    return [int(part["Plan Rows"]) for part in (plan["Plans"] if len(tsqueries) > 1 else [plan])]


def asked(tsquery: str) -> ColumnElement[Any]:
    """A tsquery as a value of SQL."""
    return cast(literal(tsquery, Text), TSQUERY())


def in_parts(found: Compiled) -> ColumnElement[bool]:
    """The whole query over the parts of long texts: each term may stand in another part."""

    def appears(term: Term) -> ColumnElement[bool]:
        holding = select(SearchPart.entry_id).where(SearchPart.words.bool_op("@@")(asked(_term(term, found.forms))))
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
    words = [_word(word, forms) for word in term.words]
    return _all([*_pairs(term), "(" + " <-> ".join(words) + ")"]) if term.phrase else _alone(term.words[0], words[0])


def _alone(word: str, form: str) -> str:
    """A short prefix has a mark of its own, when nothing must stand next to it."""
    short = word.endswith("*") and len(word) <= 3 and not is_wild(word[:-1])
    return f"'^{word[:-1]}'" if short else form


def _word(word: str, forms: Mapping[str, tuple[str, ...]]) -> str:
    return _any(forms[word] or (_NO_WORD,)) if is_wild(word) else f"'{word}'"


def _pairs(term: Term) -> list[str]:
    neighbours = pairwise(term.words)
    return [f"'{pair(first, second)}'" for first, second in neighbours if not (is_wild(first) or is_wild(second))]


def _any(pieces: Iterable[str]) -> str:
    found = list(pieces)
    return found[0] if len(found) == 1 else "(" + " | ".join(found) + ")"


def _all(pieces: Iterable[str]) -> str:
    found = list(pieces)
    return found[0] if len(found) == 1 else "(" + " & ".join(found) + ")"


def _reach(
    group: Sequence[Term],
    excluded: Sequence[Term],
    forms: Mapping[str, tuple[str, ...]],
    sizes: Mapping[Term | None, int],
) -> Reach:
    """One alternative: its phrases by their pairs and then tested, its longest lists only tested."""
    wanted = [_wanted(term, forms) for term in group if not _long(term, group, sizes)]
    unwanted = [f"!{_term(term, forms)}" for term in excluded if not (_sequence(term) or _long(term, group, sizes))]
    tested = [(term, True) for term in group] + [(term, False) for term in excluded]
    return Reach(
        _all([*wanted, *unwanted]),
        tuple(
            Check(_term(term, forms), phrase_flow(term.words), appears)
            for term, appears in tested
            if _sequence(term) or _long(term, group, sizes)
        ),
    )


def _wanted(term: Term, forms: Mapping[str, tuple[str, ...]]) -> str:
    return _all(_pairs(term)) if _sequence(term) else _term(term, forms)


def _sequence(term: Term) -> bool:
    """Whether it is a phrase of which the index knows every pair."""
    return term.phrase and not _wild(term)


def _long(term: Term, group: Sequence[Term], sizes: Mapping[Term | None, int]) -> bool:
    """Whether it is a wildcard whose lists are far longer than what the group's plain terms find."""
    plain = [sizes[one] for one in group if not _wild(one)]
    return _wild(term) and bool(plain) and _list(term, sizes) > min(plain) * _LIST_AGAINST_ROW


def _list(term: Term, sizes: Mapping[Term | None, int]) -> int:
    """About how many entries the lists of a wildcard's words have; where they are in every text, many times as many."""
    if not term.phrase and _alone(term.words[0], "") != "":
        return 0
    return sizes[term] if sizes[term] * 2 < sizes[None] else sizes[term] * 20


def _wild(term: Term) -> bool:
    return any(map(is_wild, term.words))
