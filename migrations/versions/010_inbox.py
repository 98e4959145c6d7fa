"""Controle de processos: what an inbox orders, counts and compares by; markers, notes, watches, saved views, undo.

Tasks that are there already count as read, and get a `changed` of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "010"
down_revision = "009"

OPEN = "status = 'open' AND kind = 'human' AND person_id IS NULL"
FOLDED = (
    "to_tsvector('simple', regexp_replace(translate(lower({column}), 'áàâãäéèêëíìîïóòôõöúùûüç',"
    " 'aaaaaeeeeiiiiooooouuuuc'), '[^a-z0-9]+', ' ', 'g'))"
)


def upgrade() -> None:
    change = sa.text("nextval('work_change')")
    op.add_column("task", sa.Column("unread", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.alter_column("task", "unread", server_default=sa.text("true"))
    op.add_column("task", sa.Column("changed", sa.BigInteger(), server_default=change, nullable=False))
    op.drop_index("ix_task_inbox", table_name="task")
    op.create_index(
        "ix_task_inbox",
        "task",
        ["role", "unit", "priority", "due_at", "created_at", "id"],
        postgresql_include=["assignee", "process_key", "unread"],
        postgresql_where=sa.text(OPEN),
    )
    op.create_index(
        "ix_task_changed",
        "task",
        ["role", "unit", "changed"],
        postgresql_where=sa.text("kind = 'human' AND person_id IS NULL"),
    )
    op.create_index(
        "ix_task_assignee", "task", ["assignee"], postgresql_where=sa.text("status = 'open' AND assignee IS NOT NULL")
    )
    op.create_index(
        "ix_dossier_unit_inbox",
        "dossier_unit",
        ["unit", "priority", "due_at", "arrived_at", "dossier_id"],
        postgresql_include=["assignee", "unread", "origin"],
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_dossier_unit_changed", "dossier_unit", ["unit", "changed"])
    op.create_index(
        "ix_dossier_secret", "dossier", ["case_id"], postgresql_where=sa.text("effective_level = 'sigiloso'")
    )
    op.execute(
        "CREATE INDEX ix_workflow_case_words ON workflow_case USING gin ((" + FOLDED.format(column="subject") + "))"
    )
    op.execute(
        "CREATE INDEX ix_dossier_words ON dossier USING gin (("
        + FOLDED.format(column="number || ' ' || specification")
        + "))"
    )
    _tables()


def _tables() -> None:
    op.create_table(
        "task_mark",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=250), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_mark_task_id"),
        sa.ForeignKeyConstraint(["marker_id"], ["marker.id"], name="fk_task_mark_marker_id"),
        sa.PrimaryKeyConstraint("task_id", "marker_id", name="pk_task_mark"),
    )
    op.create_index("ix_task_mark_marker_id", "task_mark", ["marker_id"])
    op.create_table(
        "task_note",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_note_task_id"),
        sa.PrimaryKeyConstraint("task_id", "unit", name="pk_task_note"),
    )
    op.create_table(
        "task_watch",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_watch_task_id"),
        sa.PrimaryKeyConstraint("task_id", "unit", name="pk_task_watch"),
    )
    op.create_table(
        "work_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_work_view_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work_view"),
        sa.UniqueConstraint("account_id", "name", name="uq_work_view_account_id_name"),
    )
    op.create_index(
        "uq_work_view_default", "work_view", ["account_id"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_table(
        "work_undo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_work_undo_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work_undo"),
    )
    op.create_index("ix_work_undo_account_id", "work_undo", ["account_id"])


def downgrade() -> None:
    for table in ("work_undo", "work_view", "task_watch", "task_note", "task_mark"):
        op.drop_table(table)
    for name in ("ix_dossier_words", "ix_workflow_case_words", "ix_dossier_secret", "ix_dossier_unit_changed"):
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP INDEX ix_dossier_unit_inbox")
    for name in ("ix_task_assignee", "ix_task_changed", "ix_task_inbox"):
        op.drop_index(name, table_name="task")
    op.drop_column("task", "changed")
    op.drop_column("task", "unread")
    op.create_index(
        "ix_task_inbox", "task", ["role", "unit"], postgresql_where=sa.text("status = 'open' AND kind = 'human'")
    )
