"""Journey 3: an account on the Portal, the CPF proved at the CAC, a day of attendance, the declaration, its second copy."""

from __future__ import annotations

import email
import hashlib
import re
from datetime import datetime
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from processes.entrada import operations as gates
from tests.webapp import scenario
from tests.webapp.browser import look
from workflow import clock
from workflow import operations as engine
from workflow.database import transaction

pytestmark = pytest.mark.slow
ADDRESS = "maria@example.org"


@pytest.fixture(autouse=True)
def _tuesday_at_ten(app: Flask) -> None:
    wanted = datetime(2026, 11, 24, 10, 0, tzinfo=clock.TZ)
    clock.configure(wanted - clock.real_now())


def link_of(folder: Path) -> str:
    """The path in the one message with the exact subject (PO2)."""
    messages = [email.message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")]
    (text,) = [m.get_content() for m in messages if m["Subject"] == "Confirme seu cadastro no Portal da Assembleia"]
    found = re.search(r"(/confirmar-cadastro/\S+)", text)
    assert found is not None
    return found[1]


def enter(page: Page, server: str, login: str) -> None:
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill(login)
    page.get_by_label("Senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("button", name="Sair")).to_be_visible()


def comes_in(who: str, database_url: str) -> None:
    """The attendant of the gate lets the person in: event, case, entry, day listed."""
    with transaction() as session:
        engine.deploy(session)
        post = gates.install_posts(session)[0]
        gates.enter_at_desk(session, scenario.actor_of(scenario.staff("identificacao")), post.id, scenario.person(who))
    scenario.work(database_url)


def saved(page: Page, name: str) -> bytes:
    """What the link downloads."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_journey_3_from_the_sign_up_to_the_second_copy(
    browser: Browser, page: Page, server: str, database_url: str, tmp_path: Path
) -> None:
    scenario.person("Maria", verified=False)
    comes_in("Maria", database_url)

    page.goto(server)
    page.get_by_role("link", name="Cadastre-se").first.click()
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Crie uma senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Cadastrar").click()
    expect(page.get_by_role("heading", name="Falta confirmar seu e-mail")).to_be_visible()
    scenario.work(database_url)
    page.goto(server + link_of(tmp_path / "correio"))
    page.get_by_label("Sua senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Confirmar meu cadastro").click()
    look(page, "jornada3-confirmado")
    enter(page, server, ADDRESS)

    page.goto(f"{server}/area-do-usuario")
    page.get_by_role("link", name="Preencher cadastro completo").click()
    page.get_by_label("Nome completo").fill("Maria das Dores Ávila")
    page.get_by_label("CPF").press_sequentially("52998224725")
    expect(page.get_by_label("CPF")).to_have_value("529.982.247-25")
    page.get_by_role("button", name="Salvar cadastro").click()
    page.get_by_role("link", name="Certificados e declarações").first.click()
    expect(page.get_by_text("ainda não foi comprovado").first).to_be_visible()

    prove_at_the_cac(browser, server)

    page.reload()
    expect(page.get_by_text("terça-feira, 24 de novembro de 2026")).to_be_visible()
    page.get_by_role("button", name="Emitir declaração").dblclick()
    expect(page.get_by_text("Preparando e selando a declaração")).to_be_visible()
    scenario.work(database_url)
    expect(page.get_by_text("Declaração emitida")).to_be_visible(timeout=10_000)
    first = saved(page, "Baixar a declaração (PDF)")
    page.get_by_role("link", name="Certificados e declarações").first.click()
    page.get_by_role("link", name="Abrir a declaração do dia 24/11/2026").click()
    second = saved(page, "Baixar a declaração (PDF)")
    assert first.startswith(b"%PDF-")
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    assert scenario.recorded("document_issued") == 1

    page.get_by_role("link", name="Histórico").first.click()
    for line in ("Conta aberta no Portal.", "CPF comprovado.", "Entrada:", "Declaração emitida (dia 24/11/2026)."):
        expect(page.get_by_text(line).first).to_be_visible()
    look(page, "jornada3-historico")
    page.get_by_role("link", name="QR Code da portaria").first.click()
    expect(page.locator("#qr svg")).to_be_visible()
    assert scenario.chain_is_whole()


def prove_at_the_cac(browser: Browser, server: str) -> None:
    """In another browser, at the desk: the document is seen and the account is tied to its person (PO6)."""
    scenario.staff("cac")
    context = browser.new_context(locale="pt-BR")
    desk = context.new_page()
    enter(desk, server, "cac")
    desk.get_by_role("link", name="Comprovar CPF").first.click()
    desk.get_by_label("E-mail da conta").fill(ADDRESS)
    desk.get_by_role("button", name="Encontrar conta").click()
    desk.get_by_label("Nome completo, como está no documento").fill(scenario.NAMES["Maria"])
    desk.get_by_label("CPF do documento").fill("529.982.247-25")
    desk.get_by_label("O documento com foto foi apresentado e conferido").check()
    desk.get_by_role("button", name="Comprovar CPF").click()
    expect(desk.get_by_text("CPF comprovado. A pessoa já vê")).to_be_visible()
    context.close()


def test_what_was_typed_survives_an_expired_session(page: Page, server: str) -> None:
    scenario.citizen(ADDRESS)
    enter(page, server, ADDRESS)
    page.goto(f"{server}/area-do-usuario/cadastro-completo")
    page.get_by_label("Nome completo").fill("Maria das Dores Ávila")
    scenario.revoke(ADDRESS)
    page.get_by_role("button", name="Salvar cadastro").click()
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
    expect(page.get_by_text("Sua sessão terminou. Entre de novo.")).to_be_visible()
    look(page, "sessao-terminada")
    enter(page, server, ADDRESS)
    expect(page).to_have_url(f"{server}/area-do-usuario/cadastro-completo")
    expect(page.get_by_text("o que você enviou não foi gravado")).to_be_visible()
    expect(page.get_by_label("Nome completo")).to_have_value("Maria das Dores Ávila")
    page.get_by_role("button", name="Sair").click()
    kept = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft'))")
    assert kept == [], "signing out forgets what was typed"


def test_the_whole_sign_in_works_from_the_keyboard(page: Page, server: str) -> None:
    scenario.citizen(ADDRESS)
    page.goto(f"{server}/entrar")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir para o conteúdo")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Tab")
    page.keyboard.type(scenario.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sair")).to_be_visible()
