"""Service tasks that run as jobs, and timers: what workers do for cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow import clock, deployment, incidents, jobs, steps
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.engine import values
from workflow.engine.runner import JOB, Execution, UncaughtBpmnError
from workflow.errors import BpmnError, Conflict
from workflow.history import chain
from workflow.process import Service, ServiceContext
from workflow.references import CaseRef

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 2717))"
READ = """
SELECT t.case_id, t.token, t.node, t.process_key, t.status, t.result, c.state, c.data, c.diagram_id, d.sha256
FROM task t JOIN workflow_case c ON c.id = t.case_id JOIN diagram d ON d.id = c.diagram_id
WHERE t.id = %s AND t.kind = 'service'
"""
KEEP = "UPDATE task SET result = %s WHERE id = %s"
DUE = """
SELECT case_id, token, choice, node FROM timer WHERE due_at <= %s AND NOT failed ORDER BY due_at LIMIT %s
"""
CLAIM_TIMER = """
SELECT c.id FROM workflow_case c WHERE c.id = %s AND EXISTS (
 SELECT FROM timer t WHERE t.case_id = c.id AND t.token = %s AND t.choice = %s AND t.due_at <= %s AND NOT t.failed)
FOR UPDATE OF c SKIP LOCKED
"""
BATCH = 50
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a job needs to know of its task."""

    case_id: UUID
    token: int
    node: str
    service: Service
    result: Mapping[str, Any]


@jobs.job(jobs.SERVICE, with_attempt=True)
def run_service(task_id: str, actor: dict[str, Any], attempt: int) -> None:
    """Do a service task's work, keep its result with the work itself, then finish the task in a step of its own.

    Killed in between, the job runs again, finds the result and only finishes.
    """
    who, task = jobs.actor_from_json(actor), UUID(task_id)
    try:
        with transaction() as session:
            work = _do(session, task, who)
        if work is not None:
            with transaction() as session:
                finish_service_task(session, task, work.result, actor=SYSTEM)
    except jobs.TryAgain:
        raise
    except BpmnError as error:
        _take_boundary(task, error)
    except Conflict:
        return  # the task was finished or cancelled meanwhile: nothing is left to do
    except Exception as error:
        _failed(task, error, attempt)


def _do(session: Session, task_id: UUID, actor: Actor) -> _Work | None:
    connection = chain.driver(session)
    if not connection.execute(TRY_LOCK, (str(task_id),)).fetchone()[0]:
        raise jobs.TryAgain(5)  # the same job still runs elsewhere
    row = connection.execute(READ, (task_id,)).fetchone()
    if row is None or row[4] != "open":
        return None
    case_id, token, node, key, _, kept, state, data, diagram_id, sha256 = row
    service = steps.declaration(key).services[node]
    if kept is not None:
        return _Work(case_id, token, node, service, values.load(bytes(kept)))
    diagram = deployment.load(session, diagram_id, key, sha256)
    execution = Execution.restore(diagram, bytes(state), bytes(data), clock.now(), lambda *_: JOB)
    context = ServiceContext(session, case_id, task_id, key, execution.scope(token), actor, str(task_id))
    result = dict(service.run(context) or {})
    session.flush()
    connection.execute(KEEP, (values.dump(result), task_id))
    return _Work(case_id, token, node, service, result)


def _take_boundary(task_id: UUID, error: BpmnError) -> None:
    try:
        with transaction() as session:
            fail_service_task(session, task_id, error.error_code, actor=SYSTEM)
    except Conflict:
        return
    except UncaughtBpmnError as uncaught:
        uncaught.__cause__ = error
        _open(task_id, uncaught)


def _failed(task_id: UUID, error: Exception, attempt: int) -> None:
    with transaction() as session:
        row = chain.driver(session).execute(READ, (task_id,)).fetchone()
    if row is None:
        return
    service = steps.declaration(row[3]).services.get(row[2])
    if service is not None and attempt < service.retries:
        raise jobs.TryAgain(jobs.backoff(attempt)) from error
    steps.log.error("service failed for good", task=str(task_id), node=row[2], error=incidents.describe(error))
    _open(task_id, error)


def _open(task_id: UUID, error: BaseException) -> None:
    with transaction() as session:
        row = chain.driver(session).execute(READ, (task_id,)).fetchone()
        incidents.open_incident(session, "service", row[0], row[2], error, task_id=task_id, token=row[1])


def finish_service_task(session: Session, task_id: UUID, result: Mapping[str, Any], *, actor: Actor) -> CaseRef:
    """The step that follows a job's work; Conflict when the task is not open."""
    step, token, node = _open_service(session, task_id, actor)
    step.execution.finish_service(token, result)
    step.execution.advance()
    return steps.finish(step, "service_finished", {"node": node, "task": str(task_id)}, done=token)


def fail_service_task(session: Session, task_id: UUID, code: str, *, actor: Actor) -> CaseRef:
    """The step that takes the error boundary for `code`; UncaughtBpmnError when none is drawn."""
    step, token, node = _open_service(session, task_id, actor)
    step.execution.fail_service(token, code)
    step.execution.advance()
    return steps.finish(step, "service_error_taken", {"node": node, "task": str(task_id), "error": code})


def _open_service(session: Session, task_id: UUID, actor: Actor) -> tuple[steps.Step, int, str]:
    step = steps.resume(session, actor, task_id=task_id)
    row = next((row for row in step.rows.values() if row.id == task_id and row.kind == "service"), None)
    if row is None:
        raise Conflict("Esta etapa automática já foi concluída.", task=task_id)
    return step, row.token, row.node


def fire_due_timers(
    session_factory: Callable[[], AbstractContextManager[Session]] = transaction, *, batch: int = BATCH
) -> int:
    """Fire what is due, each in a step of its own; cases that are busy are left to the next round."""
    fired = 0
    with session_factory() as session:
        due = chain.driver(session).execute(DUE, (clock.now(), batch)).fetchall()
    for case_id, token, choice, node in due:
        try:
            with session_factory() as session:
                fired += _fire(session, case_id, token, choice, node)
        except Exception as error:
            steps.log.error("timer failed", case=str(case_id), node=node, error=incidents.describe(error))
            with session_factory() as session:
                incidents.open_incident(session, "timer", case_id, node, error, token=token, choice=choice)
    return fired


def _fire(session: Session, case_id: UUID, token: int, choice: str, node: str) -> int:
    claimed = chain.driver(session).execute(CLAIM_TIMER, (case_id, token, choice, clock.now())).fetchone()
    if claimed is None:
        return 0
    step = steps.resume(session, SYSTEM, case_id=case_id)
    if (token, choice) not in step.timers:
        return 0
    step.execution.fire(token, choice)
    step.execution.advance()
    steps.finish(step, "timer_fired", {"node": node})
    return 1


def purge(session: Session) -> int:
    """Forget idempotency keys and message ids that nobody will repeat any more; how many."""
    connection = chain.driver(session)
    gone = 0
    for table, column in (("idempotency_key", "created_at"), ("received_message", "received_at")):
        before = (clock.real_now() if column == "created_at" else clock.now()) - KEPT
        gone += connection.execute(f"DELETE FROM {table} WHERE {column} < %s", (before,)).rowcount  # noqa: S608 - ours
    return gone


@jobs.job("workflow.purge", "maintenance", every="23 3 * * *")
def purge_job() -> None:
    """Once a night."""
    with transaction() as session:
        purge(session)


@jobs.job("workflow.timers", "maintenance", every="* * * * * */5")
def timers_job() -> None:
    """Every five seconds: due timers, until a batch comes back short."""
    while fire_due_timers() == BATCH:
        pass
