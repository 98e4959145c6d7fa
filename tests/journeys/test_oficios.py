"""An ofício in Chromium: written, reviewed, approved, signed, sent to a real SMTP server, received, answered, followed."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, FilePayload, Page, expect

from integrations.postgres import EmbeddedPostgres
from tests.conftest import _copy
from tests.processes.oficio_camaras.conftest import PASSWORD, oficio_database
from tests.webapp import scenario
from tests.webapp.browser import axe, look
from tests.webapp.oficio_house import BETIM, LINK, exemplar_of, number_of, state_of
from webapp import Settings
from workflow import database

__all__ = ["oficio_database"]
pytestmark = pytest.mark.slow
CAMARAS = "Betim\nBelo Horizonte/MG\n3118601"


class Inbox:
    """What the SMTP server took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - the name of aiosmtpd
        self.taken.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 accepted"

    def to(self, ibge: str) -> EmailMessage:
        """The message to a câmara."""
        (found,) = [one for one in self.taken if f"camara.{ibge}@" in str(one["To"])]
        return found


@pytest.fixture
def mail() -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server on a free port."""
    inbox = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    yield inbox, port
    controller.stop()


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
def settings(database_url: str, tmp_path: Path, mail: tuple[Inbox, int]) -> Settings:
    """Messages go to the SMTP server."""
    return Settings(
        database_url, tmp_path, "a secret of this test only", public_url="http://carimbo.test",
        mail_url=f"smtp://127.0.0.1:{mail[1]}", mail_rate=0,
    )  # fmt: skip


@pytest.fixture
def camara(browser: Browser) -> Iterator[Page]:
    """The browser of the câmara, where nobody signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR", accept_downloads=True)
    yield context.new_page()
    context.close()


def test_an_oficio_from_the_draft_to_the_answer(
    server: str, page: Page, camara: Page, browser: Browser, mail: tuple[Inbox, int], database_url: str
) -> None:
    _sign_in(page, server, "redatora")
    path = _draft(page)
    campaign_id = UUID(path.rsplit("/", 1)[1])
    _decide(browser, server, "chefe", path, "revisao")
    _decide(browser, server, "diretor", path, "aprovacao")
    _sign(browser, server, path)
    page.goto(f"{server}{path}")
    expect(page.get_by_role("heading", name="Gerando os exemplares: 0 de 3 prontos")).to_be_visible()
    scenario.work(database_url)
    finding = page.get_by_role("heading", name="0 das 3 câmaras (0%) responderam")
    expect(finding).to_be_visible(timeout=15_000)  # by itself
    message = mail[0].to(BETIM)
    assert number_of(campaign_id) in str(message["Subject"])
    assert len(list(message.iter_attachments())) == 2
    link = LINK.search(message.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # it has one
    assert link is not None
    _receive(camara, f"{server}{link[1]}", database_url)
    _answer(camara)
    assert state_of(exemplar_of(campaign_id, BETIM)) == "RESPONDIDO"
    _followed(page, server, path)
    assert scenario.chain_is_whole()


def _sign_in(page: Page, server: str, login: str) -> None:
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill(login)
    page.get_by_label("Senha", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("button", name="Sair")).to_be_visible()


def _draft(page: Page) -> str:
    page.get_by_role("link", name="Ofícios", exact=True).first.click()
    assert axe(page) == []
    page.get_by_role("link", name="Novo ofício").first.click()
    page.get_by_role("button", name="Abrir o ofício").click()
    expect(page.get_by_role("link", name="Escreva o assunto.")).to_be_visible()
    page.get_by_label("Assunto").fill("Declaração de comparecimento")
    page.get_by_label("O ofício pede resposta").check()
    look(page, "oficios-novo")
    page.get_by_role("button", name="Abrir o ofício").click()
    expect(page.get_by_role("heading", name="Câmaras do ofício")).to_be_visible()
    page.get_by_label("Uma lista colada").check()
    page.get_by_label("Uma câmara em cada linha").fill("Bonfim/GO")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.get_by_text("Não encontramos no cadastro de Minas: Bonfim/GO.").first).to_be_visible()
    page.get_by_label("Uma câmara em cada linha").fill(CAMARAS)
    page.get_by_role("button", name="Aplicar").click()
    expect(page.get_by_text("3 câmaras no ofício.")).to_be_visible()
    page.get_by_label("Nome do município ou código").fill("São")
    page.get_by_role("button", name="Procurar").click()
    look(page, "oficios-camaras")
    page.get_by_role("link", name="Voltar ao ofício").click()
    path = re.sub(r"^https?://[^/]+", "", page.url)
    look(page, "oficios-minuta")
    page.get_by_role("link", name="Escrever o texto").click()
    text = page.get_by_role("textbox", name=re.compile("^Texto de"))
    expect(text).to_contain_text("Com o intuito de estreitar")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Contamos com a «camara.nome».")
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_text("Versão 2").first).to_be_visible()
    page.goto(f"{page.url.split('/documento')[0]}{path}")
    expect(page.get_by_text("Contamos com a Câmara Municipal de Belo Horizonte.")).to_be_visible()
    page.get_by_role("link", name="Abrir a tarefa").click()
    assert axe(page) == []
    page.get_by_role("button", name="Enviar para revisão").click()
    expect(page.get_by_text("Agora: revisar ofício, com Chefia da GRI.")).to_be_visible()
    return path


