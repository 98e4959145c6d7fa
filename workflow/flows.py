"""Which arrows of a drawing a case took. Only what is certain: an arrow that may have been taken is left as it is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from typing import Any

from workflow.engine.parser import BPMN, parse_xml

_NODE = f"{{{BPMN}}}"
_REPEATED = f"{_NODE}multiInstanceLoopCharacteristics"


def taken(xml: str, *, passed: Set[str], waiting: Set[str], chosen: Set[str]) -> frozenset[str]:
    """The ids of the sequence flows that were taken.

    `passed`: nodes that a token left; `waiting`: nodes where it is; `chosen`: flows by which it left exclusive gateways.
    """
    root = parse_xml(xml.encode())
    nodes = {node.get("id"): node for node in root.iter() if node.get("id")}
    arrows = list(root.iter(f"{_NODE}sequenceFlow"))
    leaving = Counter(arrow.get("sourceRef") for arrow in arrows)
    arriving = Counter(arrow.get("targetRef") for arrow in arrows)

    def certain(arrow: Any) -> bool:
        source, target = nodes[arrow.get("sourceRef")], arrow.get("targetRef")
        alone = arriving[target] == 1
        if source.tag == f"{_NODE}exclusiveGateway" and leaving[source.get("id")] > 1:
            return arrow.get("id") in chosen
        if source.tag == f"{_NODE}eventBasedGateway":  # its events are waited for before anybody goes there
            return alone and target in passed
        if source.find(_REPEATED) is not None:  # passed once by each of its instances
            return alone and (target in passed or target in waiting)
        return source.get("id") in passed

    return frozenset(arrow.get("id") for arrow in arrows if certain(arrow))


def answers(xml: str) -> dict[str, str]:
    """What each named arrow out of a named gateway answers, as the drawing says it: “É a pessoa? Confirmada.”"""
    root = parse_xml(xml.encode())
    questions = {node.get("id"): node.get("name") for node in root.iter(f"{_NODE}exclusiveGateway")}
    return {
        arrow.get("id"): f"{question} {arrow.get('name')}."
        for arrow in root.iter(f"{_NODE}sequenceFlow")
        if (question := questions.get(arrow.get("sourceRef"))) and arrow.get("name")
    }
