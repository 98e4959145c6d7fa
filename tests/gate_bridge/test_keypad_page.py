"""The keypad and the live view in a real Chromium: by touch, by keyboard, and looked at by axe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gate_bridge.clock import BridgeClock
from gate_bridge.http_server import HttpServer
from gate_bridge.live import LiveBoard, LiveSite, Mark
from gate_bridge.settings import Address
from tests.gate_bridge.conftest import CPF
from tests.gate_bridge.test_claims import TUESDAY, WEDNESDAY, Keypad, at, keypad
from tests.webapp.browser import browser, look, page

__all__ = ["browser", "keypad", "page"]
pytestmark = pytest.mark.slow


def test_a_visitor_touches_the_numbers_and_follows_the_result(page: Page, keypad: Keypad) -> None:
    page.goto(keypad.url)
    look(page, "teclado")
    smallest = page.eval_on_selector_all(
        "button",
        "all => Math.min(...all.filter(b => b.offsetHeight).map(b => Math.min(b.offsetHeight, b.offsetWidth)))",
    )
    assert smallest >= 48
    for digit in CPF:
        page.get_by_role("button", name=digit, exact=True).click()
    expect(page.get_by_label("Digite seu CPF")).to_have_value("529.982.247-25")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("heading", name="Olhe para a câmera")).to_be_visible()
    look(page, "teclado-olhe")
    for number, (result, word) in enumerate(
        (
            ("LIBERADO", "Entrada liberada"),
            ("PENDENTE_VERIFICACAO", "Aguarde o atendente"),
            ("NEGADO", "Fechado"),
            ("ENCAMINHADO_GPOL", "Procure a Polícia Legislativa"),
        )
    ):
        waiting = keypad.desk.waiting()
        assert waiting is not None
        keypad.desk.decided(waiting.id, f"e{number}", recognised=True)
        keypad.desk.answered(waiting.id, result)
        expect(page.get_by_role("heading", name=word)).to_be_visible()
        look(page, f"teclado-{result.lower()}")
        page.get_by_role("button", name="Recomeçar").click()
        page.keyboard.type(CPF)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Olhe para a câmera")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "height", "least"), [(1024, 768, 900), (1024, 1366, 900), (768, 1024, 700), (320, 640, 280)]
)
def test_the_keypad_fills_a_kiosk_without_scrolling_sideways(
    page: Page, keypad: Keypad, width: int, height: int, least: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(keypad.url)
    form = page.locator("#formulario").bounding_box()
    last = page.get_by_role("button", name="Entrar").bounding_box()
    assert form is not None
    assert last is not None
    assert form["width"] >= least
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert width == 320 or last["y"] + last["height"] <= height
    expect(page.locator("header svg")).to_be_visible()


def test_a_wrong_cpf_is_said_next_to_the_field_and_nothing_typed_is_lost(page: Page, keypad: Keypad) -> None:
    page.goto(keypad.url)
    page.keyboard.type("52998224724")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Este CPF não está certo. Confira os números e digite de novo.")
    expect(page.get_by_label("Digite seu CPF")).to_have_value("529.982.247-24")
    expect(page.get_by_label("Digite seu CPF")).to_be_focused()
    look(page, "teclado-erro")


def test_closed_is_seen_before_anything_is_typed_and_the_page_opens_by_itself(
    page: Page, keypad: Keypad, clock: BridgeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_config = keypad.config
    keypad.config = replace(open_config, windows=(TUESDAY,))
    at(clock, monkeypatch, 22, 10)
    page.clock.install()
    page.goto(keypad.url)
    expect(page.get_by_role("heading", name="Fechado")).to_be_visible()
    expect(page.get_by_text("Abre em 24/11/2026, às 7h30.")).to_be_visible()
    expect(page.get_by_label("Digite seu CPF")).to_have_count(0)
    look(page, "teclado-fechado")
    at(clock, monkeypatch, 24, 7, 30)
    page.clock.run_for(11_000)
    expect(page.get_by_label("Digite seu CPF")).to_be_visible()
    expect(page.get_by_role("heading", name="Fechado")).to_have_count(0)
    at(clock, monkeypatch, 24, 19, 1)
    keypad.config = replace(open_config, windows=(TUESDAY, WEDNESDAY))
    page.clock.run_for(11_000)
    expect(page.get_by_role("heading", name="Fechado")).to_be_visible()
    expect(page.get_by_label("Digite seu CPF")).to_be_visible()
    look(page, "teclado-depois-das-19")
    at(clock, monkeypatch, 22, 10)
    page.get_by_label("Digite seu CPF").fill(CPF)
    page.get_by_role("button", name="Entrar").click()
    expect(page.locator("#resultado").get_by_role("heading", name="Fechado")).to_be_visible()


def test_the_live_view_is_read_by_everybody_who_may(page: Page) -> None:
    board = LiveBoard()
    board.show("camera-1", np.full((360, 640, 3), 60, np.uint8), [Mark((200, 80, 320, 220), "recognised", "João Ação")])
    server = HttpServer(LiveSite(board, ["camera-1"]), Address("127.0.0.1", 0))
    server.start()
    page.goto(server.url)
    expect(page.get_by_role("img", name="Imagem da câmera camera-1")).to_be_visible()
    look(page, "ao-vivo")
    page.goto("about:blank")
    server.stop()
