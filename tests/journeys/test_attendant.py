"""Journey 1, and the attendant's side of journey 2: find, register with the camera, confirm a doubtful entry."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from sqlalchemy import select

from people import queries
from people.models import FaceRecord
from processes.entrada import queries as gates
from tests.journeys.fake_camera import chromium_flags, film
from tests.webapp import desk, scenario
from tests.webapp.browser import ARGUMENTS, axe, look
from workflow.database import transaction

pytestmark = pytest.mark.slow
CPF = "529.982.247-25"


@pytest.fixture
def camera(browser: Browser, faces_folder: Path, tmp_path: Path) -> Iterator[Page]:
    """A tab whose camera shows an empty chair, then one person in several poses."""
    poses = desk.photographs(faces_folder, "Tom_Cruise")[:5]
    reel = film(tmp_path / "camera.y4m", [None, *poses], 1.5)
    opened = browser.browser_type.launch(
        executable_path="/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None,
        args=[*ARGUMENTS, *chromium_flags(reel)],
    )
    page = opened.new_page(viewport={"width": 1280, "height": 900}, locale="pt-BR")
    yield page
    opened.close()


def paper(tmp_path: Path) -> Path:
    """A picture of a document."""
    path = tmp_path / "documento.jpg"
    Image.effect_noise((800, 500), 40).convert("RGB").save(path)
    return path


def jpeg(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (240, 240), colour).save(out, "JPEG")
    return out.getvalue()


def test_journey_1_the_attendant_registers_a_visitor_with_the_camera(
    app: Flask, server: str, camera: Page, tmp_path: Path
) -> None:
    desk.open_the_house()
    desk.sign_in(camera, server, scenario.staff("identificacao"))
    camera.goto(server + "/atendimento/")
    expect(camera.get_by_text("Ninguém esperando")).to_be_visible()
    look(camera, "mesa")
    camera.get_by_label("CPF ou nome").fill(CPF)
    camera.keyboard.press("Enter")
    expect(camera.get_by_text("Ninguém encontrado")).to_be_visible()
    look(camera, "busca-vazia")
    camera.get_by_role("button", name="Cadastrar visitante").click()
    camera.get_by_role("button", name="Tirar as fotos").click()
    going_on = camera.get_by_role("link", name="Continuar para o documento")
    expect(going_on).to_be_visible(timeout=90_000)
    expect(camera.get_by_text("3 fotos boas. É o bastante.")).to_be_visible()
    expect(camera.get_by_role("img", name=re.compile("^Foto "))).to_have_count(3)
    look(camera, "rosto")
    camera.get_by_role("button", name="Remover a foto 3").click()
    expect(camera.get_by_text("2 de 3 fotos boas")).to_be_visible()
    camera.get_by_role("button", name="Tirar as fotos").click()
    expect(going_on).to_be_visible(timeout=90_000)
    going_on.click()
    _document_and_details(camera, tmp_path)
    camera.get_by_role("button", name="Concluir cadastro").click()
    expect(camera.get_by_role("heading", level=1, name="Tomás Cruzeiro da Silva")).to_be_visible()
    look(camera, "pessoa")
    with transaction() as session:
        row = queries.person_by_cpf(session, CPF)
        assert row is not None
        assert session.scalars(select(FaceRecord.pictures).where(FaceRecord.person_id == row.id)).one() == 3
    assert scenario.chain_is_whole()


def _document_and_details(camera: Page, tmp_path: Path) -> None:
    camera.get_by_label("Ou envie a foto do documento").set_input_files(paper(tmp_path))
    expect(camera.get_by_text("Foto do documento recebida")).to_be_visible()
    look(camera, "documento")
    camera.get_by_role("link", name="Continuar para os dados").click()
    expect(camera.get_by_label("CPF")).to_have_value(CPF)  # what was searched for came along
    camera.get_by_role("button", name="Continuar e conferir").click()
    expect(camera.get_by_role("alert")).to_contain_text("nome completo")
    look(camera, "dados")
    camera.get_by_label("Nome completo").fill("Tomás Cruzeiro da Silva")
    camera.get_by_role("button", name="Continuar e conferir").click()
    expect(camera.get_by_role("heading", name="Ninguém parecido")).to_be_visible()
    camera.get_by_role("button", name="Continuar").click()
    expect(camera.get_by_role("heading", name="Está tudo certo?")).to_be_visible()
    look(camera, "revisao")


def test_the_upload_survives_a_lost_connection(app: Flask, server: str, browser: Browser, faces_folder: Path) -> None:
    """Without a camera, from the keyboard; the first two attempts never reach the server."""
    desk.open_the_house()
    page = browser.new_context(locale="pt-BR").new_page()
    desk.sign_in(page, server, scenario.staff("identificacao"))
    page.goto(server + "/atendimento/")
    page.get_by_role("button", name="Cadastrar visitante").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fotos do rosto")).to_be_visible()
    attempts: list[str] = []

    def cut(route: Route) -> None:
        if route.request.method == "POST":
            attempts.append(route.request.url)
        if 0 < len(attempts) <= 2:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile(r"/cadastros/[^/]+/rosto$"), cut)
    page.get_by_label("Ou envie fotos do computador").set_input_files(desk.photographs(faces_folder, "Tom_Cruise")[:1])
    expect(page.get_by_text("será enviada quando a conexão voltar")).to_be_visible()
    expect(page.get_by_text("1 de 3 fotos boas")).to_be_visible(timeout=30_000)
    assert len(attempts) == 3
    expect(page.get_by_role("button", name="Enviar")).to_have_count(0)  # choosing the files sent them
    _each_picture_has_its_line(page, faces_folder)
    page.context.close()


def _each_picture_has_its_line(page: Page, faces_folder: Path) -> None:
    """Several files at once: what became of each stays to be read, until the next act."""
    lines = page.get_by_role("list", name="Resultado de cada foto").get_by_role("listitem")
    expect(lines).to_have_count(1)
    chosen = [desk.photographs(faces_folder, "Tom_Cruise")[1], desk.photographs(faces_folder, "George_Clooney")[0]]
    files = [
        FilePayload(name=name, mimeType="image/jpeg", buffer=path.read_bytes())
        for name, path in zip("ab", chosen, strict=True)
    ]
    page.get_by_label("Ou envie fotos do computador").set_input_files(files)
    expect(page.get_by_text("1 de 2 fotos aceitas")).to_be_visible(timeout=30_000)
    expect(lines).to_have_text([re.compile("^a: Foto boa"), re.compile("^b: Esta foto parece ser de outra pessoa")])
    look(page, "rosto-recusado")


def test_journey_2_the_attendant_confirms_a_doubtful_entry(
    app: Flask, server: str, page: Page, browser: Browser
) -> None:
    desk.open_the_house()
    first = desk.enrolled("Maria das Dores Ávila", "52998224725", jpeg((200, 170, 150)))
    desk.enrolled("Mariana Dores", None, jpeg((150, 170, 200)), np.random.default_rng(8).normal(size=128))
    second = _person("Mariana Dores")
    gate = desk.bridge()
    desk.sign_in(page, server, scenario.staff("identificacao"))
    page.goto(server + "/atendimento/")
    expect(page.get_by_text("Ninguém esperando")).to_be_visible()
    desk.doubt(gate, [first, second], jpeg((120, 120, 120)))
    waiting = page.get_by_role("link", name=re.compile("Confirmar identidade"))
    expect(waiting).to_be_visible(timeout=15_000)  # the list refreshes itself
    look(page, "mesa-com-duvida")
    waiting.click()
    expect(page.get_by_role("img", name="Quem está na portaria")).to_be_visible()
    expect(page.get_by_role("img", name="Foto de Maria das Dores Ávila")).to_be_visible()
    look(page, "verificar")
    late = _colleague(browser, server, page.url)
    page.get_by_role("button", name=re.compile("É esta pessoa.*Maria das Dores")).click()
    expect(page.get_by_text("Entrada liberada: Maria das Dores Ávila.")).to_be_visible()
    late.get_by_role("button", name="Não é ninguém cadastrado").click()
    expect(late.get_by_text("Servidora identificacao concluiu")).to_be_visible()
    assert axe(late) == []
    late.context.close()
    with transaction() as session:
        assert len(gates.entries_of(session, first)) == 1


def _person(name: str) -> UUID:
    with transaction() as session:
        return queries.search_people(session, name)[0].id


def _colleague(browser: Browser, server: str, address: str) -> Page:
    """Another attendant has the same question open."""
    other = browser.new_context(locale="pt-BR").new_page()
    desk.sign_in(other, server, scenario.staff("identificacao", login="colega"))
    other.goto(address)
    expect(other.get_by_role("button", name="Não é ninguém cadastrado")).to_be_visible()
    return other


def test_exceptions_of_the_desk_are_readable(app: Flask, server: str, page: Page) -> None:
    """Minor, no document (attendant and Gpol), homonyms, candidates: each page looked at, none with a fault."""
    desk.open_the_house()
    known = desk.enrolled("Maria Silva Santos", "52998224725", jpeg((200, 170, 150)))
    desk.enrolled("Maria da Silva", None, jpeg((150, 170, 200)), np.random.default_rng(8).normal(size=128))
    desk.sign_in(page, server, scenario.staff("identificacao"))
    page.goto(server + "/atendimento/busca/rosto")
    expect(page.get_by_text("Nenhuma câmera foi encontrada")).to_be_visible()
    look(page, "busca-rosto")
    page.goto(server + "/atendimento/")
    page.get_by_label("CPF ou nome").fill("maria silva")
    page.get_by_role("button", name="Procurar", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("É esta pessoa"))).to_have_count(2)
    look(page, "busca")
    page.get_by_role("button", name="Não é nenhuma destas: cadastrar").click()
    page.get_by_role("link", name="É menor de 18 anos").click()
    look(page, "menor")
    page.go_back()
    page.get_by_role("link", name="Sem documento").click()
    expect(page.get_by_role("link", name="Fotografar o rosto")).to_be_visible()
    look(page, "sem-documento")
    draft = page.url.removesuffix("/sem-documento")
    page.goto(draft + "/dados")
    expect(page.get_by_label("Nome completo")).to_have_value("Maria Silva")
    page.get_by_role("button", name="Continuar e conferir").click()
    expect(page.get_by_role("button", name=re.compile("É esta pessoa.*Silva Santos"))).to_be_visible()
    look(page, "candidatos")
    page.goto(draft + "/menor")
    page.get_by_role("button", name="Apagar tudo e contar o descarte").click()
    look(page, "menor-passagem")
    page.goto(f"{server}/atendimento/pessoas/{known}")
    page.get_by_label("Posto").select_option(index=1)
    page.get_by_role("button", name="É esta pessoa: liberar entrada").click()
    expect(page.get_by_text("Entrada liberada: Maria Silva Santos.")).to_be_visible()


def test_the_gpol_finds_the_request_and_the_desk_its_answer(
    app: Flask, server: str, page: Page, browser: Browser
) -> None:
    """R11: no link is carried; the request appears in the Gpol's inbox, the answer on the attendant's page."""
    desk.open_the_house()
    desk.sign_in(page, server, scenario.staff("identificacao"))
    page.goto(server + "/atendimento/")
    page.get_by_role("button", name="Cadastrar visitante").click()
    draft = page.url.removesuffix("/rosto")
    desk.photographed(UUID(draft.rsplit("/", 1)[1]), "identificacao", jpeg((200, 170, 150)))
    officer = browser.new_context(locale="pt-BR").new_page()
    desk.sign_in(officer, server, scenario.staff("gpol"))
    officer.goto(server + "/tarefas")
    expect(officer.get_by_text("Nenhum pedido agora")).to_be_visible()
    page.goto(draft + "/sem-documento")
    page.get_by_role("button", name="Pedir autorização à Gpol").click()
    expect(page.get_by_text("Esperando a autorização da Gpol")).to_be_visible()
    look(page, "sem-documento-esperando")
    request = officer.get_by_role("link", name="Autorizar cadastro sem documento")
    expect(request).to_be_visible(timeout=10_000)
    look(officer, "tarefas-gpol")
    officer.goto(server + "/atendimento/")
    look(officer, "mesa-gpol")
    request.click()
    look(officer, "gpol-documento")
    officer.get_by_role("button", name="Não autorizar").click()
    expect(page.get_by_text("A Gpol não autorizou")).to_be_visible(timeout=10_000)
    look(page, "sem-documento-negado")
    page.get_by_role("button", name="Pedir de novo").click()
    request.click(timeout=10_000)
    officer.get_by_label("Por que é impossível apresentar documento?").fill("Documentos roubados hoje, com boletim.")
    officer.get_by_role("button", name="Autorizar cadastro").click()
    expect(officer.get_by_text("O atendimento pode continuar")).to_be_visible()
    expect(page.get_by_role("link", name="Continuar o cadastro")).to_be_visible(timeout=10_000)
    task = desk.doubt(
        desk.bridge(), [desk.enrolled("Maria das Dores Ávila", None, jpeg((200, 170, 150)))], jpeg((9, 9, 9))
    )
    scenario.post(_client(app, "identificacao"), f"/atendimento/verificar/{task}", resposta="gpol")
    officer.goto(server + "/tarefas")
    officer.get_by_role("link", name="Autorizar entrada").click()
    expect(officer.get_by_role("button", name="Não autorizar")).to_be_visible()
    look(officer, "verificar-gpol")
    officer.context.close()


def _client(app: Flask, login: str) -> FlaskClient:
    client = app.test_client()
    scenario.sign_in(client, login)
    return client
