"""One step, one transaction: lock, restore, apply, run, write what changed.

Whatever raises rolls the whole step back with the caller's transaction; the restored case is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy.orm import Session

from workflow import calendar, clock, deployment, jobs, process, store
from workflow.actor import Actor
from workflow.engine.parser import Diagram
from workflow.engine.runner import JOB, EngineError, Execution, Job, OpenMessage, OpenTask
from workflow.engine.values import REFUSE_BYTES, WARN_BYTES
from workflow.errors import Conflict, InvalidInput, NotFound
from workflow.history import chain
from workflow.history.verification import state_digest
from workflow.process import Due, Process, ServiceContext
from workflow.references import CaseRef, OpenTaskRef, to_response

log = structlog.get_logger(__name__)
Kind = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Step:
    """A case being changed; `rows` are the open tasks' rows by token."""

    session: Session
    connection: Any
    declared: Process
    diagram: Diagram
    actor: Actor
    now: datetime
    case_id: UUID
    execution: Execution
    case: store.LockedCase | None = None
    diagram_id: int = 0
    business_key: str | None = None
    subject: str = ""
    stored: bool = True
    rows: dict[int, store.OpenRow] = field(default_factory=dict)
    timers: dict[tuple[int, str], datetime] = field(default_factory=dict)
    messages: set[tuple[int, str]] = field(default_factory=set)
    served: bool = False


def declaration(key: str) -> Process:
    """The process's declaration; NotFound in words when it is not in this program."""
    try:
        return process.get(key)
    except LookupError:
        raise NotFound("Este processo não está disponível.", process=key) from None


def task_id_of(case_id: UUID, token: int) -> UUID:
    """The id of a task: the same whenever the step is tried again."""
    return uuid5(case_id, str(token))


def begin(
    session: Session,
    key: str,
    case_id: UUID,
    data: Mapping[str, Any],
    actor: Actor,
    *,
    business_key: str | None = None,
    subject: str = "",
) -> Step:
    """A new case of the newest version, nothing run yet."""
    session.flush()
    declared = declaration(key)
    version = deployment.latest(session, key)
    diagram = deployment.load(session, version.id, key, version.sha256)
    step = _step(session, declared, diagram, actor, case_id)
    step.diagram_id, step.business_key, step.subject, step.stored = version.id, business_key, subject, False
    step.execution = Execution.begin(diagram, data, step.now, _server(step))
    return step


def resume(session: Session, actor: Actor, *, case_id: UUID | None = None, task_id: UUID | None = None) -> Step:
    """A running case, locked and restored; NotFound or Conflict otherwise."""
    session.flush()
    connection = chain.driver(session)
    case, rows = store.lock(connection, case_id=case_id, task_id=task_id)
    if case is None:
        raise NotFound(case=case_id, task=task_id)
    if case.status != "running":
        raise Conflict("Este processo já foi encerrado.", case=case.id, status=case.status)
    declared = declaration(case.process_key)
    diagram = deployment.load(session, case.diagram_id, case.process_key, case.sha256)
    step = _step(session, declared, diagram, actor, case.id)
    step.case, step.rows, step.diagram_id = case, rows, case.diagram_id
    step.execution = Execution.restore(diagram, case.state, case.data, step.now, _server(step))
    step.timers = {key: timer.due for key, timer in step.execution.open_timers().items()}
    step.messages = {(message.token, message.choice) for message in step.execution.open_messages()}
    _same_tasks(step)
    return step


def _step(session: Session, declared: Process, diagram: Diagram, actor: Actor, case_id: UUID) -> Step:
    nothing: Any = None  # the execution needs the step to serve its services: set by the caller at once
    return Step(session, chain.driver(session), declared, diagram, actor, clock.now(), case_id, nothing)


def _same_tasks(step: Step) -> None:
    """What is open in the tree is what is open in the table: anything else is a fault of the store, never guessed at."""
    tree = set(step.execution.open_tasks())
    if tree != set(step.rows):
        raise EngineError(f"case {step.case_id}: the tree has open {sorted(tree)}, the table {sorted(step.rows)}")


