"""Every defect of SpiffWorkflow 3.2.0 that the engine answers: the library as it comes fails, the engine holds."""

from __future__ import annotations

import itertools
import os
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.bpmn.specs.event_definitions import timer as library_timer
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG

from tests.workflow.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    exclusive,
    flow,
    many,
    message,
    parallel,
    path,
    service,
    start,
    timer,
    user,
)
from tests.workflow.engine import stock
from tests.workflow.engine.stock import NOW, Ours
from workflow import checks
from workflow.engine import expressions, timers
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
SPLIT = diagram(
    "p",
    start() + parallel("s") + user("a") + user("b") + parallel("j") + user("c") + end()
    + path("start", "s", "a", "j") + path("s", "b", "j", "c", "end"),
)  # fmt: skip
ONE = diagram("p", start() + user("a") + end() + path("start", "a", "end"))


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


def test_P3_nested_data_are_nobody_elses() -> None:
    running = stock.workflow(SPLIT, "p", {"doc": {"meta": {"x": 0}}})
    stock.ready(running, "a")[0].data["doc"]["meta"]["x"] = 1
    assert stock.ready(running, "b")[0].data["doc"]["meta"]["x"] == 1, "stock: the other branch sees it"
    assert running.task_tree.data["doc"]["meta"]["x"] == 1, "and history has changed"

    body = start() + service("spoil") + user("a") + end() + path("start", "spoil", "a", "end")

    def spoil(token: int, node: str, data: Any) -> None:
        data["doc"]["meta"]["x"] = 1

    given = {"doc": {"meta": {"x": 0}}}
    ours = Ours(diagram("p", body), "p", given, spoil)
    assert ours.data["doc"] == {"meta": {"x": 0}}, "what a service does to its copy stays in the copy"
    sent = {"y": {"z": []}}
    execution = ours.restore()
    execution.complete(ours.open["a"], sent)
    sent["y"]["z"].append(1)  # type: ignore[attr-defined]  # the list above
    assert execution.data["y"] == {"z": []}


def test_P3_a_merge_loses_nothing_that_a_branch_has_written() -> None:
    running = stock.workflow(SPLIT, "p", {"decision": None, "value": None})
    stock.complete(running, stock.ready(running, "a")[0], {"decision": "sim"})
    stock.complete(running, stock.ready(running, "b")[0], {"value": 1})
    assert stock.ready(running, "c")[0].data["decision"] is None, "stock: the first branch's answer is overwritten"

    ours = Ours(SPLIT, "p", {"decision": None, "value": None})
    ours.complete("a", {"decision": "sim"})
    ours.complete("b", {"value": 1})
    assert (ours.data["decision"], ours.data["value"]) == ("sim", 1)


@pytest.mark.parametrize("form", [{"typename": "invoice"}, {"typename": "timedelta", "days": 3, "seconds": 1}])
def test_P4_a_form_that_holds_a_key_typename_is_only_data(form: dict[str, Any]) -> None:
    running = stock.workflow(SPLIT, "p")
    stock.complete(running, stock.ready(running, "a")[0], {"f": form})
    try:
        restored = stock.round_trip(running)
        assert any(task.data.get("f", form) != form for task in restored.tasks.values()), "stock builds an object of it"
    except TypeError:
        pass  # stock can't load the case any more

    ours = Ours(SPLIT, "p")
    ours.complete("a", {"f": form})
    assert ours.restore().data["f"] == form


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


VALUES = {
    "decimal": Decimal("1.10"),
    "date": date(2026, 1, 2),
    "bytes": b"\x00\xff",
    "set": {1, 2},
    "tuple": (1, (2, 3)),
    "timedelta": timedelta(days=1, microseconds=5),
    "number key": {1: "a"},
    "aware": datetime(2026, 1, 2, 3, tzinfo=UTC),
}


def test_P6_plain_values_come_back_equal_and_of_the_same_type() -> None:
    def survives(value: Any) -> bool:
        running = stock.workflow(SPLIT, "p")
        stock.complete(running, stock.ready(running, "a")[0], {"v": value})
        try:
            back = stock.ready(stock.round_trip(running), "b")[0].parent.workflow.tasks
        except Exception:
            return False
        found = [task.data["v"] for task in back.values() if "v" in task.data]
        return bool(found) and all(item == value and type(item) is type(value) for item in found)

    assert not all(survives(value) for value in VALUES.values()), "stock raises for some and changes others"
    assert not survives(VALUES["decimal"])
    assert not survives(VALUES["tuple"])

    for value in VALUES.values():
        ours = Ours(SPLIT, "p")
        ours.complete("a", {"v": value})
        back = ours.restore().data["v"]
        assert (back, type(back)) == (value, type(value))


