"""Pictures of a running demonstration, for the README: `python scripts/screenshots.py --data DIR [--to docs/images]`.

DIR is the data folder of a `./run` in which `./run --once --data DIR` was run before, so that there is something to see.
Pages with faces are never pictured. `--oficios` makes only the pictures of the ofício and of its stamp, from the kinds' samples.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-quic"]  # fmt: skip
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    """Every picture, one visit a role."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path)
    options.add_argument("--oficios", action="store_true")
    options.add_argument("--to", type=Path, default=Path("docs/images"))
    chosen = options.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    oficios(chosen.to)
    if chosen.oficios:
        return
    if chosen.data is None:
        options.error("--data DIR: a pasta de dados de um ./run")
    url = json.loads((chosen.data / "running.json").read_text())["url"]
    passwords = json.loads((chosen.data / "demonstracao.json").read_text())["passwords"]
    pdf = next(chosen.data.glob("declaracao-*.pdf"))
    _document(pdf, chosen.to / "declaracao")
    code = pdf.stem.removeprefix("declaracao-")
    with sync_playwright() as playwright:
        chromium = "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with _page(browser, PHONE) as page:
            page.goto(f"{url}/validaDocumento?codigo={code}")
            page.screenshot(path=chosen.to / "validacao.png")
        with _signed_in(browser, url, "gestora", passwords) as page:
            page.goto(f"{url}/tarefas")
            page.screenshot(path=chosen.to / "tarefas.png")
            page.goto(f"{url}/processos")
            case = re.search(r"/processos/[0-9a-f-]{36}", page.content())
            assert case is not None
            page.goto(f"{url}{case.group()}")
            page.wait_for_timeout(1500)
            page.screenshot(path=chosen.to / "processo.png", full_page=True)
        with _signed_in(browser, url, "atendente", passwords) as page:
            page.goto(f"{url}/atendimento/")
            page.screenshot(path=chosen.to / "atendimento.png")
        browser.close()


def oficios(to: Path) -> None:
    """The seed's letter, its annex and its stamped copy, sheet by sheet."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from documents import kinds
    from documents.fields import written
    from documents.rendering import Page as Sheet
    from documents.rendering import render_pdf

    for kind, name in (("oficio_almg", "oficio"), ("oficio_almg_recibo", "oficio-carimbo"),
                       ("oficio_mrpr3", "oficio-mrpr"), ("oficio_passo_a_passo", "oficio-anexo")):  # fmt: skip
        declared = kinds.get(kind)
        sample = declared.sample()
        address = f"{sample['validation_base_url']}/{sample['token']}"
        texts = written(declared, sample["fields"])
        pdf = render_pdf(Sheet(kind, texts, sample["code"], address, datetime.fromisoformat(sample["issued_at"])))
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            Path(file.name).write_bytes(pdf)
            subprocess.run(["pdftoppm", "-r", "80", "-png", file.name, str(to / name)], check=True)


def _document(pdf: Path, target: Path) -> None:
    subprocess.run(["pdftoppm", "-r", "80", "-png", "-singlefile", str(pdf), str(target)], check=True)


@contextmanager
def _page(browser: Browser, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(viewport=size, locale="pt-BR", timezone_id="America/Sao_Paulo")  # type: ignore[arg-type]  # a ViewportSize is such a dict
    yield context.new_page()
    context.close()


@contextmanager
def _signed_in(browser: Browser, url: str, login: str, passwords: dict[str, str]) -> Iterator[Page]:
    with _page(browser, WIDE) as page:
        page.goto(f"{url}/entrar")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", passwords[login])
        page.click("main button[type=submit], main button:not([type])")
        page.wait_for_load_state()
        yield page


if __name__ == "__main__":
    main()
