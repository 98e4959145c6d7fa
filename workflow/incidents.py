"""Incidents: a job, timer or message that failed for good waits for a person, who can retry or resolve it.

What is kept of the error is where it happened and of which type it was, never its text: that may hold personal data.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from workflow import clock, history, jobs, steps
from workflow.actor import SYSTEM, Actor
from workflow.engine import values
from workflow.errors import BpmnError, Conflict, DomainError, NotFound
from workflow.history import chain

RETRIES = 5
IncidentKind = Literal["service", "timer", "message"]

INSERT = """
INSERT INTO incident (id, case_id, kind, node, task_id, token, choice, error, payload, status, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'open', %s)
"""
LOCK = "SELECT case_id, kind, node, task_id, token, choice, payload, status FROM incident WHERE id = %s FOR UPDATE"
CASE_OF = "SELECT case_id FROM incident WHERE id = %s"
CLOSE = "UPDATE incident SET status = %s, closed_at = %s, closed_by = %s WHERE id = %s"
FAIL_TASK = "UPDATE task SET status = 'failed', changed = nextval('work_change') WHERE id = %s AND status = 'open'"
REOPEN_TASK = "UPDATE task SET status = 'open', changed = nextval('work_change') WHERE id = %s AND status = 'failed'"
FAIL_TIMER = "UPDATE timer SET failed = true WHERE case_id = %s AND token = %s AND choice = %s AND NOT failed"
REOPEN_TIMER = "UPDATE timer SET failed = false WHERE case_id = %s AND token = %s AND choice = %s"
LOCK_CASE = "SELECT status FROM workflow_case WHERE id = %s FOR UPDATE"


def open_incident(
    session: Session,
    kind: IncidentKind,
    case_id: UUID,
    node: str,
    error: BaseException,
    *,
    task_id: UUID | None = None,
    token: int | None = None,
    choice: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> UUID | None:
    """Record that something failed for good; None when the case no longer waits for it."""
    connection = chain.driver(session)
    connection.execute(LOCK_CASE, (case_id,))
    failed = 1
    if kind == "service":
        failed = connection.execute(FAIL_TASK, (task_id,)).rowcount
    elif kind == "timer":
        failed = connection.execute(FAIL_TIMER, (case_id, token, choice)).rowcount
    if not failed:
        return None
    incident = uuid4()
    stored = values.dump(dict(payload)) if payload is not None else None
    row = (incident, case_id, kind, node, task_id, token, choice, describe(error), stored, clock.now())
    connection.execute(INSERT, row)
    facts = {"node": node, "incident": str(incident), "error": type(error).__name__}
    history.append(session, history.case_chain(case_id), "incident_opened", facts, actor=SYSTEM)
    return incident


def describe(error: BaseException) -> str:
    """Type and place of an error, and its slug when it is one of ours."""
    root, seen = error, {id(error)}
    while root.__cause__ is not None and id(root.__cause__) not in seen:
        root = root.__cause__
        seen.add(id(root))
    frames = traceback.extract_tb(root.__traceback__)
    place = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    slug = root.error_code if isinstance(root, BpmnError) else root.code if isinstance(root, DomainError) else ""
    return f"{type(root).__name__}{': ' + slug if slug else ''}{place}"[:500]


def retry_incident(session: Session, incident_id: UUID, *, actor: Actor) -> None:
    """Try again what failed; the incident is closed, and a new failure opens another."""
    session.flush()
    connection = chain.driver(session)
    case_id, kind, node, task_id, token, choice, payload, _ = _locked(connection, incident_id)
    if kind == "service":
        service = steps.declaration(_process_of(connection, case_id)).services[node]
        connection.execute(REOPEN_TASK, (task_id,))
        jobs.defer_service(session, task_id, service.queue, actor)
    elif kind == "timer":
        connection.execute(REOPEN_TIMER, (case_id, token, choice))
    else:
        jobs.defer(session, jobs.MESSAGE, case_id=str(case_id), node=node, **values.load(payload))
    _close(session, connection, incident_id, case_id, node, "retried", actor)


def resolve_incident(
    session: Session, incident_id: UUID, *, actor: Actor, data: Mapping[str, Any] | None = None
) -> None:
    """Take the failed work as done by hand: a service finishes with `data`, a timer fires, a message is given up."""
    session.flush()
    connection = chain.driver(session)
    case_id, kind, node, task_id, token, choice, _, _ = _locked(connection, incident_id)
    _close(session, connection, incident_id, case_id, node, "resolved", actor)
    if kind == "message":
        return
    step = steps.resume(session, actor, case_id=case_id)
    if kind == "service":
        step.execution.finish_service(token, data or {})
        step.execution.advance()
        steps.finish(step, "service_finished", {"node": node, "task": str(task_id)}, done=token)
    else:
        step.execution.fire(token, choice)
        step.execution.advance()
        steps.finish(step, "timer_fired", {"node": node})


def _locked(connection: Any, incident_id: UUID) -> tuple[Any, ...]:
    found = connection.execute(CASE_OF, (incident_id,)).fetchone()
    if found is None:
        raise NotFound("Esta falha não existe.", incident=incident_id)
    connection.execute(LOCK_CASE, (found[0],))  # the case first: every step locks in this order
    row: tuple[Any, ...] = connection.execute(LOCK, (incident_id,)).fetchone()
    if row[-1] != "open":
        raise Conflict("Esta falha já foi tratada.", incident=incident_id, status=row[-1])
    return row


def _process_of(connection: Any, case_id: UUID) -> str:
    row = connection.execute("SELECT process_key FROM workflow_case WHERE id = %s", (case_id,)).fetchone()
    return str(row[0])


def _close(
    session: Session, connection: Any, incident_id: UUID, case_id: UUID, node: str, status: str, actor: Actor
) -> None:
    connection.execute(CLOSE, (status, clock.now(), actor.id, incident_id))
    facts = {"node": node, "incident": str(incident_id)}
    history.append(session, history.case_chain(case_id), f"incident_{status}", facts, actor=actor)


__all__ = ["RETRIES", "describe", "open_incident", "resolve_incident", "retry_incident"]
