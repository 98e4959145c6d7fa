"""The SQL of a step: straight to the driver, prepared, the writes in one statement.

The ORM costs as much as the engine itself here; the tables are those of models.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg import RawCursor

from workflow.history import chain

LOCK_CASE = """
SELECT c.id, c.process_key, c.diagram_id, c.status, c.revision, c.state, c.data, d.sha256, d.version, h.length, h.head
FROM workflow_case c JOIN diagram d ON d.id = c.diagram_id JOIN chain h ON h.name = 'case:' || c.id
WHERE c.id = %s FOR UPDATE OF c, h
"""
LOCK_CASE_OF_TASK = LOCK_CASE.replace("c.id = %s", "c.id = (SELECT case_id FROM task WHERE id = %s)")
OPEN_TASKS = """
SELECT id, token, kind, node, status, role, unit, person_id, assignee FROM task
WHERE case_id = %s AND status IN ('open', 'failed')
"""
INSERT_CASE = """
INSERT INTO workflow_case (id, process_key, diagram_id, business_key, subject, status, revision, state, data, created_at,
 updated_at, finished_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
UPDATE_CASE = """
UPDATE workflow_case SET status = %s, revision = %s, state = %s, data = %s, updated_at = %s, finished_at = %s,
 cancel_reason = %s, diagram_id = %s WHERE id = %s
"""
INSERT_CHAIN = "INSERT INTO chain (name, length, head) VALUES (%s, %s, %s)"
INSERT_TASK = """
INSERT INTO task (id, case_id, token, process_key, kind, node, scope, title, instance, status, role, unit, person_id,
 priority, created_at, due_at, follow_up_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'open', %s, %s, %s, %s, %s, %s, %s)
"""
CLOSE_TASKS = """
UPDATE task SET status = %s, finished_at = %s, finished_by = %s, result = NULL, changed = nextval('work_change')
 WHERE case_id = %s AND token = ANY(%s)
"""
INSERT_TIMER = """
INSERT INTO timer (case_id, token, choice, node, scope, due_at, boundary) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (case_id, token, choice) DO UPDATE SET due_at = excluded.due_at, failed = false
"""
DELETE_TIMER = "DELETE FROM timer WHERE case_id = %s AND token = %s AND choice = %s"
INSERT_SUBSCRIPTION = """
INSERT INTO message_subscription (case_id, token, choice, node, scope, name, key, boundary, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
DELETE_SUBSCRIPTION = "DELETE FROM message_subscription WHERE case_id = %s AND token = %s AND choice = %s"
CLOSE_INCIDENTS = """
UPDATE incident SET status = 'resolved', closed_at = %s WHERE case_id = %s AND status = 'open' AND token = ANY(%s)
"""
LOCK_KEY = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 2716))"
READ_KEY = "SELECT request, response FROM idempotency_key WHERE key = %s"
TAKE_KEY = """
INSERT INTO idempotency_key (key, request, response, created_at) VALUES (%s, %s, '', %s) ON CONFLICT DO NOTHING RETURNING key
"""
ANSWER_KEY = "UPDATE idempotency_key SET response = %s WHERE key = %s"
LATEST = "SELECT id, version, sha256 FROM diagram WHERE key = %s ORDER BY version DESC LIMIT 1"
_INSERT = ("INSERT ", "\nINSERT ")


@dataclass(frozen=True, slots=True)
class LockedCase:
    """The case's row as it is now, locked until the transaction ends."""

    id: UUID
    process_key: str
    diagram_id: int
    status: str
    revision: int
    state: bytes
    data: bytes
    sha256: str
    version: int
    head: chain.Head


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A task's row that is open, or failed and waiting for its incident."""

    id: UUID
    token: int
    kind: str
    node: str
    status: str
    role: str | None
    unit: str | None
    person_id: UUID | None
    assignee: UUID | None


def lock(
    connection: Any, *, case_id: UUID | None = None, task_id: UUID | None = None
) -> tuple[LockedCase | None, dict[int, OpenRow]]:
    """Lock a case (by itself or by one of its tasks) and read its open tasks."""
    by_case = case_id is not None
    wanted = (case_id if by_case else task_id,)
    row = connection.execute(LOCK_CASE if by_case else LOCK_CASE_OF_TASK, wanted, prepare=True).fetchone()
    if row is None:
        return None, {}
    # A statement of its own, after the lock: it sees what whoever held the lock before has written.
    task_cursor = connection.execute(OPEN_TASKS, (row[0],), prepare=True)
    case = LockedCase(*(*row[:9], chain.Head(row[9], bytes(row[10]))))
    return case, {one[1]: OpenRow(*one) for one in task_cursor.fetchall()}


@dataclass(slots=True)
class Writes:
    """The writes of one step, collected and then sent as one statement.

    Each becomes a data-modifying part of one WITH: one round trip, one plan that the server has prepared. No two of them
    may touch the same row.
    """

    statements: list[tuple[str, tuple[Any, ...]]]

    def add(self, statement: str, *values: Any) -> None:
        """One more row."""
        self.statements.append((statement, values))

    def send(self, connection: Any) -> None:
        """All of them at once."""
        counts: dict[str, int] = {}
        values: dict[str, list[Any]] = {}
        parts: list[tuple[str, int]] = []
        parameters: list[Any] = []
        for statement, row in self.statements:
            if statement.startswith(_INSERT):
                counts[statement] = counts.get(statement, 0) + 1
                values.setdefault(statement, []).extend(row)
            else:
                parts.append((statement, 1))
                parameters.extend(row)
        for statement, rows in values.items():
            parts.append((statement, counts[statement]))
            parameters.extend(rows)
        # A raw cursor takes $1, $2, …: the driver does not parse this long text again for every step.
        RawCursor(connection).execute(_together(tuple(parts)), parameters, prepare=True)


@lru_cache(maxsize=1024)
def _together(parts: tuple[tuple[str, int], ...]) -> str:
    """One statement out of several; an INSERT of `count` rows has its VALUES that often."""
    texts = [_with_rows(statement, count) for statement, count in parts]
    named = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(texts[:-1]))
    whole = f"WITH {named} {texts[-1]}" if named else texts[-1]
    pieces = whole.split("%s")
    return pieces[0] + "".join(f"${number}{piece}" for number, piece in enumerate(pieces[1:], 1))


def _with_rows(statement: str, count: int) -> str:
    if count == 1:
        return statement
    begin = statement.index("VALUES (") + len("VALUES ")
    end = statement.index(")", begin) + 1
    return statement[:begin] + ", ".join([statement[begin:end]] * count) + statement[end:]


def remember(connection: Any, key: str, request: str, at: datetime) -> tuple[str, str] | None:
    """Take an idempotency key, waiting for whoever is using it; its request and response when it had been used."""
    if connection.execute(TAKE_KEY, (key, request, at), prepare=True).fetchone() is not None:
        return None
    found = connection.execute(READ_KEY, (key,), prepare=True).fetchone()
    return found[0], found[1]


def add_events(writes: Writes, rows: list[chain.Row], head: chain.Head, name: str, *, new: bool) -> None:
    """The events of a step and the chain's new head."""
    for row in rows:
        writes.add(chain.INSERT, *row)
    if new:
        writes.add(INSERT_CHAIN, name, head.length, head.hash)
    else:
        writes.add(chain.MOVE, head.length, head.hash, name)


def close_tasks(writes: Writes, case_id: UUID, status: str, tokens: list[int], at: datetime, by: UUID | None) -> None:
    """Rows of tasks that are over."""
    if tokens:
        writes.add(CLOSE_TASKS, status, at, by, case_id, tokens)
