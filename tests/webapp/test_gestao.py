"""Inbox, generic forms, cases and incidents over HTTP, with a process that the web has never heard of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.webapp import desk, scenario
from tests.webapp.browser import look
from webapp.gestao import words
from workflow import operations as engine
from workflow import process
from workflow import queries as work
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.process import Field, Form, Lane, Process, Service, ServiceContext

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="t">
  <bpmn:collaboration id="c"><bpmn:participant id="p" name="Pedido" processRef="pedido"/></bpmn:collaboration>
  <bpmn:process id="pedido" name="Pedido" isExecutable="true">
    <bpmn:laneSet id="ls"><bpmn:lane id="l" name="Gestão"><bpmn:flowNodeRef>inicio</bpmn:flowNodeRef><bpmn:flowNodeRef>analisar</bpmn:flowNodeRef><bpmn:flowNodeRef>gravar</bpmn:flowNodeRef><bpmn:flowNodeRef>fim</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="inicio" name="Pedido feito"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="analisar" name="Analisar pedido"><bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing></bpmn:userTask>
    <bpmn:serviceTask id="gravar" name="Gravar pedido"><bpmn:incoming>b</bpmn:incoming><bpmn:outgoing>e</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:endEvent id="fim" name="Pedido analisado"><bpmn:incoming>e</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="a" sourceRef="inicio" targetRef="analisar"/><bpmn:sequenceFlow id="b" sourceRef="analisar" targetRef="gravar"/><bpmn:sequenceFlow id="e" sourceRef="gravar" targetRef="fim"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="dg"><bpmndi:BPMNPlane id="pl" bpmnElement="c">
    <bpmndi:BPMNShape id="p_s" bpmnElement="p" isHorizontal="true"><dc:Bounds x="100" y="60" width="640" height="200"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="l_s" bpmnElement="l" isHorizontal="true"><dc:Bounds x="130" y="60" width="610" height="200"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="i_s" bpmnElement="inicio"><dc:Bounds x="180" y="142" width="36" height="36"/><bpmndi:BPMNLabel><dc:Bounds x="165" y="185" width="66" height="14"/></bpmndi:BPMNLabel></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="t_s" bpmnElement="analisar"><dc:Bounds x="280" y="120" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s_s" bpmnElement="gravar"><dc:Bounds x="440" y="120" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="f_s" bpmnElement="fim"><dc:Bounds x="610" y="142" width="36" height="36"/><bpmndi:BPMNLabel><dc:Bounds x="590" y="185" width="80" height="14"/></bpmndi:BPMNLabel></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="a_e" bpmnElement="a"><di:waypoint x="216" y="160"/><di:waypoint x="280" y="160"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="b_e" bpmnElement="b"><di:waypoint x="380" y="160"/><di:waypoint x="440" y="160"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="e_e" bpmnElement="e"><di:waypoint x="540" y="160"/><di:waypoint x="610" y="160"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
FORM = Form(
    "Analisar pedido",
    (
        Field("parecer", "Parecer", kind="choice", choices=(("sim", "Favorável"), ("nao", "Contrário"))),
        Field("urgente", "É urgente?", kind="boolean"),
        Field("valor", "Valor", kind="decimal", help="Em reais."),
        Field("quantos", "Quantos", kind="integer", required=False),
        Field("quando", "Quando", kind="date"),
        Field("texto", "Observações", kind="textarea", required=False),
    ),
    help="Leia o pedido e dê o parecer.",
)
START = Form("Fazer um pedido", (Field("motivo", "Motivo", max_length=80),), help="Diga o que pede.", action="Iniciar")
GOOD = {"parecer": "sim", "urgente": "nao", "valor": "1.234,56", "quando": "24/11/2026", "texto": "linha 1\r\nlinha 2"}


@pytest.fixture
def broken() -> list[bool]:
    """While it holds something, the service of the process fails."""
    return []


@pytest.fixture
def pedido(app: Flask, tmp_path: Path, broken: list[bool]) -> Iterator[Process]:
    """A process of a folder of its own, deployed."""

    def gravar(context: ServiceContext) -> dict[str, object]:
        if broken:
            raise RuntimeError("o cartório não respondeu")
        return {"gravado": True}

    (tmp_path / "pedido.bpmn").write_text(BPMN)
    made = Process(
        key="pedido", title="Pedido", legal_basis="Norma de teste, art. 1º",
        lanes={"Gestão": Lane("gestor")}, forms={"analisar": FORM},
        services={"gravar": Service(gravar, mode="job", retries=0, gives=("gravado",))}, folder=tmp_path, start=START,
    )  # fmt: skip
    process.register(made)
    desk.open_the_house()
    yield made
    process.unregister("pedido")


@pytest.fixture
def manager(app: Flask, pedido: Process) -> FlaskClient:
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("gestor"))
    return client


def begin(subject: str = "Pedido 1/2026") -> tuple[UUID, UUID]:
    """A running case and its open task."""
    with transaction() as session:
        case = engine.start_case(session, "pedido", {}, actor=SYSTEM, subject=subject)
        (task,) = work.case_view(session, case.id).tasks
    return case.id, task.id


def test_due_instants_are_words() -> None:
    now = datetime(2026, 11, 24, 13, tzinfo=UTC)  # 10h00 in Belo Horizonte
    told = {hours: words.due_words(now + timedelta(hours=hours), now) for hours in (-72, -24, -1, 7, 24, 96)}
    assert [(found.kind, found.text) for found in told.values() if found] == [
        ("error", "venceu há 3 dias"),
        ("error", "venceu ontem"),
        ("error", "venceu hoje, 09h00"),
        ("warning", "vence hoje, 17h00"),
        ("warning", "vence amanhã, 10h00"),
        ("neutral", "vence em 4 dias, 28/11/2026"),
    ]
    assert words.due_words(None) is None


def test_values_are_shown_as_people_write_them() -> None:
    person = uuid4()
    shown = {
        "1.234,50": Decimal("1234.50"), "Sim": True, "24/11/2026": datetime(2026, 11, 24).date(),  # noqa: DTZ001
        "Maria": str(person), "não informado": None, "nenhum": [],
    }  # fmt: skip
    for text, raw in shown.items():
        assert words.value(raw, "x", "nenhum", {person: "Maria"}) == text


@pytest.mark.slow
def test_a_new_process_needs_no_web_code(manager: FlaskClient) -> None:
    case_id, task_id = begin()
    inbox = manager.get("/controle").text
    assert "Analisar pedido" in inbox
    assert "Pedido 1/2026" in inbox
    page = manager.get(f"/tarefas/{task_id}").text
    for text in ("Favorável", "É urgente?", "Em reais.", "Norma de teste, art. 1º", "Leia o pedido"):
        assert text in page
    wrong = scenario.post(
        manager, f"/tarefas/{task_id}", parecer="talvez", valor="muito", quando="amanhã", texto="guardado"
    )
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 2
    assert "guardado" in wrong.text
    assert 'href="#f-valor"' in wrong.text
    done = scenario.post(manager, f"/tarefas/{task_id}", **GOOD)
    assert done.status_code == 303
    with transaction() as session:
        data = work.case_view(session, case_id).data
    assert (data["valor"], data["urgente"], data["texto"]) == (Decimal("1234.56"), False, "linha 1\nlinha 2")
    again = scenario.post(manager, f"/tarefas/{task_id}", **GOOD)
    assert again.status_code == 409
    assert "Você concluiu esta tarefa" in again.text
    assert "Você concluiu esta tarefa" in manager.get(f"/tarefas/{task_id}").text


@pytest.mark.slow
def test_the_story_of_an_entry_is_told_in_plain_words_with_what_was_decided(app: Flask, manager: FlaskClient) -> None:
    desk.open_the_house()
    task = desk.doubt(desk.bridge(), [], None)
    with transaction() as session:
        case_id = work.task_view(session, task).row.case_id
    attendant = app.test_client()
    scenario.sign_in(attendant, scenario.staff("identificacao"))
    scenario.post(attendant, f"/atendimento/verificar/{task}", resposta="ninguem")
    story = manager.get(f"/processos/{case_id}").text
    assert "O que diz a regra? Alguém decide. Quem decide? GRPC." in story
    assert "concluída. É a pessoa? Ninguém." in story
    assert not re.search("Etapa[s]? automática|Mensagem (recebida|enviada)", story)


def test_double_click_on_a_task_is_one_act(manager: FlaskClient) -> None:
    case_id, task_id = begin()
    first = scenario.post(manager, f"/tarefas/{task_id}", **GOOD, chave="a" * 32)
    second = scenario.post(manager, f"/tarefas/{task_id}", **GOOD, chave="a" * 32)
    assert (first.status_code, second.status_code) == (303, 303)
    with transaction() as session:
        kinds = [entry.kind for entry in work.timeline(session, case_id)]
    assert kinds.count("task_completed") == 1


@pytest.mark.slow
def test_claim_assign_filters_and_304(app: Flask, manager: FlaskClient) -> None:
    _, task_id = begin()
    begin("Outro assunto")
    assert "Outro assunto" not in manager.get("/controle?q=1/2026").text
    scenario.post(manager, f"/tarefas/{task_id}/assumir", volta="lista")
    assert "Outro assunto" not in manager.get("/controle?recorte=minhas").text
    assert "Pedido 1/2026" not in manager.get("/controle?recorte=livres").text
    found = re.search(r'data-version="([0-9a-f]+)"', manager.get("/controle").text)
    assert found is not None
    address = f"/controle/lista?versao={found[1]}"
    assert manager.get(address).status_code == 304
    other = app.test_client()
    scenario.sign_in(other, scenario.staff("gestor", login="outra"))
    assert "está com Servidora gestor" in other.get(f"/tarefas/{task_id}").text
    assert scenario.post(other, f"/tarefas/{task_id}", **GOOD).status_code == 409
    account = scenario.actor_of("outra").id
    assert scenario.post(manager, f"/tarefas/{task_id}/passar", conta=str(account)).status_code == 303
    assert manager.get(address).status_code == 200
    assert scenario.post(manager, f"/tarefas/{task_id}/passar", conta=str(uuid4())).status_code == 422
    scenario.post(other, "/controle/agir", acao="release", item=f"task:{task_id}")
    assert "Pedido 1/2026" in manager.get("/controle?recorte=livres").text


@pytest.mark.slow
def test_a_task_of_another_role_is_refused(app: Flask, manager: FlaskClient) -> None:
    _, task_id = begin()
    stranger = app.test_client()
    scenario.sign_in(stranger, scenario.staff("cac"))
    assert "Analisar pedido" not in stranger.get("/controle").text
    assert stranger.get(f"/tarefas/{task_id}").status_code == 403
    assert scenario.post(stranger, f"/tarefas/{task_id}", **GOOD).status_code == 403


@pytest.mark.slow
def test_a_case_is_started_and_cancelled_by_hand_with_its_reason(manager: FlaskClient) -> None:
    assert "Iniciar: Pedido" in manager.get("/processos").text
    assert "Iniciar: Entrada" not in manager.get("/processos").text
    assert manager.get("/processos/iniciar/entrada").status_code == 404
    asked = manager.get("/processos/iniciar/pedido").text
    assert "Diga o que pede." in asked
    missing = scenario.post(manager, "/processos/iniciar/pedido", motivo=" ")
    assert missing.status_code == 422
    assert 'href="#f-motivo"' in missing.text
    started = scenario.post(manager, "/processos/iniciar/pedido", motivo="Material de escritório")
    case_path = started.headers["Location"]
    with transaction() as session:
        assert work.case_view(session, UUID(case_path.rsplit("/", 1)[1])).data == {"motivo": "Material de escritório"}
    refused = scenario.post(manager, f"{case_path}/cancelar", razao=" ")
    assert refused.status_code == 422
    assert "Escreva o motivo" in refused.text
    assert scenario.post(manager, f"{case_path}/cancelar", razao="Feito por engano.").status_code == 303
    assert "Processo cancelado." in manager.get(case_path).text
    assert "Pedido" in manager.get("/processos?situacao=cancelled").text
    assert scenario.chain_is_whole()


@pytest.mark.slow
def test_an_incident_is_seen_retried_and_resolved(manager: FlaskClient, broken: list[bool], database_url: str) -> None:
    broken.append(True)
    case_id, task_id = begin()
    scenario.post(manager, f"/tarefas/{task_id}", **GOOD)
    scenario.work(database_url)
    page = manager.get("/incidentes").text
    assert "Gravar pedido" in page
    assert "cartório" not in page  # the text of an error may hold personal data
    assert "Parou em “Gravar pedido”" in manager.get(f"/processos/{case_id}").text
    assert manager.get(f"/processos/{case_id}/diagrama").json["failed"] == ["gravar"]  # type: ignore[index]
    broken.clear()
    with transaction() as session:
        (incident,) = work.incidents(session)
    assert scenario.post(manager, f"/incidentes/{incident.id}/tentar").status_code == 303
    scenario.work(database_url)
    with transaction() as session:
        assert work.case_status(session, case_id) == "completed"
    assert "Nada parado" in manager.get("/incidentes").text


@pytest.mark.slow
def test_migration_is_simulated_before_it_is_done(manager: FlaskClient, pedido: Process) -> None:
    case_id, _ = begin()
    path = pedido.folder / "pedido.bpmn"
    path.write_text(BPMN.replace('name="Pedido analisado"', 'name="Pedido decidido"'))
    with transaction() as session:
        engine.deploy(session)
    assert "simular a mudança" in manager.get(f"/processos/{case_id}").text
    assert "Pode mudar sem perder nada." in manager.get("/processos/migracao/pedido").text
    assert scenario.post(manager, f"/processos/{case_id}/migrar", versao="2").status_code == 303
    assert "versão 2 do diagrama" in manager.get(f"/processos/{case_id}").text


@pytest.mark.slow
def test_every_page_of_a_process_that_the_web_never_heard_of_can_be_read(
    pedido: Process, broken: list[bool], database_url: str, server: str, page: Page
) -> None:
    """Start form, task form with its errors, incident, dry run: axe finds nothing, at each width, light and dark."""
    desk.sign_in(page, server, scenario.staff("gestor"))
    page.goto(server + "/processos/iniciar/pedido")
    look(page, "iniciar")
    page.get_by_label("Motivo").fill("Material de escritório")
    page.get_by_role("button", name="Iniciar").click()
    expect(page.get_by_role("link", name="Analisar pedido")).to_be_visible()
    page.wait_for_load_state("networkidle")  # the page renews itself: what is clicked must be there to stay
    page.get_by_role("link", name="Analisar pedido").click()
    page.get_by_role("button", name="Concluir").click()
    expect(page.get_by_role("alert")).to_contain_text("Parecer")
    look(page, "tarefa")
    page.get_by_label("Favorável").check()
    page.get_by_label("Não", exact=True).check()
    page.get_by_label("Valor").fill("1.234,56")
    page.get_by_label("Quando").fill("2026-11-24")
    broken.append(True)
    page.get_by_role("button", name="Concluir").click()
    expect(page.get_by_text("Concluída: Analisar pedido.")).to_be_visible()
    scenario.work(database_url)
    page.goto(server + "/incidentes")
    look(page, "incidentes")
    page.get_by_role("link", name="Pedido", exact=True).click()
    expect(page.locator(".diagram .failed")).not_to_have_count(0)
    look(page, "caso-parado")
    begin()
    (pedido.folder / "pedido.bpmn").write_text(BPMN.replace("Pedido analisado", "Pedido decidido"))
    with transaction() as session:
        engine.deploy(session)
    page.goto(server + "/processos/migracao/pedido")
    look(page, "migracao")
