"""Messages between cases: correlation by (name, key), each id once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from tests.workflow.conftest import CAC, Declare
from tests.workflow.diagrams import boundary, catch, end, message, path, start, throw, user
from workflow import operations, queries
from workflow.actor import SYSTEM
from workflow.errors import Conflict, InvalidInput
from workflow.process import Message

WAITS = start() + catch("wait", message("answer")) + user("a") + end() + path("start", "wait", "a", "end")
BEGINS = start("arrived") + user("a") + end() + path("start", "a", "end")
ANSWER = {"answer": Message("key", payload=("value",))}
ARRIVED = {"arrived": Message("key", payload=("key", "value"))}


def test_two_cases_that_wait_for_the_same_message_get_each_their_own(session: Session, declare: Declare) -> None:
    declare("espera", WAITS, session, messages=ANSWER)
    one = operations.start_case(session, "espera", {"key": "k1"}, actor=CAC)
    two = operations.start_case(session, "espera", {"key": "k2"}, actor=CAC)
    delivery = operations.deliver_message(session, "answer", "k2", {"value": 2}, message_id=uuid4(), actor=SYSTEM)
    assert (delivery.outcome, delivery.case_id, delivery.duplicate) == ("advanced", two.id, False)
    assert [task.case_id for task in queries.inbox(session, CAC)] == [two.id]
    assert queries.case_view(session, two.id).data["value"] == 2
    assert "value" not in queries.case_view(session, one.id).data


def test_the_same_message_again_changes_nothing(session: Session, declare: Declare) -> None:
    declare("espera", WAITS, session, messages=ANSWER)
    case = operations.start_case(session, "espera", {"key": "k1"}, actor=CAC)
    identity = uuid4()
    first = operations.deliver_message(session, "answer", "k1", {"value": 1}, message_id=identity, actor=SYSTEM)
    again = operations.deliver_message(session, "answer", "k1", {"value": 9}, message_id=identity, actor=SYSTEM)
    assert (again.outcome, again.case_id, again.duplicate) == (first.outcome, case.id, True)
    assert queries.case_view(session, case.id).data["value"] == 1
    with pytest.raises(InvalidInput):
        operations.deliver_message(session, "answer", "k2", {}, message_id=identity, actor=SYSTEM)


def test_nobody_waits_and_only_declared_data_enter(session: Session, declare: Declare) -> None:
    declare("espera", WAITS, session, messages=ANSWER)
    assert operations.deliver_message(session, "answer", "k9", {}, message_id=uuid4(), actor=SYSTEM).outcome == "nobody"
    case = operations.start_case(session, "espera", {"key": "k1", "ok": False}, actor=CAC)
    payload = {"value": 1, "ok": True, "key": "other"}
    operations.deliver_message(session, "answer", "k1", payload, message_id=uuid4(), actor=SYSTEM)
    assert dict(queries.case_view(session, case.id).data) == {"key": "k1", "ok": False, "value": 1}


def test_a_message_begins_one_case_for_its_key(session: Session, declare: Declare) -> None:
    declare("chegada", BEGINS, session, messages=ARRIVED)
    first = operations.deliver_message(
        session, "arrived", "p1", {"key": "p1", "value": 1}, message_id=uuid4(), actor=SYSTEM
    )
    second = operations.deliver_message(session, "arrived", "p1", {"key": "p1"}, message_id=uuid4(), actor=SYSTEM)
    assert (first.outcome, second.outcome) == ("started", "already_started")
    assert first.case_id == second.case_id == queries.find_case(session, "chegada", "p1")
    assert len(queries.inbox(session, CAC)) == 1


def test_a_thrown_message_begins_a_case_of_another_process(session: Session, declare: Declare) -> None:
    declare("chegada", BEGINS, messages=ARRIVED)
    body = start() + user("a") + throw("tell", message("arrived")) + end() + path("start", "a", "tell", "end")
    declare("avisa", body, session, messages=ARRIVED)
    case = operations.start_case(session, "avisa", {"key": "p7"}, actor=CAC)
    operations.complete_task(session, case.tasks[0].id, {"value": 5}, actor=CAC)
    started = queries.find_case(session, "chegada", "p7")
    assert started is not None
    assert dict(queries.case_view(session, started).data) == {"key": "p7", "value": 5}
    assert "Aviso enviado: “tell”." in [entry.sentence for entry in queries.timeline(session, case.id)]


def test_a_message_takes_a_task_away(session: Session, declare: Declare) -> None:
    body = start() + user("a") + boundary("stop", "a", message("answer")) + end() + end("e2")
    declare("retira", body + path("start", "a", "end") + path("stop", "e2"), session, messages=ANSWER)
    case = operations.start_case(session, "retira", {"key": "k1"}, actor=CAC)
    operations.deliver_message(session, "answer", "k1", {}, message_id=uuid4(), actor=SYSTEM)
    assert queries.case_status(session, case.id) == "completed"
    with pytest.raises(Conflict):
        operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    late = operations.deliver_message(session, "answer", "k1", {}, message_id=uuid4(), actor=SYSTEM)
    assert late.outcome == "nobody"
