"""Defects of SpiffWorkflow 3.2.0 in loops, joins and multi-instance: the library as it comes fails, the engine holds."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG

from tests.workflow.diagrams import (
    diagram,
    end,
    exclusive,
    flow,
    many,
    parallel,
    path,
    service,
    start,
    user,
)
from tests.workflow.engine import stock
from tests.workflow.engine.stock import Ours
from workflow.engine.specs import EngineError

LOOP = diagram(
    "p",
    start()
    + user("a")
    + exclusive("g", "end")
    + end()
    + path("start", "a", "g")
    + flow("g", "a", "again")
    + flow("g", "end"),
)


@pytest.mark.slow
def test_P1_a_loop_of_600_rounds_keeps_its_open_task() -> None:
    running = stock.workflow(LOOP, "p")
    rounds = 0
    while rounds < 600 and (found := stock.ready(running)):
        stock.complete(running, found[0], {"again": True})
        rounds += 1
    assert rounds < 600, "stock SpiffWorkflow loses the task"
    assert running.is_completed(), "and reports the case as completed"

    ours = Ours(LOOP, "p")
    for _ in range(600):
        ours.complete("a", {"again": True})
    assert (ours.open_list, ours.completed) == (["a"], False)
    assert ours.tasks < 12
    ours.complete("a", {"again": False})
    assert ours.completed


@pytest.mark.slow
def test_P2_a_loop_of_engine_steps_alone_goes_on_past_1000_levels() -> None:
    body = (
        start()
        + service("a")
        + exclusive("g", "end")
        + end()
        + path("start", "a", "g")
        + flow("g", "a", "n < 1500")
        + flow("g", "end")
    )
    drawn = diagram("p", body)

    script = b'<scriptTask id="a"><script>n = n + 1</script></scriptTask>'
    spec, subs = stock.parse(drawn.replace(service("a").encode(), script), "p")
    running = BpmnWorkflow(spec, subs)
    running.task_tree.data["n"] = 0
    running.do_engine_steps()
    assert max(task.data.get("n", 0) for task in running.tasks.values()) < 600, "stock stops in the middle"
    assert not running.completed

    count = {"n": 0}

    def serve(token: int, node: str, data: Any) -> dict[str, int]:
        count["n"] = data["n"] + 1
        return {"n": data["n"] + 1}

    ours = Ours(drawn, "p", {"n": 0}, serve)
    assert (ours.completed, count["n"]) == (True, 1500)


@pytest.mark.slow
def test_P2_a_loop_that_never_ends_is_an_error_and_not_a_hang() -> None:
    body = (
        start()
        + service("a")
        + exclusive("g", "end")
        + end()
        + path("start", "a", "g")
        + flow("g", "a", "True")
        + flow("g", "end")
    )
    with pytest.raises(EngineError, match="steps without waiting"):
        Ours(diagram("p", body), "p")


def _rework() -> bytes:
    return diagram(
        "p",
        start() + parallel("s") + user("a") + user("b") + parallel("j") + user("r") + exclusive("x", "end") + end()
        + path("start", "s", "a", "j") + path("s", "b", "j", "r", "x") + flow("x", "s", "again") + flow("x", "end"),
    )  # fmt: skip


def _orders(step: Any) -> int:
    """How many of the eight orders of completion go wrong."""
    wrong = 0
    for orders in itertools.product(("ab", "ba"), repeat=3):
        wrong += not step(orders)
    return wrong


def test_P23_a_join_inside_a_rework_loop_waits_for_both_branches_in_every_order() -> None:
    drawn = _rework()

    def library(orders: tuple[str, ...]) -> bool:
        running = stock.workflow(drawn, "p")
        for number, order in enumerate(orders):
            for index, name in enumerate(order):
                found = stock.ready(running, name)
                if not found:
                    return False
                stock.complete(running, found[0], {})
                names = sorted(task.task_spec.name for task in stock.ready(running))
                if names != ([order[1]] if index == 0 else ["r"]):
                    return False
            stock.complete(running, stock.ready(running, "r")[0], {"again": number < 2})
        return bool(running.completed)

    def engine(orders: tuple[str, ...]) -> bool:
        ours = Ours(drawn, "p")
        for number, order in enumerate(orders):
            ours.complete(order[0])
            if ours.open_list != [order[1]]:
                return False
            ours.complete(order[1])
            if ours.open_list != ["r"]:
                return False
            ours.complete("r", {"again": number < 2})
        return ours.completed

    assert _orders(library) == 6
    assert _orders(engine) == 0


@pytest.mark.parametrize("sequential", [False, True])
def test_P19_a_restored_multi_instance_completes(sequential: bool) -> None:
    drawn = diagram(
        "p",
        start()
        + user("a", many("items", "item", into="results", out="result", sequential=sequential))
        + end()
        + path("start", "a", "end"),
    )
    running = stock.workflow(drawn, "p", {"items": ["x", "y"]})
    stored = _state_only(*stock.parse(drawn, "p")).serialize_json(running)
    restored = _state_only(*stock.parse(drawn, "p")).deserialize_json(stored)  # another process: parsed anew
    restored.script_engine = PythonScriptEngine(environment=TaskDataEnvironment())
    for _ in range(3):
        for task in stock.ready(restored)[:1]:
            stock.complete(restored, task, {"result": 1})
    assert not restored.completed, "stock never completes it"

    ours = Ours(drawn, "p", {"items": ["x", "y"]})
    while ours.open:
        ours.complete("a", {"result": f"r{len(ours.passed)}"})
    assert ours.completed
    assert len(ours.data["results"]) == 2


def _state_only(spec: Any, subs: Any) -> Any:
    """The library's serializer, the specification kept outside: what a store with versions needs."""

    class StateOnly(BpmnWorkflowConverter):  # type: ignore[misc]  # the library has no types
        def to_dict(self, workflow: Any) -> Any:
            dct = WorkflowConverter.to_dict(self, workflow)
            dct["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
            return dct

        def from_dict(self, dct: Any) -> Any:
            from uuid import UUID

            workflow = self.target_class(spec, subs, deserializing=True)
            workflow.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=workflow)
            workflow.task_tree = workflow.tasks.get(UUID(dct["root"]))
            self.set_default_attributes(workflow, dct)
            self.subprocesses_from_dict(dct["subprocesses"], workflow)
            return workflow

    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure({**SPIFF_CONFIG, BpmnWorkflow: StateOnly}))