ESCAPE = "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0].__init__.__globals__['getpid']()"


def test_P7_neither_scripts_nor_conditions_run_python() -> None:
    assert TaskDataEnvironment({"__builtins__": {}}).evaluate(ESCAPE, {}) == os.getpid(), (
        "stock: emptied builtins are escaped"
    )

    scripted = diagram(
        "p", start() + '<scriptTask id="a"><script>x = 1</script></scriptTask>' + end() + path("start", "a", "end")
    )
    assert stock.workflow(scripted, "p").completed, "stock runs the script"

    (found,) = [one for one in checks.check_files("p", {"p.bpmn": scripted}) if one.node == "a"]
    assert "scriptTask" in found.reason
    for text in (
        ESCAPE,
        "__import__('os')",
        "doc.x",
        "(lambda: 1)()",
        "[x for x in y]",
        "open('/etc/passwd')",
        "f'{x}'",
        "_x",
    ):
        with pytest.raises(expressions.ExpressionRefused):
            expressions.compiled(text)


def test_P8_an_error_in_a_service_keeps_its_cause() -> None:
    operator = (
        '<extensionElements><s:serviceTaskOperator xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" id="op"'
        ' resultVariable="r"><s:parameters/></s:serviceTaskOperator></extensionElements>'
    )
    drawn = diagram("p", start() + service("a", operator) + end() + path("start", "a", "end"))

    class Down(TaskDataEnvironment):  # type: ignore[misc]  # the library has no types
        def call_service(self, *args: Any, **kwargs: Any) -> Any:
            raise ValueError("smtp down")

    with pytest.raises(NameError):
        stock.workflow(drawn, "p", environment=Down())

    def serve(token: int, node: str, data: Any) -> None:
        raise ValueError("smtp down")

    with pytest.raises(ValueError, match="smtp down"):
        Ours(drawn, "p", serve=serve)


def test_P9_after_an_error_the_stored_case_is_as_it_was() -> None:
    failing = diagram(
        "p",
        start()
        + user("a")
        + '<scriptTask id="b"><script>1/0</script></scriptTask>'
        + end()
        + path("start", "a", "b", "end"),
    )
    running = stock.workflow(failing, "p")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        stock.complete(running, stock.ready(running)[0], {})
    assert not stock.ready(running), "stock: the object is half advanced, the task is gone"

    body = start() + user("a") + service("b") + end() + path("start", "a", "b", "end")

    def serve(token: int, node: str, data: Any) -> None:
        raise ZeroDivisionError

    ours = Ours(diagram("p", body), "p", serve=serve)
    with pytest.raises(ZeroDivisionError):
        ours.complete("a")
    assert set(ours.restore().open_tasks()) == {ours.open["a"]}


def test_P10_a_completed_task_is_not_run_again() -> None:
    running = stock.workflow(ONE, "p")
    task = stock.ready(running)[0]
    task.run()
    assert task.run() is True, "stock runs it a second time"

    ours = Ours(SPLIT, "p")
    token = ours.open["a"]
    ours.complete("a")
    with pytest.raises(EngineError):
        ours.complete("a", token=token)


def test_P13_wall_clock_time_is_that_of_the_day_in_question() -> None:
    assert library_timer.LOCALTZ.utcoffset(None) == library_timer.LOCALTZ.utcoffset(datetime(2018, 12, 1)), (  # noqa: DTZ001
        "stock has one offset for every day, that of the import"
    )
    # Brazil had summer time until 2019: noon was 14:00 UTC in December 2018 and is 15:00 UTC in 2026.
    assert timers.parse_instant("2018-12-01T12:00:00") == datetime(2018, 12, 1, 14, tzinfo=UTC)
    assert timers.parse_instant("2026-12-01T12:00:00") == datetime(2026, 12, 1, 15, tzinfo=UTC)
    # One day over the end of summer time (17 February 2019) is 25 hours.
    before = datetime(2019, 2, 16, 12, tzinfo=UTC)
    assert timers.parse_duration("P1D").after(before) - before == timedelta(hours=25)


