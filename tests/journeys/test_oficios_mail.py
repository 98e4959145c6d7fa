"""The post of an ofício seen from its pages: 451 and then 250, a refusal, a doubt, bounces and replies from a real mailbox,
reminders, the câmara's own account, the stamp on every sheet, the map, the closing report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pypdfium2
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from integrations.postgres import EmbeddedPostgres
from processes.oficio_camaras import jobs as post_jobs
from processes.oficio_camaras import operations
from processes.oficio_camaras.models import Campaign
from tests import imap_server
from tests.conftest import _copy
from tests.integrations import smtp_server
from tests.integrations.test_imap import DSN
from tests.journeys import hands
from tests.processes.oficio_camaras.conftest import PASSWORD, SIX, TEXT, approved, oficio_database, task_of, team_of
from tests.processes.oficio_camaras.test_correspondence import _reply, message_to
from tests.webapp import scenario
from tests.webapp.browser import axe, look
from webapp import Settings
from workflow import clock, database
from workflow.database import transaction

__all__ = ["oficio_database"]
pytestmark = pytest.mark.slow
BETIM, BH, CONTAGEM, JUIZ, MONTES, UBERLANDIA = SIX


@pytest.fixture
def smtp() -> Iterator[smtp_server.Server]:
    """Refuses Juiz de Fora's address, answers 451 to the first message and hangs up after the fourth it takes."""
    with smtp_server.running() as server:
        server.answers = ["451 later"]
        server.rcpt[f"camara.{JUIZ}@municipio.example"] = "550 no such user"
        server.delay = 0.3
        server.hang_up_at = 4
        yield server


@pytest.fixture
def imap() -> Iterator[imap_server.ImapServer]:
    with imap_server.running() as server:
        yield server


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, oficio_database: str) -> Iterator[str]:
    """A copy of the database with the câmaras and the team."""
    name = _copy(postgres, oficio_database)
    database.configure(postgres.url(name))
    yield postgres.url(name)
    database.dispose()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(database_url: str, tmp_path: Path, smtp: smtp_server.Server, imap: imap_server.ImapServer) -> Settings:
    """Messages go to the SMTP server, replies come from dovecot."""
    user, password = imap_server.USER, imap_server.PASSWORD.replace(" ", "%20")
    return Settings(
        database_url, tmp_path, "a secret of this test only", public_url="http://carimbo.test",
        mail_url=f"smtp://127.0.0.1:{smtp.port}", mail_rate=0, imap_url=f"imap://{user}:{password}@127.0.0.1:{imap.port}",
    )  # fmt: skip


def test_what_the_post_does_is_followed_and_settled_on_the_pages(
    app: Flask, server: str, page: Page, browser: Browser, smtp: smtp_server.Server, imap: imap_server.ImapServer, database_url: str
) -> None:  # fmt: skip
    campaign = _signed()
    scenario.work(database_url)
    hands.enter(page, server, "redatora")
    page.goto(f"{server}/oficios/{campaign}")
    _refused_doubted_and_451(page, server, campaign, database_url, smtp)
    _by_imap(page, server, campaign, smtp, imap)
    _triage(page, server)
    _paper(page, server, campaign)
    with hands.another(browser) as camara:
        _own_account(page, camara, server, campaign, database_url)
    _reminded(page, server, campaign, database_url, smtp)
    _closed(page, server, campaign, database_url)
    assert scenario.chain_is_whole()


def _signed() -> UUID:
    """To six câmaras, with a reply due; the draft, its review and its signature are driven in test_oficios.py."""
    with transaction() as session:
        campaign = approved(session, SIX, body=TEXT, requires_reply=True)
        task = task_of(session, campaign, "assinar")
        operations.sign(session, task, password=PASSWORD, cargo="Gerente", actor=team_of(session).chief)
        return campaign.id


def _later(**elapsed: float) -> None:
    clock.configure(clock.now() + timedelta(**elapsed) - clock.real_now())


