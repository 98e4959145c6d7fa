"""Tables of text models and standard texts, of signatures, of sealed files and of blocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "008"
down_revision = "007"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _texts()
    _signatures()
    _blocks()


def _texts() -> None:
    op.create_table(
        "text_model",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_text_model"),
        sa.UniqueConstraint("name", name="uq_text_model_name"),
    )
    op.create_table(
        "standard_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(20), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_standard_text"),
    )
    op.create_index("uq_standard_text_unit_name", "standard_text", [sa.text("coalesce(unit, '')"), "name"], unique=True)


def _signatures() -> None:
    op.create_table(
        "document_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("acting_for", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("cargo", sa.String(120), nullable=False),
        sa.Column("unit", sa.String(20), nullable=True),
        sa.Column("method", sa.String(11), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("content_crc32", sa.String(8), nullable=False),
        sa.Column("certificate_sha256", sa.String(64), nullable=True),
        sa.Column("cms", sa.LargeBinary(), nullable=True),
        sa.Column("dropped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document_signature"),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name="fk_document_signature_document_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_document_signature_account_id"),
        sa.ForeignKeyConstraint(["acting_for"], ["account.id"], name="fk_document_signature_acting_for"),
        sa.CheckConstraint("method IN ('password', 'certificate')", name=op.f("ck_document_signature_method_known")),
        sa.CheckConstraint(
            "(method = 'certificate') = (cms IS NOT NULL)", name=op.f("ck_document_signature_certificate_has_cms")
        ),
    )
    op.create_index("ix_document_signature_document_id", "document_signature", ["document_id"])
    op.create_index("ix_document_signature_account_id", "document_signature", ["account_id"])
    op.create_index(
        "uq_document_signature_standing",
        "document_signature",
        ["document_id", "account_id", sa.text("coalesce(acting_for, account_id)")],
        unique=True,
        postgresql_where=sa.text("dropped_at IS NULL"),
    )
    op.create_table(
        "sealed_document",
        sa.Column("sealed_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("content_crc32", sa.String(8), nullable=False),
        sa.Column("signatures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sealed_id", name="pk_sealed_document"),
        sa.ForeignKeyConstraint(["sealed_id"], ["document.id"], name="fk_sealed_document_sealed_id"),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name="fk_sealed_document_document_id"),
    )
    op.create_index("ix_sealed_document_document_id", "sealed_document", ["document_id"])
    op.create_table(
        "account_certificate",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="pk_account_certificate"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_certificate_account_id"),
    )
    op.create_index("ix_account_certificate_account_id", "account_certificate", ["account_id"])


def _blocks() -> None:
    op.create_table(
        "signature_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("description", sa.String(250), nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signature_block"),
        sa.UniqueConstraint("unit", "number", name="uq_signature_block_unit_number"),
        sa.CheckConstraint("kind IN ('signature', 'internal', 'meeting')", name=op.f("ck_signature_block_kind_known")),
        sa.CheckConstraint(
            "status IN ('open', 'offered', 'returned', 'concluded')", name=op.f("ck_signature_block_status_known")
        ),
    )
    op.create_table(
        "signature_block_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signature_block_item"),
        sa.ForeignKeyConstraint(
            ["block_id"], ["signature_block.id"], name="fk_signature_block_item_block_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_signature_block_item_dossier_id"),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name="fk_signature_block_item_document_id"),
    )
    for column in ("block_id", "dossier_id", "document_id"):
        op.create_index(f"ix_signature_block_item_{column}", "signature_block_item", [column])
    op.create_index(
        "uq_signature_block_item_content",
        "signature_block_item",
        ["block_id", "dossier_id", sa.text("coalesce(document_id, dossier_id)")],
        unique=True,
    )
    op.create_table(
        "signature_block_offer",
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("block_id", "unit", name="pk_signature_block_offer"),
        sa.ForeignKeyConstraint(
            ["block_id"], ["signature_block.id"], name="fk_signature_block_offer_block_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_signature_block_offer_unit", "signature_block_offer", ["unit"])
