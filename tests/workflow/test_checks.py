"""What is refused at deployment, with node and reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workflow.diagrams import (
    boundary,
    catch,
    declare,
    diagram,
    end,
    error,
    exclusive,
    flow,
    many,
    message,
    path,
    service,
    start,
    throw,
    timer,
    user,
)
from workflow import checks
from workflow.engine.parser import parse_xml
from workflow.process import Due, Field, Form, Lane, Message, Service

GOOD = (
    start() + user("a") + exclusive("g", "end") + service("s") + end() + path("start", "a", "g") + flow("g", "s", 'decision == "sim"')
    + flow("g", "end") + flow("s", "end")
)  # fmt: skip
DECIDE = {"a": Form("A", (Field("decision", "Decisão"),))}


def _of(folder: Path, body: str = GOOD, **more: Any) -> dict[str, str]:
    declared = declare(folder, "proc", body, **{"starts_with": (), "forms": DECIDE, **more})
    found: dict[str, str] = {}
    for finding in checks.check(declared):
        found[finding.node] = f"{found.get(finding.node, '')} {finding.reason}"
    return found


def test_a_good_process_has_no_findings(tmp_path: Path) -> None:
    assert _of(tmp_path) == {}


@pytest.mark.parametrize(
    ("more", "node", "word"),
    [
        ({"forms": {**DECIDE, "ghost": Form("G")}}, "ghost", "não está no diagrama"),
        ({"services": {"ghost": Service(lambda _: None)}}, "ghost", "não está no diagrama"),
        ({"due": {"ghost": Due(1)}}, "ghost", "não está no diagrama"),
        ({"lanes": {}}, "a", "raia"),
        ({"lanes": {"CAC": Lane("")}}, "a", "sem perfil"),
        ({"lanes": {"CAC": Lane("cac"), "Outra": Lane("x")}}, "", "Outra"),
        ({"forms": {"a": Form("A", (Field("other", "Outro"),))}}, "f_g_s", "decision"),
        ({"messages": {"ghost": Message("x")}}, "", "ghost"),
        ({"messages": {"ghost": Message("x.__class__")}}, "", "chave"),
    ],
)
def test_code_that_is_not_drawn_and_drawings_without_code(
    tmp_path: Path, more: dict[str, Any], node: str, word: str
) -> None:
    found = _of(tmp_path, **more)
    assert node in found
    assert any(word in reason for reason in found.values())


def test_a_task_without_form_or_service_or_lane(tmp_path: Path) -> None:
    declared = declare(tmp_path, "proc", GOOD, starts_with=("decision",))
    found = {one.node: one.reason for one in checks.check(replace(declared, forms={}, services={}))}
    assert "sem formulário" in found["a"]
    assert "sem código" in found["s"]
    (tmp_path / "proc.bpmn").write_bytes(diagram("proc", GOOD, lane=None))
    assert "nenhuma raia" in {one.node: one.reason for one in checks.check(replace(declared, lanes={}))}["a"]


def test_data_that_a_service_a_message_or_a_list_gives_are_known(tmp_path: Path) -> None:
    assert _of(tmp_path, forms={"a": Form("A")}, services={"s": Service(lambda _: None, gives=("decision",))}) == {}
    assert _of(tmp_path, forms={"a": Form("A")}, starts_with=("decision",)) == {}
    assert _of(tmp_path, forms={"a": Form("A", gives=("decision",))}) == {}
    assert _of(tmp_path, forms={"a": Form("A")}, start=Form("Início", (Field("decision", "Decisão"),))) == {}


def test_a_form_of_the_start_asks_for_all_that_a_case_begins_with(tmp_path: Path) -> None:
    found = _of(tmp_path, start=Form("Início", (Field("x", "X"),)), starts_with=("x", "y"))
    assert list(found) == [""]
    assert "'y'" in found[""]


def test_a_form_of_the_start_needs_a_start_without_message(tmp_path: Path) -> None:
    begun = start("pedido") + user("a") + end() + path("start", "a", "end")
    more: dict[str, Any] = {"messages": {"pedido": Message('"k"')}, "forms": {"a": Form("A")}, "services": {}}
    assert _of(tmp_path, begun, **more) == {}
    assert "só começa por mensagem" in _of(tmp_path, begun, start=Form("Início"), **more)["start"]


@pytest.mark.parametrize(
    ("body", "node", "word"),
    [
        (start() + user("a") + path("start", "a"), "a", "nada sai"),
        (start() + user("a") + end() + end("e2") + path("start", "a", "end") + flow("a", "e2"), "a", "só um fluxo"),
        (start() + exclusive("g") + end() + end("e2") + path("start", "g", "end") + flow("g", "e2", "x"), "f_g_end", "sem condição"),
        (start() + end() + flow("start", "end", "x"), "f_start_end", "condição"),
        (start() + catch("w", timer("timeDuration", '"5 dias"')) + end() + path("start", "w", "end"), "w", "prazo inválido"),
        (start() + catch("w", timer("timeDuration", "now()")) + end() + path("start", "w", "end"), "w", "fora do permitido"),
        (start() + catch("w", timer("timeCycle", '"R/PT1H"')) + end() + path("start", "w", "end"), "w", "repetição"),
        (start() + user("a") + boundary("c", "a", timer("timeCycle", '"R/PT0S"'), interrupts=False) + end() + end("e2")
         + path("start", "a", "end") + path("c", "e2"), "c", "pausa"),
        (start() + catch("w", "") + end() + path("start", "w", "end"), "w", "sem definição"),
        (start() + end("end", error("X")) + path("start", "end"), "end", "principal"),
        (start() + user("a", many(count="201")) + end() + path("start", "a", "end"), "a", "máximo é 200"),
        (start() + '<callActivity id="c" calledElement="ghost"/>' + end() + path("start", "c", "end"), "c", "ghost"),
        (start() + throw("t", "<messageEventDefinition/>") + end() + path("start", "t", "end"), "t", "sem nome"),
        (start() + throw("t", message("m") + message("m")) + end() + path("start", "t", "end"), "t", "uma definição"),
        (start() + user("a", '<extensionElements><preScript xmlns="x">a=1</preScript></extensionElements>') + end()
         + path("start", "a", "end"), "a", "scripts"),
        (start() + end() + '<startEvent id="again"/>' + path("start", "end") + flow("again", "end"), "p", "único"),
        (start() + user("a") + path("start", "a", "start"), "p", "evento de fim"),
        (start() + user("a") + user("a") + end() + path("start", "a", "end"), "a", "dois elementos"),
    ],
)  # fmt: skip
def test_a_drawing_that_could_not_run(body: str, node: str, word: str) -> None:
    found = checks.check_files("p", {"p.bpmn": diagram("p", body)})
    assert any(one.node == node and word in one.reason for one in found), [str(one) for one in found]


def test_a_diagram_without_its_drawing_can_not_be_shown() -> None:
    content = diagram("p", GOOD).decode()
    cut = content[: content.index("<bpmndi:BPMNDiagram")] + "</definitions>"
    found = {one.node for one in checks.check_files("p", {"p.bpmn": cut.encode()})}
    assert {"a", "g", "s", "start", "end", "f_start_a"} <= found


@pytest.mark.parametrize(
    "content",
    [
        b"not xml",
        b"<html/>",
        b"",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    ],
)
def test_what_is_not_a_diagram_is_refused_in_words(content: bytes) -> None:
    (found,) = checks.check_files("p", {"p.bpmn": content})
    assert found.process == "p"


def test_P18_entities_of_a_diagram_are_not_resolved() -> None:
    declaration = b'<!DOCTYPE definitions [<!ENTITY secret SYSTEM "file:///etc/hostname">]>\n'
    content = (
        diagram("p", GOOD)
        .replace(b"\n<definitions", b"\n" + declaration + b"<definitions", 1)
        .replace(b"Tarefa a", b"T")
    )
    content = content.replace(b"</userTask>", b"<documentation>&secret;</documentation></userTask>", 1)
    hostname = Path("/etc/hostname").read_text().strip()
    assert hostname
    assert hostname not in "".join(parse_xml(content).itertext())


def test_a_missing_file_is_a_finding_and_not_a_traceback(tmp_path: Path) -> None:
    declared = declare(tmp_path, "proc", GOOD)
    (tmp_path / "proc.bpmn").unlink()
    (found,) = checks.check(declared)
    assert "não encontrado" in found.reason
