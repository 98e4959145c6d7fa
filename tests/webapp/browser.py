"""A real server on a free port and a real Chromium, for tests that look at pages.

Fixtures: `settings` and `app` (the application over a database of the test's own), `server` (its address), `browser`
(one Chromium a module), `page` (a tab of 1280 px). `axe(page)` gives what axe-core finds against WCAG 2.2 AA; with
CARIMBO_SHOTS=folder, `look(page, name)` looks at all four (wide and narrow, light and dark) and keeps their pictures.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import waitress
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from waitress import wasyncore

from webapp import Settings, create_app

VENDOR = Path(__file__).parents[2] / "webapp" / "static" / "vendor"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOLDER = os.environ.get("CARIMBO_SHOTS")
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (320, "dark"))
if FOLDER:
    LOOKS += ((1280, "dark"), (320, "light"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of a test's own installation."""
    return Settings(database_url, tmp_path, "a secret of this test only", public_url="http://carimbo.test")


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The application, wired to the test's own database and data folder."""
    made = create_app(settings)
    made.testing = True
    return made


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The address of a waitress that serves `app` while the test runs."""
    made = waitress.create_server(app, host="127.0.0.1", port=0, threads=4, ident=None)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.effective_port}"
    made.trigger.pull_trigger(lambda: wasyncore.close_all(made._map, ignore_all=True))  # also kept-alive connections
    thread.join(5)
    made.task_dispatcher.shutdown()
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium where it is, else the one that Playwright installed.

    While it is open Playwright's event loop counts as running in this thread, and `asyncio.run` (worker, seal) fails:
    hence one browser a module, and `scenario.apart` for such calls inside a test with a browser.
    """
    installed = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(installed) if installed.exists() else None, args=ARGUMENTS
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own; a script error, a refused resource or a policy violation fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR", accept_downloads=True)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if _is_fault(said.type, said.text) else None)
    yield opened
    context.close()
    assert not faults, faults


def _is_fault(kind: str, text: str) -> bool:
    """Answers of 4xx are logged by the browser too; those are the test's own business."""
    return kind == "error" and "the server responded with a status of 4" not in text


def axe(page: Page) -> list[str]:
    """What axe finds on the page as it is, one line a violation with where it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate((VENDOR / "axe-core" / "axe.min.js").read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{violation['id']}: {violation['help']} {[' '.join(node['target']) for node in violation['nodes'][:4]]}"
        for violation in found["violations"]
    ]


def look(page: Page, name: str) -> None:
    """axe finds nothing, wide and light nor narrow and dark; at 320 px nothing is wider than the screen."""
    for width, scheme in LOOKS:
        _dress(page, width, scheme)
        if FOLDER:
            page.screenshot(path=f"{FOLDER}/{name}-{width}-{scheme}.png", full_page=True)
        found = axe(page)
        assert not found, f"{name} at {width} px, {scheme}: {found}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px wider than {width} px"
    _dress(page, 1280, "light")


def _dress(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")  # what a fixed bar covers there is as people first see it
