"""Journey 5: anybody types the code, reads the QR, or drops a PDF."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.webapp import scenario
from tests.webapp.browser import look

pytestmark = pytest.mark.slow


def test_journey_5_code_qr_and_file(page: Page, server: str, tmp_path: Path) -> None:
    document = scenario.apart(scenario.issued)
    code, token, content = document.code, document.token, document.content
    page.goto(server)
    page.get_by_role("link", name="Validar documento").first.click()
    page.get_by_label("Código de validação").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Validar documento").click()
    expect(page.get_by_text("AUTÊNTICO")).to_be_visible()
    expect(page.get_by_text("***.982.247-**")).to_be_visible()
    look(page, "jornada5-autentico")

    answer = page.request.get(f"{server}/validaDocumento/{token}")
    assert answer.body() == content
    assert "noindex" in answer.headers["x-robots-tag"]

    good, bad = tmp_path / "declaracao.pdf", tmp_path / "alterada.pdf"
    good.write_bytes(content)
    bad.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    for file, word in ((good, "AUTÊNTICO"), (bad, "DIVERGENTE")):
        check_file(page, server, code, file)
        expect(page.get_by_text(word)).to_be_visible()
    look(page, "jornada5-divergente")
    assert "POST" not in sent, "the file never left the browser"

    page.goto(f"{server}/validaDocumento?codigo=0000-0000-0000-0000")
    expect(page.get_by_text("NÃO ENCONTRADO")).to_be_visible()


def test_the_file_alone_is_checked_and_what_is_no_pdf_is_told(page: Page, server: str, tmp_path: Path) -> None:
    content = scenario.apart(scenario.issued).content
    good, other = tmp_path / "declaracao.pdf", tmp_path / "foto.pdf"
    good.write_bytes(content)
    other.write_bytes(b"\x89PNG\r\n\x1a\n")
    page.goto(f"{server}/validaDocumento")
    page.get_by_text("Conferir também o arquivo PDF").click()
    page.get_by_label("Escolher o PDF").set_input_files(other)
    expect(page.get_by_text("foto.pdf não é um PDF e não foi conferido.")).to_be_visible()
    expect(page.locator("[name=sha256]")).to_be_disabled()
    look(page, "jornada5-nao-e-pdf")
    page.get_by_label("Escolher o PDF").set_input_files(good)
    page.get_by_role("button", name="Validar documento").click()
    expect(page.get_by_text("AUTÊNTICO")).to_be_visible()


def check_file(page: Page, server: str, code: str, file: Path) -> None:
    """Chooses the file and asks about it together with the code."""
    page.goto(f"{server}/validaDocumento")
    page.get_by_label("Código de validação").fill(code)
    page.get_by_text("Conferir também o arquivo PDF").click()
    page.get_by_label("Escolher o PDF").set_input_files(file)
    expect(page.get_by_text(f"Arquivo lido: {file.name}")).to_be_visible()
    look(page, "jornada5-arquivo")
    page.get_by_role("button", name="Validar documento").click()


def test_VA5_the_eleventh_guess_is_asked_to_wait(page: Page, server: str) -> None:
    for _ in range(11):
        page.goto(f"{server}/validaDocumento?codigo=0000-0000-0000-0000")
    expect(page.get_by_role("alert")).to_contain_text("Aguarde")
    expect(page.get_by_label("Código de validação")).to_have_value("0000-0000-0000-0000")
    look(page, "jornada5-espera")
