"""What a line of the inbox shows, read for the few items of one page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierType, DossierUnit
from documents.inbox.items import Mark, Moment, WorkFilters, WorkItem
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
    beside = _beside(session, actor, tasks, dossiers) if rows and actor.unit else Beside()
    names = people.account_names(session, {row["assignee"] for row in rows.values() if row["assignee"]})
    made = []
    for key in keys:
        if (row := rows.get(key)) is None:
            continue
        who = row["assignee"]
        name = names.get(who, "Outra pessoa") if who else ""
        mine = who is not None and who in (actor.id, actor.acting_for)
        own: tuple[Mark, ...] = tuple(beside.marks.get(key, ()))
        group = _group(filters.group, row, name, mine, own, moment)
        made.append(
            WorkItem(
                **row, assignee_name=name, mine=mine, markers=own, note=beside.notes.get(key, ""), watch=key in beside.watched, group=group
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
        select(
            Task.id, Task.title, Task.unit, Task.assignee, Task.due_at, Task.priority, Task.unread, Task.created_at,
            Task.changed, Task.process_key, Task.node, Case.subject, Dossier.id, Dossier.number,
        )
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Dossier, Dossier.case_id == Task.case_id)
        .where(Task.id.in_(ids))
    )  # fmt: skip
    names = (
        "id", "title", "unit", "assignee", "due_at", "priority", "unread", "arrived_at", "changed", "process_key", "node",
        "subject", "dossier_id",
    )  # fmt: skip
    found: dict[Key, dict[str, Any]] = {}
    for *values, number in session.execute(query):
        row = dict(zip(names, values, strict=True))
        own = {"kind": "task", "number": number or "", "type": process_title(row["process_key"])}
        found["task", row["id"]] = row | own | {"origin": "received", "from_unit": None}
    return found


def _dossiers(session: Session, actor: Actor, ids: list[UUID]) -> dict[Key, dict[str, Any]]:
    if not ids:
        return {}
    query = (
        select(
            DossierUnit.dossier_id, DossierUnit.unit, DossierUnit.origin, DossierUnit.from_unit, DossierUnit.assignee,
            DossierUnit.due_at, DossierUnit.priority, DossierUnit.unread, DossierUnit.arrived_at, DossierUnit.changed,
            DossierUnit.closed_at, Dossier.number, Dossier.specification, DossierType.name,
        )
        .join(Dossier, Dossier.id == DossierUnit.dossier_id)
        .join(DossierType, DossierType.key == Dossier.type_key)
        .where(DossierUnit.unit == actor.unit, DossierUnit.dossier_id.in_(ids))
    )  # fmt: skip
    names = (
        "unit", "origin", "from_unit", "assignee", "due_at", "priority", "unread", "arrived_at", "changed", "closed_at", "number",
    )  # fmt: skip
    found: dict[Key, dict[str, Any]] = {}
    for identifier, *values, specification, name in session.execute(query):
        said = {"title": specification or name, "subject": name if specification else "", "type": name}
        own = {"kind": "dossier", "id": identifier, "dossier_id": identifier}
        found["dossier", identifier] = own | said | dict(zip(names, values, strict=True))
    return found


@dataclass(slots=True)
class Beside:
    """What a unit wrote beside the items of a page."""

    marks: dict[Key, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    notes: dict[Key, str] = field(default_factory=dict)
    watched: set[Key] = field(default_factory=set)


_BESIDE = """
SELECT 'mark' AS what, 'task' AS kind, x.task_id AS item, m.id AS marker, m.name, m.colour, x.text, NULL::timestamptz AS at
 FROM task_mark x JOIN marker m ON m.id = x.marker_id WHERE x.task_id = ANY(:tasks) AND m.unit = :unit
UNION ALL SELECT 'mark', 'dossier', x.dossier_id, m.id, m.name, m.colour, x.text, NULL
 FROM dossier_marker x JOIN marker m ON m.id = x.marker_id
 WHERE x.dossier_id = ANY(:dossiers) AND m.unit = :unit AND x.removed_at IS NULL
UNION ALL SELECT 'note', 'task', task_id, NULL, '', '', text, written_at FROM task_note
 WHERE task_id = ANY(:tasks) AND unit = :unit
UNION ALL SELECT 'note', 'dossier', dossier_id, NULL, '', '', text, created_at FROM dossier_note
 WHERE dossier_id = ANY(:dossiers) AND unit = :unit AND removed_at IS NULL
UNION ALL SELECT 'watch', 'task', task_id, NULL, '', '', '', NULL FROM task_watch WHERE task_id = ANY(:tasks) AND unit = :unit
UNION ALL SELECT 'watch', 'dossier', dossier_id, NULL, '', '', '', NULL FROM dossier_watch
 WHERE dossier_id = ANY(:dossiers) AND unit = :unit
ORDER BY name, at
"""


def _beside(session: Session, actor: Actor, tasks: list[UUID], dossiers: list[UUID]) -> Beside:
    """Markers by name; of a dossier's notes the latest; whether the unit watches: one look for all."""
    found = Beside()
    for row in session.execute(text(_BESIDE), {"tasks": tasks, "dossiers": dossiers, "unit": actor.unit}):
        key = (row.kind, row.item)
        if row.what == "mark":
            found.marks[key].append(Mark(row.marker, row.name, row.colour, row.text))
        elif row.what == "note":
            found.notes[key] = row.text
        else:
            found.watched.add(key)
    return found
