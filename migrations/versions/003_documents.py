"""Tables of documents and of their public validation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "003"
down_revision = "002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _document()
    op.create_table(
        "validation_log",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("instant", INSTANT, nullable=False),
        sa.Column("network", sa.String(50), nullable=False),
        sa.Column("way", sa.String(5), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_validation_log"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_validation_log_document_id"),
    )
    op.create_index("ix_validation_log_instant", "validation_log", ["instant"])
    op.create_index("ix_validation_log_document_id", "validation_log", ["document_id"])
    op.create_table(
        "validation_attempt",
        sa.Column("address_digest", sa.LargeBinary(), nullable=False),
        sa.Column("instants", postgresql.ARRAY(INSTANT), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address_digest", name="pk_validation_attempt"),
    )
    op.create_index("ix_validation_attempt_last_at", "validation_attempt", ["last_at"])
    op.create_table(
        "validation_miss",
        sa.Column("minute", INSTANT, nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("alarmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("minute", name="pk_validation_miss"),
    )


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("template_version", sa.String(64), nullable=False),
        sa.Column("owner_person_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("issuer_account_id", sa.Uuid(), nullable=True),
        sa.Column("idempotency_key", sa.String(200), nullable=True),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("summary", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.ForeignKeyConstraint(["owner_person_id"], ["person.id"], name="fk_document_owner_person_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_document_idempotency_key"),
        sa.UniqueConstraint("code", name="uq_document_code"),
        sa.UniqueConstraint("token_digest", name="uq_document_token_digest"),
        sa.UniqueConstraint("address", name="uq_document_address"),
        sa.CheckConstraint("code ~ '^[0-9A-HJKMNP-TV-Z]{16}$'", name=op.f("ck_document_code_form")),
        sa.CheckConstraint("status IN ('issued', 'cancelled', 'erased')", name=op.f("ck_document_status_known")),
        sa.CheckConstraint(
            "(status = 'issued') = (cancelled_at IS NULL)", name=op.f("ck_document_cancelled_has_instant")
        ),
        sa.CheckConstraint(
            "(status = 'issued') = (cancel_reason IS NULL)", name=op.f("ck_document_cancelled_has_reason")
        ),
        sa.CheckConstraint("(status = 'erased') = (address IS NULL)", name=op.f("ck_document_erased_has_no_bytes")),
        sa.CheckConstraint("status <> 'erased' OR summary IS NULL", name=op.f("ck_document_erased_has_no_summary")),
    )
    op.create_index("ix_document_owner_person_id_issued_at", "document", ["owner_person_id", "issued_at"])
    op.create_index("ix_document_case_id", "document", ["case_id"])
    op.create_index("ix_document_sha256", "document", ["sha256"])


def downgrade() -> None:
    for table in ("validation_miss", "validation_attempt", "validation_log", "document"):
        op.drop_table(table)
