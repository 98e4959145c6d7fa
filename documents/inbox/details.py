"""What a line of the inbox shows, read for the few items of one page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.annotations.models import DossierMarker, Marker, Note, Watch
from documents.dossier.models import Dossier, DossierType, DossierUnit
from documents.inbox.items import Kind, Mark, Moment, WorkFilters, WorkItem
from documents.inbox.models import TaskMark, TaskNote, TaskWatch
from people import queries as people
from workflow.actor import Actor
from workflow.models import Case, Task
from workflow.queries import process_title

Key = tuple[str, UUID]
DUE_GROUPS = ("Atrasados", "Vencem hoje", "Próximos 7 dias", "Mais tarde", "Sem prazo")


def items(
    session: Session, actor: Actor, keys: Sequence[Key], filters: WorkFilters, moment: Moment
) -> tuple[WorkItem, ...]:
    """The items of these keys, in the same order; what went meanwhile is left out."""
    tasks = [identifier for kind, identifier in keys if kind == "task"]
    dossiers = [identifier for kind, identifier in keys if kind == "dossier"]
    rows = _tasks(session, tasks) | _dossiers(session, actor, dossiers)
    marks = _marks(session, actor, tasks, dossiers)
    notes = _notes(session, actor, tasks, dossiers)
    watched = _watched(session, actor, tasks, dossiers)
    names = people.account_names(session, {row["assignee"] for row in rows.values() if row["assignee"]})
    made = []
    for key in keys:
        if (row := rows.get(key)) is None:
            continue
        who = row["assignee"]
        name = names.get(who, "Outra pessoa") if who else ""
        mine = who is not None and who in (actor.id, actor.acting_for)
        own: tuple[Mark, ...] = tuple(marks.get(key, ()))
        group = _group(filters.group, row, name, mine, own, moment)
        made.append(
            WorkItem(
                **row, assignee_name=name, mine=mine, markers=own, note=notes.get(key, ""), watch=key in watched, group=group
            )
        )  # fmt: skip
    return tuple(made)


def _group(by: str, row: Mapping[str, Any], name: str, mine: bool, marks: tuple[Mark, ...], moment: Moment) -> str:
    """The heading under which an item stands."""
    if by == "type":
        return str(row["type"])
    if by == "assignee":
        return "Com você" if mine else name or "Sem ninguém"
    if by == "marker":
        return min((mark.name for mark in marks), default="Sem marcador")
    if by == "due":
        due = row["due_at"]
        if due is None:
            return DUE_GROUPS[4]
        bucket = moment.bucket(due)
        return DUE_GROUPS[bucket] if bucket < 2 else DUE_GROUPS[2 if due < moment.week else 3]
    return ""


def _tasks(session: Session, ids: list[UUID]) -> dict[Key, dict[str, Any]]:
    if not ids:
        return {}
    query = (
        select(Task, Case.subject, Dossier.id, Dossier.number)
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Dossier, Dossier.case_id == Task.case_id)
        .where(Task.id.in_(ids))
    )
    return {("task", task.id): _task(task, subject, dossier, number) for task, subject, dossier, number in session.execute(query)}  # fmt: skip


def _task(task: Task, subject: str, dossier_id: UUID | None, number: str | None) -> dict[str, Any]:
    kind: Kind = "task"
    return {
        "kind": kind, "id": task.id, "number": number or "", "title": task.title, "subject": subject,
        "type": process_title(task.process_key), "unit": task.unit, "origin": "received", "from_unit": None,
        "assignee": task.assignee, "due_at": task.due_at, "priority": task.priority, "unread": task.unread,
        "arrived_at": task.created_at, "dossier_id": dossier_id, "changed": task.changed,
        "process_key": task.process_key, "node": task.node,
    }  # fmt: skip


def _dossiers(session: Session, actor: Actor, ids: list[UUID]) -> dict[Key, dict[str, Any]]:
    if not ids:
        return {}
    query = (
        select(DossierUnit, Dossier.number, Dossier.specification, DossierType.name)
        .join(Dossier, Dossier.id == DossierUnit.dossier_id)
        .join(DossierType, DossierType.key == Dossier.type_key)
        .where(DossierUnit.unit == actor.unit, DossierUnit.dossier_id.in_(ids))
    )
    return {("dossier", row.dossier_id): _dossier(row, *rest) for row, *rest in session.execute(query)}


def _dossier(row: DossierUnit, number: str, specification: str, name: str) -> dict[str, Any]:
    kind: Kind = "dossier"
    return {
        "kind": kind, "id": row.dossier_id, "number": number, "title": specification or name,
        "subject": name if specification else "", "type": name, "unit": row.unit, "origin": row.origin,
        "from_unit": row.from_unit, "assignee": row.assignee, "due_at": row.due_at, "priority": row.priority,
        "unread": row.unread, "arrived_at": row.arrived_at, "dossier_id": row.dossier_id, "changed": row.changed,
        "closed_at": row.closed_at,
    }  # fmt: skip


def _marks(session: Session, actor: Actor, tasks: list[UUID], dossiers: list[UUID]) -> dict[Key, list[Mark]]:
    found: dict[Key, list[Mark]] = defaultdict(list)
    on_tasks = select(TaskMark.task_id, Marker.id, Marker.name, Marker.colour, TaskMark.text).join(
        Marker, Marker.id == TaskMark.marker_id
    )
    for item, identifier, name, colour, text in session.execute(
        on_tasks.where(TaskMark.task_id.in_(tasks), Marker.unit == actor.unit).order_by(Marker.name)
    ):
        found["task", item].append(Mark(identifier, name, colour, text))
    on_dossiers = select(DossierMarker.dossier_id, Marker.id, Marker.name, Marker.colour, DossierMarker.text).join(
        Marker, Marker.id == DossierMarker.marker_id
    )
    in_force = (DossierMarker.dossier_id.in_(dossiers), Marker.unit == actor.unit, DossierMarker.removed_at.is_(None))
    for item, identifier, name, colour, text in session.execute(on_dossiers.where(*in_force).order_by(Marker.name)):
        found["dossier", item].append(Mark(identifier, name, colour, text))
    return found


def _notes(session: Session, actor: Actor, tasks: list[UUID], dossiers: list[UUID]) -> dict[Key, str]:
    """The unit's note on each: the latest, where a dossier has several."""
    found: dict[Key, str] = {}
    for item, text in session.execute(
        select(TaskNote.task_id, TaskNote.text).where(TaskNote.task_id.in_(tasks), TaskNote.unit == actor.unit)
    ):
        found["task", item] = text
    here = (Note.dossier_id.in_(dossiers), Note.unit == actor.unit, Note.removed_at.is_(None))
    written = select(Note.dossier_id, Note.text).where(*here)
    for item, text in session.execute(written.order_by(Note.created_at)):
        found["dossier", item] = text
    return found


def _watched(session: Session, actor: Actor, tasks: list[UUID], dossiers: list[UUID]) -> set[Key]:
    on_tasks = select(TaskWatch.task_id).where(TaskWatch.task_id.in_(tasks), TaskWatch.unit == actor.unit)
    on_dossiers = select(Watch.dossier_id).where(Watch.dossier_id.in_(dossiers), Watch.unit == actor.unit)
    return {("task", one) for one in session.scalars(on_tasks)} | {
        ("dossier", one) for one in session.scalars(on_dossiers)
    }