def _exemplar(page: Page, server: str, campaign: UUID, name: str) -> None:
    page.goto(f"{server}/oficios/{campaign}/exemplares?nome={name}")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def _refused_doubted_and_451(
    page: Page, server: str, campaign: UUID, database_url: str, smtp: smtp_server.Server
) -> None:
    """The panel tells each; a person decides the doubt and the address; what waited after 451 goes by itself."""
    pending = page.locator(".of-pending")
    expect(pending.get_by_role("link", name="Juiz de Fora")).to_be_visible()
    expect(pending.get_by_role("listitem")).to_have_count(2)
    expect(page.locator(".of-map use.of-ground")).to_have_count(1)
    expect(page.locator(".of-map .of-sign use")).to_have_count(6)
    look(page, "oficios-pendencias")
    doubtful = pending.get_by_role("link").filter(has_not_text="Juiz de Fora")
    doubtful.click()
    page.get_by_role("button", name="Chegou: não enviar de novo").click()
    expect(page.get_by_text("Chegou: não enviar de novo")).to_have_count(0)
    _exemplar(page, server, campaign, "Juiz de Fora")
    page.get_by_label("E-mail da câmara").fill("sem arroba")
    page.get_by_role("button", name="Enviar a este endereço").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail da câmara")).to_have_value("sem arroba")
    assert axe(page) == []
    page.get_by_label("E-mail da câmara").fill("nova@juizdefora.example")
    page.get_by_role("button", name="Enviar a este endereço").click()
    expect(page.get_by_role("button", name="Enviar a este endereço")).to_have_count(0)
    page.goto(f"{server}/oficios/{campaign}")
    before = len(smtp.messages)
    _later(minutes=6)
    smtp.hang_up_at, smtp.delay = None, 0
    scenario.apart(post_jobs.queue)
    scenario.work(database_url)
    expect(page.locator("#envio")).to_have_count(0, timeout=20_000)  # by itself: nothing is on its way any more
    assert len(smtp.messages) == before + 2
    assert len({one["Message-ID"] for one in smtp.messages}) == 6  # none twice
    assert "nova@juizdefora.example" in [one["To"] for one in smtp.messages[before:]]


