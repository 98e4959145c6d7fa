"""What the drawing and the code must share."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.checks.drawing import expressions
from workflow.checks.elements import Drawing, Finding, child, text_of
from workflow.engine.expressions import FUNCTIONS, ExpressionRefused, compiled
from workflow.process import Process

Found = Iterator[tuple[str, str]]


def findings(process: Process, drawn: Drawing) -> Iterator[Finding]:
    """A node without code, code without a node, a lane without role, data that nobody gives."""
    for check in (_tasks, _start, _lanes, _messages, _data):
        for node, reason in check(process, drawn):
            yield Finding(process.key, node, reason)


def _ids(drawn: Drawing, *tags: str) -> set[str]:
    return {node.id for node in drawn.nodes if node.tag in tags}


def _tasks(process: Process, drawn: Drawing) -> Found:
    human, services = _ids(drawn, "userTask"), _ids(drawn, "serviceTask")
    for node in sorted(human - process.forms.keys()):
        yield node, "tarefa desenhada sem formulário em process.py (forms)"
    for node in sorted(services - process.services.keys()):
        yield node, "serviço desenhado sem código em process.py (services)"
    for node in sorted(process.forms.keys() - human):
        yield node, "formulário declarado para uma tarefa que não está no diagrama"
    for node in sorted(process.services.keys() - services):
        yield node, "serviço declarado para uma tarefa que não está no diagrama"
    for node in sorted(process.due.keys() - human):
        yield node, "prazo declarado para uma tarefa que não está no diagrama"


def _start(process: Process, drawn: Drawing) -> Found:
    if process.start is None:
        return
    for node in drawn.nodes:
        if node.tag == "startEvent" and node.main and child(node.element, "messageEventDefinition") is not None:
            yield node.id, "há formulário de início (start), mas o processo só começa por mensagem"
    asked = {*(field.name for field in process.start.fields), *process.start.gives}
    for name in sorted(set(process.starts_with) - asked - {"*"}):
        yield "", f"o início promete {name!r} (starts_with), que o formulário de início (start) não pede"


def _lanes(process: Process, drawn: Drawing) -> Found:
    names = {node.element.get("name") or "" for node in drawn.nodes if node.tag == "lane"}
    for name in sorted(process.lanes.keys() - names):
        yield "", f"a raia {name!r} está declarada e não está no diagrama"
    for node in drawn.nodes:
        if node.tag != "userTask":
            continue
        if not node.lane:
            yield node.id, "a tarefa não está em nenhuma raia: ninguém poderia fazê-la"
        elif node.lane not in process.lanes:
            yield node.id, f"a raia {node.lane!r} não tem perfil declarado (lanes)"
        elif not process.lanes[node.lane].role:
            yield node.id, f"a raia {node.lane!r} está sem perfil"


def _drawn_messages(drawn: Drawing) -> dict[str, str]:
    used = {}
    for node in drawn.flow_nodes():
        definition = child(node.element, "messageEventDefinition")
        reference = (node.element if definition is None else definition).get("messageRef")
        if reference is not None:
            used[drawn.messages.get(reference, "")] = node.id
    return used


def _messages(process: Process, drawn: Drawing) -> Found:
    used = _drawn_messages(drawn)
    for name in sorted(used.keys() - process.messages.keys()):
        yield used[name], f"a mensagem {name!r} não está declarada (messages)"
    for name in sorted(process.messages.keys() - used.keys()):
        yield "", f"a mensagem {name!r} está declarada e não está no diagrama"
    for name, message in process.messages.items():
        try:
            compiled(message.key)
        except ExpressionRefused as error:
            yield used.get(name, ""), f"chave da mensagem {name!r} fora do permitido: {error}"


def given(process: Process, drawn: Drawing) -> set[str]:
    """The names of all data that something puts into the case."""
    names = set(process.starts_with)
    for form in (*process.forms.values(), *([process.start] if process.start else [])):
        names.update(field.name for field in form.fields)
        names.update(form.gives)
    for service in process.services.values():
        names.update(service.gives)
    for message in process.messages.values():
        names.update(message.payload)
    for node in drawn.nodes:
        if node.tag == "multiInstanceLoopCharacteristics":
            names.add(text_of(node.element, "loopDataOutputRef") or "")
            for item in ("inputDataItem", "outputDataItem"):
                found = child(node.element, item)
                names.add(found.get("id") if found is not None else "")
    return names


def _data(process: Process, drawn: Drawing) -> Found:
    known = given(process, drawn)
    if "*" in known:
        return
    needed = [(where, source) for where, _, source, _ in expressions(drawn)]
    needed.extend(("", message.key) for message in process.messages.values())
    needed.extend(
        (node.id, text_of(node.element, "loopDataInputRef") or "")
        for node in drawn.nodes
        if node.tag == "multiInstanceLoopCharacteristics" and text_of(node.element, "loopDataInputRef")
    )
    for where, source in needed:
        try:
            names = compiled(source).names
        except ExpressionRefused:
            continue  # said already
        for name in sorted(names - known - FUNCTIONS.keys()):
            yield (
                where,
                (
                    f"a expressão usa {name!r}, que nenhum formulário, serviço (gives), mensagem (payload) ou início"
                    " (start, starts_with) fornece"
                ),
            )