def _server(step: Step) -> Any:
    def serve(token: int, node: str, data: Mapping[str, Any]) -> Mapping[str, Any] | Job | None:
        service = step.declared.services.get(node)
        if service is None:
            raise EngineError("the diagram draws a service that the process does not declare", node)
        if service.mode == "job":
            return JOB
        if not step.stored:
            _establish(step)
        step.served = True
        task_id = task_id_of(step.case_id, token)
        context = ServiceContext(step.session, step.case_id, task_id, step.declared.key, data, step.actor, str(task_id))
        result = service.run(context)
        step.session.flush()
        return result

    return serve


def _establish(step: Step) -> None:
    """A service of a case that is only beginning may write rows that refer to it, and events: it must be there."""
    writes = store.Writes([])
    _insert_case(step, writes, "running", 0, b"", b"", None)
    facts = {"process": step.declared.key, "diagram": step.diagram.sha256}
    name = chain.case_chain(step.case_id)
    rows, head = chain.seal_all(name, chain.Head(0, chain.GENESIS), step.now, [("case_started", facts)], step.actor)
    store.add_events(writes, rows, head, name, new=True)
    writes.send(step.connection)
    step.stored = True


def _insert_case(
    step: Step, writes: store.Writes, status: str, revision: int, state: bytes, data: bytes, finished: datetime | None
) -> None:
    writes.add(
        store.INSERT_CASE, step.case_id, step.declared.key, step.diagram_id, step.business_key, step.subject, status,
        revision, state, data, step.now, step.now, finished,
    )  # fmt: skip


def finish(
    step: Step,
    kind: str,
    facts: Mapping[str, Any],
    *,
    done: int | None = None,
    cancelled: str | None = None,
    answers: str | None = None,
) -> CaseRef:
    """Write the step; `done` is the token that was completed, `cancelled` the reason of a cancelled case.

    `answers` is the idempotency key under which the result is kept.
    """
    execution = step.execution
    state, data = execution.dump()
    _check_size(step)
    status = "cancelled" if cancelled is not None else "completed" if execution.completed else "running"
    revision = step.case.revision + 1 if step.case is not None else 1
    tasks = {} if status != "running" else execution.open_tasks()
    writes = store.Writes([])
    finished = None if status == "running" else step.now
    first = not step.stored
    if first:
        _insert_case(step, writes, status, revision, state, data, finished)
    else:
        writes.add(
            store.UPDATE_CASE,
            status,
            revision,
            state,
            data,
            step.now,
            finished,
            cancelled,
            step.diagram_id,
            step.case_id,
        )
    created = _write_tasks(step, writes, tasks, done)
    _write_waits(step, writes, open_now=status == "running")
    if step.case is None and step.served:
        kind, facts = "case_advanced", {}
    proof = {"revision": revision, "status": status, "state": state_digest(state, data)}
    events = _events(step, kind, facts, created, proof)
    name = chain.case_chain(step.case_id)
    rows, head = chain.seal_all(name, _head(step, name), step.now, events, step.actor)
    store.add_events(writes, rows, head, name, new=first)
    refs = tuple(OpenTaskRef(task_id_of(step.case_id, t.token), t.node, t.kind) for t in tasks.values())
    reference = CaseRef(step.case_id, step.declared.key, status, revision, refs)
    if answers is not None:
        writes.add(store.ANSWER_KEY, to_response(reference), answers)
    writes.send(step.connection)
    _after(step, created)
    return reference


def _head(step: Step, name: str) -> chain.Head:
    if step.served:  # a service may have appended to this chain meanwhile
        return chain.lock_head(step.connection, name)
    return step.case.head if step.case is not None else chain.Head(0, chain.GENESIS)


def _check_size(step: Step) -> None:
    size = step.execution.data_size
    if size > REFUSE_BYTES:
        raise InvalidInput(message="Há dados demais neste processo. Envie documentos como anexos.", bytes=size)
    if size > WARN_BYTES:
        log.warning("case data are large", case=str(step.case_id), process=step.declared.key, bytes=size)


