"""Reading: inbox, cases, timelines, diagrams, incidents. Nothing here restores a case or changes anything."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from workflow import clock, deployment, flows, history, process
from workflow.actor import Actor
from workflow.engine import values
from workflow.errors import NotFound
from workflow.models import Case, Chain, DiagramRow, EventRow, IncidentRow, Subscription, Task, Timer
from workflow.process import Form


@dataclass(frozen=True, slots=True)
class InboxFilters:
    """What to show: `mine` only what the actor holds; `due_before` what falls due until then."""

    mine: bool = False
    process_key: str | None = None
    due_before: datetime | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class TaskRow:
    """An item of an inbox."""

    id: UUID
    case_id: UUID
    process_key: str
    node: str
    title: str
    instance: str | None
    subject: str
    role: str | None
    unit: str | None
    assignee: UUID | None
    priority: int
    created_at: datetime
    due_at: datetime | None
    follow_up_at: datetime | None

    @property
    def late(self) -> bool:
        """True when its due date has passed on the legal clock."""
        return self.due_at is not None and self.due_at < clock.now()

    @property
    def soon(self) -> bool:
        """True when it is to be followed up: its due date is near."""
        return not self.late and self.follow_up_at is not None and self.follow_up_at <= clock.now()


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with what its page needs: the form and the case's data."""

    row: TaskRow
    status: str
    form: Form
    data: Mapping[str, Any]
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as it is shown."""

    id: UUID
    process_key: str
    title: str
    subject: str
    business_key: str | None
    status: str
    revision: int
    version: int
    data: Mapping[str, Any]
    tasks: tuple[TaskRow, ...]
    created_at: datetime
    finished_at: datetime | None
    cancel_reason: str | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event in words."""

    at: datetime
    sentence: str
    kind: str
    actor_kind: str
    actor_id: UUID | None
    acting_for: UUID | None
    unit: str | None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DiagramView:
    """The drawing with where the case is, where it went and how often, where it failed, and the sequence flows that it took
    (ids of bpmn-js elements)."""

    xml: str
    where: frozenset[str]
    passed: Mapping[str, int]
    failed: frozenset[str]
    flows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that needs a person."""

    id: UUID
    case_id: UUID | None
    process_key: str
    kind: str
    node: str
    title: str
    error: str
    status: str
    created_at: datetime
    closed_at: datetime | None


_TASK_COLUMNS = (
    Task.id, Task.case_id, Task.process_key, Task.node, Task.title, Task.instance, Case.subject, Task.role, Task.unit,
    Task.assignee, Task.priority, Task.created_at, Task.due_at, Task.follow_up_at,
)  # fmt: skip


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """What an actor may find: the tasks of their roles, in their unit or in none, and of nobody else's person."""
    unit = or_(Task.unit.is_(None), Task.unit == actor.unit) if actor.unit is not None else Task.unit.is_(None)
    person = (
        or_(Task.person_id.is_(None), Task.person_id == actor.person_id)
        if actor.person_id
        else Task.person_id.is_(None)
    )
    return and_(Task.status == "open", Task.kind == "human", Task.role.in_(sorted(actor.roles)), unit, person)


def inbox(session: Session, actor: Actor, *, filters: InboxFilters | None = None) -> list[TaskRow]:
    """The open tasks that this actor may do: urgent first, then by due date, then oldest first. One query."""
    filters = filters or InboxFilters()
    query = select(*_TASK_COLUMNS).join(Case, Case.id == Task.case_id).where(visible_to(actor))
    if filters.mine:
        query = query.where(Task.assignee == actor.id)
    if filters.process_key is not None:
        query = query.where(Task.process_key == filters.process_key)
    if filters.due_before is not None:
        query = query.where(Task.due_at <= filters.due_before)
    order = (Task.priority.desc(), Task.due_at.asc().nulls_last(), Task.created_at, Task.id)
    rows = session.execute(query.order_by(*order).limit(min(filters.limit, 500)).offset(filters.offset))
    return [TaskRow(*tuple(row)) for row in rows]


def inbox_count(session: Session, actor: Actor) -> int:
    """How many tasks the inbox holds."""
    return session.scalar(select(func.count()).select_from(Task).where(visible_to(actor))) or 0


def inbox_version(session: Session, actor: Actor) -> str:
    """A short text that changes whenever the inbox does (an ETag)."""
    query = select(
        func.count(), func.max(Task.created_at), func.sum(func.hashtext(func.concat(Task.id, Task.assignee)))
    ).where(visible_to(actor))
    return hashlib.sha256(repr(tuple(session.execute(query).one())).encode()).hexdigest()[:16]


def may_see_task(session: Session, task_id: UUID, actor: Actor) -> bool:
    """True when the task is open and this actor's inbox would show it."""
    query = select(Task.id).where(Task.id == task_id, visible_to(actor))
    return session.execute(query).first() is not None


def task_view(session: Session, task_id: UUID) -> TaskView:
    """A human task with its form and the case's data; NotFound when there is none."""
    row = session.execute(
        select(*_TASK_COLUMNS, Task.status, Task.person_id, Case.data)
        .join(Case, Case.id == Task.case_id)
        .where(Task.id == task_id, Task.kind == "human")
    ).first()
    if row is None:
        raise NotFound("Esta tarefa não existe.", task=task_id)
    *columns, status, person_id, data = row
    task = TaskRow(*columns)
    return TaskView(task, status, _form(task), values.load(data), person_id)


def _form(task: TaskRow) -> Form:
    try:
        return process.get(task.process_key).forms[task.node]
    except LookupError:
        return Form(task.title)


