"""The list over HTTP: acts on tasks and processos, each by itself, told and undone; views; 304; who may see what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from documents import inbox
from tests.webapp import controle_work as house
from tests.webapp import scenario
from workflow.database import transaction

pytestmark = pytest.mark.slow


@pytest.fixture
def ana(app: Flask, tmp_path: Path) -> Iterator[FlaskClient]:
    """Ana of the GRI, signed in."""
    house.house()
    with house.flow(tmp_path):
        client = app.test_client()
        scenario.enter(client, "ana")
        yield client


def item(login: str, identifier: UUID, **filters: str) -> inbox.WorkItem | None:
    """The item as somebody's list has it."""
    with transaction() as session:
        found = inbox.work(session, scenario.actor_of(login), inbox.WorkFilters(**filters))  # type: ignore[arg-type]
    return next((one for one in found.items if one.id == identifier), None)


def held(login: str, identifier: UUID) -> inbox.WorkItem:
    """The same, which must be there."""
    found = item(login, identifier)
    assert found is not None
    return found


def act(client: FlaskClient, name: str, *keys: str, **more: str) -> TestResponse:
    """An act on items, as the page without scripts sends it."""
    token = scenario.token_of(client, "/controle")
    return client.post("/controle/agir", data={"acao": name, "item": list(keys), "csrf_token": token, **more})


def undo(client: FlaskClient) -> None:
    """Takes the last act back by the page's own button."""
    found = re.search(r'action="(/controle/desfazer/[0-9a-f-]+)"', client.get("/controle").text)
    assert found is not None
    assert scenario.post(client, found[1]).status_code == 303


def test_tasks_and_processos_are_one_list_and_each_act_is_undone(app: Flask, ana: FlaskClient) -> None:
    dossier, task = house.sent("Aquisição de cadeiras"), house.task("Pedido 7/2026")
    page = ana.get("/controle").text
    for text in ("Aquisição de cadeiras", "de DIR", "Pedido 7/2026", "Conferir pedido", "0100.02."):
        assert text in page
    keys = (f"dossier:{dossier}", f"task:{task}")
    assert held("ana", task).unread
    me = scenario.actor_of("ana").id

    act(ana, "claim", *keys)
    assert {held("ana", one).assignee for one in (dossier, task)} == {me}
    assert "2 itens assumidos." in ana.get("/controle").text.replace("\n", " ")
    act(ana, "release", *keys)
    undo(ana)
    assert {held("ana", one).assignee for one in (dossier, task)} == {me}

    bruno = str(scenario.actor_of("bruno").id)
    act(ana, "assign", *keys, conta=bruno)
    assert {str(held("ana", one).assignee) for one in (dossier, task)} == {bruno}
    undo(ana)

    act(ana, "priority", *keys, prioridade="2")
    assert {held("ana", one).priority for one in (dossier, task)} == {2}
    undo(ana)
    assert {held("ana", one).priority for one in (dossier, task)} == {0}

    act(ana, "unread", *keys)
    assert all(held("ana", one).unread for one in (dossier, task))
    act(ana, "read", *keys)
    assert not any(held("ana", one).unread for one in (dossier, task))

    act(ana, "mark", *keys, marcador_nome="Aguarda resposta", marcador_cor="roxo", texto_marcador="até sexta")
    assert {held("ana", one).markers[0].text for one in (dossier, task)} == {"até sexta"}
    undo(ana)
    assert not any(held("ana", one).markers for one in (dossier, task))

    act(ana, "note", *keys, anotacao="Falar com a Carla.")
    assert {held("ana", one).note for one in (dossier, task)} == {"Falar com a Carla."}
    undo(ana)
    assert {held("ana", one).note for one in (dossier, task)} == {""}

    act(ana, "watch", *keys)
    assert all(held("ana", one).watch for one in (dossier, task))
    undo(ana)
    assert not any(held("ana", one).watch for one in (dossier, task))
    assert scenario.chain_is_whole()


def test_what_a_task_cannot_do_is_told_and_the_others_are_done(ana: FlaskClient) -> None:
    dossier, task = house.sent("Aquisição de cadeiras"), house.task("Pedido 7/2026")
    keys = (f"dossier:{dossier}", f"task:{task}")
    act(ana, "conclude", *keys)
    told = ana.get("/controle").text
    assert "1 item concluído de 2." in told
    assert "Uma tarefa se conclui na página dela" in told
    assert item("ana", dossier) is None
    assert "Aquisição de cadeiras" in ana.get("/controle?recorte=concluidas").text
    token = scenario.token_of(ana)
    ana.post("/controle/agir", data={"rapido": f"reopen:dossier:{dossier}", "csrf_token": token})
    assert item("ana", dossier) is not None
    act(ana, "due", *keys, prazo_dias="2", prazo_uteis="1")
    page = ana.get("/controle").text
    assert "vence em 2 dias úteis" in page
    assert 'datetime="2026-11-26T23:59-03:00" title="Prazo: 26/11/2026"' in page
    assert "O prazo de uma tarefa vem do fluxo." in act(ana, "send", f"task:{task}", unidades="CAC").text + act_told(
        ana, "due", keys[1]
    )
    act(ana, "send", *keys, unidades="cac, DIR")
    assert item("ana", dossier) is None
    assert held("carla", dossier).from_unit == "GRI"
    assert "não se envia a outra unidade" in ana.get("/controle").text