def _write_tasks(step: Step, writes: store.Writes, tasks: Mapping[int, OpenTask], done: int | None) -> list[OpenTask]:
    gone = [token for token in step.rows if token not in tasks]
    by = step.actor.id
    store.close_tasks(writes, step.case_id, "done", [token for token in gone if token == done], step.now, by)
    store.close_tasks(writes, step.case_id, "cancelled", [token for token in gone if token != done], step.now, None)
    if any(step.rows[token].status == "failed" for token in gone):
        writes.add(store.CLOSE_INCIDENTS, step.now, step.case_id, gone)
    created = [task for token, task in tasks.items() if token not in step.rows]
    for task in created:
        writes.add(store.INSERT_TASK, *_task_row(step, task))
    return created


def _task_row(step: Step, task: OpenTask) -> tuple[Any, ...]:
    declared, human = step.declared, task.kind == "human"
    lane = declared.lanes.get(task.lane or "") if human else None
    form = declared.forms.get(task.node)
    title = form.title if form is not None else step.diagram.titles.get(task.node, task.node)
    due, follow_up = _due(step, declared.due.get(task.node))
    person = step.execution.data.get(lane.person) if lane is not None and lane.person is not None else None
    return (
        task_id_of(step.case_id, task.token), step.case_id, task.token, declared.key, task.kind, task.node,
        "/".join(task.scope), title[:200], task.instance, lane.role if lane else None, lane.unit if lane else None,
        UUID(str(person)) if person else None, declared.priority, step.now, due, follow_up,
    )  # fmt: skip


def _due(step: Step, due: Due | None) -> tuple[datetime | None, datetime | None]:
    if due is None:
        return None, None
    if due.unit == "hours":
        instant = step.now + timedelta(hours=due.amount)
        return instant, instant - timedelta(hours=due.warn_before)
    today = clock.local(step.now).date()
    if due.unit == "business_days":
        day = calendar.add_business_days(step.session, today, due.amount)
    else:
        day = today + timedelta(days=due.amount)
    end = datetime.combine(day, time(23, 59, 59), clock.TZ)
    return end, end - timedelta(days=due.warn_before)


def _write_waits(step: Step, writes: store.Writes, *, open_now: bool) -> None:
    timers = step.execution.open_timers() if open_now else {}
    messages = {(one.token, one.choice): one for one in step.execution.open_messages()} if open_now else {}
    for key in step.timers.keys() - timers.keys():
        writes.add(store.DELETE_TIMER, step.case_id, *key)
    for key, timer in timers.items():
        if step.timers.get(key) != timer.due:
            place = "/".join(timer.scope)
            writes.add(store.INSERT_TIMER, step.case_id, *key, timer.node, place, timer.due, timer.boundary)
    for key in step.messages - messages.keys():
        writes.add(store.DELETE_SUBSCRIPTION, step.case_id, *key)
    for key, one in messages.items():
        if key not in step.messages:
            row = (one.node, "/".join(one.scope), one.name, _correlation(step, one), one.boundary, step.now)
            writes.add(store.INSERT_SUBSCRIPTION, step.case_id, *key, *row)


def _correlation(step: Step, message: OpenMessage) -> str:
    declared = step.declared.messages.get(message.name)
    if declared is None:
        raise EngineError(f"the process does not declare the message {message.name!r}", message.node)
    return str(step.execution.evaluate(declared.key, message.token))


def _events(
    step: Step, kind: str, facts: Mapping[str, Any], created: list[OpenTask], proof: Mapping[str, Any]
) -> list[Kind]:
    way: dict[str, Any] = {"passed": step.execution.passed}
    if step.execution.chosen:
        way["chosen"] = step.execution.chosen
    events: list[Kind] = [(kind, {**facts, **proof, **way})]
    events.extend(("message_thrown", {"node": one.node, "message": one.name}) for one in step.execution.messages)
    events.extend(
        ("task_created", {"node": task.node, "task": str(task_id_of(step.case_id, task.token))})
        for task in created
        if task.kind == "human"
    )
    if proof["status"] == "completed":
        events.append(("case_completed", {}))
    return events


def _after(step: Step, created: list[OpenTask]) -> None:
    """What leaves the step: jobs in the same transaction, and the messages that it threw."""
    for task in created:
        if task.kind == "service":
            service = step.declared.services[task.node]
            jobs.defer_service(step.session, task_id_of(step.case_id, task.token), service.queue, step.actor)
    if step.execution.messages:
        from workflow import messages  # a message may begin a case, which is a step

        for one in step.execution.messages:
            messages.send(step.session, step.declared, step.case_id, one)