def case_view(session: Session, case_id: UUID) -> CaseView:
    """A case with its data and open tasks; NotFound when there is none."""
    row = session.execute(
        select(Case, DiagramRow.version).join(DiagramRow, DiagramRow.id == Case.diagram_id).where(Case.id == case_id)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("Este processo não existe.", case=case_id)
    case: Case = row[0]
    tasks = session.execute(
        select(*_TASK_COLUMNS)
        .join(Case, Case.id == Task.case_id)
        .where(Task.case_id == case_id, Task.status == "open", Task.kind == "human")
        .order_by(Task.created_at, Task.token)
    )
    return CaseView(
        case.id, case.process_key, process_title(case.process_key), case.subject, case.business_key, case.status,
        case.revision, row[1], values.load(case.data), tuple(TaskRow(*tuple(one)) for one in tasks), case.created_at,
        case.finished_at, case.cancel_reason,
    )  # fmt: skip


def process_title(key: str) -> str:
    """The title of a process; its key when this program does not know it."""
    try:
        return process.get(key).title
    except LookupError:
        return key


def find_case(session: Session, process_key: str, business_key: str) -> UUID | None:
    """The case of this process for that object, cancelled ones left out."""
    return session.scalar(
        select(Case.id).where(
            Case.process_key == process_key, Case.business_key == business_key, Case.status != "cancelled"
        )
    )


def case_status(session: Session, case_id: UUID) -> str:
    """running, completed or cancelled; NotFound when there is no such case."""
    status = session.scalar(select(Case.status).where(Case.id == case_id))
    if status is None:
        raise NotFound("Este processo não existe.", case=case_id)
    return status


def timeline(session: Session, case_id: UUID) -> list[TimelineEntry]:
    """The case's events in words, oldest first."""
    titles = _titles(session, case_id)
    entries = []
    for row in _events(session, case_id):
        data = json.loads(row.data)
        text = history.sentence(row.kind, data, titles.get(data.get("node", ""), ""))
        entries.append(
            TimelineEntry(row.at, text, row.kind, row.actor_kind, row.actor_id, row.acting_for, row.unit, data)
        )
    return entries


def _events(session: Session, case_id: UUID) -> list[EventRow]:
    query = select(EventRow).where(EventRow.chain == history.case_chain(case_id)).order_by(EventRow.seq)
    return list(session.scalars(query))


def _diagram_of(session: Session, case_id: UUID) -> Any:
    row = session.execute(
        select(DiagramRow.id, DiagramRow.key, DiagramRow.sha256)
        .join(Case, Case.diagram_id == DiagramRow.id)
        .where(Case.id == case_id)
    ).first()
    if row is None:
        raise NotFound("Este processo não existe.", case=case_id)
    return deployment.load(session, row.id, row.key, row.sha256)


def _titles(session: Session, case_id: UUID) -> dict[str, str]:
    diagram = _diagram_of(session, case_id)
    titles = dict(diagram.titles)
    with contextlib.suppress(LookupError):  # the process left this program: the diagram's own names remain
        titles.update({node: form.title for node, form in process.get(diagram.key).forms.items() if form.title})
    return titles


def diagram_view(session: Session, case_id: UUID) -> DiagramView:
    """Where the case is on its own version of the diagram."""
    diagram = _diagram_of(session, case_id)
    where: set[str] = set()
    failed: set[str] = set()
    for node, scope, status in session.execute(
        select(Task.node, Task.scope, Task.status).where(Task.case_id == case_id, Task.status.in_(("open", "failed")))
    ):
        where.update(_places(node, scope))
        if status == "failed":
            failed.add(node)
    for model in (Timer, Subscription):
        for node, scope in session.execute(
            select(model.node, model.scope).where(model.case_id == case_id, model.boundary.is_(False))
        ):
            where.update(_places(node, scope))
    failed.update(
        session.scalars(select(IncidentRow.node).where(IncidentRow.case_id == case_id, IncidentRow.status == "open"))
    )
    passed: Counter[str] = Counter()
    on_this_version: set[str] = set()
    chosen: set[str] = set()
    for row in _events(session, case_id):
        if row.kind == "case_migrated":  # the arrows taken until then were those of another drawing
            on_this_version, chosen = set(), set()
        data = json.loads(row.data)
        passed.update(data.get("passed", ()))
        on_this_version.update(data.get("passed", ()))
        chosen.update(data.get("chosen", ()))
    xml = diagram.xml()
    taken = flows.taken(xml, passed=on_this_version, waiting=where | failed, chosen=chosen)
    return DiagramView(xml, frozenset(where), dict(passed), frozenset(failed), taken)


def _places(node: str, scope: str) -> list[str]:
    return [node, *(part for part in scope.split("/") if part)]


def incidents(
    session: Session, *, case_id: UUID | None = None, status: str | None = "open", limit: int = 200
) -> list[Incident]:
    """Failures, newest first; only open ones unless `status` says otherwise (None: all)."""
    query = select(IncidentRow, Case.process_key).outerjoin(Case, Case.id == IncidentRow.case_id)
    if case_id is not None:
        query = query.where(IncidentRow.case_id == case_id)
    if status is not None:
        query = query.where(IncidentRow.status == status)
    query = query.order_by(IncidentRow.created_at.desc()).limit(limit).execution_options(populate_existing=True)
    found = []
    for row, key in session.execute(query):
        titles = _titles(session, row.case_id) if row.case_id is not None else {}
        found.append(
            Incident(
                row.id, row.case_id, key or "", row.kind, row.node, titles.get(row.node, row.node), row.error, row.status,
                row.created_at, row.closed_at,
            )
        )  # fmt: skip
    return found


def history_version(session: Session, case_id: UUID) -> int:
    """How many events the case has: changes whenever something happens to it."""
    return session.scalar(select(Chain.length).where(Chain.name == history.case_chain(case_id))) or 0