def _by_imap(page: Page, server: str, campaign: UUID, smtp: smtp_server.Server, imap: imap_server.ImapServer) -> None:
    """A reply with a document and a program, a bounce, and two that nobody recognises."""
    imap.deliver(_reply(In_Reply_To=message_to(smtp, BETIM)["Message-ID"]))
    imap.deliver(DSN.replace(b"<oficio.x.1@almg.example>", message_to(smtp, CONTAGEM)["Message-ID"].encode()))
    imap.deliver(_reply(Message_ID="<sem@x.example>", In_Reply_To="<nada@x.example>", Subject="Sobre o ofício"))
    imap.deliver(_reply(Message_ID="<lixo@x.example>", In_Reply_To="<nada@x.example>", Subject="Promoção imperdível"))
    scenario.apart(post_jobs.read_mailbox)
    page.reload()  # that the panel renews itself is seen in test_oficios.py
    expect(page.get_by_role("heading", name="1 das 6 câmaras (17%) respondeu")).to_be_visible()
    _exemplar(page, server, campaign, "Betim")
    reply = page.locator(".of-reply")
    expect(reply).to_contain_text("Divulgamos aos vereadores.")
    expect(reply.get_by_role("link", name="lista.pdf")).to_be_visible()
    expect(reply).to_contain_text("virus.exe")
    expect(reply.get_by_role("link", name="virus.exe")).to_have_count(0)
    _exemplar(page, server, campaign, "Contagem")
    expect(page.get_by_text("A mensagem voltou.")).to_be_visible()
    page.get_by_role("button", name="Enviar pelo correio").click()
    expect(page.get_by_text("A mensagem voltou.")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("correio")


def _triage(page: Page, server: str) -> None:
    page.goto(f"{server}/oficios/triagem")
    look(page, "oficios-triagem")
    page.get_by_role("link", name="Promoção imperdível").click()
    page.get_by_role("button", name="Descartar a mensagem").click()
    page.get_by_role("link", name="Sobre o ofício").click()
    page.get_by_label("Câmara que respondeu").fill("uberlândia")
    page.get_by_role("button", name="Procurar").click()
    page.get_by_label(re.compile("^Uberlândia: Of")).check()
    assert axe(page) == []
    page.get_by_role("button", name="Juntar como resposta").click()
    page.goto(f"{server}/oficios/triagem")
    expect(page.get_by_role("heading", name="Nada a triar")).to_be_visible()


def _paper(page: Page, server: str, campaign: UUID) -> None:
    """What went by post comes back with a stamp in paper."""
    _exemplar(page, server, campaign, "Contagem")
    page.get_by_text("Registrar carimbo em papel").click()
    page.get_by_role("button", name="Registrar o recebimento").click()
    expect(page.get_by_role("alert")).to_be_visible()
    _stamped_and_dispensed(page, "092 1/2")


def _stamped_and_dispensed(page: Page, sheet: str) -> None:
    now = clock.local(clock.now())
    page.get_by_label(re.compile("carimbo", re.IGNORECASE)).first.fill(
        f"CÂMARA MUNICIPAL RECEBIDO {now:%d/%m/%Y} {now:%H:%M} {sheet}"
    )
    page.get_by_role("button", name="Registrar o recebimento").click()
    expect(page.get_by_text("Carimbo em papel.")).to_be_visible()
    page.get_by_role("button", name="Dispensar a resposta").click()
    expect(page.get_by_role("button", name="Dispensar a resposta")).to_have_count(0)


def _own_account(page: Page, camara: Page, server: str, campaign: UUID, database_url: str) -> None:
    """Linked by the GRI, the account of the câmara sees its own, confirms, and gets the stamp on every sheet."""
    login = scenario.external("vera@montes.example")
    page.goto(f"{server}/oficios/camaras")
    page.get_by_role("searchbox").first.fill("Montes Claros")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Montes Claros").click()
    page.get_by_label("E-mail da conta").fill("ninguem@montes.example")
    page.get_by_role("button", name="Vincular conta à câmara").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("E-mail da conta").fill("vera@montes.example")
    page.get_by_role("button", name="Vincular conta à câmara").click()
    expect(page.get_by_text("vera@montes.example")).to_be_visible()
    hands.enter(camara, server, login)
    camara.goto(f"{server}/camara")
    look(camara, "camara-inicio")
    camara.get_by_role("link", name=re.compile("Of. ")).first.click()
    camara.get_by_role("link", name="Confirmar recebimento").click()
    camara.get_by_label("Seu nome completo").fill("Vera Lúcia Alves")
    camara.get_by_label("Seu cargo na câmara").fill("Secretária")
    camara.get_by_role("button", name="Continuar").click()
    camara.get_by_role("button", name="Confirmar recebimento").click()
    scenario.work(database_url)
    with camara.expect_download() as saved:
        camara.get_by_role("link", name="Baixar a cópia carimbada").click(timeout=15_000)
    sheets = list(pypdfium2.PdfDocument(Path(saved.value.path())))
    assert sheets
    for sheet in sheets:
        text = sheet.get_textpage().get_text_range()
        assert "RECEBIDO" in text
        assert "MONTES CLAROS" in text.upper()


def _reminded(page: Page, server: str, campaign: UUID, database_url: str, smtp: smtp_server.Server) -> None:
    """The day before the deadline, who still owes an answer is reminded by e-mail, and only they."""
    before = len(smtp.messages)
    page.goto(f"{server}/oficios/{campaign}")
    expect(page.get_by_text("Para responder, até")).to_be_visible()
    with transaction() as session:
        due = session.get_one(Campaign, campaign).due_on
    assert due is not None
    _later(days=(due - clock.today()).days - 1)
    scenario.apart(post_jobs.reminders)
    scenario.work(database_url)
    reminded = {str(one["To"]) for one in smtp.messages[before:]}
    assert f"camara.{BH}@municipio.example" in reminded
    assert f"camara.{BETIM}@municipio.example" not in reminded
    _exemplar(page, server, campaign, "Belo Horizonte")
    expect(page.locator(".timeline")).to_contain_text("embrete")


def _closed(page: Page, server: str, campaign: UUID, database_url: str) -> None:
    """When the last exemplar is settled the ofício closes itself, with its report and its spreadsheet."""
    for name in ("Belo Horizonte", "Juiz de Fora"):
        _exemplar(page, server, campaign, name)
        page.get_by_text("Registrar carimbo em papel").click()
        _stamped_and_dispensed(page, "001 1/1")
    _exemplar(page, server, campaign, "Montes Claros")
    page.get_by_role("button", name="Dispensar a resposta").click()
    scenario.work(database_url)
    page.goto(f"{server}/oficios/{campaign}/relatorio")
    expect(page.get_by_text(re.compile("Encerrado em"))).to_be_visible()
    look(page, "oficios-relatorio-final")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Baixar a planilha (CSV)").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
    assert "Betim" in text
    assert len(text.strip().splitlines()) == 7
