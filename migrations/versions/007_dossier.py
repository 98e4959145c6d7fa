"""Tables of the electronic process: numbers, types, dossiers, their units, documents, versions and annotations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "007"
down_revision = "006"


def upgrade() -> None:
    op.execute("CREATE SEQUENCE work_change")
    op.execute("CREATE SEQUENCE protocol_number")
    op.create_table(
        "counter",
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "year", name=op.f("pk_counter")),
    )
    op.create_table(
        "document_type",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("applies_to", sa.String(length=8), nullable=False),
        sa.Column("numbering", sa.String(length=5), nullable=False),
        sa.Column("mask", sa.String(length=120), nullable=False),
        sa.Column("model_key", sa.String(length=60), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("signature", sa.String(length=12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "applies_to IN ('internal', 'external', 'both', 'form')", name=op.f("ck_document_type_applies_known")
        ),
        sa.CheckConstraint("numbering IN ('none', 'unit', 'organ')", name=op.f("ck_document_type_numbering_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document_type")),
        sa.UniqueConstraint("name", name=op.f("uq_document_type_name")),
    )
    op.create_table(
        "legal_hypothesis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level IN ('restrito', 'sigiloso')", name=op.f("ck_legal_hypothesis_level_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hypothesis")),
        sa.UniqueConstraint("name", name=op.f("uq_legal_hypothesis_name")),
    )
    op.create_table(
        "marker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("colour", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "colour IN ('azul', 'verde', 'amarelo', 'laranja', 'vermelho', 'roxo', 'rosa', 'marrom', 'cinza', 'preto')",
            name=op.f("ck_marker_colour_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marker")),
        sa.UniqueConstraint("unit", "name", name=op.f("uq_marker_unit_name")),
    )
    op.create_table(
        "number_mask",
        sa.Column("organ", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("mask", sa.String(length=80), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("organ", name=op.f("pk_number_mask")),
    )
    op.create_table(
        "dossier_type",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("process_key", sa.String(length=60), nullable=True),
        sa.Column("free_routing", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("hypothesis_id", sa.Uuid(), nullable=True),
        sa.Column("subject_code", sa.String(length=40), nullable=False),
        sa.Column("current_years", sa.Integer(), nullable=True),
        sa.Column("intermediate_years", sa.Integer(), nullable=True),
        sa.Column("destination", sa.String(length=12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level IN ('publico', 'restrito', 'sigiloso')", name=op.f("ck_dossier_type_level_known")),
        sa.ForeignKeyConstraint(["hypothesis_id"], ["legal_hypothesis.id"], name=op.f("fk_dossier_type_hypothesis_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dossier_type")),
        sa.UniqueConstraint("name", name=op.f("uq_dossier_type_name")),
    )
    op.create_table(
        "dossier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("type_key", sa.String(length=60), nullable=False),
        sa.Column("specification", sa.String(length=250), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("effective_level", sa.String(length=8), nullable=False),
        sa.Column("hypothesis_id", sa.Uuid(), nullable=True),
        sa.Column("origin_unit", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_reason", sa.String(length=500), nullable=True),
        sa.Column("status_unit", sa.String(length=20), nullable=True),
        sa.Column("attached_to", sa.Uuid(), nullable=True),
        sa.Column("process_key", sa.String(length=60), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("passed_units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "effective_level IN ('publico', 'restrito', 'sigiloso')", name=op.f("ck_dossier_effective_level_known")
        ),
        sa.CheckConstraint(
            "level = 'publico' OR hypothesis_id IS NOT NULL", name=op.f("ck_dossier_level_has_hypothesis")
        ),
        sa.CheckConstraint("level IN ('publico', 'restrito', 'sigiloso')", name=op.f("ck_dossier_level_known")),
        sa.CheckConstraint("status IN ('running', 'suspended', 'attached')", name=op.f("ck_dossier_status_known")),
        sa.ForeignKeyConstraint(["attached_to"], ["dossier.id"], name=op.f("fk_dossier_attached_to")),
        sa.ForeignKeyConstraint(["hypothesis_id"], ["legal_hypothesis.id"], name=op.f("fk_dossier_hypothesis_id")),
        sa.ForeignKeyConstraint(["type_key"], ["dossier_type.key"], name=op.f("fk_dossier_type_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("number", name=op.f("uq_dossier_number")),
    )
    op.create_index(op.f("ix_dossier_attached_to"), "dossier", ["attached_to"], unique=False)
    op.create_index(op.f("ix_dossier_case_id"), "dossier", ["case_id"], unique=False)
    op.create_index("ix_dossier_created_at", "dossier", ["created_at"], unique=False)
    op.create_index(op.f("ix_dossier_type_key"), "dossier", ["type_key"], unique=False)
    op.create_table(
        "dossier_bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("document_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("status", sa.String(length=7), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'done') = (address IS NOT NULL)", name=op.f("ck_dossier_bundle_done_has_file")),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_dossier_bundle_status_known")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_dossier_bundle_account_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_bundle_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_bundle")),
    )
    op.create_index(op.f("ix_dossier_bundle_account_id"), "dossier_bundle", ["account_id"], unique=False)
    op.create_index(op.f("ix_dossier_bundle_dossier_id"), "dossier_bundle", ["dossier_id"], unique=False)
    op.create_table(
        "dossier_credential",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_dossier_credential_account_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_credential_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "account_id", name=op.f("pk_dossier_credential")),
    )
    op.create_index(op.f("ix_dossier_credential_account_id"), "dossier_credential", ["account_id"], unique=False)
    op.create_table(
        "dossier_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("type_key", sa.String(length=60), nullable=False),
        sa.Column("type_number", sa.String(length=120), nullable=True),
        sa.Column("title", sa.String(length=250), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("hypothesis_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=250), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("conference", sa.String(length=30), nullable=True),
        sa.Column("authenticated_by", sa.Uuid(), nullable=True),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancel_reason IS NOT NULL)",
            name=op.f("ck_dossier_document_cancelled_has_reason"),
        ),
        sa.CheckConstraint("kind IN ('internal', 'form', 'external')", name=op.f("ck_dossier_document_kind_known")),
        sa.CheckConstraint(
            "level = 'publico' OR hypothesis_id IS NOT NULL", name=op.f("ck_dossier_document_level_has_hypothesis")
        ),
        sa.CheckConstraint(
            "level IN ('publico', 'restrito', 'sigiloso')", name=op.f("ck_dossier_document_level_known")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'signed', 'filed', 'cancelled', 'deleted')",
            name=op.f("ck_dossier_document_status_known"),
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_document_dossier_id")),
        sa.ForeignKeyConstraint(
            ["hypothesis_id"], ["legal_hypothesis.id"], name=op.f("fk_dossier_document_hypothesis_id")
        ),
        sa.ForeignKeyConstraint(["sealed_id"], ["document.id"], name=op.f("fk_dossier_document_sealed_id")),
        sa.ForeignKeyConstraint(["type_key"], ["document_type.key"], name=op.f("fk_dossier_document_type_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_document")),
        sa.UniqueConstraint("dossier_id", "position", name=op.f("uq_dossier_document_dossier_id_position")),
        sa.UniqueConstraint("number", name=op.f("uq_dossier_document_number")),
    )
    op.create_index("ix_dossier_document_created_at", "dossier_document", ["created_at"], unique=False)
    op.create_index(op.f("ix_dossier_document_created_by"), "dossier_document", ["created_by"], unique=False)
    op.create_index(op.f("ix_dossier_document_sealed_id"), "dossier_document", ["sealed_id"], unique=False)
    op.create_index(op.f("ix_dossier_document_sha256"), "dossier_document", ["sha256"], unique=False)
    op.create_index(op.f("ix_dossier_document_type_key"), "dossier_document", ["type_key"], unique=False)
    op.create_index(op.f("ix_dossier_document_type_number"), "dossier_document", ["type_number"], unique=False)
    op.create_index(op.f("ix_dossier_document_unit"), "dossier_document", ["unit"], unique=False)
    op.create_table(
        "dossier_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_entry_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_entry")),
    )
    op.create_index(op.f("ix_dossier_entry_dossier_id"), "dossier_entry", ["dossier_id"], unique=False)
    op.create_table(
        "dossier_marker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_marker_dossier_id")),
        sa.ForeignKeyConstraint(["marker_id"], ["marker.id"], name=op.f("fk_dossier_marker_marker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_marker")),
    )
    op.create_index(op.f("ix_dossier_marker_marker_id"), "dossier_marker", ["marker_id"], unique=False)
    op.create_index(
        "uq_dossier_marker_in_force",
        "dossier_marker",
        ["dossier_id", "marker_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "dossier_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_note_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_note")),
    )
    op.create_index("ix_dossier_note_dossier_id_unit", "dossier_note", ["dossier_id", "unit"], unique=False)
    op.create_table(
        "dossier_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_folded", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_party_dossier_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dossier_party_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_party")),
    )
    op.create_index(op.f("ix_dossier_party_dossier_id"), "dossier_party", ["dossier_id"], unique=False)
    op.create_index(op.f("ix_dossier_party_name_folded"), "dossier_party", ["name_folded"], unique=False)
    op.create_index(op.f("ix_dossier_party_person_id"), "dossier_party", ["person_id"], unique=False)
    op.create_table(
        "dossier_relation",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("dossier_id < other_id", name=op.f("ck_dossier_relation_smaller_first")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_relation_dossier_id")),
        sa.ForeignKeyConstraint(["other_id"], ["dossier.id"], name=op.f("fk_dossier_relation_other_id")),
        sa.PrimaryKeyConstraint("dossier_id", "other_id", name=op.f("pk_dossier_relation")),
    )
    op.create_index(op.f("ix_dossier_relation_other_id"), "dossier_relation", ["other_id"], unique=False)
    op.create_table(
        "dossier_unit",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=6), nullable=False),
        sa.Column("origin", sa.String(length=9), nullable=False),
        sa.Column("from_unit", sa.String(length=20), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_by", sa.Date(), nullable=True),
        sa.Column("reopen_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("nextval('work_change')"), nullable=False),
        sa.CheckConstraint("origin IN ('generated', 'received')", name=op.f("ck_dossier_unit_origin_known")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_dossier_unit_status_known")),
        sa.ForeignKeyConstraint(["assignee"], ["account.id"], name=op.f("fk_dossier_unit_assignee")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_unit_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "unit", name=op.f("pk_dossier_unit")),
    )
    op.create_index(op.f("ix_dossier_unit_assignee"), "dossier_unit", ["assignee"], unique=False)
    op.create_table(
        "dossier_watch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("group_name", sa.String(length=60), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_watch_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_watch")),
        sa.UniqueConstraint(
            "unit", "dossier_id", "group_name", name=op.f("uq_dossier_watch_unit_dossier_id_group_name")
        ),
    )
    op.create_index(op.f("ix_dossier_watch_dossier_id"), "dossier_watch", ["dossier_id"], unique=False)
    op.create_table(
        "unit_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("from_unit", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'no_address', 'refused')", name=op.f("ck_unit_notice_status_known")
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_unit_notice_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_notice")),
    )
    op.create_index(op.f("ix_unit_notice_dossier_id"), "unit_notice", ["dossier_id"], unique=False)
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_acknowledgement_account_id")),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name=op.f("fk_acknowledgement_document_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_acknowledgement_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint(
            "dossier_id",
            "document_id",
            "account_id",
            name=op.f("uq_acknowledgement_dossier_id_document_id_account_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_acknowledgement_document_id"), "acknowledgement", ["document_id"], unique=False)
    op.create_table(
        "document_version",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name=op.f("fk_document_version_document_id")),
        sa.PrimaryKeyConstraint("document_id", "version", name=op.f("pk_document_version")),
    )
    op.create_table(
        "dossier_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name=op.f("fk_dossier_comment_document_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_comment_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_comment")),
    )
    op.create_index(op.f("ix_dossier_comment_dossier_id"), "dossier_comment", ["dossier_id"], unique=False)


def downgrade() -> None:
    op.drop_table("dossier_comment")
    op.drop_table("document_version")
    op.drop_table("acknowledgement")
    op.drop_table("unit_notice")
    op.drop_table("dossier_watch")
    op.drop_table("dossier_unit")
    op.drop_table("dossier_relation")
    op.drop_table("dossier_party")
    op.drop_table("dossier_note")
    op.drop_table("dossier_marker")
    op.drop_table("dossier_entry")
    op.drop_table("dossier_document")
    op.drop_table("dossier_credential")
    op.drop_table("dossier_bundle")
    op.drop_table("dossier")
    op.drop_table("dossier_type")
    op.drop_table("number_mask")
    op.drop_table("marker")
    op.drop_table("legal_hypothesis")
    op.drop_table("document_type")
    op.drop_table("counter")
    op.execute("DROP SEQUENCE protocol_number")
    op.execute("DROP SEQUENCE work_change")
