# mypy: disable-error-code="misc"
# (SpiffWorkflow has no types: everything derived from it derives from Any.)
"""From the files of a version to what the runner needs: parsed once, kept for as long as the program runs."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import EndEventParser, EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.defaults import UserTask

from workflow.engine import instances, specs

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_SAFE = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class DiagramRefused(ValueError):
    """The files don't make a diagram that can be run."""


class _Activity(TaskParser):
    PARALLEL_MI_CLASS = instances.CaseParallelInstances
    SEQUENTIAL_MI_CLASS = instances.CaseSequentialInstances


class _CalledActivity(CallActivityParser):
    PARALLEL_MI_CLASS = instances.CaseParallelInstances
    SEQUENTIAL_MI_CLASS = instances.CaseSequentialInstances


class _Subprocess(SubWorkflowParser):
    PARALLEL_MI_CLASS = instances.CaseParallelInstances
    SEQUENTIAL_MI_CLASS = instances.CaseSequentialInstances


class _ExclusiveGateway(ConditionalGatewayParser):
    def connect_outgoing(self, outgoing_task: Any, sequence_flow_node: Any, is_default: bool) -> None:
        super().connect_outgoing(outgoing_task, sequence_flow_node, is_default)
        self.task.flows.setdefault(outgoing_task.name, []).append(sequence_flow_node.get("id"))


class _Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - read by the library as a class attribute
        full_tag("userTask"): (_Activity, UserTask),
        full_tag("serviceTask"): (_Activity, specs.CaseServiceTask),
        full_tag("callActivity"): (_CalledActivity, specs.CaseCallActivity),
        full_tag("subProcess"): (_Subprocess, specs.CaseSubProcess),
        full_tag("exclusiveGateway"): (_ExclusiveGateway, specs.CaseExclusiveGateway),
        full_tag("parallelGateway"): (GatewayParser, specs.CaseParallelGateway),
        full_tag("eventBasedGateway"): (EventBasedGatewayParser, specs.CaseEventGateway),
        full_tag("endEvent"): (EndEventParser, specs.CaseEndEvent),
    }


@dataclass(frozen=True)
class Diagram:
    """A version ready to run: `titles` and `lanes` by node id, `starts` the name of the message that starts it."""

    key: str
    sha256: str
    files: Mapping[str, bytes]
    spec: Any
    subprocess_specs: Mapping[str, Any]
    titles: Mapping[str, str]
    starts: str | None

    def xml(self) -> str:
        """The file that draws the process itself."""
        for content in self.files.values():
            if parse_xml(content).find(f"{{{BPMN}}}process[@id='{self.key}']") is not None:
                return content.decode()
        raise DiagramRefused(f"nenhum arquivo desenha o processo {self.key!r}")


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents: the identity of a version."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return total.hexdigest()


def parse_xml(content: bytes) -> Any:
    """The document, without entities, network or external DTD."""
    try:
        return etree.fromstring(content, _SAFE)
    except etree.XMLSyntaxError as error:
        raise DiagramRefused(f"não é XML: {error}") from error


_diagrams: dict[tuple[str, str], Diagram] = {}
_lock = threading.Lock()


def diagram(key: str, files: Mapping[str, bytes]) -> Diagram:
    """The diagram of `key` drawn by `files`; parsed the first time only."""
    identity = (key, digest(files))
    found = _diagrams.get(identity)
    if found is None:
        with _lock:
            found = _diagrams.get(identity) or _parse(key, identity[1], files)
            _diagrams[identity] = found
    return found


def cached(key: str, sha256: str) -> Diagram | None:
    """The diagram, when this process has parsed it already."""
    return _diagrams.get((key, sha256))


def _parse(key: str, sha256: str, files: Mapping[str, bytes]) -> Diagram:
    parser = _Parser()
    titles: dict[str, str] = {}
    try:
        for name, content in sorted(files.items()):
            document = parse_xml(content)
            titles.update(
                (node.get("id"), node.get("name") or node.get("id")) for node in document.iter() if node.get("id")
            )
            parser.add_bpmn_xml(document, name)
        spec = parser.get_spec(key)
        subprocess_specs = parser.get_subprocess_specs(key)
    except DiagramRefused:
        raise
    except Exception as error:
        raise DiagramRefused(f"{key}: {error}") from error
    for one in (spec, *subprocess_specs.values()):
        _make_ours(one)
    return Diagram(key, sha256, dict(files), spec, subprocess_specs, titles, _start_message(spec))


def _make_ours(spec: Any) -> None:
    """Own event definitions and data references; and connect what only the library's serializer connects.

    A specification fresh from the parser never tells a restored multi-instance activity that its instances are done.
    """
    for task_spec in list(spec.task_specs.values()):
        definition = getattr(task_spec, "event_definition", None)
        if definition is not None:
            task_spec.event_definition = specs.own_definition(definition)
        if getattr(task_spec, "instances_of", None) is not None:
            instance = spec.task_specs[task_spec.instances_of]
            if not instance.completed_event.is_connected(task_spec.merge_child):
                instance.completed_event.connect(task_spec.merge_child)
            reference = task_spec.data_input
            if reference is not None:
                task_spec.data_input = instances.CaseDataReference(reference.bpmn_id, reference.bpmn_name)


def _start_message(spec: Any) -> str | None:
    for event in spec.bpmn_start_events:
        if isinstance(event.event_definition, specs.CaseMessage):
            return str(event.event_definition.name)
    return None
