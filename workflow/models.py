"""Tables of the engine. The state of a case is bytes, never JSON; JSON text appears only in events, which are small."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger as Big
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Sequence,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base


class DiagramRow(Base):
    """A version of a process's diagram: by content, never overwritten. `files` is the packed mapping name → bytes."""

    __tablename__ = "diagram"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(Big, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    files: Mapped[bytes] = mapped_column(LargeBinary)
    starts: Mapped[str | None] = mapped_column(String(100))
    deployed_at: Mapped[datetime]


class Case(Base):
    """A case: a process being handled. `revision` grows by one in every step."""

    __tablename__ = "workflow_case"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'completed', 'cancelled')", name="status"),
        Index(None, "process_key", "status"),
        Index(
            "uq_workflow_case_business_key",
            "process_key",
            "business_key",
            unique=True,
            postgresql_where=text("business_key IS NOT NULL AND status <> 'cancelled'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(String(63))
    diagram_id: Mapped[int] = mapped_column(ForeignKey("diagram.id"))
    business_key: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    state: Mapped[bytes] = mapped_column(LargeBinary)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(Text)


class Task(Base):
    """An item of an inbox, or the work of a job; `token` is its place in the case's tree.

    `changed` moves with every change that an inbox shows; `unread`: nobody has opened or taken it yet. `ix_task_inbox`
    holds an inbox's order and what its filters and counts ask, so that a page and a count read the index alone.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("kind IN ('human', 'service')", name="kind"),
        CheckConstraint("status IN ('open', 'done', 'cancelled', 'failed')", name="status"),
        UniqueConstraint("case_id", "token"),
        Index(
            "ix_task_inbox",
            "role",
            "unit",
            "priority",
            "due_at",
            "created_at",
            "id",
            postgresql_include=["assignee", "process_key", "unread"],
            postgresql_where=text("status = 'open' AND kind = 'human' AND person_id IS NULL"),
        ),
        Index(
            "ix_task_changed", "role", "unit", "changed", postgresql_where=text("kind = 'human' AND person_id IS NULL")
        ),
        Index("ix_task_assignee", "assignee", postgresql_where=text("status = 'open' AND assignee IS NOT NULL")),
        Index("ix_task_person", "person_id", postgresql_where=text("status = 'open' AND person_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_case.id"))
    token: Mapped[int]
    process_key: Mapped[str] = mapped_column(String(63))
    kind: Mapped[str] = mapped_column(String(7))
    node: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(String(200))
    instance: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(9))
    role: Mapped[str | None] = mapped_column(String(40))
    unit: Mapped[str | None] = mapped_column(String(40))
    person_id: Mapped[UUID | None]
    assignee: Mapped[UUID | None]
    priority: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    follow_up_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    finished_by: Mapped[UUID | None]
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
    unread: Mapped[bool] = mapped_column(server_default=text("true"))
    changed: Mapped[int] = mapped_column(Big, server_default=text("nextval('work_change')"))


class Timer(Base):
    """A timer that waits; fired by a periodic job, in batches."""

    __tablename__ = "timer"
    __table_args__ = (Index(None, "due_at", postgresql_where=text("NOT failed")),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_case.id"), primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[str] = mapped_column(String(100), primary_key=True)
    node: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(500))
    due_at: Mapped[datetime]
    boundary: Mapped[bool]
    failed: Mapped[bool] = mapped_column(server_default=text("false"))


class Subscription(Base):
    """A message that a case waits for: the correlation is this row, nothing else."""

    __tablename__ = "message_subscription"
    __table_args__ = (Index(None, "name", "key"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("workflow_case.id"), primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[str] = mapped_column(String(100), primary_key=True)
    node: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(500))
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(200))
    boundary: Mapped[bool]
    created_at: Mapped[datetime]


class ReceivedMessage(Base):
    """A message that came, once: the same id again gets the first answer."""

    __tablename__ = "received_message"

    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(20))
    case_id: Mapped[UUID | None]
    received_at: Mapped[datetime]


class IdempotencyKey(Base):
    """A request that was carried out; `response` answers a retry."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "created_at"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    response: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class IncidentRow(Base):
    """Something that needs a person: a job, timer or message that failed for good. Holds no personal data."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("kind IN ('service', 'timer', 'message')", name="kind"),
        CheckConstraint("status IN ('open', 'retried', 'resolved')", name="status"),
        Index(None, "case_id"),
        Index("ix_incident_open", "created_at", postgresql_where=text("status = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("workflow_case.id"))
    kind: Mapped[str] = mapped_column(String(10))
    node: Mapped[str] = mapped_column(String(100))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"))
    token: Mapped[int | None]
    choice: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[str] = mapped_column(String(500))
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]


class Chain(Base):
    """A hash chain and its head: `case:<uuid>` or `day:<yyyy-mm-dd>`. `sealed` is the length in the last checkpoint."""

    __tablename__ = "chain"
    __table_args__ = (Index("ix_chain_unsealed", "name", postgresql_where=text("length <> sealed")),)

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    length: Mapped[int]
    head: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[int] = mapped_column(server_default=text("0"))


class EventRow(Base):
    """An event of a chain: appended, never changed. `data` is canonical JSON of ids, enums and digests."""

    __tablename__ = "event"

    chain: Mapped[str] = mapped_column(String(60), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    data: Mapped[str] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[UUID | None]
    acting_for: Mapped[UUID | None]
    unit: Mapped[str | None] = mapped_column(String(40))
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Checkpoint(Base):
    """Heads that moved since the checkpoint before, signed together with its digest."""

    __tablename__ = "checkpoint"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    heads: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(100))


WORK_CHANGE = Sequence("work_change", metadata=Base.metadata)
"""Grows with every change that an inbox shows, of tasks and of dossiers: the newest few values are an inbox's version."""
