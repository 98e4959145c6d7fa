"""Small diagrams for tests, written as text and drawn (shapes and edges) by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from workflow.process import Form, Lane, Process, Service

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' targetNamespace="http://carimbo.test">\n'
)
NODES = (
    "startEvent|endEvent|intermediateCatchEvent|intermediateThrowEvent|boundaryEvent|userTask|serviceTask|sendTask"
    "|receiveTask|callActivity|subProcess|exclusiveGateway|parallelGateway|eventBasedGateway|scriptTask|task"
    "|inclusiveGateway|businessRuleTask|manualTask"
)


def start(message: str | None = None) -> str:
    """A start event `start`."""
    inner = f'<messageEventDefinition id="start_d" messageRef="m_{message}"/>' if message else ""
    return f'<startEvent id="start">{inner}</startEvent>'


def end(name: str = "end", definition: str = "") -> str:
    """An end event."""
    return f'<endEvent id="{name}">{definition}</endEvent>'


def user(name: str, inner: str = "") -> str:
    """A user task."""
    return f'<userTask id="{name}" name="Tarefa {name}">{inner}</userTask>'


def service(name: str, inner: str = "") -> str:
    """A service task."""
    return f'<serviceTask id="{name}" name="Serviço {name}">{inner}</serviceTask>'


def exclusive(name: str, default: str | None = None) -> str:
    """An exclusive gateway; `default` is the target of the default flow."""
    chosen = f' default="f_{name}_{default}"' if default else ""
    return f'<exclusiveGateway id="{name}"{chosen}/>'


def parallel(name: str) -> str:
    """A parallel gateway."""
    return f'<parallelGateway id="{name}"/>'


def flow(source: str, target: str, condition: str | None = None) -> str:
    """A sequence flow `f_source_target`."""
    escaped = (condition or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    inner = f'<conditionExpression xsi:type="tFormalExpression">{escaped}</conditionExpression>' if condition else ""
    return f'<sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def path(*names: str) -> str:
    """Flows from one to the next."""
    return "".join(flow(a, b) for a, b in pairwise(names))


def timer(kind: str, value: str) -> str:
    """A timer definition: kind timeDate, timeDuration or timeCycle; `value` is an expression."""
    return f"<timerEventDefinition><{kind}>{value}</{kind}></timerEventDefinition>"


def boundary(name: str, attached: str, definition: str, *, interrupts: bool = True) -> str:
    """A boundary event."""
    cancel = "true" if interrupts else "false"
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{attached}" cancelActivity="{cancel}">{definition}</boundaryEvent>'
    )


def catch(name: str, definition: str) -> str:
    """An intermediate catch event."""
    return f'<intermediateCatchEvent id="{name}">{definition}</intermediateCatchEvent>'


def throw(name: str, definition: str) -> str:
    """An intermediate throw event."""
    return f'<intermediateThrowEvent id="{name}">{definition}</intermediateThrowEvent>'


def message(name: str) -> str:
    """A message definition."""
    return f'<messageEventDefinition messageRef="m_{name}"/>'


def error(code: str) -> str:
    """An error definition."""
    return f'<errorEventDefinition errorRef="e_{code}"/>'


def many(
    items: str = "", item: str = "item", *, into: str = "", out: str = "", sequential: bool = False, count: str = ""
) -> str:
    """Multi-instance characteristics, over a list or a count."""
    source = f"<loopCardinality>{count}</loopCardinality>" if count else f"<loopDataInputRef>{items}</loopDataInputRef>"
    result = f"<loopDataOutputRef>{into}</loopDataOutputRef>" if into else ""
    inputs = f'<inputDataItem id="{item}"/>' if items else ""
    outputs = f'<outputDataItem id="{out}"/>' if out else ""
    flag = "true" if sequential else "false"
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{flag}">{source}{result}{inputs}{outputs}'
        "</multiInstanceLoopCharacteristics>"
    )


def diagram(key: str, body: str, *, lane: str | None = "CAC", others: Mapping[str, str] | None = None) -> bytes:
    """A drawn diagram of the process `key`; `others` are further processes of the file, by id."""
    processes = {key: body, **(others or {})}
    whole = "".join(processes.values())
    parts = [HEAD]
    for name in sorted(set(re.findall(r'messageRef="m_(\w+)"', whole))):
        parts.append(f'<message id="m_{name}" name="{name}"/>')
    for code in sorted(set(re.findall(r'errorRef="e_(\w+)"', whole))):
        parts.append(f'<error id="e_{code}" name="{code}" errorCode="{code}"/>')
    for name, inner in processes.items():
        tasks = re.findall(r'<userTask id="(\w+)"', inner)
        refs = "".join(f"<flowNodeRef>{task}</flowNodeRef>" for task in tasks)
        lanes = f'<laneSet id="ls_{name}"><lane id="l_{name}" name="{lane}">{refs}</lane></laneSet>' if lane else ""
        parts.append(f'<process id="{name}" isExecutable="true">{lanes}{inner}</process>')
    parts.append(_drawn(key, whole))
    return ("\n".join([*parts, "</definitions>"])).encode()


def _drawn(key: str, body: str) -> str:
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}"><dc:Bounds x="{100 + 150 * i}" y="100" width="100" height="80"/>'
        "</bpmndi:BPMNShape>"
        for i, (_, name) in enumerate(re.findall(rf'<({NODES}) id="(\w+)"', body))
    )
    edges = "".join(
        f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}"><di:waypoint x="0" y="0"/><di:waypoint x="9" y="9"/>'
        "</bpmndi:BPMNEdge>"
        for name in re.findall(r'<sequenceFlow id="(\w+)"', body)
    )
    return f'<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="{key}">{shapes}{edges}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'


def declare(folder: Path, key: str, body: str, *, others: Mapping[str, str] | None = None, **more: Any) -> Process:
    """A process whose forms (empty, any data through `gives`) and services are those drawn, unless given."""
    content = diagram(key, body, others=others)
    (folder / f"{key}.bpmn").write_bytes(content)
    whole = content.decode()
    forms = {name: Form(f"Tarefa {name}", gives=ANY) for name in re.findall(r'<userTask id="(\w+)"', whole)}
    services = {name: Service(lambda context: None) for name in re.findall(r'<serviceTask id="(\w+)"', whole)}
    lanes = {"CAC": Lane("cac")}
    given = {"starts_with": ("*",), "lanes": lanes, **more}
    return Process(
        key=key,
        title=f"Processo {key}",
        legal_basis="Teste",
        folder=folder,
        forms={**forms, **given.pop("forms", {})},
        services={**services, **given.pop("services", {})},
        **given,
    )


ANY = ("ok", "again", "decision", "value", "x", "y", "z", "n", "doc", "items", "result", "who", "key")
