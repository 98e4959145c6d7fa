"""A query as PostgreSQL runs it: its words as a tsquery, wildcards expanded over the vocabulary.

`full` decides by itself, row by row. `reaches` are for the index: each finds a little more than one alternative, cheaply,
and says what is then tested of the rows found: phrases (the index knows pairs, not positions), and wildcards that stand
for so many words that reading their lists costs more than the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from sqlalchemy import Text, cast, func, literal, not_, or_, select, text, true
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

Forms = Mapping[str, tuple[str, ...]]
Sizes = Mapping[Term | None, int]


@dataclass(frozen=True)
class Check:
    """Whether a term is in a row that the index found.

    `flow`: the signs of a phrase of frequent words (documents.search.flow); else `tsquery` over the row's words.
    """

    tsquery: str
    flow: str | None

    def of(self, columns: Any) -> ColumnElement[bool]:
        """As a condition on a row's columns `words` and `flow`."""
        if self.flow is None:
            found: ColumnElement[bool] = columns.words.bool_op("@@")(asked(self.tsquery))
            return found
        return func.strpos(columns.flow, self.flow) > 0


@dataclass(frozen=True)
class Reach:
    """What the index is asked, and what is tested of each row that it finds: the checks of one of `wanted`, none of
    `unwanted`."""

    tsquery: str
    wanted: tuple[tuple[Check, ...], ...] = ()
    unwanted: tuple[Check, ...] = ()

    @property
    def tested(self) -> bool:
        """Whether the index does not decide alone."""
        return any(self.wanted) or bool(self.unwanted)

    @property
    def costly(self) -> bool:
        """Whether a row's words must be read, which rest outside of it."""
        return any(check.flow is None for check in (*self.unwanted, *chain.from_iterable(self.wanted)))

    def stands(self, columns: Any) -> ColumnElement[bool]:
        """The tests as a condition on a row's columns."""
        wanted = or_(*(both(true(), *(check.of(columns) for check in group)) for group in self.wanted))
        return both(wanted, *(not_(check.of(columns)) for check in self.unwanted))


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
    reaches = _reaches(query, forms, sizes)
    found = reaches if any(reach.tested for reach in reaches) else (Reach(full),)
    return Compiled(query, full, found, rows, share, 1 if query.has_phrase else 2, forms)


def _sizes(session: Session, query: Query, forms: Forms) -> dict[Term | None, int]:
    """About how many entries each term finds, and (None) how many there are."""
    asking: dict[Term | None, list[str]] = {None: [f"!{_NO_WORD}"]}
    asking |= {term: _rarest(term, forms) for term in (*query.terms, *query.excluded)}
    found = iter(estimates(session, [one for pieces in asking.values() for one in pieces]))
    return {term: min(next(found) for _ in pieces) for term, pieces in asking.items()}


def _rarest(term: Term, forms: Forms) -> list[str]:
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


def _query(groups: Iterable[Iterable[Term]], excluded: Iterable[Term], forms: Forms) -> str:
    wanted = _any([_all([_term(term, forms) for term in group]) for group in groups])
    unwanted = [f"!{_term(term, forms)}" for term in excluded]
    return _all([wanted, *unwanted])


def _term(term: Term, forms: Forms) -> str:
    """A word, or the pairs that narrow a phrase and then the phrase itself."""
    words = [_word(word, forms) for word in term.words]
    return _all([*_pairs(term), "(" + " <-> ".join(words) + ")"]) if term.phrase else _alone(term.words[0], words[0])


def _alone(word: str, form: str) -> str:
    """A short prefix has a mark of its own, when nothing must stand next to it."""
    short = word.endswith("*") and len(word) <= 3 and not is_wild(word[:-1])
    return f"'^{word[:-1]}'" if short else form


def _word(word: str, forms: Forms) -> str:
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


def _reaches(query: Query, forms: Forms, sizes: Sizes) -> tuple[Reach, ...]:
    """One for each alternative; one for all when their flow alone decides, since then no row comes twice."""
    if all(_flow(term) for term in query.terms):
        return (_reach(query.alternatives, query.excluded, forms, sizes),)
    return tuple(_reach([group], query.excluded, forms, sizes) for group in query.alternatives)


def _reach(groups: Sequence[Sequence[Term]], excluded: Sequence[Term], forms: Forms, sizes: Sizes) -> Reach:
    """Phrases by their pairs and then tested, the longest lists only tested."""
    every = [term for group in groups for term in group]

    def tested(term: Term) -> bool:
        return _sequence(term) or _long(term, every, sizes)

    def checks(terms: Iterable[Term]) -> tuple[Check, ...]:
        return tuple(Check(_term(term, forms), _flow(term)) for term in terms if tested(term))

    wanted = _any([_all([_wanted(term, forms) for term in group if not _long(term, every, sizes)]) for group in groups])
    unwanted = [f"!{_term(term, forms)}" for term in excluded if not tested(term)]
    return Reach(_all([wanted, *unwanted]), tuple(map(checks, groups)), checks(excluded))


def _flow(term: Term) -> str | None:
    return phrase_flow(term.words) if _sequence(term) else None


def _wanted(term: Term, forms: Forms) -> str:
    return _all(_pairs(term)) if _sequence(term) else _term(term, forms)


def _sequence(term: Term) -> bool:
    """Whether it is a phrase of which the index knows every pair."""
    return term.phrase and not _wild(term)


def _long(term: Term, group: Sequence[Term], sizes: Sizes) -> bool:
    """Whether it is a wildcard whose lists are far longer than what the group's plain terms find."""
    plain = [sizes[one] for one in group if not _wild(one)]
    return _wild(term) and bool(plain) and _list(term, sizes) > min(plain) * _LIST_AGAINST_ROW


def _list(term: Term, sizes: Sizes) -> int:
    """About how many entries the lists of a wildcard's words have; where they are in every text, many times as many."""
    if not term.phrase and _alone(term.words[0], "") != "":
        return 0
    return sizes[term] if sizes[term] * 2 < sizes[None] else sizes[term] * 20


def _wild(term: Term) -> bool:
    return any(map(is_wild, term.words))
