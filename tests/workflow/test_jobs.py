"""Jobs, incidents and timers on a database of their own, with the worker that production runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.workflow.conftest import CAC, Declare
from tests.workflow.diagrams import boundary, end, error, many, path, service, start, throw, timer, user
from tests.workflow.diagrams import message as message_definition
from workflow import clock, history, jobs, operations, queries, services
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import BpmnError, Conflict
from workflow.process import Message, Service, ServiceContext

JOB = (
    start()
    + service("s")
    + boundary("refused", "s", error("REFUSED"))
    + user("a")
    + user("b")
    + end()
    + path("start", "s", "a", "end")
    + path("refused", "b", "end")
)


class Worked:
    """A service that keeps what it was given, and does as it is told."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes = list(outcomes)
        self.contexts: list[ServiceContext] = []

    def __call__(self, context: ServiceContext) -> Mapping[str, Any] | None:
        self.contexts.append(context)
        outcome = self.outcomes.pop(0) if self.outcomes else {}
        if isinstance(outcome, Exception):
            raise outcome
        result: Mapping[str, Any] = outcome
        return result


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for nothing."""
    monkeypatch.setattr(jobs, "backoff", lambda attempt: 0.0)


def _start(declare: Declare, work: Worked, **more: Any) -> UUID:
    with transaction() as session:
        declare("trabalho", JOB, session, services={"s": Service(work, "job", **more)})
        return operations.start_case(session, "trabalho", {"x": 1}, actor=CAC).id


def _work_off(url: str) -> None:
    left = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name <> 'maintenance'"
    while True:
        jobs.run_worker(url, wait=False, install_signal_handlers=False)
        with psycopg.connect(url) as connection:
            if connection.execute(left).fetchone() == (0,):
                return


def _inbox() -> list[str]:
    with transaction() as session:
        return [task.node for task in queries.inbox(session, CAC)]


def test_a_job_works_and_the_case_goes_on(database_url: str, declare: Declare) -> None:
    work = Worked({"value": 7})
    case = _start(declare, work)
    assert _inbox() == []
    _work_off(database_url)
    assert _inbox() == ["a"]
    (context,) = work.contexts
    assert (context.case_id, dict(context.data), context.actor) == (case, {"x": 1}, CAC)
    assert context.idempotency_key == str(context.task_id)
    with transaction() as session:
        assert queries.case_view(session, case).data["value"] == 7
        assert [one.sentence for one in queries.timeline(session, case)][1] == "O sistema concluiu: “Serviço s”."
        assert history.verify(session).ok


def test_a_rolled_back_step_leaves_no_job(database_url: str, declare: Declare) -> None:
    work = Worked()
    with pytest.raises(ZeroDivisionError), transaction() as session:
        declare("trabalho", JOB, session, services={"s": Service(work, "job")})
        operations.start_case(session, "trabalho", {}, actor=CAC)
        raise ZeroDivisionError
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)


def test_a_job_is_tried_again_and_then_becomes_an_incident(database_url: str, declare: Declare, at_once: None) -> None:
    work = Worked(
        ValueError("Maria da Silva"), ValueError("Maria da Silva"), ValueError("Maria da Silva"), {"value": 1}
    )
    case = _start(declare, work, retries=2)
    _work_off(database_url)
    assert len(work.contexts) == 3
    with transaction() as session:
        (incident,) = queries.incidents(session, case_id=case)
        assert (incident.kind, incident.node, incident.title) == ("service", "s", "Serviço s")
        assert incident.error.startswith("ValueError")
        assert "Maria" not in incident.error, "the text of an error may hold personal data"
        assert queries.diagram_view(session, case).failed == {"s"}
        operations.retry_incident(session, incident.id, actor=CAC)
        with pytest.raises(Conflict):
            operations.retry_incident(session, incident.id, actor=CAC)
    _work_off(database_url)
    assert _inbox() == ["a"]
    with transaction() as session:
        assert queries.incidents(session) == []
        assert len({context.idempotency_key for context in work.contexts}) == 1
        assert history.verify(session).ok


def test_an_incident_can_be_resolved_by_hand(database_url: str, declare: Declare, at_once: None) -> None:
    case = _start(declare, Worked(ValueError()), retries=0)
    _work_off(database_url)
    with transaction() as session:
        (incident,) = queries.incidents(session)
        operations.resolve_incident(session, incident.id, actor=CAC, data={"value": 3})
    assert _inbox() == ["a"]
    with transaction() as session:
        assert queries.case_view(session, case).data["value"] == 3
        assert history.verify(session).ok


def test_a_bpmn_error_takes_the_boundary_and_an_unknown_one_is_an_incident(database_url: str, declare: Declare) -> None:
    _start(declare, Worked(BpmnError("REFUSED")))
    _work_off(database_url)
    assert _inbox() == ["b"]
    case = _start(declare, Worked(BpmnError("OTHER")))
    _work_off(database_url)
    with transaction() as session:
        (incident,) = queries.incidents(session, case_id=case)
    assert "OTHER" in incident.error


def test_a_job_whose_task_is_gone_does_nothing(database_url: str, declare: Declare) -> None:
    work = Worked()
    case = _start(declare, work)
    with transaction() as session:
        operations.cancel_case(session, case, "engano", actor=CAC)
    _work_off(database_url)
    assert work.contexts == []


def test_the_result_is_kept_with_the_work_so_that_it_is_done_once(
    database_url: str, declare: Declare, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    """Killed between the work and the step that finishes the task: the job runs again and only finishes."""
    work = Worked({"value": 7}, {"value": 8})
    _start(declare, work)
    real, died = services.finish_service_task, []

    def dies_once(*args: Any, **kwargs: Any) -> Any:
        if not died:
            died.append(True)
            raise ConnectionError
        return real(*args, **kwargs)

    monkeypatch.setattr(services, "finish_service_task", dies_once)
    _work_off(database_url)
    assert (len(work.contexts), _inbox()) == (1, ["a"])


def test_the_same_job_twice_finishes_the_task_once(database_url: str, declare: Declare) -> None:
    work = Worked()
    _start(declare, work)
    with transaction() as session, psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT args FROM procrastinate_jobs").fetchone()
        assert row is not None
        jobs.defer(session, jobs.SERVICE, **row[0])
    _work_off(database_url)
    assert (len(work.contexts), _inbox()) == (1, ["a"])


def test_jobs_of_a_multi_instance_see_their_own_item(database_url: str, declare: Declare) -> None:
    def double(context: ServiceContext) -> Mapping[str, Any]:
        return {"result": context.data["item"] * 2}

    body = (
        start()
        + service("s", many("items", "item", into="results", out="result"))
        + user("a")
        + end()
        + path("start", "s", "a", "end")
    )
    with transaction() as session:
        declare("varios", body, session, services={"s": Service(double, "job")})
        case = operations.start_case(session, "varios", {"items": [1, 2, 3]}, actor=CAC).id
    _work_off(database_url)
    with transaction() as session:
        assert queries.case_view(session, case).data["results"] == [2, 4, 6]


def test_other_packages_enqueue_in_their_own_transaction(database_url: str) -> None:
    seen: list[Any] = []
    jobs.JOBS.pop("test.note", None)
    jobs.job("test.note", "mail")(lambda text: seen.append(text))
    try:
        with transaction() as session:
            jobs.defer(session, "test.note", text="olá")
        _work_off(database_url)
    finally:
        jobs.JOBS.pop("test.note")
    assert seen == ["olá"]


def test_an_actor_survives_the_way_through_a_job() -> None:
    actor = Actor("account", UUID(int=1), UUID(int=2), frozenset({"cac", "gestor"}), "CAC", UUID(int=3))
    assert jobs.actor_from_json(jobs.actor_to_json(actor)) == actor
    assert jobs.actor_from_json(jobs.actor_to_json(SYSTEM)) == SYSTEM


# --- timers -----------------------------------------------------------------------------------------------------------

LATE = (
    start()
    + user("a")
    + boundary("late", "a", timer("timeDuration", '"P2D"'))
    + service("s")
    + user("b")
    + end()
    + path("start", "a", "end")
    + path("late", "s", "b", "end")
)


def test_due_timers_fire_each_in_a_step(database_url: str, declare: Declare) -> None:
    with transaction() as session:
        declare("prazo", LATE, session)
        cases = [operations.start_case(session, "prazo", {}, actor=CAC).id for _ in range(3)]
    assert operations.fire_due_timers() == 0
    clock.configure(timedelta(days=3))
    assert operations.fire_due_timers(batch=2) == 2
    assert operations.fire_due_timers(batch=2) == 1
    assert operations.fire_due_timers() == 0
    assert _inbox() == ["b", "b", "b"]
    with transaction() as session:
        assert "Prazo “late” venceu." in [one.sentence for one in queries.timeline(session, cases[0])]
        assert history.verify(session).ok


def test_a_busy_case_is_left_to_the_next_round(database_url: str, declare: Declare) -> None:
    with transaction() as session:
        declare("prazo", LATE, session)
        case = operations.start_case(session, "prazo", {}, actor=CAC).id
    clock.configure(timedelta(days=3))
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM workflow_case WHERE id = %s FOR UPDATE", (case,))
        assert operations.fire_due_timers() == 0
    assert operations.fire_due_timers() == 1


def test_a_timer_that_fails_is_an_incident_and_can_be_retried(database_url: str, declare: Declare) -> None:
    work = Worked(ValueError(), {})
    with transaction() as session:
        declare("prazo", LATE, session, services={"s": Service(work)})
        case = operations.start_case(session, "prazo", {}, actor=CAC).id
    clock.configure(timedelta(days=3))
    assert operations.fire_due_timers() == 0
    assert operations.fire_due_timers() == 0, "it is not tried again by itself"
    with transaction() as session:
        (incident,) = queries.incidents(session, case_id=case)
        assert (incident.kind, incident.node) == ("timer", "late")
        operations.retry_incident(session, incident.id, actor=CAC)
    assert operations.fire_due_timers() == 1
    assert _inbox() == ["b"]


# --- messages ---------------------------------------------------------------------------------------------------------


def test_a_message_that_can_not_begin_its_case_becomes_an_incident(
    database_url: str, declare: Declare, at_once: None
) -> None:
    work = Worked(*[ValueError()] * 7, {})
    begins = start("arrived") + service("s") + user("a") + end() + path("start", "s", "a", "end")
    throws = (
        start() + throw("tell", message_definition("arrived")) + user("b") + end() + path("start", "tell", "b", "end")
    )
    arrived = {"arrived": Message("key", payload=("key",))}
    with transaction() as session:
        declare("chegada", begins, messages=arrived, services={"s": Service(work)})
        declare("avisa", throws, session, messages=arrived)
        case = operations.start_case(session, "avisa", {"key": "k"}, actor=CAC).id
    assert _inbox() == ["b"], "whoever throws goes on"
    _work_off(database_url)
    with transaction() as session:
        (incident,) = queries.incidents(session, case_id=case)
        assert (incident.kind, incident.node, len(work.contexts)) == ("message", "tell", 7)
        operations.retry_incident(session, incident.id, actor=CAC)
    _work_off(database_url)
    assert sorted(_inbox()) == ["a", "b"]


# --- a worker that is killed ------------------------------------------------------------------------------------------

WORKER = """
import sys, time
from pathlib import Path
from tests.workflow import diagrams
from workflow import database, jobs, process
from workflow.process import Service
folder, url = Path(sys.argv[1]), sys.argv[2]

def slow(context):
    (folder / "begun").touch()
    while not (folder / "go").exists():
        time.sleep(0.05)
    return {"value": 1}

database.configure(url)
body = (folder / "body").read_text()
process.register(diagrams.declare(folder, "trabalho", body, services={"s": Service(slow, "job")}))
jobs.STALLED_SECONDS = 3
jobs.HEARTBEAT_SECONDS = 1
jobs.run_worker(url, concurrency=1)
"""


@pytest.fixture
def worker(tmp_path: Path, database_url: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts worker processes, and ends those that are left."""
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-c", WORKER, str(tmp_path), database_url]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_job_loses_nothing(
    database_url: str, declare: Declare, tmp_path: Path, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    (tmp_path / "body").write_text(JOB)
    case = _start(declare, Worked())
    first = worker()
    _until((tmp_path / "begun").exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    (tmp_path / "go").touch()
    worker()
    _until(lambda: _inbox() == ["a"])
    with transaction() as session:
        kinds = [entry.kind for entry in queries.timeline(session, case)]
        assert kinds.count("service_finished") == 1
        assert history.verify(session).ok
