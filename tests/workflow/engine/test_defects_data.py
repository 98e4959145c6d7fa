"""Defects of SpiffWorkflow 3.2.0 with data, scripts and errors: the library as it comes fails, the engine holds."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from SpiffWorkflow.bpmn.script_engine import TaskDataEnvironment

from tests.workflow.diagrams import (
    diagram,
    end,
    parallel,
    path,
    service,
    start,
    user,
)
from tests.workflow.engine import stock
from tests.workflow.engine.stock import Ours
from workflow import checks
from workflow.engine import expressions
from workflow.engine.specs import EngineError

SPLIT = diagram(
    "p",
    start() + parallel("s") + user("a") + user("b") + parallel("j") + user("c") + end()
    + path("start", "s", "a", "j") + path("s", "b", "j", "c", "end"),
)  # fmt: skip
ONE = diagram("p", start() + user("a") + end() + path("start", "a", "end"))


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