def test_P14_an_overdue_cycle_fires_once_and_not_in_a_burst() -> None:
    def drawn(every: str) -> bytes:
        body = (
            start() + user("a") + end() + boundary("remind", "a", timer("timeCycle", f'"{every}"'), interrupts=False)
            + '<scriptTask id="sent"><script>pass</script></scriptTask>' + end("e2") + path("start", "a", "end") + path("remind", "sent", "e2")
        )  # fmt: skip
        return diagram("p", body)

    running = stock.workflow(drawn("R5/PT0.1S"), "p")
    time.sleep(0.45)
    for _ in range(3):
        running.refresh_timers()
        running.do_engine_steps()
    assert sum(task.task_spec.name == "sent" for task in running.tasks.values()) >= 3, "stock fires a burst"

    ours = Ours(
        drawn("R5/PT1H").replace(
            b'<scriptTask id="sent"><script>pass</script></scriptTask>', b'<serviceTask id="sent"/>'
        ),
        "p",
    )
    ours.fire("remind", NOW + timedelta(hours=3, minutes=30))
    assert ours.passed.count("sent") == 1
    assert ours.due["remind"] == NOW + timedelta(hours=4)
    assert ours.open_list == ["a"]


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


def test_a_plain_service_task_is_accepted_and_stored() -> None:
    drawn = diagram("p", start() + service("a") + user("b") + end() + path("start", "a", "b", "end"))
    with pytest.raises(ValidationException, match="operator"):
        stock.parse(drawn, "p")
    with pytest.raises(TypeError):
        running = stock.workflow(drawn, "p", parser=BpmnParser)
        stock.serializer().serialize_json(running)

    assert Ours(drawn, "p").restore().open_tasks()


def _chain(count: int) -> bytes:
    names = [f"u{number}" for number in range(count)]
    return diagram("p", start() + "".join(user(name) for name in names) + end() + path("start", *names, "end"))


def test_more_than_300_nodes_are_refused_at_deployment() -> None:
    with pytest.raises((RecursionError, ValidationException)):
        stock.parse(_chain(900), "p")
    (found,) = checks.check_files("p", {"p.bpmn": _chain(900)})
    assert "902" in found.reason
    assert checks.check_files("p", {"p.bpmn": _chain(298)}) == ()
    assert Ours(_chain(298), "p").open_list == ["u0"]


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


def test_two_cases_never_take_each_others_message() -> None:
    """Stock correlates by any() of the keys; ours by a row of (name, key), see test_messages."""
    from SpiffWorkflow.bpmn import BpmnEvent

    drawn = diagram("p", start() + catch("wait", message("answer")) + end() + path("start", "wait", "end"))
    running = stock.workflow(drawn, "p", {"key": "case 1"})
    definition = running.spec.task_specs["wait"].event_definition
    running.send_event(BpmnEvent(definition, payload={"for": "case 2"}, correlations={"k": {"key": "case 2"}}))
    running.do_engine_steps()
    assert running.completed, "stock: the first that waits takes it, whomever it was for"

    ours = Ours(drawn, "p", {"key": "case 1"})
    execution = ours.restore()
    execution.workflow.catch(BpmnEvent(definition, payload={}))
    execution.advance()
    assert not execution.completed
    ours.receive("wait", {"value": 1})
    assert ours.completed


@pytest.mark.parametrize(
    ("drawn", "name"),
    [
        ('<businessRuleTask id="x"/>', "businessRuleTask"),
        ('<inclusiveGateway id="x"/>', "inclusiveGateway"),
        ('<manualTask id="x"/>', "manualTask"),
        ('<task id="x"/>', "task"),
        ('<userTask id="x"><standardLoopCharacteristics/></userTask>', "standardLoopCharacteristics"),
        (
            '<subProcess id="x" triggeredByEvent="true"><startEvent id="s2"/><endEvent id="e2"/></subProcess>',
            "subprocesso de evento",
        ),
        (
            '<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>',
            "compensateEventDefinition",
        ),
        ('<intermediateThrowEvent id="x"><signalEventDefinition/></intermediateThrowEvent>', "signalEventDefinition"),
        (
            '<intermediateThrowEvent id="x"><escalationEventDefinition/></intermediateThrowEvent>',
            "escalationEventDefinition",
        ),
        (
            '<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>',
            "conditionalEventDefinition",
        ),
        ('<userTask id="x"><ioSpecification/></userTask>', "ioSpecification"),
        ('<dataObject id="x"/>', "dataObject"),
        ('<adHocSubProcess id="x"/>', "adHocSubProcess"),
        ('<transaction id="x"/>', "transaction"),
        ('<complexGateway id="x"/>', "complexGateway"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(drawn: str, name: str) -> None:
    files = {"p.bpmn": diagram("p", start() + drawn + end() + path("start", "x", "end"))}
    assert any(name in one.reason for one in checks.check_files("p", files))
