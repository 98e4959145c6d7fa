"""What the engine can't run, by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from workflow.checks.elements import ACTIVITIES, Drawing, Finding, Node, child, tag_of, text_of
from workflow.engine import timers
from workflow.engine.expressions import ExpressionRefused, compiled
from workflow.engine.instances import MAX_INSTANCES

MAX_NODES = 300

ALLOWED = {
    "definitions", "process", "collaboration", "participant", "messageFlow", "laneSet", "lane", "flowNodeRef", "childLaneSet",
    "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
    "userTask", "serviceTask", "sendTask", "receiveTask", "callActivity", "subProcess",
    "exclusiveGateway", "parallelGateway", "eventBasedGateway", "sequenceFlow", "conditionExpression",
    "timerEventDefinition", "timeDate", "timeDuration", "timeCycle", "messageEventDefinition", "errorEventDefinition",
    "terminateEventDefinition", "message", "error", "incoming", "outgoing", "documentation", "extensionElements",
    "textAnnotation", "text", "association", "group", "category", "categoryValue",
    "multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
    "outputDataItem", "completionCondition", "script",
}  # fmt: skip

REASONS = {
    "scriptTask": "um diagrama não executa scripts; use uma tarefa de serviço",
    "task": "tarefa sem tipo: diga se é de pessoa (userTask) ou de serviço (serviceTask)",
    "manualTask": "não é suportado; use userTask",
    "businessRuleTask": "não é suportado; decida em rules.py, em uma tarefa de serviço",
    "standardLoopCharacteristics": "repetição não é suportada; desenhe o laço ou use múltiplas instâncias",
}

EVENT_KINDS = {
    "startEvent": {"messageEventDefinition"},
    "endEvent": {"messageEventDefinition", "errorEventDefinition", "terminateEventDefinition"},
    "intermediateCatchEvent": {"messageEventDefinition", "timerEventDefinition"},
    "intermediateThrowEvent": {"messageEventDefinition"},
    "boundaryEvent": {"messageEventDefinition", "timerEventDefinition", "errorEventDefinition"},
}
TIMERS: dict[str, timers.TimerKind] = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def findings(drawn: Drawing) -> Iterator[Finding]:
    """Everything in the drawing that the engine refuses."""
    count = sum(1 for _ in drawn.flow_nodes())
    if count > MAX_NODES:
        yield Finding(drawn.key, "", f"são {count} nós, e o máximo é {MAX_NODES}; divida em processos menores")
    for check in (_elements, _starts, _events, _activities, _flows, _expressions, _interchange):
        for node, reason in check(drawn):
            yield Finding(drawn.key, node, reason)


Found = Iterator[tuple[str, str]]
Check = Callable[[Drawing], Found]


def _owner(element: Any) -> str:
    while element is not None:
        if element.get("id"):
            return str(element.get("id"))
        element = element.getparent()
    return ""


def _elements(drawn: Drawing) -> Found:
    seen: set[str] = set()
    for node in drawn.nodes:
        where = node.id or _owner(node.element)
        if node.tag not in ALLOWED:
            yield where, f"{node.tag}: {REASONS.get(node.tag, 'não é suportado')}"
        if node.tag in ("subProcess",) and node.element.get("triggeredByEvent") == "true":
            yield where, "subprocesso de evento não é suportado"
        if node.tag in ACTIVITIES and node.element.get("isForCompensation") == "true":
            yield where, "compensação não é suportada"
        if node.tag == "extensionElements":
            for extension in node.element.iter("{*}preScript", "{*}postScript"):
                yield where, f"{extension.tag.partition('}')[2]}: um diagrama não executa scripts"
        if node.tag not in ("definitions", "flowNodeRef") and node.id:
            if node.id in seen:
                yield node.id, "há dois elementos com este identificador"
            seen.add(node.id)


def _starts(drawn: Drawing) -> Found:
    for node in drawn.nodes:
        if node.tag not in ("process", "subProcess"):
            continue
        starts = [one for one in node.element if tag_of(one) == "startEvent"]
        if len(starts) != 1:
            yield node.id, f"deve haver um único evento de início (há {len(starts)})"
        if not any(tag_of(one) == "endEvent" for one in node.element):
            yield node.id, "falta um evento de fim"
        if node.tag == "process" and node.element.get("isExecutable") == "false":
            yield node.id, "o processo está marcado como não executável"


def _definitions(node: Node) -> list[str]:
    return [tag for one in node.element if (tag := tag_of(one)) is not None and tag.endswith("EventDefinition")]


def _events(drawn: Drawing) -> Found:
    for node in drawn.flow_nodes():
        if node.tag not in EVENT_KINDS:
            continue
        kinds = _definitions(node)
        if len(kinds) > 1:
            yield node.id, "um evento só pode ter uma definição"
        for kind in kinds:
            if kind not in EVENT_KINDS[node.tag]:
                yield node.id, f"{kind} não é suportado em {node.tag}"
        yield from _event_details(drawn, node, kinds)


def _event_details(drawn: Drawing, node: Node, kinds: list[str]) -> Found:
    if not kinds and node.tag in ("intermediateCatchEvent", "boundaryEvent"):
        yield node.id, "evento sem definição: não espera por nada"
    if node.tag == "startEvent" and kinds and not node.main:
        yield node.id, "subprocesso e processo chamado começam sem mensagem"
    if node.tag == "endEvent" and "errorEventDefinition" in kinds and node.main:
        yield node.id, "um erro no fim do processo principal não tem quem o trate"
    if "messageEventDefinition" in kinds and not drawn.messages.get(
        child(node.element, "messageEventDefinition").get("messageRef") or ""
    ):
        yield node.id, "mensagem sem nome (messageRef)"
    timer = child(node.element, "timerEventDefinition")
    if timer is not None:
        if sum(child(timer, name) is not None for name in TIMERS) != 1:
            yield node.id, "o prazo precisa de data, duração ou repetição"
        interrupts = node.tag != "boundaryEvent" or node.element.get("cancelActivity", "true") == "true"
        if child(timer, "timeCycle") is not None and interrupts:
            yield node.id, "repetição só é suportada em evento de borda que não interrompe"


def _activities(drawn: Drawing) -> Found:
    for node in drawn.flow_nodes():
        if node.tag in ("sendTask", "receiveTask") and not drawn.messages.get(node.element.get("messageRef") or ""):
            yield node.id, "mensagem sem nome (messageRef)"
        if node.tag == "callActivity" and node.element.get("calledElement") not in drawn.processes:
            yield node.id, f"o processo chamado {node.element.get('calledElement')!r} não está nos arquivos"
        many = child(node.element, "multiInstanceLoopCharacteristics")
        if many is not None:
            yield from _instances(node, many)


def _instances(node: Node, many: Any) -> Found:
    if node.tag not in ("userTask", "serviceTask", "callActivity", "subProcess"):
        yield node.id, f"múltiplas instâncias não são suportadas em {node.tag}"
    cardinality, items = text_of(many, "loopCardinality"), text_of(many, "loopDataInputRef")
    if (cardinality is None) == (items is None):
        yield node.id, "diga as instâncias por quantidade ou por uma lista, uma das duas"
    if cardinality and cardinality.isdigit() and int(cardinality) > MAX_INSTANCES:
        yield node.id, f"são {cardinality} instâncias, e o máximo é {MAX_INSTANCES}; abra um processo para cada"


def _flows(drawn: Drawing) -> Found:
    for node in drawn.flow_nodes():
        outgoing = drawn.outgoing(node)
        if not outgoing and node.tag != "endEvent":
            yield node.id, "nada sai deste nó: termine em um evento de fim"
        if len(outgoing) > 1 and node.tag in ACTIVITIES | {"boundaryEvent"}:
            yield node.id, "só um fluxo pode sair; divida com um portão"
        if node.tag == "exclusiveGateway" and len(outgoing) > 1:
            default = node.element.get("default")
            for flow in outgoing:
                if flow.get("id") != default and not text_of(flow, "conditionExpression"):
                    yield flow.get("id") or node.id, "fluxo de portão exclusivo sem condição e que não é o padrão"
        elif node.tag != "exclusiveGateway":
            for flow in outgoing:
                if text_of(flow, "conditionExpression"):
                    yield flow.get("id") or node.id, "condição só é suportada na saída de um portão exclusivo"


def expressions(drawn: Drawing) -> Iterator[tuple[str, str, str, Any]]:
    """Every expression that the drawing holds: owner's id, kind of element, text, element."""
    for node in drawn.nodes:
        if node.tag in ("conditionExpression", "completionCondition", "loopCardinality", *TIMERS):
            yield _owner(node.element.getparent()), node.tag, (node.element.text or "").strip(), node.element


def _expressions(drawn: Drawing) -> Found:
    for where, tag, source, _ in expressions(drawn):
        try:
            compiled(source)
        except ExpressionRefused as error:
            yield where, f"expressão fora do permitido: {error}"
            continue
        if tag in TIMERS and (constant := _constant(source)) is not None:
            try:
                timers.check(TIMERS[tag], constant)
            except timers.TimerRefused as error:
                yield where, f"prazo inválido: {error}"


def _constant(source: str) -> Any:
    body = ast.parse(source, mode="eval").body
    return body.value if isinstance(body, ast.Constant) else None


def _interchange(drawn: Drawing) -> Found:
    for node in drawn.flow_nodes():
        if node.id not in drawn.shapes:
            yield node.id, "falta o desenho do nó (BPMNShape): o diagrama não pode ser mostrado"
    for node in drawn.nodes:
        if node.tag == "sequenceFlow" and node.id not in drawn.edges:
            yield node.id, "falta o desenho do fluxo (BPMNEdge): o diagrama não pode ser mostrado"
