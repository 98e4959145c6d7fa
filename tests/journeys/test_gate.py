"""Journey 2 whole: a real installation, the keypad in Chromium, photographs before the camera, the attendant beside."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from uuid import UUID

import cv2
import numpy as np
import pytest
import segno
from playwright.sync_api import Browser, Page, expect

import people
from integrations.faces.boxes import sign_token
from integrations.faces.samples import Samples, SamplesUnavailable, fetch
from tests.resilience.house import House, cpf
from tests.webapp.browser import look

pytestmark = pytest.mark.slow
CPF = cpf(987123654)
NAME = "Visitante de Ensaio"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Three photographs of one person and one of another."""
    try:
        return fetch(tmp_path_factory.mktemp("amostras"))
    except SamplesUnavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """Everything running, as `./run` starts it."""
    started = House()
    yield started
    started.stop()


@pytest.fixture
def visitor(house: House, samples: Samples) -> str:
    """Somebody registered at the desk from two photographs; the person's id."""
    desk = house.staff("atendente")
    desk.get("/atendimento/")
    draft = desk.ask("/atendimento/cadastros")
    for photo in samples.same[:2]:
        assert desk.ask(draft["face_url"], picture=photo.read_bytes())["accepted"]
    desk.ask(draft["document_url"], picture=samples.same[0].read_bytes())
    desk.ask(draft["details_url"], nome=NAME, cpf=CPF)
    desk.look(draft["candidates_url"])
    desk.ask(draft["candidates_url"], decisao="outra")
    person = str(desk.ask(draft["finish_url"])["person"])
    gallery = "SELECT 1 FROM bridge WHERE gallery_cursor > 0"
    house.wait("a galeria na ponte", lambda: bool(house.rows(gallery)), 40)
    return person


def show(house: House, picture: bytes) -> None:
    """Lay a picture before the gate's camera."""
    folder = house.data / "ponte" / "imagens"
    partial = folder / ".partial"
    partial.write_bytes(picture)
    partial.rename(folder / f"{time.time_ns()}.jpg")


def type_cpf(page: Page, house: House) -> None:
    """The visitor says who they are."""
    page.goto(house.keypad)
    box = page.get_by_role("textbox", name="Digite seu CPF")
    box.press_sequentially(CPF, delay=30)  # as fingers do; a busy machine drops keys pressed all at once
    expect(box).to_have_value(f"{CPF[:3]}.{CPF[3:6]}.{CPF[6:9]}-{CPF[9:]}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Olhe para a câmera")).to_be_visible(timeout=15_000)


def test_journey_2_a_claim_by_cpf_then_a_stranger_then_a_claim_by_qr(
    house: House, visitor: str, samples: Samples, page: Page, browser: Browser
) -> None:
    type_cpf(page, house)
    show(house, samples.same[2].read_bytes())
    expect(page.get_by_role("heading", name="Entrada liberada")).to_be_visible(timeout=30_000)
    assert NAME not in page.content(), "the gate shows nobody's name"
    look(page, "jornada2-liberada")
    assert house.rows("SELECT person_id::text, kind FROM entry") == [(visitor, "visitante")]
    house.wait("o dia listado", lambda: house.rows("SELECT 1 FROM attendance WHERE person_id = %s", visitor))

    time.sleep(4)  # nobody before the camera
    type_cpf(page, house)
    show(house, samples.other.read_bytes())
    expect(page.get_by_role("heading", name="Aguarde o atendente")).to_be_visible(timeout=30_000)
    assert house.one("SELECT count(*) FROM entry") == 1, "never an entry in a name nobody confirmed"

    attendant = browser.new_context(locale="pt-BR").new_page()
    attendant.goto(f"{house.url}/entrar")
    attendant.get_by_label("E-mail ou usuário").fill("atendente")
    attendant.get_by_label("Senha").fill(house.passwords["atendente"])
    attendant.get_by_role("button", name="Entrar").click()
    attendant.goto(f"{house.url}/atendimento/")
    attendant.get_by_role("link", name=re.compile("Confirmar identidade")).click()
    expect(attendant.get_by_role("img", name="Quem está na portaria")).to_be_visible()
    expect(attendant.get_by_role("img", name=f"Foto de {NAME}")).to_be_visible()
    look(attendant, "jornada2-duvida")
    attendant.get_by_role("button", name="Não é ninguém cadastrado").click()
    expect(attendant.get_by_text("Ninguém esperando")).to_be_visible()
    attendant.context.close()
    assert house.one("SELECT count(*) FROM entry") == 1
    assert house.one("SELECT count(*) FROM gate_crop") == 0, "the picture went with the answer"

    time.sleep(8)  # the same face within ten seconds is the same passage
    show(house, qr_of(house, visitor))
    time.sleep(1.5)
    show(house, samples.same[2].read_bytes())
    claims = "SELECT 1 FROM gate_event WHERE claim = 'qr' AND decision = 'recognised' AND result = 'LIBERADO'"
    house.wait("a entrada por QR", lambda: bool(house.rows(claims)), 40)


def qr_of(house: House, person: str) -> bytes:
    """A picture of the QR that the área do usuário shows to that person."""
    with house.inside():
        signer = people.settings().keyring.signer("visitor")
        token = sign_token(signer.private, UUID(person), time.time())
    pixels = np.array([[0 if dark else 255 for dark in row] for row in segno.make(token).matrix], dtype=np.uint8)
    big = cv2.resize(pixels, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    framed = cv2.copyMakeBorder(big, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
    done, encoded = cv2.imencode(".jpg", framed)
    assert done
    return encoded.tobytes()
