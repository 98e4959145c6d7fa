"""Documents in Chromium: written, two people at once, compared and restored, signed, a block, files, hostile text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect
from sqlalchemy import select

from documents.dossier.models import DocumentVersion, DossierDocument
from documents.texts import operations as texts
from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import axe, look
from workflow.database import transaction

pytestmark = pytest.mark.slow


@dataclass
class Screen:
    """A page of somebody's at the server."""

    page: Page
    server: str

    def open(self, path: str) -> None:
        self.page.goto(self.server + path)

    def edit(self, document: UUID) -> None:
        self.open(f"/documento/{document}/editar")
        expect(self.page.locator("[data-editor][data-ready=yes]")).to_be_visible()

    @property
    def text(self) -> object:
        return self.page.get_by_role("textbox", name="Texto de")


@pytest.fixture
def second(browser: Browser) -> Iterator[BrowserContext]:
    """Another person's browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR")
    yield context
    context.close()


def latest() -> UUID:
    with transaction() as session:
        return session.scalars(select(DossierDocument.id).order_by(DossierDocument.number.desc())).first()  # type: ignore[return-value]  # the test has just made one


def version(document: UUID, number: int) -> str:
    with transaction() as session:
        return session.get_one(DocumentVersion, (document, number)).html


def written(dossier: UUID, html: str, title: str = "") -> UUID:
    document = house.document(dossier, title=title)
    with transaction() as session:
        texts.save(session, document, html, actor=house.actor_of(house.ANA), based_on=0)
    return document


def test_a_document_is_written_kept_signed_and_its_block_comes_back(
    app: Flask, server: str, page: Page, second: BrowserContext, database_url: str
) -> None:
    desk.open_the_house()
    house.people()
    with transaction() as session:
        admin = house.actor_of(house.ADMIN)
        texts.save_model(session, "despacho", "Despacho", "<p>No processo «processo.numero»:</p>", actor=admin)
        texts.save_standard_text(session, None, name="Fecho", html="<p>Atenciosamente,</p>", unit=None, actor=admin)
    dossier = house.opened()
    desk.sign_in(page, server, house.ANA)
    ana = Screen(page, server)
    document = _create(ana, dossier)
    _write(ana, document)
    bia = Screen(second.new_page(), server)
    _two_at_once(ana, bia, document)
    _without_connection(bia, dossier)
    _compare_and_restore(ana, document)
    _sign(ana, document, database_url)
    _lost_session(ana, dossier)
    _block(ana, bia, dossier)
    _upload(ana, dossier)
    assert scenario.chain_is_whole()


def _create(ana: Screen, dossier: UUID) -> UUID:
    ana.open(f"/processo/{dossier}/documentos/novo")
    look(ana.page, "documento-tipos")
    ana.page.get_by_label("Procurar o tipo").fill("desp")
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("heading", level=1, name="Despacho")).to_be_visible()
    ana.page.get_by_label("Título").fill("Compra de cadeiras")
    look(ana.page, "documento-novo")
    ana.page.get_by_role("button", name="Criar e escrever").click()
    expect(ana.page.locator("[data-editor][data-ready=yes]")).to_be_visible()
    return latest()


def _write(ana: Screen, document: UUID) -> None:
    page = ana.page
    text = page.get_by_role("textbox", name="Texto de")
    expect(text).to_contain_text("No processo")
    text.click()
    expect(text).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("Decisão")
    page.get_by_label("Estilo do parágrafo").select_option("Subtítulo")
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("Autorizo a ")
    page.keyboard.press("Control+b")
    page.keyboard.type("compra")
    page.keyboard.press("Control+b")
    page.keyboard.type(" pedida em ")
    page.get_by_role("button", name="Variável", exact=True).click()
    look(page, "editor-variavel")
    page.get_by_role("searchbox", name="Procurar").fill("unidade")
    page.get_by_role("button", name="Sigla da unidade").click()
    page.keyboard.type(", em ")
    page.get_by_role("button", name="Variável", exact=True).click()
    page.get_by_role("button", name="Data da assinatura por extenso").click()
    expect(page.locator(".variavel")).to_have_text("«data.extenso»")
    page.keyboard.type(".")
    page.keyboard.press("Enter")
    _from_the_keyboard(page)
    _table(page)
    page.keyboard.press("Control+End")
    page.keyboard.type("#fe")
    expect(page.get_by_role("option", name="Fecho")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(text).to_contain_text("Atenciosamente,")
    expect(page.locator("[data-count]")).to_contain_text("palavras")
    look(page, "editor")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-status]")).to_contain_text("versão 2")
    saved = version(document, 2)
    assert "<h2>Decisão</h2>" in saved
    assert "Autorizo a <strong>compra</strong> pedida em GRPC, em «data.extenso»." in saved
    assert '<th colspan="1" rowspan="1" scope="col"' in saved or '<th scope="col"' in saved
    assert "«processo.numero»" not in saved
    assert "Atenciosamente," in saved
    assert "style=" not in saved


def _from_the_keyboard(page: Page) -> None:
    """Alt+F10 reaches the toolbar, arrows move in it, Enter presses, Escape comes back."""
    page.keyboard.press("Alt+F10")
    expect(page.get_by_label("Estilo do parágrafo")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Centralizar")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Texto de")).to_be_focused()
    expect(page.get_by_role("button", name="Centralizar")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("Centrado")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+F10")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Texto de")).to_be_focused()


def _table(page: Page) -> None:
    page.get_by_role("button", name="Tabela", exact=True).click()
    page.get_by_role("spinbutton", name="Linhas").fill("2")
    page.get_by_role("spinbutton", name="Colunas").fill("2")
    page.get_by_role("button", name="Inserir tabela").click()
    expect(page.locator(".ed-text table")).to_be_visible()
    page.keyboard.type("Item")
    page.get_by_role("button", name="Linha abaixo").click()
    expect(page.locator(".ed-text tr")).to_have_count(3)
    page.get_by_role("button", name="Coluna depois").click()
    expect(page.locator(".ed-text tr:first-child th")).to_have_count(3)
    for title in ("Quantidade", "Valor"):
        page.keyboard.press("Tab")
        page.keyboard.type(title)
    page.get_by_role("button", name="Largura da coluna").click()
    page.get_by_label("Parte da largura da tabela").select_option("40 %")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator(".ed-text .width-40")).to_have_count(3)


def _two_at_once(ana: Screen, caio: Screen, document: UUID) -> None:
    desk.sign_in(caio.page, caio.server, house.CAIO)
    caio.edit(document)
    caio.page.get_by_role("textbox", name="Texto de").click()
    caio.page.keyboard.press("Control+Home")
    caio.page.keyboard.type("TEXTO DO CAIO. ")
    caio.page.get_by_role("button", name="Salvar", exact=True).click()
    expect(caio.page.locator("[data-status]")).to_contain_text("versão 3")
    ana.page.get_by_role("textbox", name="Texto de").click()
    ana.page.keyboard.press("Control+Home")
    ana.page.keyboard.type("TEXTO DA ANA. ")
    ana.page.keyboard.press("Control+s")
    panel = ana.page.locator("[data-conflict]")
    expect(panel.get_by_role("heading", name="Outra pessoa salvou")).to_be_focused()
    expect(panel.locator("[data-theirs]")).to_contain_text("TEXTO DO CAIO.")
    expect(panel.locator("[data-mine]")).to_contain_text("TEXTO DA ANA.")
    expect(panel.locator("[data-compared] ins")).to_contain_text("ANA.")
    look(ana.page, "editor-dois")
    assert "TEXTO DO CAIO" in version(document, 3)
    assert "TEXTO DA ANA" in version(document, 4)
    panel.get_by_role("button", name="Ficar com o texto de").click()
    expect(panel).to_be_hidden()
    expect(ana.page.get_by_role("textbox", name="Texto de")).to_contain_text("TEXTO DO CAIO.")
    expect(ana.page.locator("[data-status]")).to_contain_text("versão 5")


def _without_connection(caio: Screen, dossier: UUID) -> None:
    """The text rests in the browser while there is no network, and is saved by itself when there is one again."""
    document = written(dossier, "<p>Em casa.</p>")
    caio.edit(document)
    caio.page.context.set_offline(True)
    caio.page.get_by_role("textbox", name="Texto de").press("Control+End")
    caio.page.keyboard.type(" Sem rede.")
    caio.page.keyboard.press("Control+s")
    expect(caio.page.locator("[data-status]")).to_contain_text("O texto está guardado neste computador.")
    caio.page.context.set_offline(False)
    expect(caio.page.locator("[data-status]")).to_contain_text("versão 2")
    assert "Sem rede." in version(document, 2)


def _compare_and_restore(ana: Screen, document: UUID) -> None:
    page = ana.page
    ana.open(f"/documento/{document}/versoes")
    look(page, "versoes")
    page.get_by_label("Da versão").select_option(value="2")
    page.get_by_role("button", name="Comparar", exact=True).click()
    expect(page.locator("ins").first).to_contain_text("CAIO.")
    look(page, "comparar")
    page.get_by_role("button", name="Restaurar a versão 2").click()
    expect(page.get_by_text("A versão 2 foi restaurada: agora é a versão 6.")).to_be_visible()
    expect(page.locator(".doc-text")).not_to_contain_text("CAIO")


def _sign(ana: Screen, document: UUID, database_url: str) -> None:
    page = ana.page
    ana.open(f"/documento/{document}/editar")
    expect(page.locator("[data-editor][data-ready=yes]")).to_be_visible()
    page.get_by_role("textbox", name="Texto de").press("Control+End")
    text = page.get_by_role("textbox", name="Texto de")
    text.press("Control+a")
    page.keyboard.type("Arquive-se.")
    page.get_by_role("link", name="Salvar e sair do editor").click()
    expect(page.locator(".doc-text")).to_have_text("Arquive-se.")
    page.get_by_role("link", name="Assinar", exact=True).click()
    page.get_by_label("Cargo ou função").fill("Gerente de compras")
    page.get_by_label("Sua senha").fill("errada")
    page.get_by_role("button", name="Assinar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("A senha não confere")
    expect(page.get_by_label("Cargo ou função")).to_have_value("Gerente de compras")
    look(page, "assinar")
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Assinar", exact=True).click()
    expect(page.get_by_text("Assinatura registrada; o PDF está sendo preparado.")).to_be_visible()
    scenario.work(database_url)
    expect(page.get_by_text("Código verificador")).to_be_visible(timeout=8000)
    look(page, "documento-assinado")


def _lost_session(ana: Screen, dossier: UUID) -> None:
    """What was typed when the session ended comes back after signing in again."""
    document = written(dossier, "<p>Começo.</p>", "Sem sessão")
    ana.edit(document)
    page = ana.page
    page.get_by_role("textbox", name="Texto de").press("Control+End")
    page.keyboard.type(" Não pode se perder.")
    scenario.revoke(house.ANA)
    page.keyboard.press("Control+s")
    expect(page.locator("[data-status]")).to_contain_text("A sua sessão terminou.")
    page.get_by_role("link", name="Entrar de novo").click()
    page.get_by_label("E-mail ou usuário").fill(house.ANA)
    page.get_by_label("Senha", exact=True).fill(scenario.PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.locator("[data-editor][data-ready=yes]")).to_be_visible()
    expect(page.get_by_text("Recuperamos o que você escreveu")).to_be_visible()
    expect(page.get_by_role("textbox", name="Texto de")).to_contain_text("Não pode se perder.")
    assert axe(page) == []
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.locator("[data-status]")).to_contain_text("versão 2")
    assert "Não pode se perder." in version(document, 2)


def _block(ana: Screen, bia: Screen, dossier: UUID) -> None:
    documents = [written(dossier, f"<p>Despacho número {number}.</p>", f"Despacho {number}") for number in range(3)]
    ana.open(f"/blocos/escolher?documento={'&documento='.join(str(one) for one in documents)}")
    assert axe(ana.page) == []
    ana.page.get_by_label("Descrição do bloco").fill("Despachos da semana")
    ana.page.get_by_role("button", name="Criar bloco com estes documentos").click()
    ana.page.get_by_label("GRI: ").check()
    look(ana.page, "bloco-meu")
    ana.page.get_by_role("button", name="Disponibilizar bloco").click()
    expect(ana.page.get_by_text("Bloco disponibilizado.")).to_be_visible()
    bia.page.context.clear_cookies()
    desk.sign_in(bia.page, bia.server, house.BIA)
    bia.open("/blocos")
    look(bia.page, "blocos")
    bia.page.get_by_role("link", name="Bloco de assinatura 1").click()
    bia.page.get_by_text("Ler", exact=False).first.click()
    expect(bia.page.get_by_text("Despacho número 0.")).to_be_visible()
    bia.page.get_by_role("button", name="Desmarcar todos").click()
    expect(bia.page.locator("[data-picked]")).to_have_text("0 documentos")
    bia.page.get_by_role("button", name="Marcar os que falta assinar").click()
    expect(bia.page.locator("[data-picked]")).to_have_text("3 documentos")
    bia.page.get_by_label("Cargo ou função").fill("Gerente")
    bia.page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    look(bia.page, "bloco")
    bia.page.get_by_role("button", name="Assinar os marcados").click()
    expect(bia.page.get_by_text("3 documentos assinados.")).to_be_visible()
    expect(bia.page.get_by_text("Você assinou")).to_have_count(3)
    bia.page.get_by_role("button", name="Devolver o bloco a GRPC").click()
    expect(bia.page.get_by_text("Nenhum bloco recebido")).to_be_visible()


def _upload(ana: Screen, dossier: UUID) -> None:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), (40, 90, 160)).save(out, "PDF")
    page = ana.page
    ana.open(f"/processo/{dossier}/documentos/novo?tipo=anexo")
    page.get_by_label("Arquivos").set_input_files(
        [
            {"name": "ata.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()},
            {"name": "virus.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        ]
    )
    page.get_by_label("Digitalizado: veio do papel").check()
    page.get_by_label("Tipo de conferência").select_option("Cópia simples")
    look(page, "documento-enviar")
    page.get_by_role("button", name="Incluir no processo").click()
    expect(page.get_by_text("Incluído como documento")).to_be_visible(timeout=15_000)
    expect(page.locator(".up-list .field-error")).to_contain_text("não é aceito")
    document = latest()
    ana.open(f"/documento/{document}")
    expect(page.get_by_text("ata.pdf")).to_be_visible()
    look(page, "documento-externo")


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)></svg>"
    "<a href='javascript:alert(4)'>clique</a><img src='https://mau.example/e.png'>"
    "<iframe srcdoc='<script>alert(5)</script>'></iframe><p style='background:url(https://mau.example/f)'>fim</p>"
)


def test_hostile_text_does_nothing_in_the_browser(app: Flask, server: str, page: Page) -> None:
    desk.open_the_house()
    house.people()
    document = written(house.opened(), "<p>limpo</p>")
    desk.sign_in(page, server, house.ANA)
    shown: list[str] = []
    asked: list[str] = []
    page.on("dialog", lambda dialog: _note(shown, dialog))
    page.on("request", lambda request: _other(asked, request, server))
    screen = Screen(page, server)
    screen.edit(document)
    answer = page.evaluate(
        """async ([id, html]) => {
            const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
            const body = new URLSearchParams({ html, based_on: "1" });
            return (await fetch(`/documento/${id}/salvar`, { method: "POST", body, headers: { "X-CSRFToken": token } })).status;
        }""",
        [str(document), HOSTILE],
    )
    assert answer == 200
    for path in ("", "/ver", "/versoes/2", "/comparar?de=1&para=2", "/editar"):
        screen.open(f"/documento/{document}{path}")
        page.wait_for_timeout(150)
    _pasted(page, HOSTILE)
    assert shown == []
    assert asked == []


def _pasted(page: Page, html: str) -> None:
    """The same by the clipboard, into the editor."""
    page.get_by_role("textbox", name="Texto de").click()
    page.evaluate(
        """html => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            document.querySelector(".ed-text").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        html,
    )
    expect(page.locator(".ed-text")).to_contain_text("clique")
    expect(page.locator(".ed-text [href^=javascript], .ed-text img, .ed-text [style], .ed-text svg")).to_have_count(0)


def _note(shown: list[str], dialog: Dialog) -> None:
    shown.append(dialog.message)
    dialog.dismiss()


def _other(asked: list[str], request: Request, server: str) -> None:
    if not request.url.startswith((server, "data:", "blob:")):
        asked.append(request.url)
