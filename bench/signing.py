"""Signing a block of documents: `python -m bench.signing [--json] [--documents N] [--rounds N]`.

In a real PostgreSQL of its own (durability on): the password is proved once, each document gets its number, its content's
SHA-256, its event and its place in the search, and the worker's jobs are enqueued, in one transaction. Then what the
worker does afterwards for each: the page rendered and sealed (PAdES), stored with fsync.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

import documents
import migrations
import people
from bench.report import Figure, arguments, progress, show
from documents.development_ca import development_sealer
from documents.dossier import operations as dossiers
from documents.settings import HOUSE
from documents.signatures import blocks, sealing
from documents.signatures import operations as signatures
from documents.signatures.models import SealedDocument
from documents.texts import operations as texts
from integrations.mail import FolderMailbox
from integrations.postgres import EmbeddedPostgres
from people.keyring import Keyring
from people.operations import create_staff_account
from people.units import add_membership, create_organ, create_unit
from workflow import database, jobs
from workflow.actor import SYSTEM, Actor

TARGET_S = 2.0
PASSWORD = "uma senha de verdade, comprida"
PARAGRAPH = (
    '<p class="first-line align-justify">Encaminhamos o pedido de apoio à câmara municipal, nos termos da deliberação '
    "da Mesa, para análise da unidade e manifestação no prazo de dez dias úteis, com os documentos que o instruem.</p>"
)


@dataclass(frozen=True)
class People:
    """Who prepares the block, and the manager of another unit who signs it."""

    writer: Actor
    manager: Actor


def install() -> People:
    """Two units with one person each, and the basic types."""
    with database.transaction() as session:
        create_organ(session, "ALMG", "0100", "Assembleia Legislativa de Minas Gerais", actor=SYSTEM)
        for sigla, code, parent in (("GRPC", "07", None), ("GRI", "08", "GRPC")):
            create_unit(session, sigla, sigla, actor=SYSTEM, organ="ALMG", code=code, parent=parent)
        dossiers.install_types(session)
        made = []
        for login, unit in (("redatora", "GRI"), ("gerente", "GRPC")):
            account = create_staff_account(session, login, "Maria Aparecida", PASSWORD, actor=SYSTEM)
            add_membership(session, account.id, unit, "servidor", actor=SYSTEM)
            made.append(Actor("account", account.id, None, frozenset({"servidor"}), unit))
    return People(*made)


def offered_block(who: People, count: int) -> UUID:
    """A block of `count` ofícios of ten dossiers, offered to the manager's unit."""
    with database.transaction() as session:
        block = blocks.create(session, "signature", "Ofícios da semana", actor=who.writer)
        ids = []
        for number in range(count):
            if number % 5 == 0:
                dossier = dossiers.open_dossier(session, "administrativo_geral", actor=who.writer)
            document = dossiers.add_document(session, dossier.id, "internal", "oficio", actor=who.writer)
            html = f"<p>«documento.numero»</p><p>Belo Horizonte, «data.extenso».</p>{PARAGRAPH * (1 + number % 6)}"
            texts.save(session, document.id, html, actor=who.writer, based_on=0)
            ids.append(document.id)
        blocks.add(session, block.id, document_ids=ids, actor=who.writer)
        blocks.offer(session, block.id, ["GRPC"], actor=who.writer)
        return block.id


def sign_block(who: People, block_id: UUID) -> tuple[float, list[UUID]]:
    """Seconds from the password to the commit, and what was signed."""
    start = time.perf_counter()
    with database.transaction() as session:
        rows = blocks.sign_all(session, block_id, password=PASSWORD, cargo="Gerente", actor=who.manager)
    return time.perf_counter() - start, [row.document_id for row in rows]


def seal_one_by_one(document_ids: list[UUID]) -> list[float]:
    """Seconds of each file as one worker makes them."""
    taken = []
    for document_id in document_ids:
        start = time.perf_counter()
        with database.transaction() as session:
            sealing.seal_signed(session, document_id)
        taken.append(time.perf_counter() - start)
    return taken


def worked_off(url: str) -> tuple[float, int]:
    """Seconds until the worker has made every file that is asked for, and how many."""
    before = _sealed()
    start = time.perf_counter()
    jobs.run_worker(url, concurrency=2, wait=False, install_signal_handlers=False)
    return time.perf_counter() - start, _sealed() - before


def _sealed() -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(SealedDocument)) or 0


def measure(url: str, count: int, rounds: int) -> list[Figure]:
    """Every figure, taken in this run."""
    who = install()
    signed: list[float] = []
    progress(f"{rounds} blocks of {count} documents…")
    for _ in range(rounds):
        seconds, ids = sign_block(who, offered_block(who, count))
        signed.append(seconds)
    progress("and the worker's part…")
    one = seal_one_by_one(ids)
    with database.transaction() as session:
        whole = all(signatures.verify(session, document_id).ok for document_id in ids)
    figures = [
        Figure(f"{count} documents signed as one block, slowest of {rounds}", max(signed), "s", TARGET_S),
        Figure("the same, median", statistics.median(signed), "s"),
        Figure("a document, of that", statistics.median(signed) / count * 1000, "ms"),
        Figure("rendered, sealed and kept, median a document", statistics.median(one) * 1000, "ms"),
        Figure("signatures, chain and sealed files verify", int(whole), "yes", 1, "=="),
    ]
    if rounds > 1:
        seconds, files = worked_off(url)
        note = "two jobs at a time in one process, which shares one renderer"
        figures.insert(4, Figure(f"{files} files by the worker", seconds, "s", note=note))
    return figures


def main() -> int:
    """Measure and print; 1 when a target does not hold."""

    def more(parser: ArgumentParser) -> None:
        parser.add_argument("--documents", type=int, default=50, help="documents of a block (50)")
        parser.add_argument("--rounds", type=int, default=5, help="blocks signed (5)")

    options = arguments(__doc__ or "", more)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database's own user must reach its folder
        sealer = development_sealer(folder / "selo", HOUSE)
        documents.configure(f"{folder}/documentos", sealer, "https://www.almg.gov.br/validaDocumento")
        people.configure(people.PeopleSettings(Keyring.new(), FolderMailbox(folder / "correio"), "http://127.0.0.1"))
        server = folder / "postgres"
        server.mkdir(mode=0o755)
        with EmbeddedPostgres(server) as postgres:
            url = postgres.ensure_database("bench")
            migrations.upgrade(url)
            database.configure(url)
            figures = measure(url, options.documents, options.rounds)
            database.dispose()
    return show(f"A block of {options.documents} documents", figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
