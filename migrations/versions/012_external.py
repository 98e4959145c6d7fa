"""Tables of external access: grants to one dossier, the documents chosen in them, petitions received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "012"
down_revision = "011"


def upgrade() -> None:
    op.create_table(
        "external_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("all_documents", sa.Boolean(), nullable=False),
        sa.Column("may_sign", sa.Boolean(), nullable=False),
        sa.Column("may_add", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.String(length=7), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mail IN ('pending', 'sent', 'refused')", name=op.f("ck_external_grant_mail_known")),
        sa.CheckConstraint("days > 0", name=op.f("ck_external_grant_days_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_external_grant_account_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_external_grant_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_grant")),
    )
    op.create_index(op.f("ix_external_grant_account_id"), "external_grant", ["account_id"], unique=False)
    op.create_index(op.f("ix_external_grant_dossier_id"), "external_grant", ["dossier_id"], unique=False)
    op.create_index("ix_external_grant_email_expires_on", "external_grant", ["email", "expires_on"], unique=False)
    op.create_table(
        "external_grant_document",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["dossier_document.id"], name=op.f("fk_external_grant_document_document_id")
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["external_grant.id"], name=op.f("fk_external_grant_document_grant_id")),
        sa.PrimaryKeyConstraint("grant_id", "document_id", name=op.f("pk_external_grant_document")),
    )
    op.create_index(
        op.f("ix_external_grant_document_document_id"), "external_grant_document", ["document_id"], unique=False
    )
    op.create_table(
        "petition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_petition_account_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_petition_dossier_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["external_grant.id"], name=op.f("fk_petition_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("number", name=op.f("uq_petition_number")),
    )
    op.create_index(op.f("ix_petition_account_id"), "petition", ["account_id"], unique=False)
    op.create_index(op.f("ix_petition_dossier_id"), "petition", ["dossier_id"], unique=False)


def downgrade() -> None:
    op.drop_table("petition")
    op.drop_table("external_grant_document")
    op.drop_table("external_grant")
