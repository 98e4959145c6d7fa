"""The list of a unit, many items at once: every act of the bar, its undo, the filters, the order, groups, counts and views."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.journeys import hands
from tests.webapp import controle_work as house
from tests.webapp.browser import axe, look
from workflow import clock

pytestmark = pytest.mark.slow


def test_many_items_at_once_and_each_act_undone(app: Flask, server: str, page: Page, tmp_path: Path) -> None:
    house.house()
    with house.flow(tmp_path):
        for number in (1, 2, 3):
            house.sent(f"Compra {number}/2026")
        house.sent("Nosso próprio", by="ana")
        house.task("Pedido 7/2026")
        hands.enter(page, server, "ana")
        page.goto(f"{server}/controle")
        expect(page.locator("[data-line]")).to_have_count(5)
        _people(page)
        _signs(page)
        _deadlines(page)
        _filters_and_groups(page, server)
        _views(page, server)
        _leave_and_come_back(page, server)


def _pick(page: Page, *words: str) -> None:
    for one in words:
        page.locator("[data-line]", has_text=one).get_by_role("checkbox").check()
    wanted = "1 item selecionado" if len(words) == 1 else f"{len(words)} itens selecionados"
    expect(page.locator("[data-bulk-count]")).to_have_text(wanted)


def _press(page: Page, name: str) -> None:
    page.get_by_role("region", name="Itens selecionados").get_by_role("button", name=name, exact=True).click()


def _panel(page: Page, name: str) -> None:
    page.locator("[data-panel] > summary", has_text=name).click()


def _undone(page: Page) -> None:
    page.locator("[data-undo]").get_by_role("button").click()
    expect(page.get_by_text("Desfeito.")).to_be_visible()


BOTH = ("Compra 1/2026", "Compra 2/2026")


def _each(page: Page, inside: str, count: int) -> None:
    """How many of both lines hold it."""
    found = page.locator("[data-line]", has_text="Compra").filter(has=page.locator(inside))
    expect(found).to_have_count(count)


def _people(page: Page) -> None:
    """Claim, release and assign in bulk, tasks of a diagram and processos alike."""
    _pick(page, *BOTH, "Pedido 7/2026")
    _press(page, "Assumir")
    expect(page.get_by_text("3 itens assumidos.")).to_be_visible()
    expect(page.locator(".cx-me")).to_have_count(3)
    expect(page.get_by_role("link", name="Meus 3")).to_be_visible()
    _undone(page)
    expect(page.locator(".cx-me")).to_have_count(0)
    _pick(page, *BOTH)
    _press(page, "Assumir")
    expect(page.locator(".cx-me")).to_have_count(2)
    _pick(page, *BOTH)
    _press(page, "Devolver")
    expect(page.get_by_text("2 itens devolvidos à unidade.")).to_be_visible()
    _pick(page, *BOTH)
    _panel(page, "Atribuir")
    page.get_by_label("A quem").select_option(label="Servidora bruno")
    page.locator("[data-panel=assign]").get_by_role("button", name="Atribuir").click()
    expect(page.get_by_text("2 itens atribuídos.")).to_be_visible()
    _each(page, "[title='Servidora bruno']", 2)
    _undone(page)
    _each(page, "[title='Servidora bruno']", 0)


def _signs(page: Page) -> None:
    """Marker, note, unread, priority, watch; by key and by the bar."""
    _pick(page, *BOTH)
    _panel(page, "Marcador")
    page.get_by_label("Ou um novo, chamado").fill("Licitação")
    page.get_by_label("Cor do novo").select_option("verde")
    page.get_by_label("Texto", exact=True).first.fill("pregão")
    assert axe(page) == []
    page.locator("[data-panel=mark]").get_by_role("button", name="Marcar").click()
    expect(page.get_by_text("2 itens com o marcador.")).to_be_visible()
    _each(page, ".cx-marker.cx-verde[title=pregão]", 2)
    _undone(page)
    _each(page, ".cx-marker", 0)
    page.reload()
    page.locator("[data-line]", has_text="Compra 1/2026").locator("[data-open]").focus()
    page.keyboard.press("m")
    expect(page.get_by_label("Qual")).to_be_focused()
    page.get_by_label("Qual").select_option("Licitação")
    page.locator("[data-panel=mark]").get_by_role("button", name="Marcar").click()
    _each(page, ".cx-marker.cx-verde", 1)
    page.locator("[data-line]", has_text="Compra 2/2026").locator("[data-open]").focus()
    page.keyboard.press("n")
    page.keyboard.type("Ligar para o fornecedor")
    page.locator("[data-panel=note]").get_by_role("button", name="Anotar").click()
    expect(page.get_by_text("1 item com a anotação.")).to_be_visible()
    _each(page, "[title='Ligar para o fornecedor']", 1)
    _undone(page)
    _each(page, "[title='Ligar para o fornecedor']", 0)
    _pick(page, "Compra 3/2026")
    _panel(page, "Prioridade")
    page.get_by_label("Prioridade", exact=True).select_option("Urgente")
    _press(page, "Mudar prioridade")
    expect(page.locator("[data-line]").first).to_contain_text("Compra 3/2026")
    expect(page.locator("[data-line]").first).to_contain_text("Urgente")
    _pick(page, *BOTH)
    _press(page, "Lido")
    expect(page.get_by_text("2 itens marcados como lidos.")).to_be_visible()
    page.locator("[data-line]", has_text="Compra 1/2026").locator("[data-open]").focus()
    page.keyboard.press("u")
    expect(page.get_by_text("1 item marcado como não lido.")).to_be_visible()
    expect(page.locator("[data-line].cx-unread", has_text="Compra 1/2026")).to_be_visible()
    expect(page.locator("[data-line].cx-unread", has_text="Compra 2/2026")).to_have_count(0)
    _pick(page, "Compra 2/2026")
    _panel(page, "Acompanhar")
    page.locator("[data-panel=watch]").get_by_role("button", name="Acompanhar", exact=True).click()
    expect(page.get_by_text("1 item em acompanhamento.")).to_be_visible()
    _each(page, "[title='Em acompanhamento']", 1)


def _deadlines(page: Page) -> None:
    """A deadline for many; what is late stands first, then what is due today."""
    _pick(page, *BOTH)
    _panel(page, "Prazo")
    page.locator("[data-panel=due]").get_by_role("button", name="Dar prazo").click()
    expect(page.get_by_text("Escolha uma data ou um número de dias para o prazo.")).to_be_visible()
    page.get_by_label("Ou em quantos dias").fill("1")
    page.locator("[data-panel=due]").get_by_role("button", name="Dar prazo").click()
    expect(page.get_by_text("2 itens com o prazo mudado.")).to_be_visible()
    _each(page, ".cx-when:has-text('vence amanhã')", 2)
    _undone(page)
    _each(page, ".cx-when:has-text('vence amanhã')", 0)
    _pick(page, "Compra 2/2026")
    _panel(page, "Prazo")
    page.get_by_label("Até o dia").fill(clock.today().isoformat())
    page.locator("[data-panel=due]").get_by_role("button", name="Dar prazo").click()
    expect(page.locator("[data-line]").first).to_contain_text("vence hoje")
    _pick(page, "Compra 1/2026")
    _panel(page, "Prazo")
    page.get_by_label("Até o dia").fill((clock.today() + timedelta(days=1)).isoformat())
    page.locator("[data-panel=due]").get_by_role("button", name="Dar prazo").click()
    expect(page.locator("[data-line]", has_text="vence amanhã")).to_contain_text("Compra 1/2026")
    clock.configure(clock.now() + timedelta(days=1) - clock.real_now())
    page.reload()
    expect(page.locator("[data-line]").nth(0)).to_contain_text("Compra 2/2026")
    expect(page.locator("[data-line]").nth(0)).to_contain_text("venceu ontem")
    expect(page.locator("[data-line]").nth(1)).to_contain_text("Compra 1/2026")
    expect(page.locator("[data-line]").nth(1)).to_contain_text("vence hoje")
    expect(page.get_by_role("link", name="Atrasados 1")).to_be_visible()
    expect(page.get_by_role("link", name="Vencem hoje 1")).to_be_visible()
    expect(page.get_by_role("link", name="Tudo 5")).to_be_visible()


def _choose(page: Page, **chosen: str) -> None:
    if not page.get_by_role("button", name="Aplicar").is_visible():
        page.get_by_text("Filtros, ordem e grupos").click()
    for label, option in chosen.items():
        page.get_by_label(label.replace("_", " "), exact=True).select_option(option)
    page.get_by_role("button", name="Aplicar").click()
    page.wait_for_load_state()


def _filters_and_groups(page: Page, server: str) -> None:
    """Received and generated, tasks and processos, deadline, marker; sorted; in groups with their headings."""
    lines = page.locator("[data-line]")
    for label, option, count in (
        ("Origem", "Gerados aqui", 1), ("Origem", "Recebidos", 4), ("O_que", "Só tarefas", 1), ("Marcador", "Licitação", 1),
        ("Prazo", "Sem prazo", 3), ("Tipo", "Administrativo geral", 4),
    ):  # fmt: skip
        page.goto(f"{server}/controle?recorte=todas")
        _choose(page, **{label: option})
        expect(lines).to_have_count(count)
    page.goto(f"{server}/controle?recorte=todas")
    _choose(page, O_que="Só processos", Ordem="Mais antigos")
    expect(lines.first).to_contain_text("Compra 1/2026")
    _choose(page, Ordem="Mais novos", Agrupar_por="Marcador")
    expect(page.locator(".cx-group", has_text="Licitação")).to_be_visible()
    page.get_by_role("link", name="Atrasados 1").click()
    expect(lines).to_have_count(1)
    page.get_by_role("link", name="Não lidos").click()
    expect(lines.first).to_be_visible()


def _views(page: Page, server: str) -> None:
    """A view kept under a name opens first, and is forgotten."""
    page.goto(f"{server}/controle?recorte=todas")
    _choose(page, Origem="Recebidos", Agrupar_por="Prazo")
    expect(page.locator(".cx-group").first).to_be_visible()
    page.get_by_text("Salvar esta visão").click()
    page.get_by_label("Nome da visão").fill("Recebidos por prazo")
    page.get_by_label("Abrir primeiro").check()
    page.locator(".cx-save").get_by_role("button", name="Salvar").click()
    expect(page.get_by_text("Visão “Recebidos por prazo” salva.")).to_be_visible()
    page.goto(f"{server}/controle")
    expect(page.locator("[data-line]")).to_have_count(4)
    expect(page.get_by_role("link", name="Recebidos por prazo")).to_have_attribute("aria-current", "page")
    look(page, "controle-visao")
    page.get_by_text("Salvar esta visão").click()
    page.get_by_role("button", name="Apagar a visão “Recebidos por prazo”").click()
    expect(page.get_by_text("Visão “Recebidos por prazo” apagada.")).to_be_visible()


def _leave_and_come_back(page: Page, server: str) -> None:
    """Conclude and reopen many, send many to a unit with a day to give back."""
    lines = page.locator("[data-line]")
    page.goto(f"{server}/controle?recorte=todas")
    _pick(page, *BOTH, "Pedido 7/2026")
    _press(page, "Concluir")
    expect(
        page.get_by_text("2 itens concluídos de 3.")
    ).to_be_visible()  # the task is done on its own page, which is said
    expect(page.locator(".notice-warning")).to_be_visible()
    expect(lines).to_have_count(3)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Concluídos").click()
    expect(lines).to_have_count(2)
    _pick(page, *BOTH)
    _press(page, "Reabrir")
    expect(page.get_by_text("2 itens reabertos.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nenhum processo concluído aqui")).to_be_visible()
    page.goto(f"{server}/controle?recorte=todas")
    expect(lines).to_have_count(5)
    _pick(page, *BOTH)
    _panel(page, "Enviar")
    page.get_by_label("Para as unidades").fill("DIR, CAC")
    page.get_by_label("Devolver até").fill((clock.today() + timedelta(days=10)).isoformat())
    look(page, "controle-enviar")
    page.locator("[data-panel=send]").get_by_role("button", name="Enviar").click()
    expect(page.get_by_text("2 itens enviados.")).to_be_visible()
    expect(lines).to_have_count(3)
    hands.enter(page, server, "carla")
    page.goto(f"{server}/controle?recorte=todas")
    for one in BOTH:
        expect(page.locator("[data-line]", has_text=one)).to_contain_text("de GRI")
