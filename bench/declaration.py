"""A declaração from request to sealed bytes, on one core: `python -m bench.declaration [--json] [--rounds N]`.

The median of fresh documents (new code, token and QR each), the parts of one, and how many times longer it takes when
WeasyPrint subsets the fonts in Python because HarfBuzz's subsetter (Debian: libharfbuzz-subset0) is missing.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from weasyprint import HTML
from weasyprint.pdf import fonts as weasyprint_fonts

import documents
import migrations
import people
from bench.report import Figure, arguments, progress, show
from documents import codes, rendering
from documents.development_ca import development_sealer
from documents.fields import FieldValue, written
from documents.kinds import get
from documents.operations import issue, make_pdf
from documents.pdfa import VARIANT, color_profiles
from documents.qr import qr_svg
from documents.settings import HOUSE, current
from documents.verification import verify_seal
from integrations.mail import FolderMailbox
from integrations.postgres import EmbeddedPostgres
from people import crypto
from people.keyring import Keyring
from people.models import Person
from workflow import clock, database
from workflow.actor import SYSTEM

KIND = "declaracao_comparecimento"
TARGET_MS = 80.0
Stages = dict[str, Callable[[int], object]]


def request(number: int) -> bytes:
    """What the job does for one declaração, without the database."""
    name = f"Maria Aparecida da Conceição Guimarães {'IVXLC'[number % 5]}"
    texts = written(get(KIND), {"name": name, "cpf": "52998224725", "date": date(2026, 11, 24)})
    return make_pdf(KIND, texts, codes.new_code(), codes.new_token(), clock.now())


def median_ms(work: Callable[[int], object], rounds: int) -> float:
    """Median of `rounds` after three that warm the caches."""
    times = []
    for number in range(rounds + 3):
        start = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[3:])


def parts(rounds: int) -> list[Figure]:
    """The stages of one document, each measured alone."""
    texts = written(get(KIND), {"name": "Maria Aparecida", "cpf": "52998224725", "date": date(2026, 11, 24)})
    base = current().validation_base_url
    page = rendering.Page(KIND, texts, codes.new_code(), f"{base}/{codes.new_token()}", clock.now())
    html = rendering.render_html(page)
    fetcher = rendering._PackagedOnly({**rendering._fixed_assets(None), "carimbo:qr": qr_svg(page.qr_text)})
    style, fonts = rendering._style(KIND)

    def layout(_: int) -> object:
        source = HTML(string=html, url_fetcher=fetcher)
        return source.render(
            stylesheets=[style], font_config=fonts, color_profiles=color_profiles(), pdf_variant=VARIANT
        )

    unsealed = rendering.render_pdf(page)
    stages: Stages = {
        "template and QR": lambda _: (rendering.render_html(page), qr_svg(page.qr_text)),
        "layout": layout,
        "layout, fonts and PDF": lambda _: rendering.render_pdf(page),
        "seal (PAdES, P-256)": lambda _: current().sealer.seal(unsealed),
    }
    return [Figure(f"of which {name}", median_ms(stage, rounds), "ms") for name, stage in stages.items()]


@contextmanager
def without_harfbuzz() -> Iterator[None]:
    """Fonts subset in Python by fontTools, as where the library is missing."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    kept = weasyprint_fonts.harfbuzz_subset
    weasyprint_fonts.harfbuzz_subset = None
    try:
        yield
    finally:
        weasyprint_fonts.harfbuzz_subset = kept


def stored(folder: Path, rounds: int) -> Figure:
    """The whole act in a real PostgreSQL: row, event in the chain, encryption, file with fsync, commit."""
    people.configure(people.PeopleSettings(Keyring.new(), FolderMailbox(folder / "correio"), "http://127.0.0.1"))
    server = folder / "postgres"
    server.mkdir(mode=0o755)
    with EmbeddedPostgres(server) as postgres:
        url = postgres.ensure_database("bench")
        migrations.upgrade(url)
        database.configure(url)
        with database.transaction() as session:
            person = Person(full_name="Maria", name_folded="maria", created_at=clock.now())
            session.add(person)
            session.flush()
            crypto.create_key(session, person.id)
        fields: dict[str, FieldValue] = {"name": "Maria Aparecida", "cpf": "52998224725", "date": date(2026, 11, 24)}

        def act(number: int) -> None:
            with database.transaction() as session:
                issue(
                    session,
                    KIND,
                    fields,
                    case_id=None,
                    owner_person_id=person.id,
                    actor=SYSTEM,
                    idempotency_key=str(number),
                )

        whole = median_ms(act, rounds)
        database.dispose()
    return Figure("the whole act, kept in database and on disk, median", whole, "ms", TARGET_MS)


def measure(folder: Path, rounds: int) -> list[Figure]:
    """Every figure, taken in this run."""
    progress(f"{rounds} declarations on one core…")
    whole = median_ms(request, rounds)
    figures = [Figure("request to sealed bytes, median", whole, "ms", TARGET_MS), *parts(rounds)]
    progress("and the whole act in a database of its own…")
    figures.append(stored(folder, rounds))
    sealed = request(0)
    figures.append(Figure("size of the sealed file", len(sealed) / 1024, "kB"))
    holds = verify_seal(sealed, current().sealer.roots).ok
    figures.append(Figure("seal verifies", int(holds), "yes", 1, "=="))
    if not rendering.subsetter_available():
        return [*figures, Figure("HarfBuzz subsetter present", 0, "yes", 1, "==", "install libharfbuzz-subset0")]
    progress("and without HarfBuzz's subsetter…")
    with without_harfbuzz():
        slow = median_ms(request, max(5, rounds // 4))
    figures.append(Figure("the same without HarfBuzz subsetting", slow, "ms"))
    figures.append(Figure("ratio without / with HarfBuzz subsetting", slow / whole, "times"))
    return figures


def main() -> int:
    """Measure and print; 1 when a target does not hold."""

    def more(parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=60, help="documents measured (60)")

    options = arguments(__doc__ or "", more)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the database's own user must reach its folder
        sealer = development_sealer(Path(folder) / "selo", HOUSE)
        documents.configure(f"{folder}/documentos", sealer, "https://www.almg.gov.br/validaDocumento")
        return show("Declaração de comparecimento, one core", measure(Path(folder), options.rounds), options.json)


if __name__ == "__main__":
    sys.exit(main())
