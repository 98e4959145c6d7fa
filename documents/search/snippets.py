"""A few lines of a text around the words that a query found, with those words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from documents.search.language import Query, term_spans
from documents.search.vectors import LONGEST_PHRASE
from documents.search.words import Word, words

LENGTH = 240
"""Characters shown of a text."""
_BEFORE = 60
_BLOCK = 2_000
"""Words that are looked at together; the first block where a term appears gives the lines."""
_BLOCKS = 10
"""Blocks that are looked through: whatever stands deeper in an enormous text is found, but not shown."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `marked` when the query asked for it."""

    text: str
    marked: bool = False


def snippet(query: Query, body: str, length: int = LENGTH) -> tuple[Piece, ...]:
    """The lines where most different terms appear together; the beginning when none does."""
    found, marks = _marked(query, body)
    begin = _begin(marks, found, length)
    end = _at_word_end(body, begin + length)
    return tuple(_pieces(body, begin, end, marks))


def _marked(query: Query, body: str) -> tuple[list[Word], list[tuple[int, int]]]:
    """The words of the first block where a term appears, and the stretches to mark; of the first block when none does."""
    coming = words(body)
    block = first = list(islice(coming, _BLOCK))
    for _ in range(_BLOCKS):
        folded = [word.folded for word in block]
        spans = sorted({span for term in query.terms for span in term_spans(term, folded)})
        if spans:
            return block, _joined((block[start].start, block[end - 1].end) for start, end in spans)
        more = list(islice(coming, _BLOCK))
        if not more:
            break
        block = block[-LONGEST_PHRASE:] + more
    return first, []


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that overlap become one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _begin(marks: list[tuple[int, int]], found: list[Word], length: int) -> int:
    """Where the window with the most marks begins, a little before its first one, at the beginning of a word."""
    if not marks:
        return 0
    window = length - _BEFORE
    best, most, last = 0, 0, 0
    for first, (start, _) in enumerate(marks):
        last = max(last, first)
        while last < len(marks) and marks[last][1] <= start + window:
            last += 1
        if last - first > most:
            best, most = first, last - first
    wanted = marks[best][0] - _BEFORE
    if wanted <= 0:
        return 0
    return next((word.start for word in found if word.start >= wanted), marks[best][0])


def _at_word_end(body: str, end: int) -> int:
    if end >= len(body):
        return len(body)
    space = body.rfind(" ", end - 40, end)
    return space if space > 0 else end


def _pieces(body: str, begin: int, end: int, marks: list[tuple[int, int]]) -> Iterator[Piece]:
    if begin > 0:
        yield Piece("… ")
    at = begin
    for start, stop in marks:
        if stop <= begin or start >= end:
            continue
        if start > at:
            yield Piece(body[at:start])
        yield Piece(body[max(start, at) : min(stop, end)], True)
        at = min(stop, end)
    if at < end:
        yield Piece(body[at:end])
    if end < len(body):
        yield Piece(" …")
