"""The manuals are true: their pictures, addresses, labels and links exist, and they name no machine."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp import register_audiences

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MANUALS = tuple(sorted(DOCS.glob("manual-*.md")))
PICTURES = DOCS / "images" / "manual"
MOST_BYTES = 120_000
RUN_IN = {
    "A lei", "Acompanhar", "Arquivos de fora", "Com vários de uma vez", "Comandos", "Duas pessoas ao mesmo tempo", "Filtros",
    "O que pode dar errado", "Para assinar", "Para enviar", "Prazos.", "Precisa de ajuda?", "1. Abrir.", "2. Escolher as câmaras.",
    "3. Escrever.", "4. Revisar e aprovar.", "5. Assinar.", "as chaves", "cópia carimbada", "responder à própria mensagem de e-mail",
    "árvore", "Criar unidade",
}  # fmt: skip
"""Words in bold that head a paragraph or stress something; everything else in bold is read on a screen.
“Criar unidade” is there, put together from two words."""


def text_of(manual: Path) -> str:
    """The manual without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", manual.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


@cache
def screens() -> frozenset[str]:
    """What templates, scripts and declarations write, piece by piece."""
    sources = (
        "webapp/*/templates/**/*.html", "webapp/templates/*.html", "webapp/*/*.py", "webapp/static/js/*.js", "webapp/editor_src/*.js",
        "processes/*/*.py", "people/*.py", "documents/*/*.py",
    )  # fmt: skip
    text = "\n".join(path.read_text("utf-8") for pattern in sources for path in ROOT.glob(pattern))
    return frozenset(piece.strip() for piece in re.split(r"[<>\"'“”{}|\n]", text))


def on_a_screen(label: str) -> bool:
    """Whole, or as the beginning of what a page completes with a name (a unit, a person)."""
    return label in screens() or any(piece.startswith((f"{label} ", f"{label}:")) for piece in screens())


@cache
def addresses() -> Flask:
    """The URL map, without a database."""
    app = Flask("webapp")
    app.extensions["settings"] = None
    app.config["SECRET_KEY"] = "of this test only"
    register_audiences(app)
    return app


def test_there_is_a_manual_for_the_camara_the_manager_and_the_administrator() -> None:
    assert [path.stem for path in MANUALS] == ["manual-administrador", "manual-camara", "manual-gestor"]


def test_every_picture_is_there_and_is_used() -> None:
    named = {
        name for manual in MANUALS for name in re.findall(r"!\[[^]]+\]\(images/manual/([\w-]+\.png)\)", text_of(manual))
    }
    assert sorted(path.name for path in PICTURES.iterdir()) == sorted(named)


def test_every_picture_says_in_words_what_it_shows() -> None:
    assert [line for manual in MANUALS for line in re.findall(r"!\[.{0,14}\]\(.*", text_of(manual))] == []


def test_pictures_are_small() -> None:
    assert {path.name: path.stat().st_size for path in PICTURES.iterdir() if path.stat().st_size > MOST_BYTES} == {}


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem)
def test_every_address_is_of_the_application(manual: Path) -> None:
    written = set(re.findall(r"`(/[A-Za-z][^`\s]*)`", text_of(manual)))
    assert written
    adapter = addresses().url_map.bind("carimbo.test")
    assert sorted(path for path in written if not _leads(adapter.match, path)) == []


def _leads(match: object, path: str) -> bool:
    try:
        match(path, method="GET")  # type: ignore[operator]  # the adapter's own method
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem)
def test_every_label_is_on_a_screen(manual: Path) -> None:
    labels = {" ".join(words.split()) for words in re.findall(r"\*\*(.+?)\*\*", text_of(manual), re.DOTALL)} - RUN_IN
    assert labels
    assert sorted(label for label in labels if not on_a_screen(label)) == []


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(manual: Path) -> None:
    text = text_of(manual)
    targets = re.findall(r"(?<!!)\[[^]]+\]\(([^)]+)\)", text)
    anchors = set(re.findall(r'<a id="([\w-]+)"></a>', text))
    lost = [to for to in targets if not (to[1:] in anchors if to.startswith("#") else (DOCS / to).exists())]
    assert lost == []


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem)
def test_no_machine_is_named(manual: Path) -> None:
    text = manual.read_text("utf-8")
    assert re.findall(r"/(?:home|root|tmp|work|Users|usr|mnt)\b\S*|127\.0\.0\.1|localhost", text) == []


def test_every_command_that_the_manuals_write_exists() -> None:
    from typer.main import get_command

    from webapp.cli import app

    known = get_command(app).commands  # type: ignore[attr-defined]  # the root is a group
    text = "\n".join(manual.read_text("utf-8") for manual in MANUALS)
    written = set(re.findall(r"(?:^|`)carimbo ([a-z]+)(?: ([a-z-]+))?", text, re.MULTILINE))
    wrong = [f"{one} {two}" for one, two in written if one not in known or _unknown(known[one], two)]
    assert wrong == []


def _unknown(command: object, word: str) -> bool:
    """Whether a group is named with a subcommand that it does not have."""
    inside = getattr(command, "commands", None)
    return inside is not None and bool(word) and word not in inside
