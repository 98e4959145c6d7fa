"""Documents beyond the first draft: forms, digitised and authenticated, several signers, a person's own certificate, the lock,
cancelling, deleting, conferência by anybody, ciência, publication left to its own tests."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from documents import signatures
from documents.texts import operations as texts
from tests.documents.signatures.own_certificates import own_certificate
from tests.journeys import hands
from tests.journeys.hands import dialog, told
from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import axe, look
from workflow.database import transaction

pytestmark = pytest.mark.slow


def test_signed_by_several_locked_checked_and_cancelled(
    app: Flask, server: str, page: Page, browser: Browser, database_url: str
) -> None:
    desk.open_the_house()
    house.people()
    scenario.staff("protocolo", "GRPC", "pedro")
    dossier = house.opened()
    document = house.document(dossier, title="Autorização")
    with transaction() as session:
        texts.save(session, document, "<p>Autorizo a compra.</p>", actor=house.actor_of(house.ANA), based_on=0)
    hands.enter(page, server, house.ANA)
    _form(page, server, dossier)
    _sign(page, server, document, "Gerente")
    hands.enter(page, server, house.CAIO)
    _by_certificate(page, server, document)
    scenario.work(database_url)
    _locked(page, browser, server, document, dossier)
    _checked_by_anybody(page, browser, server, document)
    _cancelled_and_deleted(page, server, dossier, document)
    _digitised(page, server, dossier)
    assert scenario.chain_is_whole()


def _form(page: Page, server: str, dossier: UUID) -> None:
    """A document that is a form: what is missing is told at its field, nothing typed is lost."""
    page.goto(f"{server}/processo/{dossier}/documentos/novo?tipo=requerimento")
    page.get_by_role("button", name=re.compile("^Criar")).click()
    page.get_by_label("Nome de quem pede").fill("Maria das Dores")
    page.get_by_role("button", name="Salvar respostas").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Nome de quem pede")).to_have_value("Maria das Dores")
    look(page, "documento-formulario")
    page.get_by_label("E-mail ou telefone").fill("maria@example.org")
    page.get_by_label("Assunto").fill("Certidão")
    page.get_by_label("O que se pede").fill("Certidão de inteiro teor.")
    page.get_by_label("E-mail", exact=True).check()
    page.get_by_role("button", name="Salvar respostas").click()
    expect(page.get_by_text("Respostas salvas.")).to_be_visible()
    expect(page.locator(".doc-text")).to_contain_text("Certidão de inteiro teor.")


def _sign(page: Page, server: str, document: UUID, cargo: str) -> None:
    page.goto(f"{server}/documentos/assinar?documento={document}")
    page.get_by_label("Cargo ou função").fill(cargo)
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Assinar", exact=True).click()
    expect(page.locator(".doc-signatures, .tree-mark-signed").first).to_be_visible()


def _by_certificate(page: Page, server: str, document: UUID) -> None:
    """The second signer, with a certificate of their own: a wrong password opens nothing and signs nothing."""
    packed, certificate = own_certificate("Servidora caio")
    with transaction() as session:
        account = house.actor_of(house.CAIO).id
        assert account is not None
        signatures.operations.register_certificate(session, account, certificate, actor=house.actor_of(house.ADMIN))
    page.goto(f"{server}/documentos/assinar?documento={document}")
    page.get_by_label("Cargo ou função").fill("Analista")
    page.get_by_label("Com o meu certificado digital").check()
    file = {"name": "caio.p12", "mimeType": "application/x-pkcs12", "buffer": packed}
    page.get_by_label("Arquivo do certificado").set_input_files([file])
    page.get_by_label("Senha do certificado").fill("errada")
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Assinar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("não abriu")
    assert axe(page) == []
    page.get_by_label("Arquivo do certificado").set_input_files([file])
    page.get_by_label("Senha do certificado").fill("segredo")
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Assinar", exact=True).click()
    page.goto(f"{server}/documento/{document}")
    expect(page.locator(".doc-signatures li")).to_have_count(2)
    expect(page.get_by_text("Assinou com certificado digital")).to_be_visible()


def _locked(page: Page, browser: Browser, server: str, document: UUID, dossier: UUID) -> None:
    """Editable by its unit until another unit opens it."""
    page.goto(f"{server}/documento/{document}/editar")
    expect(page.locator("[data-editor][data-ready=yes]")).to_be_visible()
    page.goto(f"{server}/documento/{document}")
    with hands.another(browser) as bia:
        hands.enter(bia, server, house.BIA)
        bia.goto(f"{server}/processo/{dossier}?documento={document}")
        expect(bia.get_by_text("Autorizo a compra.")).to_be_visible()
        form = dialog(bia, "Comentar")
        form.get_by_label("Texto").fill("De acordo.")
        form.get_by_role("button", name="Comentar").click()
        told(bia, "Comentário incluído.")
    page.reload()
    expect(page.get_by_text("O texto está travado")).to_be_visible()
    page.goto(f"{server}/documento/{document}/editar")
    expect(page.locator("[data-editor]")).to_have_count(0)
    page.goto(f"{server}/documento/{document}")


def _checked_by_anybody(page: Page, browser: Browser, server: str, document: UUID) -> None:
    """With the code that the page shows, by the link and typed; a wrong code is not found. The QR stands beside it."""
    expect(page.locator(".qr svg")).to_be_visible()
    code = page.get_by_text(re.compile(r"^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$")).first.inner_text()
    path = page.get_by_role("link", name="Validar documento").first.get_attribute("href")
    with hands.another(browser) as anybody:
        anybody.goto(f"{server}{path}")
        expect(anybody.get_by_text("AUTÊNTICO").first).to_be_visible()
        anybody.goto(f"{server}/validaDocumento")
        anybody.get_by_label(re.compile("ódigo")).first.fill(code.lower())
        anybody.keyboard.press("Enter")
        expect(anybody.get_by_text("AUTÊNTICO").first).to_be_visible()
        assert axe(anybody) == []


def _cancelled_and_deleted(page: Page, server: str, dossier: UUID, document: UUID) -> None:
    """What others saw is cancelled with a reason and stays, struck through; what nobody saw is deleted."""
    house.document(dossier, title="Rascunho inútil")
    page.goto(f"{server}/processo/{dossier}?documento={document}")
    form = dialog(page, "Dar ciência")
    form.get_by_label("Li e entendi").check()
    form.get_by_role("button", name="Dar ciência").click()
    told(page, "Ciência registrada.")
    expect(page.get_by_role("treeitem", name="Autorização")).to_contain_text("ciência de 1")
    form = dialog(page, "Cancelar")
    form.get_by_role("button", name="Cancelar o documento").click()
    expect(form.get_by_role("link", name="Escreva o motivo.")).to_be_visible()
    form.get_by_label("Motivo").fill("Emitido em duplicidade.")
    form.get_by_role("button", name="Cancelar o documento").click()
    told(page, "cancelado.")
    expect(page.locator("[role=treeitem].tree-gone")).to_contain_text("cancelado: Emitido em duplicidade.")
    page.get_by_role("treeitem", name="Rascunho inútil").click()
    expect(page.get_by_role("heading", level=2, name="Rascunho inútil")).to_be_visible()
    form = dialog(page, "Excluir")
    form.get_by_role("button", name="Excluir o documento").click()
    told(page, "excluído.")
    expect(page.get_by_role("treeitem", name="Rascunho inútil")).to_have_count(0)


def _digitised(page: Page, server: str, dossier: UUID) -> None:
    """From paper, with its conferência; the protocolo authenticates it with the password."""
    paper = io.BytesIO()
    Image.new("RGB", (200, 120), (90, 90, 90)).save(paper, "PNG")
    page.goto(f"{server}/processo/{dossier}/documentos/novo?tipo=anexo")
    file = {"name": "recibo.png", "mimeType": "image/png", "buffer": paper.getvalue()}
    page.get_by_label("Arquivos").set_input_files([file])
    page.get_by_label("Digitalizado: veio do papel").check()
    page.get_by_role("button", name="Incluir no processo").click()
    expect(page.get_by_text("Escolha o tipo de conferência do documento digitalizado.").first).to_be_visible()
    page.get_by_label("Tipo de conferência").select_option("Cópia simples")
    page.get_by_role("button", name="Incluir no processo").click()
    expect(page.get_by_role("treeitem", name="recibo")).to_be_visible(timeout=15_000)
    hands.enter(page, server, "pedro")
    page.goto(f"{server}/processo/{dossier}")
    page.get_by_role("treeitem", name="recibo").click()
    expect(page.get_by_text("Ainda não autenticado pelo protocolo")).to_be_visible()
    page.get_by_role("link", name="Autenticar este documento").click()
    page.get_by_label("Sua senha").fill("errada")
    page.get_by_role("button", name="Autenticar documento").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Autenticar documento").click()
    expect(page.get_by_text("Documento autenticado.")).to_be_visible()
    expect(page.get_by_text("Autenticado por Servidora pedro")).to_be_visible()
