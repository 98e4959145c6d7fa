"""Two at once: every step holds its case, so one is first and the other learns it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

from tests.workflow.conftest import CAC, Declare
from tests.workflow.diagrams import end, parallel, path, start, user
from workflow import history, operations, queries
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.process import Message

TWO = start() + user("a") + user("b") + end() + path("start", "a", "b", "end")
SPLIT = (
    start()
    + parallel("s")
    + user("a")
    + user("b")
    + parallel("j")
    + user("c")
    + end()
    + path("start", "s", "a", "j")
    + path("s", "b", "j", "c", "end")
)


def _at_once(*acts: Callable[[], object]) -> Counter[str]:
    """Run each in its own thread; how often each result or error came."""
    gate, results = threading.Barrier(len(acts)), Counter[str]()

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            outcome = str(act())
        except Exception as error:
            outcome = type(error).__name__
        results[outcome] += 1

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_who_complete_the_same_task(database_url: str, declare: Declare) -> None:
    with transaction() as session:
        declare("dois", TWO, session)
        task = operations.start_case(session, "dois", {}, actor=CAC).tasks[0].id

    def act() -> str:
        with transaction() as session:
            return operations.complete_task(session, task, {}, actor=CAC).status

    assert _at_once(*[act] * 4) == {"running": 1, "Conflict": 3}


def test_a_double_click_gets_the_same_answer_twice(database_url: str, declare: Declare) -> None:
    with transaction() as session:
        declare("dois", TWO, session)
        task = operations.start_case(session, "dois", {}, actor=CAC).tasks[0].id

    def complete() -> str:
        with transaction() as session:
            return str(operations.complete_task(session, task, {}, actor=CAC, idempotency_key="click").tasks)

    def begin() -> str:
        with transaction() as session:
            return str(operations.start_case(session, "dois", {}, actor=CAC, idempotency_key="begin").id)

    assert list(_at_once(*[complete] * 4).values()) == [4]
    assert list(_at_once(*[begin] * 4).values()) == [4]


def test_two_branches_completed_at_once_join(database_url: str, declare: Declare) -> None:
    for _ in range(5):
        with transaction() as session:
            declare("divide", SPLIT, session)
            case = operations.start_case(session, "divide", {}, actor=CAC)

        def act(task: object) -> Callable[[], object]:
            def run() -> str:
                with transaction() as session:
                    return operations.complete_task(session, task.id, {}, actor=CAC).status  # type: ignore[attr-defined]

            return run

        assert _at_once(*[act(task) for task in case.tasks]) == {"running": 2}
        with transaction() as session:
            assert [task.node for task in queries.case_view(session, case.id).tasks] == ["c"]


def test_one_case_for_one_object(database_url: str, declare: Declare) -> None:
    with transaction() as session:
        declare("dois", TWO, session)

    def act() -> str:
        with transaction() as session:
            return operations.start_case(session, "dois", {}, actor=CAC, business_key="pessoa:dia").status

    assert _at_once(*[act] * 4) == {"running": 1, "Conflict": 3}


def test_messages_at_once_begin_one_case(database_url: str, declare: Declare) -> None:
    body = start("arrived") + user("a") + end() + path("start", "a", "end")
    with transaction() as session:
        declare("chegada", body, session, messages={"arrived": Message("key")})

    def act() -> str:
        with transaction() as session:
            return operations.deliver_message(
                session, "arrived", "k", {"key": "k"}, message_id=uuid4(), actor=SYSTEM
            ).outcome

    assert _at_once(*[act] * 4) == {"started": 1, "already_started": 3}


def test_the_day_s_chain_has_no_gap_when_many_write(database_url: str) -> None:
    def act() -> str:
        for _ in range(10):
            with transaction() as session:
                history.record(session, "incident_resolved", {"node": "n"}, actor=SYSTEM)
        return "done"

    assert _at_once(*[act] * 4) == {"done": 4}
    with transaction() as session:
        report = history.verify(session)
        assert (report.ok, report.events) == (True, 40)


def test_acts_on_the_same_case_never_deadlock(database_url: str, declare: Declare) -> None:
    with transaction() as session:
        declare("divide", SPLIT, session, messages={})
        case = operations.start_case(session, "divide", {}, actor=CAC)
    one, two = (task.id for task in case.tasks)

    def claim() -> str:
        with transaction() as session:
            operations.claim_task(session, two, actor=CAC)
            return "ok"

    def complete() -> str:
        with transaction() as session:
            operations.complete_task(session, one, {}, actor=CAC)
            return "ok"

    def write() -> str:
        with transaction() as session:
            history.append(session, history.case_chain(case.id), "incident_resolved", {"node": "n"}, actor=SYSTEM)
            return "ok"

    assert _at_once(claim, complete, write, write) == {"ok": 4}
