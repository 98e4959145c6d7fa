"""Tables of the engine, and of procrastinate: the schema that the installed package brings (3.10.0 when this was written).

When the locked version moves, a new revision applies the package's own migrations to databases that began with an
older one (what is there tells which that was).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

from workflow.database import UtcDateTime

revision = "001"
down_revision = "000"


def upgrade() -> None:
    op.create_table(
        "chain",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chain"),
    )
    op.create_index("ix_chain_unsealed", "chain", ["name"], unique=False, postgresql_where=sa.text("length <> sealed"))
    op.create_table(
        "checkpoint",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("heads", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_checkpoint"),
    )
    op.create_table(
        "diagram",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("starts", sa.String(length=100), nullable=True),
        sa.Column("deployed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_diagram"),
        sa.UniqueConstraint("key", "version", name="uq_diagram_key_version"),
    )
    op.create_table(
        "event",
        sa.Column("chain", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("acting_for", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_event"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "received_message",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_received_message"),
    )
    op.create_table(
        "workflow_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.String(length=63), nullable=False),
        sa.Column("diagram_id", sa.BigInteger(), nullable=False),
        sa.Column("business_key", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('running', 'completed', 'cancelled')", name="ck_workflow_case_status"),
        sa.ForeignKeyConstraint(["diagram_id"], ["diagram.id"], name="fk_workflow_case_diagram_id"),
        sa.PrimaryKeyConstraint("id", name="pk_workflow_case"),
    )
    op.create_index("ix_workflow_case_process_key_status", "workflow_case", ["process_key", "status"], unique=False)
    op.create_index(
        "uq_workflow_case_business_key",
        "workflow_case",
        ["process_key", "business_key"],
        unique=True,
        postgresql_where=sa.text("business_key IS NOT NULL AND status <> 'cancelled'"),
    )
    op.create_table(
        "message_subscription",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=100), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("boundary", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["workflow_case.id"], name="fk_message_subscription_case_id"),
        sa.PrimaryKeyConstraint("case_id", "token", "choice", name="pk_message_subscription"),
    )
    op.create_index("ix_message_subscription_name_key", "message_subscription", ["name", "key"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("instance", sa.String(length=100), nullable=True),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("assignee", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("follow_up_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("finished_by", sa.Uuid(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('human', 'service')", name="ck_task_kind"),
        sa.CheckConstraint("status IN ('open', 'done', 'cancelled', 'failed')", name="ck_task_status"),
        sa.ForeignKeyConstraint(["case_id"], ["workflow_case.id"], name="fk_task_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("case_id", "token", name="uq_task_case_id_token"),
    )
    op.create_index(
        "ix_task_inbox",
        "task",
        ["role", "unit"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND kind = 'human'"),
    )
    op.create_index(
        "ix_task_person",
        "task",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND person_id IS NOT NULL"),
    )
    op.create_table(
        "timer",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=100), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=500), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("boundary", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["workflow_case.id"], name="fk_timer_case_id"),
        sa.PrimaryKeyConstraint("case_id", "token", "choice", name="pk_timer"),
    )
    op.create_index("ix_timer_due_at", "timer", ["due_at"], unique=False, postgresql_where=sa.text("NOT failed"))
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(length=100), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('service', 'timer', 'message')", name="ck_incident_kind"),
        sa.CheckConstraint("status IN ('open', 'retried', 'resolved')", name="ck_incident_status"),
        sa.ForeignKeyConstraint(["case_id"], ["workflow_case.id"], name="fk_incident_case_id"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_incident_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_case_id", "incident", ["case_id"], unique=False)
    op.create_index(
        "ix_incident_open", "incident", ["created_at"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    # ### end Alembic commands ###
    # Many statements and dollar quotes: straight to the driver, which then splits nothing.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    op.drop_index("ix_incident_open", table_name="incident", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_incident_case_id", table_name="incident")
    op.drop_table("incident")
    op.drop_index("ix_timer_due_at", table_name="timer", postgresql_where=sa.text("NOT failed"))
    op.drop_table("timer")
    op.drop_index(
        "ix_task_person", table_name="task", postgresql_where=sa.text("status = 'open' AND person_id IS NOT NULL")
    )
    op.drop_index("ix_task_inbox", table_name="task", postgresql_where=sa.text("status = 'open' AND kind = 'human'"))
    op.drop_table("task")
    op.drop_index("ix_message_subscription_name_key", table_name="message_subscription")
    op.drop_table("message_subscription")
    op.drop_index(
        "uq_workflow_case_business_key",
        table_name="workflow_case",
        postgresql_where=sa.text("business_key IS NOT NULL AND status <> 'cancelled'"),
    )
    op.drop_index("ix_workflow_case_process_key_status", table_name="workflow_case")
    op.drop_table("workflow_case")
    op.drop_table("received_message")
    op.drop_index("ix_idempotency_key_created_at", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("event")
    op.drop_table("diagram")
    op.drop_table("checkpoint")
    op.drop_index("ix_chain_unsealed", table_name="chain", postgresql_where=sa.text("length <> sealed"))
    op.drop_table("chain")
    # ### end Alembic commands ###
    for kind, names in (("FUNCTION", _functions()), ("TABLE", _tables()), ("TYPE", _types())):
        for name in names:
            op.execute(f"DROP {kind} IF EXISTS {name} CASCADE")


def _names(query: str) -> list[str]:
    return [row[0] for row in op.get_bind().execute(sa.text(query))]


def _functions() -> list[str]:
    return _names("SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate\\_%'")


def _tables() -> list[str]:
    return _names(
        "SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate\\_%' AND schemaname = current_schema()"
    )


def _types() -> list[str]:
    return _names("SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c')")
