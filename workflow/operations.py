"""The verbs of the engine. `session` first; they flush and never commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from psycopg import errors as database_errors
from sqlalchemy.orm import Session

from workflow import clock, forms, history, references, steps, store
from workflow.actor import Actor
from workflow.deployment import DiagramVersion, deploy
from workflow.engine import values
from workflow.errors import Conflict, Forbidden, InvalidInput
from workflow.history import chain
from workflow.incidents import resolve_incident, retry_incident
from workflow.messages import Delivery, deliver_message
from workflow.moving import MigrationPlan, migrate_case, plan_migration
from workflow.references import CaseRef, OpenTaskRef
from workflow.services import fail_service_task, finish_service_task, fire_due_timers
from workflow.steps import task_id_of

MAX_TEXT = 200
MAX_REASON = 2000
MAX_KEY = 120
ASSIGN = "UPDATE task SET assignee = %s, unread = false, changed = nextval('work_change') WHERE id = %s"


def start_case(
    session: Session,
    process_key: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    subject: str = "",
    business_key: str | None = None,
    idempotency_key: str | None = None,
    case_id: UUID | None = None,
) -> CaseRef:
    """Begin a case of the newest version; `data` are plain values, ids instead of personal data.

    Conflict when a case of this process with the same `business_key` exists and was not cancelled.
    """
    known = _answered(session, idempotency_key, actor, "start", process_key, data, subject, business_key)
    if known is not None:
        return known
    if len(subject) > MAX_TEXT or len(business_key or "") > MAX_TEXT:
        raise InvalidInput({"subject": f"Use no máximo {MAX_TEXT} caracteres."})
    step = steps.begin(
        session, process_key, case_id or uuid4(), data, actor, business_key=business_key, subject=subject
    )
    if step.diagram.starts is not None:
        step.execution.receive_start({})
    step.execution.advance()
    facts = {"process": process_key, "diagram": step.diagram.sha256}
    try:
        return steps.finish(step, "case_started", facts, answers=_scoped(idempotency_key, actor))
    except database_errors.UniqueViolation as error:
        raise Conflict("Já existe um processo deste tipo para o mesmo objeto.", business_key=business_key) from error


def complete_task(
    session: Session, task_id: UUID, data: Mapping[str, Any], *, actor: Actor, idempotency_key: str | None = None
) -> CaseRef:
    """A person has done a task; `data` are checked against the task's form (InvalidInput names the fields).

    Conflict when the task is no longer open; Forbidden when it is not this actor's to do.
    """
    if (known := _answered(session, idempotency_key, actor, "complete", str(task_id), data)) is not None:
        return known
    step, row = _open_task(session, task_id, actor)
    _may_do(row, actor)
    submitted = forms.validate(step.declared.forms.get(row.node), data)
    step.execution.complete(row.token, submitted)
    step.execution.advance()
    facts = {"node": row.node, "task": str(task_id)}
    return steps.finish(step, "task_completed", facts, done=row.token, answers=_scoped(idempotency_key, actor))


def claim_task(session: Session, task_id: UUID, *, actor: Actor) -> None:
    """Take a task from the unit's inbox into one's own hands."""
    _, row = _open_task(session, task_id, actor)
    _may_do(row, actor)
    if actor.id is None:
        raise Forbidden(task=task_id)
    if row.assignee != actor.id:
        _assign(session, row, actor.id, "task_claimed", actor)


def unclaim_task(session: Session, task_id: UUID, *, actor: Actor) -> None:
    """Give a task back to the unit's inbox."""
    _, row = _open_task(session, task_id, actor)
    _may_do(row, actor)
    if row.assignee is not None:
        _assign(session, row, None, "task_released", actor)


def assign_task(session: Session, task_id: UUID, account_id: UUID | None, *, actor: Actor) -> None:
    """Give a task to somebody (None: to nobody), whoever has it now; who may do so is for the caller to decide."""
    _, row = _open_task(session, task_id, actor)
    _assign(session, row, account_id, "task_assigned" if account_id else "task_released", actor)


def cancel_case(session: Session, case_id: UUID, reason: str, *, actor: Actor) -> CaseRef:
    """End a running case before its time; the reason stays with the case."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise InvalidInput({"reason": f"Escreva o motivo, com no máximo {MAX_REASON} caracteres."})
    step = steps.resume(session, actor, case_id=case_id)
    step.execution.cancel()
    digest = hashlib.sha256(f"{case_id} {reason}".encode()).hexdigest()
    return steps.finish(step, "case_cancelled", {"reason_sha256": digest}, cancelled=reason)


def _open_task(session: Session, task_id: UUID, actor: Actor) -> tuple[steps.Step, store.OpenRow]:
    step = steps.resume(session, actor, task_id=task_id)
    row = next((row for row in step.rows.values() if row.id == task_id and row.kind == "human"), None)
    if row is None:
        raise Conflict("Esta tarefa já foi concluída ou cancelada.", task=task_id)
    return step, row


def _may_do(row: store.OpenRow, actor: Actor) -> None:
    """Role and unit of the lane, the person that the task is for, and whoever has it in hands."""
    if actor.kind == "system":
        return
    if row.person_id is not None and row.person_id != actor.person_id:
        raise Forbidden(task=row.id)
    if row.role not in actor.roles or (row.unit is not None and row.unit != actor.unit):
        raise Forbidden(task=row.id)
    if row.assignee is not None and row.assignee not in (actor.id, actor.acting_for):
        raise Conflict("Esta tarefa está com outra pessoa.", task=row.id)


def _assign(session: Session, row: store.OpenRow, account_id: UUID | None, kind: str, actor: Actor) -> None:
    connection = chain.driver(session)
    connection.execute(ASSIGN, (account_id, row.id), prepare=True)
    case = connection.execute("SELECT case_id FROM task WHERE id = %s", (row.id,), prepare=True).fetchone()
    facts = {"node": row.node, "task": str(row.id), "to": str(account_id) if account_id else None}
    history.append(session, history.case_chain(case[0]), kind, facts, actor=actor)


# --- idempotency ------------------------------------------------------------------------------------------------------


def _fingerprint(*parts: Any) -> str:
    return hashlib.sha256(values.text([dict(p) if isinstance(p, Mapping) else p for p in parts]).encode()).hexdigest()


def _scoped(key: str | None, actor: Actor) -> str | None:
    """One actor's keys are not another's."""
    return None if key is None else f"{actor.kind}:{actor.id or ''}:{key}"


def _answered(session: Session, key: str | None, actor: Actor, *request: Any) -> CaseRef | None:
    """The stored response of the same request; Conflict when the key was used for another one."""
    scoped = _scoped(key, actor)
    if key is None or scoped is None:
        return None
    if not key or len(key) > MAX_KEY:
        raise InvalidInput(message="Chave de repetição inválida.")
    session.flush()
    digest = _fingerprint(*request)
    known = store.remember(chain.driver(session), scoped, digest, clock.real_now())
    if known is None:
        return None
    if known[0] != digest:
        raise Conflict("Esta chave de repetição já foi usada em outro pedido.", key=key)
    return references.from_response(known[1])


__all__ = [
    "CaseRef",
    "Delivery",
    "DiagramVersion",
    "MigrationPlan",
    "OpenTaskRef",
    "assign_task",
    "cancel_case",
    "claim_task",
    "complete_task",
    "deliver_message",
    "deploy",
    "fail_service_task",
    "finish_service_task",
    "fire_due_timers",
    "migrate_case",
    "plan_migration",
    "resolve_incident",
    "retry_incident",
    "start_case",
    "task_id_of",
    "unclaim_task",
]
