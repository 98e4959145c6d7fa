"""Texts as PostgreSQL's text-search vectors, with explicit positions and within its limits.

A vector keeps positions up to 16,383, at most 255 of one word, and 1 MB of words: a text that stays within them is one
vector; a longer one is also cut into overlapping parts that do. Beside its words a vector holds each pair of
neighbouring words, hashed to 15 bits: the index then finds a phrase of frequent words without reading every text that
has them all (the positions decide in the end).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

LONGEST_PHRASE = 60
"""Words that a phrase of a query may have; parts overlap by one word less."""
_MOST_WORDS = 16_000
_MOST_OF_ONE = 250
_MOST_BYTES = 900_000
_MASK = 0xFFFFFFFF
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
PAIRS = tuple(f"~{_DIGITS[value >> 10]}{_DIGITS[value >> 5 & 31]}{_DIGITS[value & 31]}" for value in range(2**15))
"""The marks of pairs, by hash: 15 bits make half the index that 20 do, and leave 1 text in 150 to be tested in vain."""


@dataclass(frozen=True)
class Vectors:
    """What is stored of a text: `whole` for the entry with its `extent` (see models), and `parts` of a long one."""

    whole: str
    extent: int
    parts: tuple[str, ...]


def mixed(first: int, second: int) -> int:
    """15 bits of two neighbouring words, from their CRC-32."""
    return (((first * 2654435761 + second) & _MASK) * 2246822519 & _MASK) >> 17


def pair(first: str, second: str) -> str:
    """The mark of two neighbouring words: `~` and three characters."""
    return PAIRS[mixed(crc32(first.encode()), crc32(second.encode()))]


def beginnings(word: str) -> tuple[str, ...]:
    """The marks of a word's first letter and first two: short prefixes stand for too many words to look up each."""
    return (f"^{word[:1]}", f"^{word[:2]}") if len(word) > 1 else (f"^{word}",)


def number_mark(number: str) -> str:
    """The mark of a number that people quote: `=` and its digits and letters as written, folded."""
    return "=" + number


def vectors(words: Sequence[str], marks: Iterable[str] = ()) -> Vectors:
    """The vectors of a text's folded words; `marks` go to the entry's own vector."""
    extra = list(marks)
    if _fits(words):
        return Vectors(_positioned(words, extra), 0, ())
    parts = tuple(_positioned(part, ()) for part in _parts(words))
    known = sorted(set(words))
    if sum(map(_bytes, known)) > _MOST_BYTES:
        return Vectors(" ".join(extra), 2, parts)
    begun = {mark for word in known for mark in beginnings(word)}
    return Vectors(" ".join([*known, *begun, *extra]), 1, parts)


def _fits(words: Sequence[str]) -> bool:
    if len(words) > _MOST_WORDS:
        return False
    seen = Counter(words)
    return max(seen.values(), default=0) <= _MOST_OF_ONE and sum(map(_bytes, seen)) <= _MOST_BYTES


def _bytes(word: str) -> int:
    """What a word takes in a vector, with a pair and some room."""
    return len(word.encode()) + 16


def _positioned(words: Sequence[str], marks: Iterable[str]) -> str:
    pieces = [f"{word}:{position}" for position, word in enumerate(words, 1)]
    crcs = [crc32(word.encode()) for word in words]
    pairs = {mixed(first, second) for first, second in pairwise(crcs)}
    pieces += [PAIRS[value] for value in pairs]
    pieces += {mark for word in set(words) for mark in beginnings(word)}
    pieces += marks
    return " ".join(pieces)


def _parts(words: Sequence[str]) -> Iterable[Sequence[str]]:
    start = 0
    while True:
        end = _end_of_part(words, start)
        yield words[start:end]
        if end == len(words):
            return
        start = end - (LONGEST_PHRASE - 1)


def _end_of_part(words: Sequence[str], start: int) -> int:
    """Where the part that begins at `start` must end: as many words, and as often one word, as the limits allow."""
    seen: Counter[str] = Counter()
    size = 0
    for index in range(start, min(len(words), start + _MOST_WORDS)):
        word = words[index]
        seen[word] += 1
        size += _bytes(word) if seen[word] == 1 else 2
        if seen[word] > _MOST_OF_ONE or size > _MOST_BYTES:
            return index
    return min(len(words), start + _MOST_WORDS)
