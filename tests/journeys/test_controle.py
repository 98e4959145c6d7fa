"""The list in a browser, with the keyboard alone; work that appears by itself; what axe finds, wide, narrow, dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.webapp import controle_work as house
from tests.webapp import desk
from tests.webapp.browser import axe, look

pytestmark = pytest.mark.slow


def test_the_list_is_worked_with_the_keyboard_and_new_work_appears(
    app: Flask, server: str, page: Page, tmp_path: Path
) -> None:
    house.house()
    with house.flow(tmp_path):
        for number in range(3):
            house.sent(f"Aquisição {number}/2026")
        house.task("Pedido 7/2026")
        house.offered_block(house.sent("Para assinar", to="DIR"))
        _journey(server, page)


def _journey(server: str, page: Page) -> None:
    desk.sign_in(page, server, "ana")
    lines = page.locator("[data-line]")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Controle de processos")
    expect(lines).to_have_count(4)
    expect(page.get_by_role("link", name="Tudo 4")).to_be_visible()
    expect(page.get_by_role("link", name="Um bloco de assinatura novo espera a sua unidade")).to_be_visible()
    look(page, "controle")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Atalhos do teclado")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")

    # claim, undo, by keyboard; the focus stays on the line
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(lines.nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_text("1 item assumido.")).to_be_visible()
    expect(lines.nth(1).get_by_text("Você")).to_be_visible()
    expect(lines.nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("z")
    expect(page.get_by_text("Desfeito.")).to_be_visible()
    expect(lines.nth(1).get_by_text("Você")).to_have_count(0)

    # work arrives while something is selected and focused: neither moves
    page.keyboard.press("x")
    expect(page.get_by_text("1 item selecionado")).to_be_visible()
    chosen = lines.nth(1).get_attribute("data-key")
    house.sent("Chegou agora 9/2026")
    expect(lines.filter(has_text="Chegou agora 9/2026")).to_be_visible(timeout=15_000)
    expect(page.locator("[data-news]")).to_have_text("1 item novo na lista.")
    expect(page.locator(f"[data-key='{chosen}'] input")).to_be_checked()
    expect(page.locator(f"[data-key='{chosen}'] [data-open]")).to_be_focused()

    # assign the selected one to Bruno, then conclude another and take it back
    page.keyboard.press("a")
    expect(page.get_by_label("A quem")).to_be_focused()
    look(page, "controle-acoes")
    page.get_by_label("A quem").select_option(label="Servidora bruno")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 item atribuído.")).to_be_visible()
    expect(page.locator(f"[data-key='{chosen}']").get_by_text("Servidora bruno")).to_be_visible()
    page.locator("[data-line]", has_text="Aquisição 2/2026").locator("[data-open]").focus()
    page.keyboard.press("e")
    expect(page.get_by_text("1 item concluído.")).to_be_visible()
    expect(lines).to_have_count(4)
    page.keyboard.press("z")
    expect(lines).to_have_count(5)

    # filter, then the palette
    page.keyboard.press("/")
    page.keyboard.type("pedido 7")
    page.keyboard.press("Enter")
    expect(lines).to_have_count(1)
    expect(page.get_by_role("link", name="Tudo 1")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Comando")).to_be_focused()
    page.keyboard.type("aquisicao 1")
    expect(page.get_by_role("option", name="Aquisição 1/2026")).to_be_visible()
    look(page, "paleta")
    palette = page.get_by_role("combobox", name="Comando")
    for _ in range(3):  # the first only empties the field
        if palette.is_visible():
            page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Conferir pedido")).to_be_visible()
    page.goto(server + "/controle?q=nada")
    expect(page.get_by_role("heading", name="Nada com estes filtros")).to_be_visible()
    look(page, "controle-vazio")
