"""An external user from the termo to the receipt: mail through a real SMTP server, access for some days, what arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from documents.texts import operations as texts
from tests.integrations import smtp_server
from tests.journeys import hands
from tests.journeys.hands import dialog, told
from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import axe, look
from webapp import Settings
from workflow import clock
from workflow.database import transaction

pytestmark = pytest.mark.slow
EMAIL = "vera@camara.example"


@pytest.fixture
def smtp() -> Iterator[smtp_server.Server]:
    with smtp_server.running() as server:
        yield server


@pytest.fixture
def settings(database_url: str, tmp_path: Path, smtp: smtp_server.Server) -> Settings:
    """Messages go to the SMTP server."""
    return Settings(
        database_url, tmp_path, "a secret of this test only", public_url="http://carimbo.test",
        mail_url=f"smtp://127.0.0.1:{smtp.port}",
    )  # fmt: skip


def test_from_the_termo_to_the_receipt_and_the_end_of_the_days(
    app: Flask, server: str, page: Page, browser: Browser, smtp: smtp_server.Server, database_url: str
) -> None:
    desk.open_the_house()
    house.people()
    dossier = house.opened(specification="Convênio com a câmara")
    for title in ("Termo de convênio", "Parecer interno"):
        document = house.document(dossier, title=title)
        with transaction() as session:
            texts.save(session, document, f"<p>{title}: texto.</p>", actor=house.actor_of(house.ANA), based_on=0)
    with hands.another(browser) as vera:
        _account(vera, server, smtp, database_url)
        hands.enter(page, server, house.ANA)
        page.goto(f"{server}/processo/{dossier}")
        _grant(page)
        page.goto(f"{server}/controle?recorte=todas")
        link = _mailed(smtp, database_url, "/externo/processos/")
        _read_and_sign(vera, server, link)
        _petition(vera)
        _arrived(page)
        clock.configure(clock.now() + timedelta(days=15) - clock.real_now())
        _ran_out(vera, server, link)
        page.goto(f"{server}/processo/{dossier}")
        _revoked(page, vera, server, link)
    assert scenario.chain_is_whole()


def _mailed(smtp: smtp_server.Server, database_url: str, part: str) -> str:
    """The path of the link in the last message to Vera."""
    scenario.work(database_url)
    body = [one for one in smtp.messages if EMAIL in str(one["To"])][-1].get_body(("plain",))
    assert body is not None
    found = re.search(rf"https?://[^/\s]+({part}\S+)", body.get_content())
    assert found is not None, body.get_content()
    return found[1]


def _account(vera: Page, server: str, smtp: smtp_server.Server, database_url: str) -> None:
    """The termo read and accepted, the address confirmed by the link, the first sign-in."""
    vera.goto(f"{server}/externo/cadastro")
    expect(vera.get_by_text("concordância e veracidade").first).to_be_visible()
    vera.get_by_label("Nome completo").fill("Vera Lúcia Alves")
    vera.get_by_label("CPF").fill("529.982.247-25")
    vera.get_by_label("E-mail").fill(EMAIL)
    vera.get_by_label("Crie uma senha").fill(scenario.PASSWORD)
    vera.get_by_label("Li e aceito").check()
    vera.get_by_role("button", name="Abrir conta").click()
    expect(vera.get_by_role("heading", level=1)).to_have_text("Falta confirmar seu e-mail")
    vera.goto(server + _mailed(smtp, database_url, "/externo/confirmar/"))
    assert axe(vera) == []
    vera.get_by_label("Senha").fill("outra senha qualquer")
    vera.get_by_role("button", name=re.compile("Confirmar")).click()
    expect(vera.get_by_role("alert")).to_be_visible()
    vera.get_by_label("Senha").fill(scenario.PASSWORD)
    vera.get_by_role("button", name=re.compile("Confirmar")).click()
    expect(vera.get_by_text("Conta confirmada").first).to_be_visible()


def _grant(page: Page) -> None:
    """To one document, to sign and to add, for five business days."""
    form = dialog(page, "Acesso externo")
    form.get_by_role("button", name="Conceder acesso").click()
    expect(form.get_by_role("link", name="Escreva o e-mail do usuário externo.")).to_be_visible()
    form.get_by_label("E-mail do usuário externo").fill(EMAIL)
    form.get_by_label("Por quantos dias úteis").fill("5")
    form.get_by_label("Só os documentos marcados").check()
    form.get_by_label("Termo de convênio").check()
    form.get_by_label("Pode assinar").check()
    form.get_by_label("Pode incluir documentos").check()
    assert axe(page) == []
    form.get_by_role("button", name="Conceder acesso").click()
    told(page, f"Acesso concedido a {EMAIL} até 01/12/2026. O link segue por e-mail.")


def _read_and_sign(vera: Page, server: str, link: str) -> None:
    """The link asks for the account; only what was granted is there."""
    vera.goto(server + link)
    vera.get_by_label("E-mail").fill(EMAIL)
    vera.get_by_label("Senha").fill(scenario.PASSWORD)
    vera.get_by_role("button", name="Entrar").click()
    expect(vera.get_by_role("heading", level=1)).to_contain_text("Processo 0")
    expect(vera.get_by_text("Aberto a você pela unidade GRPC até 01/12/2026.")).to_be_visible()
    expect(vera.get_by_text("Parecer interno")).to_have_count(0)
    vera.get_by_role("link", name="Termo de convênio").click()
    expect(vera.get_by_text("Termo de convênio: texto.")).to_be_visible()
    vera.get_by_label("Cargo ou função").fill("Presidente da câmara")
    vera.get_by_label("Sua senha").fill("errada")
    vera.get_by_role("button", name="Assinar documento").click()
    expect(vera.get_by_role("alert")).to_be_visible()
    expect(vera.get_by_label("Cargo ou função")).to_have_value("Presidente da câmara")
    vera.get_by_label("Sua senha").fill(scenario.PASSWORD)
    vera.get_by_role("button", name="Assinar documento").click()
    expect(vera.get_by_text("Presidente da câmara")).to_be_visible()
    vera.goto(server + link)
    expect(vera.get_by_text("Assinado", exact=True)).to_be_visible()


def _petition(vera: Page) -> None:
    vera.get_by_role("link", name="Enviar documentos").click()
    vera.get_by_label("O que são").fill("Resposta da Mesa")
    program = {"name": "p.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90"}
    vera.get_by_label("Arquivos").set_input_files([program])
    vera.get_by_role("button", name="Enviar documentos").click()
    expect(vera.get_by_role("alert")).to_be_visible()
    expect(vera.get_by_label("O que são")).to_have_value("Resposta da Mesa")
    vera.get_by_label("Arquivos").set_input_files(
        [{"name": "ata.txt", "mimeType": "text/plain", "buffer": "Ata da reunião extraordinária".encode()}]
    )
    vera.get_by_role("button", name="Enviar documentos").click()
    expect(vera.get_by_role("heading", level=1)).to_contain_text("Recibo")
    expect(vera.get_by_text("SHA-256")).to_be_visible()


def _arrived(page: Page) -> None:
    """In the inbox of the unit, unread; in the tree with its receipt in the andamento."""
    page.reload()  # that the list renews itself is seen in test_controle.py
    line = page.locator("[data-line].cx-unread", has_text="Convênio com a câmara")
    expect(line).to_be_visible()
    line.locator("[data-open]").click()
    expect(page.get_by_role("treeitem", name="Resposta da Mesa")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text(re.compile("recibo", re.IGNORECASE))
    look(page, "processo-peticao")


def _ran_out(vera: Page, server: str, link: str) -> None:
    vera.goto(server + link)
    expect(vera.get_by_role("heading", level=1)).to_contain_text(re.compile("não encontr", re.IGNORECASE))
    vera.goto(f"{server}/externo")
    expect(vera.get_by_text("Nenhum processo aberto a você agora")).to_be_visible()
    expect(vera.get_by_role("link", name=re.compile("^Recibo"))).to_be_visible()


def _revoked(page: Page, vera: Page, server: str, link: str) -> None:
    """Granted once more, to read the whole; taken back at once."""
    form = dialog(page, "Acesso externo")
    expect(form.get_by_text("Terminou em 01/12/2026")).to_be_visible()
    form.get_by_label("E-mail do usuário externo").fill(EMAIL)
    form.get_by_role("button", name="Conceder acesso").click()
    told(page, f"Acesso concedido a {EMAIL}")
    vera.goto(server + link)
    expect(vera.get_by_role("heading", level=1)).to_contain_text("Processo 0")
    form = dialog(page, "Acesso externo")
    form.get_by_role("button", name="Retirar").click()
    told(page, "Acesso externo retirado.")
    vera.reload()
    expect(vera.get_by_role("heading", level=1)).to_contain_text(re.compile("não encontr", re.IGNORECASE))
