"""The search's figures: `python -m bench.search [--documents 1000000] [--folder DIR] [--json]`.

Documents of 40 to 400 words (webapp.cli.scale_texts) in an embedded PostgreSQL of their own, with the product's settings;
made once in the folder, which stays for the next time. Measured: a page of results as `documents.search.queries.search`
gives it to a clerk of a unit, access and highlights included; the exact count; indexing in the transaction of a save.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import migrations
from bench.report import Figure, arguments, progress, show
from documents.dossier.models import Dossier, DossierDocument
from documents.search import queries
from documents.search.operations import index_document
from documents.search.queries import Filters
from integrations.postgres import EmbeddedPostgres
from webapp.cli import scale_texts
from webapp.cli.scale_texts import Corpus
from workflow import database
from workflow.actor import Actor
from workflow.database import transaction

SEED = 20_261_123
CLERK = Actor("account", UUID(int=1), UUID(int=2), frozenset({"servidor"}), "GRPC")
PAGE_MS, COUNT_MS = 100.0, 1000.0
_BUILDING = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB", "shared_buffers": "1GB",
    "dynamic_shared_memory_type": "posix",
}  # fmt: skip


@dataclass(frozen=True)
class Asking:
    """Queries of one operator."""

    name: str
    queries: tuple[tuple[str, Filters], ...]


def main() -> int:
    """Make the documents where they are missing, then measure."""
    options = arguments(__doc__ or "", _more)
    folder = Path(options.folder or Path(tempfile.gettempdir()) / f"carimbo-bench-search-{options.documents}")
    made = _made(folder, options.documents)
    with EmbeddedPostgres(folder / "pg") as server:
        migrations.upgrade(server.url("bench"))  # those that are newer than the documents
        database.configure(server.url("bench"))
        progress("asking")
        figures = [*_pages(options.rounds), *_counts(), *_indexing()]
        database.dispose()
    figures += [
        Figure("documents", made["documents"], "documents"),
        Figure("documents written", made["copy_s"], "s"),
        Figure("index made", made["index_s"], "s"),
    ]
    return show("Search", figures, options.json)


def _more(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--documents", type=int, default=1_000_000, help="how many documents")
    parser.add_argument("--folder", help="where the database is made, once, and kept")
    parser.add_argument("--rounds", type=int, default=3, help="times that each query is asked")


def _made(folder: Path, documents: int) -> dict[str, float]:
    """The database, made if it is not there; how long it took then."""
    note = folder / "made.json"
    if note.exists():
        found: dict[str, float] = json.loads(note.read_text())
        return found
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "pg", _BUILDING) as server:
        url = server.ensure_database("bench")
        migrations.upgrade(url)
        progress(f"writing {documents:,} documents")
        begun = time.monotonic()
        _fill(url, documents)
        written = time.monotonic()
        progress("making the index")
        with psycopg.connect(url) as connection:
            scale_texts.make_indexes(connection)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM")
        done = {"documents": float(documents), "copy_s": written - begun, "index_s": time.monotonic() - written}
    note.write_text(json.dumps(done))
    return done


def _fill(url: str, documents: int) -> None:
    """In two processes, each half of the documents."""
    with psycopg.connect(url) as connection:
        scale_texts.drop_indexes(connection)
        scale_texts.prepare(connection)
    half = documents // 2 // scale_texts.BATCH * scale_texts.BATCH
    parts = [(url, half, 0, documents), (url, documents - half, half, documents)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_part, parts)


def _part(part: tuple[str, int, int, int]) -> int:
    url, count, first, span = part
    with psycopg.connect(url) as connection:
        return scale_texts.fill_part(connection, count, SEED, first, span) if count else 0


def askings(corpus: Corpus, luck: random.Random, many: int = 12) -> list[Asking]:
    """What is asked: words by how frequent they are, so that each operator meets the rare, the middling and the common."""
    words = corpus.folded

    def frequent() -> str:
        return luck.choice(words[:60])

    def middling() -> str:
        return luck.choice(words[300:3_000])

    def rare() -> str:
        return luck.choice(words[20_000:])

    def made(name: str, make: Callable[[], str], filters: Filters | None = None) -> Asking:
        return Asking(name, tuple((make(), filters or Filters()) for _ in range(many)))

    phrases = ["projeto de lei", "minas gerais", "comissão de saúde", "câmara municipal", "nos termos do parágrafo"]
    prefixes = ["serv*", "legis*", "com*", "s*", "pro*", "de*", "inform*", "a*", "mun*", "re*", "educ*", "barr*"]
    marks = ["inform?", "comiss?es", "p?blic?", "comiss?o", "d?", "serviç??", "leg*ção", "muni?ip*", "re?urso*"]
    return [
        made("word, rare", rare),
        made("word, middling", middling),
        made("word, frequent", frequent),
        made("and, frequent", lambda: f"{frequent()} && {frequent()} && {frequent()}"),
        made("and, middling", lambda: f"{middling()} && {middling()}"),
        made("and, frequent with rare", lambda: f"{frequent()} && {rare()}"),
        made("or, rare", lambda: f"{rare()} {rare()} {rare()}"),
        made("or, frequent", lambda: f"{frequent()} {frequent()} {middling()}"),
        made("phrase, frequent", lambda: f'"{luck.choice(phrases)}"'),
        made("phrase, rare, of frequent words", lambda: f'"{frequent()} {frequent()} {frequent()}"'),
        made("phrase, of two frequent words", lambda: f'"{luck.choice(words[20:200])} {luck.choice(words[20:200])}"'),
        made("phrase, of middling words", lambda: f'"{frequent()} {middling()}"'),
        made("not, frequent without frequent", lambda: f"{frequent()} - {frequent()}"),
        made("not, frequent without the commonest", lambda: f"{middling()} -de -a"),
        made("not, without a phrase", lambda: f'{frequent()} - "{luck.choice(phrases)}"'),
        made("*, frequent", lambda: luck.choice(prefixes)),
        made("*, rare", lambda: f"{rare()[:6]}*"),
        made("*, frequent with rare", lambda: f"{luck.choice(prefixes)} && {rare()}"),
        made("*, excluded", lambda: f"{middling()} - {luck.choice(prefixes)}"),
        made("?", lambda: luck.choice(marks)),
        made("unit and frequent", frequent, Filters(unit="CAC")),
        made("unit, type and rare", rare, Filters(unit="CAC", type_key="acervo_3")),
        made("period and frequent", frequent, Filters(since=date(2020, 3, 1), until=date(2020, 3, 5))),
        made("period and middling", middling, Filters(since=date(2020, 3, 1), until=date(2021, 3, 5))),
        made("person and frequent", frequent, Filters(person="Beatriz Coelho")),
        made("nothing (the full list)", lambda: ""),
    ]


def _pages(rounds: int) -> Iterator[Figure]:
    asked = askings(Corpus(SEED), random.Random(853))  # noqa: S311 - the same questions each time, not secrets
    with _session() as session:
        number = session.scalar(select(Dossier.number).order_by(Dossier.created_at.desc()).offset(1_000).limit(1)) or ""
        asked.append(Asking("number", tuple(("", Filters(number=number[:length])) for length in (15, 20, 23))))
        for warming in askings(Corpus(SEED), random.Random(1), 3):  # noqa: S311 - other questions, so that nothing is cold
            for query, filters in warming.queries:
                queries.search(session, CLERK, query, filters)
        for asking in asked:
            times = []
            for _ in range(rounds):
                for query, filters in asking.queries:
                    times.append(_ms(lambda: queries.search(session, CLERK, query, filters)))  # noqa: B023 - called at once
            yield Figure(f"page, p50: {asking.name}", statistics.median(times), "ms")
            yield Figure(f"page, p95: {asking.name}", _p95(times), "ms", PAGE_MS)
        yield from _second_page(session)


def _second_page(session: Session) -> Iterator[Figure]:
    first = queries.search(session, CLERK, "de lei")
    times = [_ms(lambda: queries.search(session, CLERK, "de lei", after=first.after)) for _ in range(20)]
    yield Figure("page, p95: the next one", _p95(times), "ms", PAGE_MS)


def _counts() -> Iterator[Figure]:
    asked = {
        "the commonest word": "de",
        "frequent words, and": "projeto && lei && câmara",
        "frequent words, or": "saúde lei educação",
        "frequent, excluded": "lei - saúde",
        "frequent phrase": '"projeto de lei"',
        "frequent phrase of two": '"minas gerais"',
        "frequent phrase of four": '"nos termos do parágrafo"',
        "frequent phrases, or": '"projeto de lei" "minas gerais"',
        "frequent, without a frequent phrase": 'lei - "projeto de lei"',
        "phrase of a rarer word": '"comissão de saúde" && tecnico',
        "prefix": "serv*",
        "prefix of one letter": "s*",
        "prefixes, and": "serv* && com*",
        "frequent, without a prefix": "lei - serv*",
        "?": "inform?",
        "the full list": "",
    }
    with _session() as session:
        for name, query in asked.items():
            found = 0
            times = []
            for _ in range(3):
                begun = time.perf_counter()
                found = queries.count(session, CLERK, query)
                times.append((time.perf_counter() - begun) * 1000)
            yield Figure(
                f"count: {name}", statistics.median(times), "ms", COUNT_MS, note=f"{found:,} results of {query!r}"
            )


def _indexing() -> Iterator[Figure]:
    luck = random.Random(1)  # noqa: S311 - texts
    words = Corpus(SEED).shown
    for name, length, rounds in (("400 words", 400, 40), ("20,000 words", 20_000, 3)):
        times = []
        for _ in range(rounds):
            body = " ".join(luck.choices(words[:20_000], k=length))
            with _session() as session:
                document = session.scalars(select(DossierDocument).limit(1)).one()
                session.execute(text("SELECT 1"))
                times.append(_ms(lambda: index_document(session, document, body)))  # noqa: B023 - called at once
        yield Figure(f"indexing in the transaction, p95: {name}", _p95(times), "ms")


@contextmanager
def _session() -> Iterator[Session]:
    """A transaction that is always rolled back: the data stay as they were made."""
    with transaction() as session:
        yield session
        session.rollback()


def _ms(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _p95(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]


if __name__ == "__main__":
    sys.exit(main())
