"""The SQL of a step: straight to the driver, prepared, the writes in one pipeline.

The ORM costs as much as the engine itself here; the tables are those of models.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

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
OPEN_TASKS_OF_TASK = OPEN_TASKS.replace("case_id = %s", "case_id = (SELECT case_id FROM task WHERE id = %s)")
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
UPDATE task SET status = %s, finished_at = %s, finished_by = %s, result = NULL WHERE case_id = %s AND token = ANY(%s)
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
WRITE_KEY = "INSERT INTO idempotency_key (key, request, response, created_at) VALUES (%s, %s, %s, %s)"


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
    with connection.pipeline():
        case_cursor = connection.execute(LOCK_CASE if by_case else LOCK_CASE_OF_TASK, wanted, prepare=True)
        task_cursor = connection.execute(OPEN_TASKS if by_case else OPEN_TASKS_OF_TASK, wanted, prepare=True)
    row = case_cursor.fetchone()
    if row is None:
        return None, {}
    case = LockedCase(*(*row[:9], chain.Head(row[9], bytes(row[10]))))
    return case, {one[1]: OpenRow(*one) for one in task_cursor.fetchall()}


@dataclass(slots=True)
class Writes:
    """The writes of one step, collected and then sent in one pipeline."""

    statements: list[tuple[str, tuple[Any, ...]]]

    def add(self, statement: str, *values: Any) -> None:
        """One more row."""
        self.statements.append((statement, values))

    def send(self, connection: Any) -> None:
        """All of them, in order, one round trip."""
        with connection.pipeline():
            for statement, values in self.statements:
                connection.execute(statement, values, prepare=True)


def remembered(connection: Any, key: str) -> tuple[str, str] | None:
    """The request and response stored under an idempotency key; the key is locked until the transaction ends."""
    with connection.pipeline():
        connection.execute(LOCK_KEY, (key,), prepare=True)
        cursor = connection.execute(READ_KEY, (key,), prepare=True)
    found = cursor.fetchone()
    return None if found is None else (found[0], found[1])


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
