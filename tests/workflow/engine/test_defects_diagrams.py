"""Defects of SpiffWorkflow 3.2.0 with timers, messages and diagrams: the library as it comes fails, the engine holds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions import timer as library_timer

from tests.workflow.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    message,
    path,
    service,
    start,
    timer,
    user,
)
from tests.workflow.engine import stock
from tests.workflow.engine.stock import NOW, Ours
from workflow import checks
from workflow.engine import timers


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
