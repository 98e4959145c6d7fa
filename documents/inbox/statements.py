"""The SQL of the inbox, composed of constant pieces only; every value is bound.

An inbox is a union of branches: tasks of the actor's roles in the unit, in no unit, of the actor's own person, and
dossiers open in the unit. In the default order each branch is walked along its index, priority by priority, and gives
at most a page (`walk`); what has another order or asks for words or markers is sorted (`sorted_list`), reading the
same index alone. Both give (kind, id, priority, due_at, arrived, place of the group).
"""
# ruff: noqa: S608 - composed of constants of this module only

from __future__ import annotations

from dataclasses import dataclass

from documents.inbox.models import CASE_WORDS, DOSSIER_WORDS
from workflow.actor import Actor

OPEN_TASK = "t.status = 'open' AND t.kind = 'human'"
HUMAN = "t.person_id IS NULL AND " + OPEN_TASK
PERSON = f"t.person_id = :person AND {OPEN_TASK} AND t.role = ANY(:roles) AND (t.unit IS NULL OR t.unit = :unit)"
READABLE = (
    "d.status = 'running' AND (d.effective_level <> 'sigiloso' OR EXISTS (SELECT 1 FROM dossier_credential k"
    " WHERE k.dossier_id = d.id AND k.account_id = :account))"
)
DOSSIERS = "dossier_unit u JOIN dossier d ON d.id = u.dossier_id"
HERE = f"u.unit = :unit AND u.status = 'open' AND {READABLE}"
CONCLUDED = f"u.unit = :unit AND u.status = 'closed' AND {READABLE}"
LATE, TODAY = "{due} < :now", "{due} >= :now AND {due} < :tomorrow"
LATER, NONE = "{due} >= :tomorrow", "{due} IS NULL"
WEEK = "{due} >= :now AND {due} < :week"
HIDDEN_TASKS = """
SELECT t.id FROM dossier d JOIN task t ON t.case_id = d.case_id AND t.status = 'open'
WHERE d.effective_level = 'sigiloso' AND d.case_id IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM dossier_credential k WHERE k.dossier_id = d.id AND k.account_id = :account)
"""
"""Open tasks of sigiloso dossiers that the actor holds no credential for: their existence is not told."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one bucket: which due instants, of which list of priorities, after which place."""

    due: str
    priorities: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which branches there are, and the conditions that the filters add to those of tasks and of dossiers."""

    units: tuple[str, ...]
    person: bool
    dossiers: bool
    task: str = ""
    dossier: str = ""
    concluded: bool = False


def branches_of(actor: Actor, *, tasks: bool, dossiers: bool) -> tuple[tuple[str, ...], bool, bool]:
    """The branches of this actor's inbox: conditions on a task's unit, own person's tasks, dossiers."""
    units = ("t.unit = :unit", "t.unit IS NULL") if actor.unit is not None else ("t.unit IS NULL",)
    has_tasks = tasks and bool(actor.roles)
    return (
        units if has_tasks else (),
        has_tasks and actor.person_id is not None,
        dossiers and actor.unit is not None,
    )


def priorities(wanted: Wanted) -> str:
    """Every priority that is in use, the highest first: a few probes of the index, however long the list."""
    parts = [
        _steps("task t", "t.priority", f"t.role = r.role AND {unit} AND {HUMAN}", "unnest(CAST(:roles AS text[])) AS r(role)")
        for unit in wanted.units
    ]  # fmt: skip
    if wanted.person:
        parts.append(f"SELECT DISTINCT t.priority FROM task t WHERE {PERSON}")
    if wanted.dossiers:
        condition = "u.unit = :unit AND u.status = 'open'"
        parts.append(_steps("dossier_unit u", "u.priority", condition, "(VALUES (1)) AS r(one)"))
    return f"SELECT DISTINCT priority FROM ({' UNION ALL '.join(parts)}) AS found (priority) ORDER BY 1 DESC LIMIT 50"


def _steps(table: str, column: str, condition: str, over: str) -> str:
    """From one distinct value of an indexed column to the next (a loose index scan)."""
    first = f"SELECT {column} FROM {table} WHERE {condition} ORDER BY {column} DESC LIMIT 1"
    following = f"SELECT {column} FROM {table} WHERE {condition} AND {column} < s.p ORDER BY {column} DESC LIMIT 1"
    steps = f"({first}) UNION ALL SELECT ({following}) FROM s WHERE s.p IS NOT NULL"
    walked = f"WITH RECURSIVE s(p) AS ({steps}) SELECT p FROM s WHERE p IS NOT NULL"
    return f"SELECT found.p FROM {over} CROSS JOIN LATERAL ({walked}) AS found"


