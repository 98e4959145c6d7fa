"""Timers, messages, errors, event-based gateways, multi-instance and subprocesses, through stored bytes at every step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.workflow.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    error,
    flow,
    many,
    message,
    parallel,
    path,
    service,
    start,
    throw,
    timer,
    user,
)
from tests.workflow.engine.stock import NOW, Ours
from workflow.engine.runner import JOB, UncaughtBpmnError
from workflow.errors import BpmnError


def _jobs(token: int, node: str, data: Mapping[str, Any]) -> Any:
    return JOB


def test_an_interrupting_timer_takes_the_task_away() -> None:
    body = start() + user("a") + boundary("late", "a", timer("timeDuration", '"P5D"')) + user("b") + end() + end("e2")
    ours = Ours(diagram("p", body + path("start", "a", "end") + path("late", "b", "e2")), "p")
    assert ours.due == {"late": NOW + timedelta(days=5)}
    ours.fire("late")
    assert (ours.open_list, ours.timers) == (["b"], {})
    ours.complete("b")
    assert ours.completed


def test_a_timer_that_does_not_interrupt_leaves_the_task() -> None:
    body = (
        start()
        + user("a")
        + boundary("warn", "a", timer("timeDuration", '"P1D"'), interrupts=False)
        + user("b")
        + end()
        + end("e2")
    )
    ours = Ours(diagram("p", body + path("start", "a", "end") + path("warn", "b", "e2")), "p")
    ours.fire("warn")
    assert ours.open_list == ["a", "b"]
    ours.complete("a")
    assert not ours.completed
    ours.complete("b")
    assert ours.completed


def test_completing_the_task_drops_its_timer() -> None:
    body = start() + user("a") + boundary("late", "a", timer("timeDuration", '"P5D"')) + user("b") + end()
    ours = Ours(diagram("p", body + path("start", "a", "b", "end") + flow("late", "b")), "p")
    ours.complete("a")
    assert (ours.timers, ours.open_list) == ({}, ["b"])


@pytest.mark.parametrize("times", [1, 3])
def test_a_cycle_ends_after_its_number_of_firings(times: int) -> None:
    body = (
        start() + user("a") + boundary("remind", "a", timer("timeCycle", f'"R{times}/PT1H"'), interrupts=False)
        + service("send") + end() + end("e2") + path("start", "a", "end") + path("remind", "send", "e2")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p")
    for _ in range(times):
        ours.fire("remind")
    assert ours.timers == {}
    assert ours.passed.count("send") == times
    assert ours.tasks < 20
    ours.complete("a")
    assert ours.completed


def test_a_cycle_without_end_keeps_nothing_of_its_past() -> None:
    body = (
        start() + user("a") + boundary("remind", "a", timer("timeCycle", '"R/P1D"'), interrupts=False)
        + service("send") + end() + end("e2") + path("start", "a", "end") + path("remind", "send", "e2")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p")
    sizes = set()
    for _ in range(30):
        ours.fire("remind")
        sizes.add(ours.tasks)
    assert len(sizes) == 1
    ours.complete("a")
    assert ours.completed


def test_a_date_in_the_case_sets_the_timer() -> None:
    body = start() + catch("wait", timer("timeDate", "x")) + user("a") + end() + path("start", "wait", "a", "end")
    ours = Ours(diagram("p", body), "p", {"x": "2026-12-24"})
    assert ours.due["wait"].isoformat() == "2026-12-24T03:00:00+00:00"
    ours.fire("wait")
    assert ours.open_list == ["a"]


def test_an_event_based_gateway_takes_the_first_of_message_and_timer() -> None:
    body = (
        start() + '<eventBasedGateway id="g"/>' + catch("answer", message("reply")) + catch("late", timer("timeDuration", '"PT2H"'))
        + user("a") + user("b") + end() + path("start", "g", "answer", "a", "end") + path("g", "late", "b", "end")
    )  # fmt: skip
    drawn = diagram("p", body)
    by_message = Ours(drawn, "p")
    assert (set(by_message.waiting), by_message.due["late"]) == ({"answer"}, NOW + timedelta(hours=2))
    by_message.receive("answer", {"value": 7})
    assert (by_message.open_list, by_message.timers, by_message.data["value"]) == (["a"], {}, 7)
    by_timer = Ours(drawn, "p")
    by_timer.fire("late")
    assert (by_timer.open_list, by_timer.waiting) == (["b"], {})
    by_timer.complete("b")
    assert by_timer.completed


def test_a_message_boundary_and_a_thrown_message() -> None:
    body = (
        start() + user("a") + boundary("stop", "a", message("withdraw")) + throw("tell", message("told")) + end() + end("e2")
        + path("start", "a", "end") + path("stop", "tell", "e2")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p", {"key": "k1"})
    ours.receive("stop", {"x": 1})
    assert ours.completed
    (thrown,) = ours.thrown
    assert (thrown.name, thrown.node, dict(thrown.data)) == ("told", "tell", {"key": "k1", "x": 1})


SERVICE_ERROR = diagram(
    "p",
    start() + service("s") + boundary("refused", "s", error("REFUSED")) + user("a") + user("b") + end()
    + path("start", "s", "a", "end") + path("refused", "b", "end"),
)  # fmt: skip


def test_a_service_that_raises_takes_its_error_boundary() -> None:
    def serve(token: int, node: str, data: Mapping[str, Any]) -> None:
        raise BpmnError("REFUSED")

    ours = Ours(SERVICE_ERROR, "p", serve=serve)
    assert ours.open_list == ["b"]
    ours.complete("b")
    assert ours.completed


def test_a_job_that_fails_takes_its_error_boundary_only_for_its_code() -> None:
    ours = Ours(SERVICE_ERROR, "p", serve=_jobs)
    assert ours.open_list == ["s"]
    with pytest.raises(UncaughtBpmnError):
        ours.fail("s", "OTHER")
    ours.fail("s", "REFUSED")
    assert ours.open_list == ["b"]


def test_a_job_that_finishes_goes_on_with_its_result() -> None:
    ours = Ours(SERVICE_ERROR, "p", serve=_jobs)
    ours.finish("s", {"value": 1})
    assert (ours.open_list, ours.data["value"]) == (["a"], 1)
    ours.complete("a")
    assert ours.completed


def test_an_error_leaves_a_called_process_by_the_boundary_of_its_call() -> None:
    inner = '<startEvent id="i_start"/>' + user("u") + end("i_end", error("BROKEN")) + path("i_start", "u", "i_end")
    body = (
        start() + '<callActivity id="call" calledElement="inner"/>' + boundary("broken", "call", error("BROKEN")) + user("b") + end()
        + path("start", "call", "end") + path("broken", "b", "end")
    )  # fmt: skip
    ours = Ours(diagram("p", body, others={"inner": inner}), "p")
    assert ours.open_list == ["u"]
    ours.complete("u")
    assert ours.open_list == ["b"]
    ours.complete("b")
    assert ours.completed


def test_a_boundary_timer_on_a_subprocess_ends_what_is_inside() -> None:
    inner = '<startEvent id="i_start"/>' + user("u") + '<endEvent id="i_end"/>' + path("i_start", "u", "i_end")
    body = (
        start() + f'<subProcess id="sub">{inner}</subProcess>' + boundary("late", "sub", timer("timeDuration", '"P1D"')) + user("b")
        + end() + path("start", "sub", "end") + path("late", "b", "end")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p")
    (task,) = ours.restore().open_tasks().values()
    assert (task.node, task.scope) == ("u", ("sub",))
    ours.fire("late")
    assert ours.open_list == ["b"]
    ours.complete("b")
    assert ours.completed


@pytest.mark.parametrize("sequential", [False, True])
def test_multi_instance_over_a_called_process_keeps_each_instances_data_apart(sequential: bool) -> None:
    inner = (
        '<startEvent id="i_start"/>'
        + user("u")
        + user("v")
        + '<endEvent id="i_end"/>'
        + path("i_start", "u", "v", "i_end")
    )
    call = f'<callActivity id="call" calledElement="inner">{many("items", "item", into="results", out="value", sequential=sequential)}</callActivity>'
    ours = Ours(
        diagram("p", start() + call + end() + path("start", "call", "end"), others={"inner": inner}),
        "p",
        {"items": ["x", "y", "z"]},
    )
    while ours.open:
        execution = ours.restore()
        token, task = next((token, task) for token, task in sorted(execution.open_tasks().items()))
        item = execution.scope(token)["item"]
        if task.node == "v":
            assert execution.scope(token)["value"] == item * 2
        ours.complete(task.node, {"value": item * 2} if task.node == "u" else {}, token)
    assert ours.completed
    assert ours.data["results"] == ["xx", "yy", "zz"]
    assert "item" not in ours.data


def test_results_are_in_the_order_of_the_items_whichever_was_done_first() -> None:
    task = user("a", many("items", "item", into="results", out="value"))
    ours = Ours(diagram("p", start() + task + end() + path("start", "a", "end")), "p", {"items": [1, 2, 3]})
    for token in sorted(ours.restore().open_tasks(), reverse=True):
        ours.complete("a", {"value": ours.restore().scope(token)["item"] * 10}, token)
    assert ours.data["results"] == [10, 20, 30]


def test_multi_instance_over_nothing_passes_at_once() -> None:
    ours = Ours(
        diagram("p", start() + user("a", many("items")) + user("b") + end() + path("start", "a", "b", "end")),
        "p",
        {"items": []},
    )
    assert ours.open_list == ["b"]


def test_multi_instance_by_number_and_with_a_boundary() -> None:
    body = (
        start() + user("a", many(count="n")) + boundary("late", "a", timer("timeDuration", '"P1D"')) + user("b") + end()
        + path("start", "a", "b", "end") + flow("late", "b")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p", {"n": 3})
    assert ours.open_list == ["a", "a", "a"]
    ours.complete("a")
    ours.fire("late")
    assert ours.open_list == ["b"]


def test_parallel_branches_of_one_job_each() -> None:
    body = (
        start() + parallel("s") + service("one") + service("two") + parallel("j") + user("a") + end()
        + path("start", "s", "one", "j") + path("s", "two", "j", "a", "end")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p", serve=_jobs)
    ours.finish("two", {"y": 2})
    ours.finish("one", {"x": 1})
    assert (ours.open_list, ours.data) == (["a"], {"x": 1, "y": 2})


def test_terminate_ends_everything() -> None:
    body = (
        start() + parallel("s") + user("a") + user("b") + end("e1", "<terminateEventDefinition/>") + end("e2")
        + path("start", "s", "a", "e1") + path("s", "b", "e2")
    )  # fmt: skip
    ours = Ours(diagram("p", body), "p")
    ours.complete("a")
    assert (ours.completed, ours.open_list) == (True, [])