def _decide(browser: Browser, server: str, login: str, path: str, field: str) -> None:
    with _task(browser, server, login, path) as page:
        expect(page.get_by_text("Com o intuito de estreitar")).to_be_visible()
        if field == "revisao":
            look(page, "oficios-revisar")
        page.get_by_label("Aprovar", exact=True).check()
        page.get_by_role("button", name="Registrar a decisão").click()
        expect(page.get_by_text("Ofício aprovado.")).to_be_visible()


def _sign(browser: Browser, server: str, path: str) -> None:
    with _task(browser, server, "chefe", path) as page:
        page.get_by_label("Cargo ou função").fill("Gerente de Relações Institucionais")
        page.get_by_label("Sua senha").fill("errada, com certeza")
        page.get_by_role("button", name="Assinar e enviar").click()
        expect(page.get_by_role("alert")).to_be_visible()
        look(page, "oficios-assinar")
        page.get_by_label("Sua senha").fill(PASSWORD)
        page.get_by_role("button", name="Assinar e enviar").click()
        expect(page.get_by_text("Os 3 exemplares estão sendo gerados e enviados")).to_be_visible()


@contextmanager
def _task(browser: Browser, server: str, login: str, path: str) -> Iterator[Page]:
    """Somebody's own browser on the task of the ofício that waits for them."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR")
    page = context.new_page()
    _sign_in(page, server, login)
    page.goto(f"{server}{path}")
    page.get_by_role("link", name="Abrir a tarefa").click()
    yield page
    context.close()


def _receive(page: Page, link: str, database_url: str) -> None:
    page.goto(link)
    expect(page.get_by_text("Prazo para responder: até")).to_be_visible()
    page.get_by_text("Ler o ofício nesta página").click()
    expect(page.get_by_text("Com o intuito de estreitar")).to_be_visible()
    look(page, "camara-oficio")
    page.get_by_role("link", name="Confirmar recebimento").click()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("link", name="Escreva o seu nome.")).to_be_visible()
    page.get_by_label("Seu nome completo").fill("Vera Lúcia Alves")
    page.get_by_label("Seu cargo na câmara").fill("Secretária da Câmara")
    assert axe(page) == []
    page.get_by_role("button", name="Continuar").click()
    look(page, "camara-confirmar-conferir")
    page.get_by_role("button", name="Alterar").click()
    expect(page.get_by_label("Seu nome completo")).to_have_value("Vera Lúcia Alves")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_role("button", name="Confirmar recebimento").click()
    expect(page.get_by_text("CÂMARA MUNICIPAL DE BETIM", exact=True)).to_be_visible()
    scenario.work(database_url)
    expect(page.get_by_role("link", name="Abrir a cópia carimbada (PDF)")).to_be_visible(timeout=15_000)  # by itself
    with page.expect_download() as saved:
        page.get_by_role("link", name="Baixar a cópia carimbada").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="Encaminhar por e-mail").click()
    page.get_by_label("E-mails dos vereadores").fill("ana@betim.example, bia@betim.example")
    page.get_by_role("button", name="Continuar").click()
    assert axe(page) == []
    page.get_by_role("button", name="Encaminhar o ofício").click()
    expect(page.get_by_text("O ofício vai seguir para 2 endereços.")).to_be_visible()
    look(page, "camara-recebido")


def _answer(page: Page) -> None:
    page.get_by_role("link", name="Responder ao ofício").first.click()
    page.get_by_label("Texto da resposta").fill("A câmara vai divulgar o serviço aos vereadores.")
    note = FilePayload(name="portaria.txt", mimeType="text/plain", buffer=b"Portaria da Mesa.")
    program = FilePayload(name="programa.exe", mimeType="application/octet-stream", buffer=b"MZ")
    page.get_by_label("Anexar documentos").set_input_files([note, program])
    page.get_by_role("button", name="Conferir antes de enviar").click()
    expect(page.get_by_text("programa.exe: Este tipo de arquivo não é aceito").first).to_be_visible()
    expect(page.get_by_text("portaria.txt").first).to_be_visible()
    expect(page.get_by_label("Texto da resposta")).to_have_value("A câmara vai divulgar o serviço aos vereadores.")
    look(page, "camara-responder")
    page.get_by_role("button", name="Conferir antes de enviar").click()
    assert axe(page) == []
    page.get_by_role("button", name="Enviar resposta").click()
    expect(page.get_by_role("heading", name="Recibo da resposta")).to_be_visible()
    look(page, "camara-recibo")


def _redirected(page: Page, server: str, path: str) -> None:
    """Another exemplar goes to another address, after a look at what will happen."""
    page.goto(f"{server}{path}/exemplares?nome=contag")
    page.get_by_role("link", name="Contagem").click()
    page.get_by_role("link", name="Enviar a outro endereço").click()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("link", name="Escreva o novo endereço.")).to_be_visible()
    page.get_by_label("Novo e-mail da câmara").fill("secretaria@contagem.example")
    page.get_by_label("Por que o endereço muda").fill("A secretaria avisou por telefone.")
    look(page, "oficios-redirecionar")
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("heading", name="O que vai acontecer")).to_be_visible()
    look(page, "oficios-redirecionar-conferir")
    page.get_by_role("button", name="Enviar ao novo endereço").click()
    expect(page.get_by_text("O exemplar está na fila de envio")).to_be_visible()
    look(page, "oficios-redirecionado")


def _followed(page: Page, server: str, path: str) -> None:
    expect(page.get_by_role("heading", name="1 das 3 câmaras (33%) respondeu")).to_be_visible(
        timeout=20_000
    )  # by itself
    look(page, "oficios-painel")
    page.get_by_role("link", name="Responderam").first.click()
    look(page, "oficios-exemplares")
    page.get_by_role("link", name="Betim").click()
    expect(page.get_by_text("A câmara vai divulgar o serviço aos vereadores.")).to_be_visible()
    expect(page.get_by_text("CÂMARA MUNICIPAL DE BETIM", exact=True)).to_be_visible()
    look(page, "oficios-exemplar")
    _redirected(page, server, path)
    for name, address in (
        ("camaras", "/oficios/camaras"),
        ("camara", f"/oficios/camaras/{BETIM}"),
        ("relatorio", f"{path}/relatorio"),
        ("lista", "/oficios"),
    ):
        page.goto(f"{server}{address}")
        look(page, f"oficios-{name}")
