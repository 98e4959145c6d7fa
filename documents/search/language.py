"""The query language of the Prestação de Contas page, as decided in its rules (decisions a to o), without any database.

    parse('projeto && saúde')       both words                    parse('inform?')            exactly one letter more
    parse('"reunião especial"')     the words in sequence         parse('serv*')              how the word goes on
    parse('meio ambiente')          one or the other              parse('comissões - saúde')  without the second

`&&` binds tighter than the space; exclusions hold for the whole query; the empty query finds everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from documents.search.vectors import LONGEST_PHRASE
from documents.search.words import fold, folded_words
from workflow.errors import InvalidInput

LONGEST_QUERY = 500
_MOST_TERMS = 40
_SIGNS = str.maketrans(
    {**dict.fromkeys("‐‑‒–—―−", "-"), **dict.fromkeys("“”„‟«»", '"')}  # noqa: RUF001 - (f), and quotes as typed
)
_CHUNK = re.compile(r'(?:(?!&&)[^\s"])+')
_PIECE = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u00ad*?])+")

FIRST = "Não use como primeiro caractere da palavra: * e ? completam o meio ou o fim, como em serv* e inform?."
ONLY_EXCLUSIONS = "Escreva ao menos uma palavra que deve aparecer: a pesquisa só tem palavras a excluir."
UNCLOSED = "Faltou fechar as aspas: a pesquisa considerou a frase até o fim."
NOTHING = "A pesquisa não tem letras nem números: a lista está completa."


class BadQuery(InvalidInput):
    """The query can't be read; the message says what to write."""

    code = "pesquisa"

    def __init__(self, message: str) -> None:
        super().__init__({"q": message}, message)


@dataclass(frozen=True)
class Term:
    """One word, or several that stand in sequence. In a word `*` is any letters and `?` exactly one."""

    words: tuple[str, ...]

    @property
    def phrase(self) -> bool:
        """Whether the order of words counts."""
        return len(self.words) > 1


@dataclass(frozen=True)
class Query:
    """(any of `alternatives`, in which all the terms appear) and none of `excluded`; no alternatives: everything."""

    alternatives: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    notice: str = ""

    @property
    def terms(self) -> Iterator[Term]:
        """The terms that must or may appear."""
        return (term for group in self.alternatives for term in group)

    @property
    def has_phrase(self) -> bool:
        """Whether any term, excluded ones too, is a phrase."""
        return any(term.phrase for term in (*self.terms, *self.excluded))


def parse(text: str) -> Query:
    """The query that was typed; BadQuery says what can't be read."""
    if len(text) > LONGEST_QUERY:
        raise BadQuery(f"A pesquisa tem mais de {LONGEST_QUERY} caracteres: use menos palavras.")
    query = _Reader(text.translate(_SIGNS)).read()
    if query.excluded and not query.alternatives:
        raise BadQuery(ONLY_EXCLUSIONS)
    return query


class _Reader:
    """Reads from left to right; `_fresh` says whether a minus here would be an operator (e)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._groups: list[list[Term]] = []
        self._excluded: list[Term] = []
        self._notice = ""
        self._both = self._minus = False
        self._fresh = True

    def read(self) -> Query:
        at = 0
        while at < len(self._text):
            at = self._step(at)
        if not self._groups and not self._excluded and self._text.strip() and not self._notice:
            self._notice = NOTHING
        return Query(tuple(map(tuple, self._groups)), tuple(self._excluded), self._notice)

    def _step(self, at: int) -> int:
        char = self._text[at]
        if char.isspace():
            self._fresh = True
            return at + 1
        if self._text.startswith("&&", at):
            self._both, self._minus, self._fresh = True, False, True
            return at + 2
        if char == "-" and self._fresh:
            self._minus = True
            return at + 1
        self._fresh = False
        return self._quoted(at) if char == '"' else self._chunk(at)

    def _quoted(self, at: int) -> int:
        end = self._text.find('"', at + 1)
        if end < 0:
            self._notice = UNCLOSED
            end = len(self._text)
        self._add(tuple(folded_words(self._text[at + 1 : end])))
        return end + 1

    def _chunk(self, at: int) -> int:
        found = _CHUNK.match(self._text, at)
        assert found is not None  # the caller saw a character that is neither space nor quote nor &&
        self._add(tuple(_pattern(piece) for piece in _PIECE.findall(found.group()) if _pattern(piece)))
        return found.end()

    def _add(self, words: tuple[str, ...]) -> None:
        if not words:
            return
        if len(words) > LONGEST_PHRASE:
            raise BadQuery(f"Uma frase entre aspas pode ter até {LONGEST_PHRASE} palavras: use um trecho dela.")
        term = Term(words)
        if self._minus:
            self._excluded.append(term)
        elif self._both and self._groups:
            self._groups[-1].append(term)
        else:
            self._groups.append([term])
        self._both = self._minus = False
        if len(self._excluded) + sum(map(len, self._groups)) > _MOST_TERMS:
            raise BadQuery(f"A pesquisa tem mais de {_MOST_TERMS} termos: use menos palavras.")


def _pattern(piece: str) -> str:
    """A word as typed, folded, its wildcards kept; runs of `*` are one."""
    if piece[0] in "*?":
        raise BadQuery(FIRST)
    parts = re.split(r"([*?])", piece)
    folded = "".join(part if part in {"*", "?"} else fold(part) for part in parts if part)
    return re.sub(r"\*+", "*", folded)


def is_wild(word: str) -> bool:
    """Whether a word of a term stands for several."""
    return "*" in word or "?" in word


@lru_cache(maxsize=1_000)
def expression(word: str) -> re.Pattern[str]:
    """The regular expression that the words meant by `word` match as a whole."""
    first, *middle = (re.escape(piece).replace(r"\?", r"\w") for piece in word.split("*"))
    if not middle:
        return re.compile(first)
    *inner, last = middle
    # each inner piece where it first fits, never tried again: the time grows with the word, not with its powers
    return re.compile(first + "".join(rf"(?>\w*?{piece})" for piece in inner) + rf"\w*{last}")


def term_spans(term: Term, words: list[str]) -> Iterator[tuple[int, int]]:
    """Where a term appears among the folded words of a text: first word, and one past the last."""
    first, *others = term.words
    for start in _places(first, words):
        end = start + len(term.words)
        if end <= len(words) and all(_is(word, words[start + 1 + at]) for at, word in enumerate(others)):
            yield start, end


def _places(word: str, words: list[str]) -> Iterator[int]:
    if is_wild(word):
        test = expression(word).fullmatch
        yield from (at for at, one in enumerate(words) if test(one))
    else:
        yield from (at for at, one in enumerate(words) if one == word)


def _is(word: str, one: str) -> bool:
    return expression(word).fullmatch(one) is not None if is_wild(word) else word == one


def matches(query: Query, text: str) -> bool:
    """The meaning of a query: whether a text is among its results. The index must agree with it (a test holds that)."""
    words = folded_words(text)

    def appears(term: Term) -> bool:
        return next(term_spans(term, words), None) is not None

    wanted = not query.alternatives or any(all(map(appears, group)) for group in query.alternatives)
    return wanted and not any(map(appears, query.excluded))
