"""Many documents at once, always the same for the same seed: for `carimbo demo --scale N` and for the benchmarks.

`fill_texts(session, count, seed)` adds `count` documents of 40 to 400 words, in dossiers of their own, with their
entries in the search. The words follow Zipf's law, so that some stand in nearly every document and most in a few; one
in four begins with the same phrase. Rows go in by COPY, and the large indexes are made after them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zlib import crc32

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from documents.numbering.rules import SEIMG_MASK, process_number
from documents.search.flow import SIGNS, flow
from documents.search.vectors import PAIRS, beginnings, number_mark
from documents.search.words import fold, folded_words
from webapp.cli.scale_words import NAMES, OPENINGS, SURNAMES, TITLES, vocabulary

VOCABULARY = 60_000
A_DOSSIER = 8
"""Documents that a dossier has."""
BATCH = 4_000
_UNITS = ("GRPC", "GPOL", "CAC", "GRI", "DIR")
_LEVELS = ("publico",) * 96 + ("restrito",) * 3 + ("sigiloso",)
_BEGUN = datetime(2019, 2, 1, 12, tzinfo=UTC)
_LASTS = timedelta(days=2_400)
_TYPES = tuple(f"acervo_{number}" for number in range(1, 9))
_NO_ONE = UUID(int=0)


class Corpus:
    """The words that documents are made of."""

    def __init__(self, seed: int) -> None:
        self.shown = vocabulary(VOCABULARY, seed)
        self.folded = [fold(word) for word in self.shown]
        self.crcs = np.array([crc32(word.encode()) for word in self.folded], dtype=np.uint64)
        self.begun = [beginnings(word) for word in self.folded]
        self._signs = [SIGNS.get(word, " ") for word in self.folded]
        weights = 1.0 / (np.arange(VOCABULARY) + 2.7) ** 1.05
        self._cumulated = np.cumsum(weights / weights.sum())
        known = {word: number for number, word in reversed(list(enumerate(self.folded)))}
        self.openings = [[known[word] for word in folded_words(text)] for text in OPENINGS]
        share = 0.5 ** (np.arange(len(OPENINGS)) / 2)
        self._openings = np.cumsum(share / share.sum() * 0.85)

    def texts(self, luck: np.random.Generator, count: int) -> Iterator[NDArray[np.int64]]:
        """The numbers of the words of `count` documents."""
        lengths = luck.integers(40, 401, count)
        drawn = np.searchsorted(self._cumulated, luck.random(int(lengths.sum())), side="right")
        np.minimum(drawn, VOCABULARY - 1, out=drawn)
        begins = np.searchsorted(self._openings, luck.random(count))
        ends = np.cumsum(lengths)
        for end, length, begin in zip(ends, lengths, begins, strict=True):
            text = drawn[end - length : end]
            if begin < len(self.openings):
                opening = self.openings[begin]
                text[: len(opening)] = opening
            yield text

    def body(self, text: Sequence[int]) -> str:
        """A document as it is read."""
        shown = self.shown
        words = [shown[number] for number in text]
        lines = (" ".join(words[at : at + 14]).capitalize() for at in range(0, len(words), 14))
        return ". ".join(lines) + "."

    def vector(self, heading: Sequence[str], text: Sequence[int], pairs: NDArray[np.uint64], mark: str) -> str:
        """The same text as documents.search.vectors writes it; of the heading's pairs, none."""
        folded = self.folded
        start = len(heading) + 1
        pieces = [f"{word}:{place}" for place, word in enumerate(heading, 1)]
        pieces += [f"{folded[number]}:{place}" for place, number in enumerate(text, start)]
        pieces += [PAIRS[value] for value in pairs.tolist()]
        pieces += {one for number in set(text) for one in self.begun[number]}
        pieces += {one for word in heading for one in beginnings(word)}
        pieces.append(mark)
        return " ".join(pieces)

    def flow(self, heading: Sequence[str], text: Sequence[int]) -> str:
        """The same text as documents.search.flow writes it."""
        signs = self._signs
        return re.sub("  +", " ", flow(heading) + "".join([signs[number] for number in text]))

    def pairs(self, text: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The hashes of neighbouring words (documents.search.vectors.mixed)."""
        crcs = self.crcs[text]
        return np.unique(mixed_all(crcs[:-1], crcs[1:]))


def mixed_all(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """documents.search.vectors.mixed over many pairs; a test holds that they agree."""
    mask = np.uint64(0xFFFFFFFF)
    once = (first * np.uint64(2654435761) + second) & mask
    return (once * np.uint64(2246822519) & mask) >> np.uint64(17)


@dataclass
class Rows:
    """Lines for COPY of one batch, by table."""

    dossier: list[str]
    party: list[str]
    document: list[str]
    version: list[str]
    entry: list[str]
    words: set[int]


def fill_texts(
    target: Session | psycopg.Connection[tuple[object, ...]],
    count: int,
    seed: int,
    first: int = 0,
    told: Callable[[int], None] | None = None,
) -> int:
    """Add `count` documents in the caller's transaction; how many dossiers hold them. `first` keeps fillings apart.

    The large indexes are dropped and made again when the search is empty. `told` hears how many are written.
    """
    connection = target if isinstance(target, psycopg.Connection) else _driver(target)
    empty = connection.execute("SELECT NOT EXISTS (SELECT FROM search_entry)").fetchone() == (True,)
    if empty:
        drop_indexes(connection)
    prepare(connection)
    dossiers = fill_part(connection, count, seed, first, told=told)
    if empty:
        make_indexes(connection)
    return dossiers


def _driver(session: Session) -> psycopg.Connection[tuple[object, ...]]:
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def drop_indexes(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Without the indexes that are quicker to make at the end."""
    connection.execute("DROP INDEX IF EXISTS ix_search_entry_words")


def make_indexes(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The indexes again, and the figures that plans are chosen by."""
    connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
    connection.execute("SET LOCAL max_parallel_maintenance_workers = 2")
    connection.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words) WITH (fastupdate = off)")
    for table in ("search_entry", "search_word", "dossier", "dossier_document", "dossier_party"):
        connection.execute(f"ANALYZE {table}")


def prepare(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The types that these dossiers and documents have, and the hypotheses of what is not público."""
    for key in _TYPES:
        name = f"Acervo {key.removeprefix('acervo_')} (demonstração)"
        connection.execute(
            "INSERT INTO dossier_type (key, name, free_routing, level, subject_code, destination, active)"
            " VALUES (%s, %s, true, 'publico', '', 'guarda', true) ON CONFLICT DO NOTHING",
            (key, name),
        )
    for number, title in enumerate(TITLES, 1):
        connection.execute(
            "INSERT INTO document_type (key, name, applies_to, numbering, mask, kind, fields, signature, publishable, active)"
            " VALUES (%s, %s, 'internal', 'none', '{seq:03d}/{year}/{unit}', 'documento_interno', '[]', 'avancada',"
            " false, true) ON CONFLICT DO NOTHING",
            (f"acervo_{number}", f"{title} (demonstração)"),
        )
    for level in ("restrito", "sigiloso"):
        connection.execute(
            "INSERT INTO legal_hypothesis (id, name, law, level, active) VALUES (%s, %s, %s, %s, true)"
            " ON CONFLICT DO NOTHING",
            (_hypothesis(level), f"Demonstração: {level}", "Lei 12.527/2011", level),
        )


def _hypothesis(level: str) -> UUID:
    return UUID(bytes=hashlib.md5(f"acervo {level}".encode(), usedforsecurity=False).digest())


def fill_part(
    connection: psycopg.Connection[tuple[object, ...]],
    count: int,
    seed: int,
    first: int = 0,
    span: int | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Documents `first` to `first + count` of `span` (their instants follow one another), in batches."""
    corpus = Corpus(seed)
    begin = _protocol_numbers(connection, count)
    dossiers = 0
    seen: set[int] = set()
    for at in range(0, count, BATCH):
        size = min(BATCH, count - at)
        rows = _batch(corpus, first + at, size, begin + at, seed, span or first + count)
        _copy(connection, rows)
        dossiers += len(rows.dossier)
        seen |= rows.words
        if told is not None:
            told(at + size)
    _learn(connection, [corpus.folded[number] for number in seen])
    return dossiers


def _protocol_numbers(connection: psycopg.Connection[tuple[object, ...]], count: int) -> int:
    """The first of `count` numbers in a row that nobody else gets."""
    connection.execute("SELECT pg_advisory_lock(2717)")
    first = connection.execute("SELECT nextval('protocol_number')").fetchone()
    assert first is not None
    begin = int(str(first[0]))
    connection.execute("SELECT setval('protocol_number', %s)", (begin + count,))
    connection.execute("SELECT pg_advisory_unlock(2717)")
    return begin


def _batch(corpus: Corpus, first: int, count: int, protocol: int, seed: int, span: int) -> Rows:
    luck = np.random.default_rng((seed, first))
    rows = Rows([], [], [], [], [], set())
    ids = luck.bytes(16 * (count * 2 + 2))
    dossier = _Dossier("", "", "", "")
    for place, text in enumerate(corpus.texts(luck, count)):
        number = first + place
        made = _BEGUN + _LASTS * (number / span)
        if place % A_DOSSIER == 0:
            dossier = _dossier(corpus, rows, ids[place * 16 : place * 16 + 16], number, made, text)
        identifier = UUID(bytes=ids[(count + place) * 16 : (count + place) * 16 + 16]).hex
        _document(corpus, rows, dossier, identifier, place % A_DOSSIER + 1, protocol + place, made, text)
        rows.words.update(text.tolist())
    return rows


@dataclass(frozen=True)
class _Dossier:
    id: str
    unit: str
    level: str
    hypothesis: str


def _dossier(corpus: Corpus, rows: Rows, raw: bytes, number: int, made: datetime, text: NDArray[np.int64]) -> _Dossier:
    identifier = UUID(bytes=raw).hex
    unit, level = _UNITS[number // A_DOSSIER % 5], _LEVELS[crc32(raw) % 100]
    hypothesis = r"\N" if level == "publico" else _hypothesis(level).hex
    written = process_number(SEIMG_MASK, "0100", "99", number // A_DOSSIER + 1, made.year, "mod97")
    specification = " ".join(corpus.shown[one] for one in text[:6].tolist()).capitalize()
    party = f"{NAMES[raw[0] % len(NAMES)]} {SURNAMES[raw[1] % len(SURNAMES)]} {SURNAMES[raw[2] % len(SURNAMES)]}"
    kind = _TYPES[raw[3] % len(_TYPES)]
    at = made.isoformat()
    rows.dossier.append(
        f"{identifier}\t{written}\t{kind}\t{specification}\t{level}\t{level}\t{hypothesis}\t{unit}\t{at}\trunning\t{{{unit}}}\n"
    )
    folded = " ".join(folded_words(party))
    rows.party.append(f"{UUID(bytes=raw[::-1]).hex}\t{identifier}\t{party}\t{folded}\n")
    heading = folded_words(f"{written} acervo {specification} {party}")
    marks = " ".join([number_mark("".join(folded_words(written))), *(f"@{word}" for word in folded_words(party))])
    crcs = np.array([crc32(word.encode()) for word in heading], dtype=np.uint64)
    vector = corpus.vector(heading, [], np.unique(mixed_all(crcs[:-1], crcs[1:])), marks)
    rows.entry.append(_entry(made, -1, identifier, identifier, "dossier", unit, kind, vector, flow(heading), ""))
    return _Dossier(identifier, unit, level, hypothesis)


def _document(
    corpus: Corpus,
    rows: Rows,
    dossier: _Dossier,
    identifier: str,
    position: int,
    protocol: int,
    made: datetime,
    text: NDArray[np.int64],
) -> None:
    place = int(text[-1]) % len(TITLES)
    kind, title = f"acervo_{place + 1}", TITLES[place]
    numbers = text.tolist()
    body = corpus.body(numbers)
    html = f"<p>{body}</p>"
    digest = hashlib.sha256(html.encode()).hexdigest()
    at = made.isoformat()
    rows.document.append(
        f"{identifier}\t{protocol}\t{dossier.id}\t{position}\tinternal\t{kind}\t{title}\t{dossier.unit}\t{at}\t{dossier.level}\t{dossier.hypothesis}\tsigned\t1\n"
    )
    rows.version.append(f"{identifier}\t1\t{html}\t{digest}\t0\t{at}\t\n")
    heading = [fold(title.split()[0]), str(protocol)]
    vector = corpus.vector(heading, numbers, corpus.pairs(text), f"={protocol} ={protocol:07d}")
    frequent = corpus.flow(heading, numbers)
    rows.entry.append(
        _entry(made, position, identifier, dossier.id, "internal", dossier.unit, kind, vector, frequent, body)
    )


def _entry(
    made: datetime,
    order: int,
    subject: str,
    dossier: str,
    kind: str,
    unit: str,
    type_key: str,
    vector: str,
    frequent: str,
    body: str,
) -> str:
    stamp = int(made.timestamp() * 1_000_000) + order
    return f"{stamp}\t{subject}\t{dossier}\t0\t{kind}\t{unit}\t{type_key}\t{vector}\t{frequent}\t{body}\n"


_COPIES = (
    (
        "dossier",
        "dossier (id, number, type_key, specification, level, effective_level, hypothesis_id, origin_unit, created_at,"
        " status, passed_units)",
    ),
    ("party", "dossier_party (id, dossier_id, name, name_folded)"),
    (
        "document",
        "dossier_document (id, number, dossier_id, position, kind, type_key, title, unit, created_at, level,"
        " hypothesis_id, status, version)",
    ),
    ("version", "document_version (document_id, version, html, sha256, based_on, created_at, comment)"),
    ("entry", "search_entry (stamp, subject, dossier_id, extent, kind, unit, type_key, words, flow, body)"),
)


def _copy(connection: psycopg.Connection[tuple[object, ...]], rows: Rows) -> None:
    with connection.cursor() as cursor:
        for name, columns in _COPIES:
            with cursor.copy(f"COPY {columns} FROM STDIN") as copy:
                copy.write("".join(getattr(rows, name)))


def _learn(connection: psycopg.Connection[tuple[object, ...]], words: list[str]) -> None:
    words += folded_words(" ".join([*NAMES, *SURNAMES, *TITLES, "acervo"]))
    connection.execute(
        "INSERT INTO search_word (word) SELECT fresh.word FROM unnest(%s::text[]) AS fresh (word)"
        ' WHERE NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = fresh.word COLLATE "C")',
        (sorted(set(words)),),
    )