def act_told(client: FlaskClient, name: str, key: str) -> str:
    """What the page says of an act that only that item refused."""
    act(client, name, key, prazo_dias="2")
    return client.get("/controle").text


def test_bad_requests_say_what_to_do(ana: FlaskClient) -> None:
    dossier = house.sent("Aquisição de cadeiras")
    key = f"dossier:{dossier}"
    for answer, said in (
        (act(ana, "claim"), "Selecione ao menos um item"),
        (act(ana, "explode", key), "Escolha o que fazer"),
        (act(ana, "assign", key), "Escolha a pessoa"),
        (act(ana, "send", key), "Escreva a sigla"),
        (act(ana, "due", key), "Escolha uma data ou um número de dias"),
        (act(ana, "due", key, prazo_dias="²"), "número inteiro"),
        (ana.get("/controle?depois=lixo"), "A lista mudou"),
    ):
        assert answer.status_code == 422
        assert said in answer.text
    assert ana.get("/controle?recorte=x&tipo=y&marcador=z&prazo=w&grupo=v&ordem=%00").status_code == 200


def test_another_units_work_is_neither_seen_nor_done(app: Flask, ana: FlaskClient) -> None:
    theirs = house.sent("Só da DIR", to="DIR")
    task = house.task("Pedido 9/2026")
    assert "Só da DIR" not in ana.get("/controle").text
    act(ana, "claim", f"dossier:{theirs}", f"dossier:{uuid4()}")
    assert held("carla", theirs).assignee is None
    carla = app.test_client()
    scenario.enter(carla, "carla")
    for name in ("claim", "read", "priority", "note", "watch", "release"):
        act(carla, name, f"task:{task}", prioridade="2", anotacao="x")
    line = held("ana", task)
    assert (line.assignee, line.unread, line.priority) == (None, True, 0)
    token = scenario.token_of(ana)
    act(ana, "claim", f"task:{task}")
    found = re.search(r'action="(/controle/desfazer/[0-9a-f-]+)"', ana.get("/controle").text)
    assert found is not None
    assert carla.post(found[1], data={"csrf_token": scenario.token_of(carla)}).status_code == 404
    assert ana.post(found[1], data={"csrf_token": token}).status_code == 303
    assert ana.post(found[1], data={"csrf_token": token}).status_code == 404


def test_nothing_new_is_a_304_and_a_view_is_kept(ana: FlaskClient) -> None:
    house.sent("Aquisição de cadeiras")
    page = ana.get("/controle").text
    version = re.search(r'data-version="([0-9a-f]+)"', page)
    assert version is not None
    address = f"/controle/lista?versao={version[1]}"
    assert ana.get(address).status_code == 304
    house.sent("Contratação de café")
    fresh = ana.get(address)
    assert fresh.status_code == 200
    assert "Contratação de café" in fresh.text
    assert re.search(r"Tudo\s*<span[^>]*>2<", ana.get("/controle/contagens").text)
    scenario.post(ana, "/controle/visoes", nome="Só café", volta="q=cafe&lixo=1", padrao="1")
    opened = ana.get("/controle")
    assert opened.headers["Location"].endswith("/controle?q=cafe")
    page = ana.get("/controle?q=cafe").text
    assert "Contratação de café" in page
    assert "Aquisição de cadeiras" not in page
    assert "Aquisição de cadeiras" in ana.get("/controle?recorte=todas").text
    found = re.search(r'action="(/controle/visoes/[0-9a-f-]+/apagar)"', page)
    assert found is not None
    scenario.post(ana, found[1])
    assert ana.get("/controle").status_code == 200
    assert ana.get("/tarefas").headers["Location"] == "/controle"
    for group in ("tipo", "prazo", "pessoa", "marcador"):
        assert ana.get(f"/controle?grupo={group}&ordem=novos").status_code == 200


def test_the_palette_finds_pages_and_work(ana: FlaskClient) -> None:
    house.sent("Aquisição de cadeiras")
    assert "Novo processo" in ana.get("/controle/paleta?q=novo").text
    found = ana.get("/controle/paleta?q=aquisicao").text
    assert "Aquisição de cadeiras" in found
    assert "Incidentes" not in ana.get("/controle/paleta").text
