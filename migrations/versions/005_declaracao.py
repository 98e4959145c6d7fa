"""Tables of the declaração de comparecimento: attendances, declarations, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("person_id", "date", name=op.f("uq_attendance_person_id_date")),
    )
    op.create_table(
        "declaration_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('declaracao_cancelada', 'comparecimento_retirado', 'comparecimento_incluido')",
            name=op.f("ck_declaration_notice_kind_known"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_declaration_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_notice")),
        sa.UniqueConstraint("task_id", "person_id", name=op.f("uq_declaration_notice_task_id_person_id")),
    )
    op.create_index(op.f("ix_declaration_notice_person_id"), "declaration_notice", ["person_id"], unique=False)
    op.create_table(
        "declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=6), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("third_party", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("channel IN ('portal', 'cac')", name=op.f("ck_declaration_channel_known")),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_declaration_cancelled_with_reason")
        ),
        sa.CheckConstraint(
            "(document_id IS NULL) = (issued_at IS NULL)", name=op.f("ck_declaration_issued_with_document")
        ),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendance.id"], name=op.f("fk_declaration_attendance_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_declaration_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("document_id", name=op.f("uq_declaration_document_id")),
    )
    op.create_index(
        "uq_declaration_attendance_id",
        "declaration",
        ["attendance_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("declaration")
    op.drop_table("declaration_notice")
    op.drop_table("attendance")
