"""Journey 4: the CAC issues at its desk, 8 to 19 h on business days; a gabinete can't, and the attempt is recorded."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from people.models import Account
from tests.journeys.test_visitor import comes_in, enter
from tests.webapp import scenario
from tests.webapp.browser import look
from workflow import clock
from workflow.database import transaction

pytestmark = pytest.mark.slow
DAY = date(2026, 11, 23)


def at(hour: int, minute: int, second: int = 0) -> None:
    wanted = datetime(2026, 11, 24, hour, minute, second, tzinfo=clock.TZ)
    clock.configure(wanted - clock.real_now())


def test_journey_4_the_desk_issues_in_its_hours(page: Page, server: str, database_url: str) -> None:
    scenario.attend(scenario.person("Maria"), DAY, database_url)
    scenario.staff("cac")
    at(19, 30)
    enter(page, server, "cac")
    page.get_by_role("link", name="Emitir declaração").first.click()
    expect(page.get_by_text("O CAC emite declarações das 8 às 19 horas.")).to_be_visible()
    look(page, "jornada4-fechado")
    at(10, 0)
    page.get_by_label("CPF ou nome").fill("529.982.247-25")
    page.get_by_role("button", name="Procurar").click()
    page.get_by_role("link", name="Ver dias de Maria das Dores Ávila").click()
    page.get_by_role("link", name="Emitir declaração do dia 23/11/2026").click()
    page.get_by_label("Outra pessoa, com procuração").check()
    page.get_by_label("O documento com foto foi apresentado e conferido").check()
    page.get_by_role("button", name="Emitir declaração").click()
    expect(page.get_by_role("alert")).to_contain_text("procuração")
    expect(page.get_by_label("Outra pessoa, com procuração")).to_be_checked()
    look(page, "jornada4-procuracao")
    page.get_by_label("A procuração foi apresentada e conferida").check()
    page.get_by_role("button", name="Emitir declaração").click()
    expect(page.get_by_text("Preparando e selando")).to_be_visible()
    scenario.work(database_url)
    expect(page.get_by_text("Declaração emitida")).to_be_visible(timeout=10_000)
    look(page, "jornada4-emitida")
    address = page.get_by_role("link", name="Abrir para imprimir").get_attribute("href")
    answer = page.request.get(server + str(address))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def test_journey_4_D6_DE12_the_desk_takes_back_what_was_wrong(
    browser: Browser, page: Page, server: str, database_url: str
) -> None:
    at(10, 0)
    scenario.person("João")
    scenario.citizen("maria@example.org", proved="Maria")
    comes_in("Maria", database_url)
    scenario.staff("cac")
    enter(page, server, "cac")
    day = f"{server}/cac/pessoa/{scenario.person('Maria')}/2026-11-24"
    page.goto(day)
    page.get_by_label("O documento com foto foi apresentado e conferido").check()
    page.get_by_role("button", name="Emitir declaração").click()
    expect(page.get_by_text("Preparando e selando")).to_be_visible()
    scenario.work(database_url)
    expect(page.get_by_text("Declaração emitida")).to_be_visible(timeout=10_000)
    look(page, "jornada4-dia")

    page.get_by_role("link", name="Cancelar declaração").click()
    page.get_by_role("button", name="Conferir antes de cancelar").click()
    expect(page.get_by_role("alert")).to_contain_text("Escreva o motivo do cancelamento")
    look(page, "jornada4-cancelar")
    page.get_by_label("Motivo do cancelamento").fill("nome escrito com erro")
    page.get_by_role("button", name="Conferir antes de cancelar").click()
    expect(page.get_by_role("heading", name="Confira antes de cancelar")).to_be_visible()
    look(page, "jornada4-cancelar-conferir")
    page.get_by_role("button", name="Mudar o motivo").click()
    expect(page.get_by_label("Motivo do cancelamento")).to_have_value("nome escrito com erro")
    page.get_by_role("button", name="Conferir antes de cancelar").click()
    page.get_by_role("button", name="Cancelar declaração").click()
    expect(page.get_by_text("Declaração cancelada. Já se pode emitir outra")).to_be_visible()
    expect(page.get_by_text("Motivo: nome escrito com erro.")).to_be_visible()
    look(page, "jornada4-cancelada")
    code = page.locator(".list-title").first.inner_text()
    sees_it_cancelled(browser, server, code)

    page.get_by_role("link", name="Esta entrada não é desta pessoa").click()
    page.get_by_label("CPF ou nome de quem entrou").fill("João Batista")
    page.get_by_role("button", name="Procurar").click()
    page.get_by_role("button", name="Conferir antes de corrigir").click()
    expect(page.get_by_role("alert")).to_contain_text("Marque de quem é esta entrada")
    look(page, "jornada4-corrigir")
    page.get_by_label("João Batista de Almeida").check()
    page.get_by_label("Como se descobriu o engano").fill("As câmeras da portaria mostram que era ele.")
    page.get_by_role("button", name="Conferir antes de corrigir").click()
    expect(page.get_by_text("As duas pessoas são avisadas")).to_be_visible()
    look(page, "jornada4-corrigir-conferir")
    page.get_by_role("button", name="Corrigir entrada").click()
    expect(page.get_by_text("Entrada corrigida.")).to_be_visible()
    expect(page.get_by_text("Nenhum comparecimento registrado")).to_be_visible()
    look(page, "jornada4-corrigida")
    page.get_by_role("link", name="Cancelar ou corrigir").first.click()
    page.get_by_label("CPF ou nome").fill("João Batista")
    page.get_by_role("button", name="Procurar").click()
    look(page, "jornada4-correcoes")
    page.get_by_role("link", name="Ver dias de João Batista de Almeida").click()
    expect(page.get_by_text("terça-feira, 24 de novembro de 2026")).to_be_visible()
    assert scenario.chain_is_whole()


def test_PO6_the_desk_looks_again_and_undoes_a_proof(page: Page, server: str) -> None:
    scenario.person("Maria")
    account = scenario.citizen("maria@example.org")
    with transaction() as session:
        session.get_one(Account, account).claimed_cpf = "11144477735"
    scenario.staff("cac")
    enter(page, server, "cac")
    page.goto(f"{server}/cac/comprovar")
    page.get_by_label("E-mail da conta").fill("maria@example.org")
    page.get_by_role("button", name="Encontrar conta").click()
    expect(page.get_by_label("CPF do documento")).to_have_value("")
    look(page, "cac-comprovar")
    page.get_by_label("Nome completo, como está no documento").fill("Maria das Dores Ávila Prado")
    page.get_by_label("CPF do documento").press_sequentially("52998224725")
    page.get_by_label("O documento com foto foi apresentado e conferido").check()
    page.get_by_role("button", name="Comprovar CPF").click()
    expect(page.get_by_role("heading", name="Confira de novo no documento")).to_be_visible()
    look(page, "cac-comprovar-conferir")
    page.get_by_role("button", name="Comprovar CPF").click()
    expect(page.get_by_role("alert")).to_contain_text("Marque qual dos dois nomes")
    look(page, "cac-comprovar-conferir-erros")
    page.get_by_role("button", name="Voltar e corrigir").click()
    expect(page.get_by_label("CPF do documento")).to_have_value("529.982.247-25")
    page.get_by_role("button", name="Comprovar CPF").click()
    page.get_by_label("Conferi de novo no documento").check()
    page.get_by_label("Maria das Dores Ávila Prado: é o do documento").check()
    page.get_by_role("button", name="Comprovar CPF").click()
    expect(page.get_by_role("heading", name="Maria das Dores Ávila Prado")).to_be_visible()
    look(page, "cac-comprovada")
    page.get_by_role("link", name="Desfazer comprovação").click()
    look(page, "cac-desfazer")
    page.get_by_label("O CPF foi digitado errado").check()
    page.get_by_role("button", name="Desfazer comprovação").click()
    expect(page.get_by_text("Comprovação desfeita.")).to_be_visible()
    assert "maria" not in page.url
    assert scenario.recorded("comprovacao_desfeita") == 1


def sees_it_cancelled(browser: Browser, server: str, code: str) -> None:
    """The person, on the Portal, and whoever validates the code."""
    context = browser.new_context(locale="pt-BR")
    portal = context.new_page()
    enter(portal, server, "maria@example.org")
    portal.goto(f"{server}/area-do-usuario/certificados-e-declaracoes")
    expect(portal.get_by_text("Você pode emitir outra.")).to_be_visible()
    look(portal, "jornada4-portal-lista")
    portal.get_by_role("link", name="Ver o que aconteceu").click()
    expect(portal.get_by_text("Motivo: nome escrito com erro.")).to_be_visible()
    expect(portal.get_by_role("button", name="Emitir nova declaração")).to_be_visible()
    look(portal, "jornada4-portal-dia")
    portal.goto(f"{server}/validaDocumento?codigo={code}")
    expect(portal.get_by_text("foi cancelado em 24/11/2026 e não vale mais. Motivo: nome escrito")).to_be_visible()
    look(portal, "jornada4-cancelado")
    context.close()


def test_journey_4_R60_a_gabinete_is_refused_and_the_attempt_recorded(page: Page, server: str) -> None:
    person = scenario.person("Maria")
    scenario.staff("gabinete")
    at(10, 0)
    enter(page, server, "gabinete")
    expect(page.get_by_role("link", name="Emitir declaração")).to_have_count(0)
    page.goto(f"{server}/cac")
    expect(page.get_by_role("heading", name="Você não pode abrir esta página")).to_be_visible()
    expect(page.get_by_text("art. 9º")).to_be_visible()
    look(page, "jornada4-gabinete")
    assert scenario.recorded("declaracao_recusada") == 1
    token = page.locator("[name=csrf_token]").first.get_attribute("value")
    answer = page.request.post(
        f"{server}/cac/pessoa/{person}/{DAY}",
        form={"who": "holder", "document_seen": "y", "csrf_token": str(token)},
    )
    assert answer.status == 403
    assert scenario.recorded("declaracao_recusada") == 2
