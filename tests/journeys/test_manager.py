"""Journey 6: a manager opens a case, sees where it is and where it went, and takes care of what stopped."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from processes.entrada import queries as gates
from tests.journeys.test_attendant import jpeg
from tests.webapp import desk, scenario
from tests.webapp.browser import axe, look
from workflow import queries as work
from workflow.database import transaction

pytestmark = pytest.mark.slow


def test_journey_6_the_manager_reads_a_case_and_its_diagram(app: Flask, server: str, page: Page) -> None:
    desk.open_the_house()
    person = desk.enrolled("Maria das Dores Ávila", "52998224725", jpeg((200, 170, 150)))
    desk.doubt(desk.bridge(), [person], jpeg((120, 120, 120)))
    desk.sign_in(page, server, scenario.staff("gestor"))
    page.get_by_role("link", name="Fluxos").first.click()
    expect(page.get_by_role("heading", level=1, name="Fluxos")).to_be_visible()
    look(page, "fluxos")
    page.get_by_role("link", name=re.compile("^Entrada")).click()
    expect(page.locator("[data-drawn]")).to_be_visible(timeout=15_000)
    expect(page.locator(".diagram .where .djs-visual")).not_to_have_count(0)
    expect(page.locator(".diagram .passed")).not_to_have_count(0)
    expect(page.locator(".diagram .djs-connection.taken")).not_to_have_count(0)
    expect(page.locator(".diagram .djs-connection:not(.taken)")).not_to_have_count(0)
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    expect(page.get_by_text("Processo iniciado.")).to_be_visible()
    page.get_by_text("O mesmo em palavras").click()
    expect(page.get_by_text("Confirmar identidade: está aqui")).to_be_visible()
    look(page, "caso")
    page.get_by_text("Cancelar este processo").click()
    page.get_by_label("Por que cancelar?").fill("Passagem de teste do equipamento.")
    page.get_by_role("button", name="Cancelar o processo").click()
    expect(page.get_by_text("Cancelado", exact=True)).to_be_visible()
    expect(page.get_by_text("Servidora gestor (DIR)")).to_be_visible()
    assert axe(page) == []
    assert scenario.chain_is_whole()


def test_journey_6_the_case_of_a_person_shows_the_name_only_when_it_is_shown(
    app: Flask, server: str, page: Page
) -> None:
    """Case data hold the id; the page resolves it."""
    desk.open_the_house()
    person = desk.enrolled("Maria das Dores Ávila", "52998224725", jpeg((200, 170, 150)))
    task = desk.doubt(desk.bridge(), [person], None)
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("identificacao"))
    assert scenario.post(client, f"/atendimento/verificar/{task}", pessoa_id=str(person)).status_code == 303
    with transaction() as session:
        (entry,) = gates.entries_of(session, person)
        data = work.case_view(session, entry.case_id).data
    assert "Maria" not in repr(data)
    desk.sign_in(page, server, scenario.staff("gestor"))
    page.goto(f"{server}/processos/{entry.case_id}")
    expect(page.get_by_text("Maria das Dores Ávila")).to_be_visible()
    expect(page.get_by_text("Servidora identificacao (GRPC)").first).to_be_visible()
    look(page, "caso-concluido")


def test_the_inbox_works_from_the_keyboard(app: Flask, server: str, page: Page) -> None:
    desk.open_the_house()
    gate = desk.bridge()
    for _ in range(3):
        desk.doubt(gate, [], None)
    desk.sign_in(page, server, scenario.staff("identificacao"))
    page.goto(server + "/tarefas")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Controle de processos")
    expect(page.get_by_role("listitem").filter(has_text="Confirmar identidade")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-line]").nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_text("1 item assumido.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Meus")).click()
    expect(page.get_by_role("listitem").filter(has_text="Confirmar identidade")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Confirmar identidade")).to_be_visible()
