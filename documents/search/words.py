"""Words as the search knows them: the one place that says what a word is, for texts, queries and highlights.

Decisions (a) and (b) of the search syntax: a word is a run of letters and digits, upper case and accents do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST_WORD = 200
"""Characters of a word that count: far beyond any real word, below what an index of PostgreSQL takes."""

_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_RUN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")


class Word(NamedTuple):
    """A word of a text: folded, and where it stands."""

    folded: str
    start: int
    end: int


@lru_cache(maxsize=200_000)
def fold(run: str) -> str:
    """Small letters without accents; only letters and digits remain (`Comissão` → `comissao`, `nº` → `no`)."""
    decomposed = unicodedata.normalize("NFKD", run).casefold()
    return "".join(char for char in decomposed if char.isalnum())[:LONGEST_WORD]


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for run in _RUN.finditer(text):
        folded = fold(run.group())
        if folded:
            yield Word(folded, run.start(), run.end())


def folded_words(text: str) -> list[str]:
    """The words of a text without where they stand (the fast way, for the index)."""
    return [folded for folded in map(fold, _RUN.findall(text)) if folded]