def test_P19_the_engine_restores_from_a_diagram_parsed_anew() -> None:
    from workflow.engine import parser

    drawn = diagram("fresh", start() + user("a", many("items")) + end() + path("start", "a", "end"))
    ours = Ours(drawn, "fresh", {"items": ["x", "y"]})
    parser._diagrams.clear()  # what another process has
    ours.diagram = parser.diagram("fresh", {"fresh.bpmn": drawn})
    while ours.open:
        ours.complete("a")
    assert ours.completed


@pytest.mark.slow
def test_multi_instance_stops_at_200_and_stays_small() -> None:
    drawn = diagram(
        "p",
        start()
        + user("a", many("items", into="results", out="result", sequential=True))
        + end()
        + path("start", "a", "end"),
    )
    running = stock.workflow(drawn, "p", {"items": [f"user{n}" for n in range(120)]})
    for _ in range(100):
        stock.complete(running, stock.ready(running)[0], {"result": "x" * 100})
    assert len(stock.serializer().serialize_json(running)) > 500_000, "stock: every instance holds all that came before"

    ours = Ours(drawn, "p", {"items": [f"user{n}" for n in range(200)]})
    for _ in range(199):
        ours.complete("a", {"result": "x" * 100})
    assert len(ours.state) < 20_000
    ours.complete("a")
    assert ours.completed
    with pytest.raises(EngineError, match="201 instances"):
        Ours(drawn, "p", {"items": list(range(201))})


def test_P5_state_is_bytes_which_no_column_reorders() -> None:
    lost = 0
    for _ in range(10):  # how much is lost depends on the order of the tasks' random ids
        running = stock.workflow(_rework(), "p", {"z": 1, "a": {"k": [1]}})
        stock.complete(running, stock.ready(running, "a")[0], {"b": 2, "q": {"x": 1}})
        again = stock.sorted_keys(running)
        lost += sum(task.data != again.tasks[key].data for key, task in running.tasks.items())
    assert lost, "stock loses data in JSONB"

    ours = Ours(_rework(), "p", {"z": 1, "a": {"k": [1]}})
    ours.complete("a", {"b": 2, "q": {"x": 1}})
    assert isinstance(ours.state, bytes)
    assert isinstance(ours.stored, bytes)
    assert dict(ours.restore().data) == {"z": 1, "a": {"k": [1]}, "b": 2, "q": {"x": 1}}