def walk(wanted: Wanted, stretches: tuple[Stretch, ...]) -> str:
    """The first items of one bucket, in order."""
    parts = [branch for stretch in stretches for branch in _branches(wanted, stretch)]
    return (
        f"SELECT kind, id, priority, due_at, arrived, 0 AS place FROM ({' UNION ALL '.join(parts)}) AS w"
        " ORDER BY priority DESC, due_at ASC NULLS LAST, arrived, id LIMIT :many"
    )


def _branches(wanted: Wanted, stretch: Stretch) -> list[str]:
    task = {"due": "t.due_at", "arrived": "t.created_at", "id": "t.id"}
    chosen = f"t.priority = p.priority AND {stretch.due.format(**task)}{stretch.after.format(**task)}{wanted.task}"
    columns = "'task' AS kind, t.id, t.priority, t.due_at, t.created_at AS arrived"
    order = "ORDER BY t.due_at, t.created_at, t.id LIMIT :many"
    ranks = f"unnest(CAST(:{stretch.priorities} AS int[])) AS p(priority)"
    parts = [
        f"SELECT x.* FROM unnest(CAST(:roles AS text[])) AS r(role), {ranks} CROSS JOIN LATERAL"
        f" (SELECT {columns} FROM task t WHERE t.role = r.role AND {unit} AND {HUMAN} AND {chosen} {order}) AS x"
        for unit in wanted.units
    ]
    if wanted.person:
        parts.append(
            f"SELECT x.* FROM {ranks} CROSS JOIN LATERAL"
            f" (SELECT {columns} FROM task t WHERE {PERSON} AND {chosen} {order}) AS x"
        )
    if wanted.dossiers:
        unit = {"due": "u.due_at", "arrived": "u.arrived_at", "id": "u.dossier_id"}
        fits = f"u.priority = p.priority AND {stretch.due.format(**unit)}{stretch.after.format(**unit)}{wanted.dossier}"
        parts.append(
            f"SELECT x.* FROM {ranks} CROSS JOIN LATERAL (SELECT 'dossier' AS kind, u.dossier_id AS id, u.priority,"
            f" u.due_at, u.arrived_at AS arrived FROM {DOSSIERS} WHERE {HERE} AND {fits}"
            " ORDER BY u.due_at, u.arrived_at, u.dossier_id LIMIT :many) AS x"
        )
    return parts


BUCKET = "CASE WHEN w.due_at < :now THEN 0 WHEN w.due_at < :tomorrow THEN 1 ELSE 2 END"
_DUE = "coalesce(w.due_at, CAST('infinity' AS timestamptz))"
_AFTER_DUE = "coalesce(CAST(:after_due AS timestamptz), CAST('infinity' AS timestamptz))"
ORDERS = {
    "urgency": (f"{BUCKET}, -w.priority, {_DUE}, w.arrived, w.id", f":after_bucket, -CAST(:after_priority AS int), {_AFTER_DUE}, :after_arrived, :after_id"),
    "due": (f"{_DUE}, -w.priority, w.arrived, w.id", f"{_AFTER_DUE}, -CAST(:after_priority AS int), :after_arrived, :after_id"),
    "oldest": ("w.arrived, w.id", ":after_arrived, :after_id"),
    "newest": ("w.arrived, w.id", ":after_arrived, :after_id"),
}  # fmt: skip
PLACES = {
    "": "0",
    "due": "CASE WHEN {due} < :now THEN 0 WHEN {due} < :tomorrow THEN 1 WHEN {due} < :week THEN 2"
    " WHEN {due} IS NULL THEN 4 ELSE 3 END",
    "type": "coalesce(array_position(CAST(:types AS text[]), {type}), 10000)",
    "assignee": "CASE WHEN {assignee} = ANY(CAST(:me AS uuid[])) THEN 0 WHEN {assignee} IS NULL THEN 1"
    " ELSE 1 + coalesce(array_position(CAST(:colleagues AS uuid[]), {assignee}), 10000) END",
    "marker": "coalesce(({marks}), 10000)",
}
_TASK = {
    "due": "t.due_at", "assignee": "t.assignee", "type": "'task:' || t.process_key",
    "marks": "SELECT min(array_position(CAST(:markers AS uuid[]), m.marker_id)) FROM task_mark m WHERE m.task_id = t.id",
}  # fmt: skip
_UNIT = {
    "due": "u.due_at", "assignee": "u.assignee", "type": "'dossier:' || d.type_key",
    "marks": "SELECT min(array_position(CAST(:markers AS uuid[]), m.marker_id)) FROM dossier_marker m"
    " WHERE m.dossier_id = u.dossier_id AND m.removed_at IS NULL",
}  # fmt: skip


