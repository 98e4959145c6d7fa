"""A diagram as drawn, for the checks: elements with their ids, lanes and expressions. No SpiffWorkflow here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.engine.parser import BPMN, DiagramRefused, parse_xml

DI = "http://www.omg.org/spec/BPMN/20100524/DI"

ACTIVITIES = {"userTask", "serviceTask", "sendTask", "receiveTask", "callActivity", "subProcess"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "eventBasedGateway"}
FLOW_NODES = ACTIVITIES | EVENTS | GATEWAYS


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason against a diagram: the process, the node's id (empty: the whole) and the reason in Portuguese."""

    process: str
    node: str
    reason: str

    def __str__(self) -> str:
        return f"{self.process} · {self.node or 'diagrama'}: {self.reason}"


@dataclass(frozen=True)
class Node:
    """An element of the BPMN namespace. `main` is False inside called or embedded processes."""

    tag: str
    id: str
    element: Any
    lane: str | None
    main: bool


@dataclass(frozen=True)
class Drawing:
    """The files of a process, read."""

    key: str
    nodes: tuple[Node, ...]
    messages: Mapping[str, str]
    processes: frozenset[str]
    shapes: frozenset[str]
    edges: frozenset[str]

    def flow_nodes(self) -> Iterator[Node]:
        """Activities, events and gateways."""
        return (node for node in self.nodes if node.tag in FLOW_NODES)

    def outgoing(self, node: Node) -> list[Any]:
        """The sequence flows that leave a node."""
        return [
            flow.element
            for flow in self.nodes
            if flow.tag == "sequenceFlow" and flow.element.get("sourceRef") == node.id
        ]


def tag_of(element: Any) -> str | None:
    """The local name of an element of the BPMN namespace; None for any other."""
    if not isinstance(element.tag, str) or not element.tag.startswith(f"{{{BPMN}}}"):
        return None
    return str(element.tag.partition("}")[2])


def child(element: Any, name: str) -> Any:
    """The first child of this BPMN name, or None."""
    return element.find(f"{{{BPMN}}}{name}")


def text_of(element: Any, name: str) -> str | None:
    """The text of that child, stripped; None when there is none."""
    found = child(element, name)
    return None if found is None else (found.text or "").strip()


def read(key: str, files: Mapping[str, bytes]) -> Drawing:
    """Read the files; DiagramRefused when one is not BPMN or none draws the process."""
    nodes: list[Node] = []
    messages: dict[str, str] = {}
    shapes: set[str] = set()
    edges: set[str] = set()
    for name, content in sorted(files.items()):
        root = parse_xml(content)
        if tag_of(root) != "definitions":
            raise DiagramRefused(f"{name}: não é um diagrama BPMN 2.0")
        nodes.extend(_nodes(key, root))
        messages.update({one.get("id"): one.get("name") or "" for one in root.iter(f"{{{BPMN}}}message")})
        shapes.update(one.get("bpmnElement") for one in root.iter(f"{{{DI}}}BPMNShape"))
        edges.update(one.get("bpmnElement") for one in root.iter(f"{{{DI}}}BPMNEdge"))
    processes = frozenset(node.id for node in nodes if node.tag == "process")
    if key not in processes:
        raise DiagramRefused(f"nenhum arquivo desenha o processo {key!r}")
    return Drawing(key, tuple(nodes), messages, processes, frozenset(shapes), frozenset(edges))


def _nodes(key: str, root: Any) -> Iterator[Node]:
    lanes = {}
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            lanes[(reference.text or "").strip()] = lane.get("name")
    for element in root.iter():
        tag = tag_of(element)
        if tag is not None:
            yield Node(tag, element.get("id") or "", element, _lane(element, lanes), _is_main(key, element))


def _lane(element: Any, lanes: Mapping[str, str | None]) -> str | None:
    while element is not None:
        found = lanes.get(element.get("id") or "")
        if found:
            return found
        element = element.getparent()
    return None


def _is_main(key: str, element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and tag_of(parent) == "process" and parent.get("id") == key
