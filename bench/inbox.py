"""The inbox's figures: `python -m bench.inbox [--tasks 1000000] [--folder DIR] [--no-browser] [--json]`.

Tasks and dossiers made by the seeded generator (webapp.cli.scale_work) in an embedded PostgreSQL of their own, one task in
five open in the unit that is measured; made once in the folder, which stays for the next time. The server's times are
those of whole requests to the application (session, access, queries, page), the browser's from the start of the
navigation to the end of `load` in Chromium, against waitress.
"""

from __future__ import annotations

import argparse
import gc
import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import waitress
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright

import migrations
from bench.report import Figure, arguments, progress, show
from integrations.postgres import EmbeddedPostgres
from people import operations as people
from webapp import Settings, create_app
from webapp.cli import scale_work
from webapp.security import COOKIE
from workflow import database
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.database import transaction

SEED = 2716
LOGIN, PASSWORD = "medicao", "uma frase comprida de medir"
PAGE_MS, VERSION_MS, LOAD_MS = 50.0, 50.0, 200.0
ROUNDS, VISITS = 120, 30
_BUILDING = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB",
    "shared_buffers": "512MB", "dynamic_shared_memory_type": "posix",
}  # fmt: skip


def main() -> int:
    """Make the work where it is missing, then measure."""

    def more(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--tasks", type=int, default=1_000_000, metavar="N", help="how many tasks")
        parser.add_argument("--folder", type=Path, help="where the database stays for the next time")
        parser.add_argument("--no-browser", action="store_true", help="leave Chromium out")

    chosen = arguments(__doc__ or "", more)
    logging.disable(logging.INFO)
    with _folder(chosen.folder) as folder, EmbeddedPostgres(folder, _BUILDING) as server:
        url = server.ensure_database("bench_inbox")
        app = create_app(Settings(url, folder, "a secret of the benchmark", public_url="http://127.0.0.1"))
        _fill(url, chosen.tasks)
        figures = _measure(app)
        if not chosen.no_browser:
            figures += _in_browser(app)
        database.dispose()
    title = f"Inbox: {chosen.tasks:,} tasks, {chosen.tasks // 5:,} open in the unit"
    return show(title, figures, chosen.json)


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="carimbo-bench-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


def _fill(url: str, tasks: int) -> None:
    """The people and the work, unless an earlier run left them."""
    migrations.upgrade(url)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM task").fetchone()
    if found and found[0]:
        progress(f"{found[0]} tasks are there already")
        return
    progress(f"making {tasks} tasks")
    begun = time.monotonic()
    with transaction() as session:
        organ = people.create_organ(session, "ALMG", "0100", "Assembleia Legislativa", actor=SYSTEM)
        people.create_unit(session, "GRI", "Relações Institucionais", actor=SYSTEM, code="03", organ=organ.sigla)
        account = people.create_staff_account(session, LOGIN, "Servidora da Medição", PASSWORD, actor=SYSTEM)
        people.add_membership(session, account.id, "GRI", "servidor", actor=SYSTEM)
        engine.deploy(session)
    with transaction() as session:
        scale_work.fill_work(session, tasks, SEED)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    progress(f"made in {time.monotonic() - begun:.0f} s")


def _client(app: Flask) -> FlaskClient:
    client = app.test_client()
    page = client.get("/entrar").text
    token = page.partition('X-CSRFToken": "')[2].partition('"')[0]
    answer = client.post("/entrar", data={"login": LOGIN, "password": PASSWORD, "csrf_token": token})
    if answer.status_code != 302:
        raise RuntimeError(f"sign-in answered {answer.status_code}")
    return client


def _times(act: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of each run, after some that warm the caches."""
    for _ in range(8):
        act()
    gc.collect()
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        found.append((time.perf_counter() - begun) * 1000)
    return found


def _both(name: str, times: list[float], target: float | None) -> list[Figure]:
    cuts = statistics.quantiles(times, n=20)
    return [
        Figure(f"{name}: p50", round(statistics.median(times), 2), "ms"),
        Figure(f"{name}: p95", round(cuts[18], 2), "ms", target),
    ]


def _measure(app: Flask) -> list[Figure]:
    client = _client(app)

    def get(path: str) -> Callable[[], str]:
        def ask() -> str:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            return answer.text

        return ask

    part = get("/controle/lista")()
    after = part.partition('data-more href="')[2].partition('"')[0].replace("&amp;", "&").partition("?")[2]
    deep = after
    for _ in range(20):
        page = get(f"/controle/lista?{deep}")()
        deep = page.partition('data-more href="')[2].partition('"')[0].replace("&amp;", "&").partition("?")[2] or deep
    figures = []
    for name, path, target in (
        ("page, whole", "/controle", PAGE_MS),
        ("list, first 50", "/controle/lista", PAGE_MS),
        ("list, next 50", f"/controle/lista?{after}", PAGE_MS),
        ("list, 21 pages on", f"/controle/lista?{deep}", PAGE_MS),
        ("list, mine", "/controle/lista?recorte=minhas", PAGE_MS),
        ("list, nobody's", "/controle/lista?recorte=livres", PAGE_MS),
        ("list, unread", "/controle/lista?naolidos=1", PAGE_MS),
        ("list, words of the subject", "/controle/lista?q=diamantina+inv%C3%A1lido", None),
        ("list, newest first", "/controle/lista?ordem=novos", None),
        ("list, by type", "/controle/lista?grupo=tipo", None),
    ):
        progress(name)
        figures += _both(name, _times(get(path), ROUNDS if target else 20), target)
    progress("version")
    figures += _both("nothing changed (304)", _unchanged(client), VERSION_MS)
    progress("counts")
    figures += _both("counts, computed anew", _times(_fresh_counts(client), 20), None)
    figures += _both("counts, kept", _times(get("/controle/contagens"), 40), PAGE_MS)
    return figures


def _unchanged(client: FlaskClient) -> list[float]:
    """Looks that answer 304; a version that its five minutes end is asked anew."""
    found: list[float] = []
    while len(found) < ROUNDS:
        version = client.get("/controle/lista").text.partition('data-version="')[2].partition('"')[0]
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            answer = client.get(f"/controle/lista?versao={version}")
            if answer.status_code != 304:
                break
            found.append((time.perf_counter() - begun) * 1000)
    return found


def _fresh_counts(client: FlaskClient) -> Callable[[], object]:
    from webapp.controle import lista

    def ask() -> object:
        lista._kept.clear()
        return client.get("/controle/contagens")

    return ask


def _in_browser(app: Flask) -> list[Figure]:
    """From the start of the navigation to the end of `load`, files of the page kept by the browser after the first."""
    progress("Chromium")
    made = waitress.create_server(app, host="127.0.0.1", port=0, threads=4, ident=None)
    threading.Thread(target=made.run, daemon=True).start()
    address = f"http://127.0.0.1:{made.effective_port}"
    cookie = _client(app).get_cookie(COOKIE)
    assert cookie is not None
    installed = Path("/usr/bin/chromium")
    loads = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(installed) if installed.exists() else None, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR")
        context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": address}])
        page = context.new_page()
        for number in range(VISITS + 3):
            page.goto(f"{address}/controle", wait_until="load")
            page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
            spent = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
            lines = page.locator("[data-line]").count()
            if lines < 50:
                raise RuntimeError(f"only {lines} lines")
            if number >= 3:
                loads.append(float(spent))
        browser.close()
    made.close()
    return _both("full page in Chromium", loads, LOAD_MS)


if __name__ == "__main__":
    sys.exit(main())
