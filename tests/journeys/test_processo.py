"""A day's work over a dossier in two units, in Chromium: two browsers, the keyboard, a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import axe, look

pytestmark = pytest.mark.slow


@pytest.fixture
def colleague(browser: Browser) -> Iterator[Page]:
    """The browser of somebody of another unit."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR")
    yield context.new_page()
    context.close()


def test_a_day_of_a_processo_in_two_units(app: Flask, server: str, page: Page, colleague: Page) -> None:
    desk.open_the_house()
    house.people()
    desk.sign_in(page, server, house.ANA)
    number = _open_a_new_one(page)
    dossier = page.url.rsplit("/", 1)[1]
    _documents_of(dossier)
    _tree_by_keyboard(page)
    _work_in_the_unit(page)
    _send(page)
    desk.sign_in(colleague, server, house.BIA)
    _receive(colleague, server, dossier)
    expect(page.get_by_text("Documento com ressalva")).to_be_visible(timeout=15_000)  # by itself
    _on_a_telephone(colleague, server, dossier)
    assert number in page.title()
    assert scenario.chain_is_whole()


def _open_a_new_one(page: Page) -> str:
    page.get_by_role("link", name="Novo processo").first.click()
    assert axe(page) == []
    page.get_by_label("Nome do tipo").fill("contratacao")
    expect(page.get_by_role("link", name="Administrativo geral")).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Contratação")).click()
    page.get_by_label("Interessados").fill("Papelaria Central\nCâmara Municipal de Betim")
    page.get_by_label("Restrito: só as unidades por onde passou").check()
    page.get_by_role("button", name="Abrir processo").click()
    expect(page.get_by_role("link", name="Escolha a hipótese legal do nível restrito.")).to_be_visible()
    expect(page.get_by_label("Interessados")).to_have_value("Papelaria Central\nCâmara Municipal de Betim")
    look(page, "processo-novo-tipo")
    page.get_by_label("Público: qualquer servidor pode ler").check()
    page.get_by_role("button", name="Abrir processo").click()
    expect(page.get_by_text("Papelaria Central")).to_be_visible()
    return page.get_by_role("heading", level=1).inner_text()


def _documents_of(dossier: str) -> None:
    for title in ("Encaminhe-se à GRI", "Memória de cálculo"):
        house.document(UUID(dossier), title=title)


def _tree_by_keyboard(page: Page) -> None:
    expect(page.get_by_role("treeitem", name="Memória de cálculo")).to_be_visible(timeout=15_000)  # by itself
    look(page, "processo")
    page.get_by_role("treeitem").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("treeitem", name="Encaminhe-se à GRI")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Despacho: Memória de cálculo")).to_be_visible()
    expect(page.get_by_role("treeitem", name="Memória de cálculo")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Ainda sem texto")).to_be_visible()
    assert "documento=" in page.url
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("treeitem").first).to_be_focused()
    page.get_by_role("group", name="O que fazer com este documento").get_by_role("link", name="Comentar").click()
    page.get_by_role("dialog").get_by_label("Texto").fill("Rever o total.")
    page.get_by_role("dialog").get_by_role("button", name="Comentar").click()
    expect(page.get_by_role("heading", level=2, name="Comentários")).to_be_visible()
    expect(page.get_by_text("Rever o total.")).to_be_visible()
    page.get_by_role("treeitem").first.focus()
    expect(page.locator("[role=treeitem][tabindex='0']")).to_have_count(1)
    look(page, "processo-documento")


