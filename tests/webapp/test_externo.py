"""External users: what a grant lets them do, on the pages; and that nothing else opens."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select

from documents.dossier import catalogue, external, operations
from documents.dossier.models import DossierDocument, DossierUnit
from documents.texts import operations as texts
from tests.webapp import scenario
from tests.webapp.browser import look
from workflow import clock
from workflow.actor import Actor
from workflow.database import transaction

EMAIL = "prefeita@example.org"


@pytest.fixture
def outsider(app: Flask) -> FlaskClient:
    """A client of a confirmed external user."""
    scenario.external(EMAIL, "Prefeita de Teste")
    client = app.test_client()
    enter(client)
    return client


def enter(client: FlaskClient) -> None:
    """Through the page of external users."""
    data = {"email": EMAIL, "password": scenario.PASSWORD, "csrf_token": scenario.token_of(client, "/externo/entrar")}
    answer = client.post("/externo/entrar", data=data)
    assert answer.status_code == 302, answer.text


@pytest.fixture
def servant(app: Flask) -> Actor:
    """Somebody of the unit that grants."""
    return scenario.actor_of(scenario.staff("servidor", "GRI"))


def granted(actor: Actor, *, sign: bool = False, add: bool = False, chosen: bool = False) -> tuple[UUID, UUID]:
    """A dossier with a draft, opened to the external user for five business days."""
    with transaction() as session:
        catalogue.install_types(session)
        dossier = operations.open_dossier(session, "administrativo_geral", actor=actor, specification="Convênio")
        document = operations.add_document(session, dossier.id, "internal", "despacho", actor=actor, title="Termo")
        texts.save(session, document.id, "<p>O termo a assinar.</p>", actor=actor, based_on=0)
        ids = [document.id] if sign or chosen else None
        external.grant(session, dossier.id, EMAIL, days=5, may_sign=sign, may_add=add, document_ids=ids, actor=actor)
        return dossier.id, document.id


def test_reading_and_signing_what_was_granted(outsider: FlaskClient, servant: Actor, database_url: str) -> None:
    dossier, document = granted(servant, sign=True)
    assert "1 documento espera a sua assinatura" in outsider.get("/externo").text
    page = outsider.get(f"/externo/processos/{dossier}").text
    assert "Espera a sua assinatura" in page
    shown = outsider.get(f"/externo/documentos/{document}").text
    assert "O termo a assinar." in shown
    address = f"/externo/documentos/{document}/assinar"
    wrong = scenario.post(outsider, address, cargo="Prefeita", password="outra senha", versao="1")
    assert wrong.status_code == 422
    assert 'value="Prefeita"' in wrong.text
    assert scenario.post(outsider, address, cargo="Prefeita", password=scenario.PASSWORD, versao="1").status_code == 303
    assert "Prefeita de Teste" in outsider.get(f"/externo/documentos/{document}").text
    scenario.work(database_url)
    assert outsider.get(f"/externo/documentos/{document}/arquivo").data.startswith(b"%PDF")
    assert scenario.chain_is_whole()


def test_documents_sent_arrive_unread_with_a_receipt(outsider: FlaskClient, servant: Actor) -> None:
    dossier, _ = granted(servant, add=True)
    with transaction() as session:
        operations.mark_read(session, dossier, actor=servant)
    token = scenario.token_of(outsider, "/externo")
    data = {"csrf_token": token, "title": "Resposta", "files": (io.BytesIO(b"Texto da resposta."), "resposta.txt")}
    answer = outsider.post(f"/externo/processos/{dossier}/enviar", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    receipt = outsider.get(answer.location).text
    assert "SHA-256" in receipt
    assert "resposta.txt" in receipt
    with transaction() as session:
        line = session.get_one(DossierUnit, (dossier, "GRI"))
        assert line.unread
        kinds = [
            row.kind for row in session.scalars(select(DossierDocument).where(DossierDocument.dossier_id == dossier))
        ]
    assert kinds == ["internal", "external"]


def test_a_file_that_is_refused_keeps_what_was_typed(outsider: FlaskClient, servant: Actor) -> None:
    dossier, _ = granted(servant, add=True)
    token = scenario.token_of(outsider, "/externo")
    data = {"csrf_token": token, "title": "Programa", "files": (io.BytesIO(b"MZ\x90"), "virus.exe")}
    answer = outsider.post(f"/externo/processos/{dossier}/enviar", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'value="Programa"' in answer.text


def test_nothing_opens_without_a_grant_or_after_it(outsider: FlaskClient, servant: Actor) -> None:
    dossier, document = granted(servant, chosen=True)
    assert outsider.get(f"/externo/processos/{uuid4()}").status_code == 404
    assert outsider.get(f"/processo/{dossier}").status_code == 403
    assert outsider.get(f"/documento/{document}").status_code == 403
    assert outsider.get(f"/externo/processos/{dossier}/enviar").status_code == 403
    assert outsider.get(f"/externo/documentos/{document}").status_code == 404, "a draft that is not to be signed"
    assert outsider.get(f"/externo/processos/{dossier}").status_code == 200
    clock.configure(timedelta(days=30))
    assert outsider.get(f"/externo/processos/{dossier}").status_code == 404
    assert "Nenhum processo aberto" in outsider.get("/externo").text


def test_a_revoked_grant_closes_at_once(outsider: FlaskClient, servant: Actor) -> None:
    dossier, _ = granted(servant)
    assert outsider.get(f"/externo/processos/{dossier}").status_code == 200
    with transaction() as session:
        (one,) = external.grants_of(session, dossier, servant)
        external.revoke(session, one.id, actor=servant)
    assert outsider.get(f"/externo/processos/{dossier}").status_code == 404


@pytest.mark.slow
def test_an_external_user_by_browser(
    app: Flask, outsider: FlaskClient, servant: Actor, page: Page, server: str
) -> None:
    dossier, _ = granted(servant, sign=True)
    granted(servant, add=True)
    page.goto(f"{server}/externo")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(f"{server}/externo")
    look(page, "externo-inicio")
    page.goto(f"{server}/externo/processos/{dossier}")
    look(page, "externo-processo")
    page.get_by_role("link", name="Termo").click()
    look(page, "externo-documento")
    page.get_by_label("Cargo ou função").fill("Prefeita")
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Assinar documento").click()
    page.get_by_text("Assinou por senha").wait_for()
    page.goto(f"{server}/externo")
    page.get_by_role("link").filter(has_text="0100.").last.click()
    page.get_by_role("link", name="Enviar documentos").click()
    look(page, "externo-enviar")
    page.get_by_label("O que são").fill("Resposta")
    page.get_by_label("Arquivos").set_input_files([{"name": "r.txt", "mimeType": "text/plain", "buffer": b"Ola"}])
    page.get_by_role("button", name="Enviar documentos").click()
    page.get_by_text("Recebemos os seus documentos").wait_for()
    look(page, "externo-recibo")