def sorted_list(wanted: Wanted, sort: str, group: str, *, after: bool) -> str:
    """A page of any other order: the first of all that fit, kept while they are read."""
    place = PLACES[group]
    columns = f"'task' AS kind, t.id, t.priority, t.due_at, t.created_at AS arrived, {place.format(**_TASK)} AS place"
    parts = [
        f"SELECT {columns} FROM task t WHERE t.role = ANY(:roles) AND {unit} AND {HUMAN}{wanted.task}"
        for unit in wanted.units
    ]
    if wanted.person:
        parts.append(f"SELECT {columns} FROM task t WHERE {PERSON}{wanted.task}")
    if wanted.dossiers:
        here, arrived = (CONCLUDED, "u.closed_at") if wanted.concluded else (HERE, "u.arrived_at")
        parts.append(
            f"SELECT 'dossier' AS kind, u.dossier_id AS id, u.priority, u.due_at, {arrived} AS arrived,"
            f" {place.format(**_UNIT)} AS place FROM {DOSSIERS} WHERE {here}{wanted.dossier}"
        )
    order, place_after = ORDERS[sort]
    down = sort == "newest"
    further = f"({order}) {'<' if down else '>'} ({place_after})"
    where = f" WHERE w.place > :after_place OR (w.place = :after_place AND {further})" if after else ""
    by = ", ".join(f"{part} DESC" for part in order.split(", ")) if down else order
    return (
        f"SELECT kind, id, priority, due_at, arrived, place FROM ({' UNION ALL '.join(parts)}) AS w{where}"
        f" ORDER BY w.place, {by} LIMIT :many"
    )


TASK_TEXT = (
    f" AND t.case_id IN (SELECT id FROM workflow_case WHERE {CASE_WORDS} @@ to_tsquery('simple', :words)"
    f" UNION ALL SELECT case_id FROM dossier WHERE case_id IS NOT NULL AND {DOSSIER_WORDS} @@ to_tsquery('simple', :words))"
)
DOSSIER_TEXT = f" AND d.id IN (SELECT id FROM dossier WHERE {DOSSIER_WORDS} @@ to_tsquery('simple', :words))"
TASK_MARKED = " AND t.id IN (SELECT task_id FROM task_mark WHERE marker_id = :marker)"
DOSSIER_MARKED = " AND d.id IN (SELECT dossier_id FROM dossier_marker WHERE marker_id = :marker AND removed_at IS NULL)"


def _numbers(due: str, who: str, unread: str, generated: str) -> str:
    return (
        f"count(*) AS everything, count(*) FILTER (WHERE {who} = ANY(CAST(:me AS uuid[]))) AS mine,"
        f" count(*) FILTER (WHERE {who} IS NULL) AS free, count(*) FILTER (WHERE {due} < :now) AS late,"
        f" count(*) FILTER (WHERE {TODAY.format(due=due)}) AS today, count(*) FILTER (WHERE {unread}) AS unread,"
        f" count(*) FILTER (WHERE {generated}) AS generated"
    )


def counts(wanted: Wanted) -> str:
    """How many there are, as a whole and by cut; of tasks from the index alone."""
    numbers = _numbers("t.due_at", "t.assignee", "t.unread", "false")
    parts = [
        f"SELECT {numbers} FROM task t WHERE t.role = ANY(:roles) AND {unit} AND {HUMAN}{wanted.task}"
        for unit in wanted.units
    ]
    if wanted.person:
        parts.append(f"SELECT {numbers} FROM task t WHERE {PERSON}{wanted.task}")
    if wanted.dossiers:
        own = _numbers("u.due_at", "u.assignee", "u.unread", "u.origin = 'generated'")
        parts.append(f"SELECT {own} FROM {DOSSIERS} WHERE {HERE}{wanted.dossier}")
    names = ("everything", "mine", "free", "late", "today", "unread", "generated")
    sums = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in names)
    return f"SELECT {sums} FROM ({' UNION ALL '.join(parts)}) AS counted"


def version(wanted: Wanted) -> str:
    """The newest changes of every branch: closed work stays in these indices, so that its leaving is a change too.

    Several of them, since a transaction that commits late brings a value below the highest.
    """
    newest = "ORDER BY {0}.changed DESC LIMIT 32"
    parts = [
        "SELECT x.changed FROM unnest(CAST(:roles AS text[])) AS r(role) CROSS JOIN LATERAL (SELECT t.changed FROM task t"
        f" WHERE t.role = r.role AND {unit} AND t.kind = 'human' AND t.person_id IS NULL {newest.format('t')}) AS x"
        for unit in wanted.units
    ]
    if wanted.person:
        parts.append(f"(SELECT t.changed FROM task t WHERE {PERSON} {newest.format('t')})")
        parts.append(f"SELECT -count(*) FROM task t WHERE {PERSON}")
    if wanted.dossiers:
        parts.append(f"(SELECT u.changed FROM dossier_unit u WHERE u.unit = :unit {newest.format('u')})")
    return f"SELECT array_agg(changed ORDER BY changed) FROM ({' UNION ALL '.join(parts)}) AS c (changed)"