def _work_in_the_unit(page: Page) -> None:
    page.get_by_role("button", name="Atribuir a mim").click()
    expect(page.get_by_text("Está com você.")).to_be_visible()
    page.get_by_role("link", name="Definir prazo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Definir prazo").click()
    expect(dialog.get_by_text("Escolha o dia ou a quantidade de dias.").first).to_be_visible()
    dialog.get_by_label("Ou em quantos dias").fill("3")
    dialog.get_by_role("button", name="Definir prazo").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Prazo da unidade definido.")).to_be_visible()
    expect(page.get_by_text("Prazo da unidade: vence")).to_be_visible()
    expect(page.get_by_role("link", name="Definir prazo")).to_be_focused()
    page.get_by_role("link", name="Registrar andamento").click()
    dialog.get_by_label("Texto").fill("Cotação pedida a três fornecedores.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Registrar andamento").click()
    expect(dialog.get_by_label("Texto")).to_have_value("Cotação pedida a três fornecedores.")
    dialog.get_by_role("button", name="Registrar").click()
    expect(page.get_by_text("Andamento registrado.")).to_be_visible()
    page.get_by_role("link", name="Registrar andamento").click()
    expect(dialog.get_by_label("Texto")).to_have_value("")
    dialog.get_by_role("link", name="Desistir").click()
    expect(dialog).to_be_hidden()


def _send(page: Page) -> None:
    page.get_by_role("link", name="Enviar a outra unidade").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Faltam assinaturas nos documentos")).to_be_visible()
    look(page, "processo-enviar")
    dialog.get_by_label("GRI:").check()
    dialog.get_by_label("Manter o processo aberto também na minha unidade").check()
    dialog.get_by_role("button", name="Enviar").click()
    expect(page.get_by_text("Processo enviado a GRI. Ele continua aberto na sua unidade.")).to_be_visible()
    expect(page.get_by_text("Aberto em GRI, GRPC")).to_be_visible()


def _receive(page: Page, server: str, dossier: str) -> None:
    page.goto(f"{server}/processo/{dossier}")
    expect(page.get_by_text("Processo recebido em GRI.")).to_be_visible()
    page.get_by_role("link", name="Comentar").click()
    page.get_by_role("dialog").get_by_label("Texto").fill("De acordo.")
    page.get_by_role("dialog").get_by_role("button", name="Comentar").click()
    expect(page.get_by_text("De acordo.")).to_be_visible()
    house.document(UUID(dossier), house.BIA, title="Documento com ressalva")


def _on_a_telephone(page: Page, server: str, dossier: str) -> None:
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(f"{server}/processo/{dossier}")
    page.get_by_role("treeitem", name="Memória de cálculo").click()
    heading = page.get_by_role("heading", level=2, name="Despacho: Memória de cálculo")
    expect(heading).to_be_focused()
    expect(page.get_by_role("treeitem").first).to_be_hidden()
    page.get_by_role("link", name="O que fazer").click()
    expect(page.get_by_role("link", name="Enviar a outra unidade")).to_be_in_viewport()
    assert axe(page) == []


def test_the_plan_as_a_figure_and_the_whole_as_a_pdf(app: Flask, server: str, page: Page, database_url: str) -> None:
    desk.open_the_house()
    house.people()
    desk.sign_in(page, server, house.CAIO)
    dossier = house.opened(house.BIA, type_key="oficio_camaras", specification="Convite às câmaras")
    for title in ("Um", "Dois"):
        house.document(dossier, house.BIA, title=title)
    page.goto(f"{server}/processo/{dossier}")
    expect(page.locator(".now-missing")).to_contain_text("Falta")
    page.get_by_text("Ver o diagrama").click()
    expect(page.locator("[data-drawn]")).to_be_visible(timeout=15_000)
    expect(page.locator(".diagram .where .djs-visual")).not_to_have_count(0)
    look(page, "processo-plano")
    page.get_by_role("link", name="Baixar em PDF ou ZIP").click()
    page.get_by_role("button", name="Marcar todos", exact=True).click()
    page.get_by_role("button", name="Baixar", exact=True).click()
    expect(page.get_by_text("Na fila para ser preparado…")).to_be_visible()
    scenario.work(database_url)
    expect(page.get_by_role("link", name="Baixar o PDF")).to_be_visible(timeout=10_000)
    assert axe(page) == []
