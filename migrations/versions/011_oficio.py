"""Tables of the ofícios: câmaras, campaigns, exemplars, what leaves and what comes back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "011"
down_revision = "010"


def upgrade() -> None:
    op.create_table(
        "camara",
        sa.Column("ibge", sa.String(length=7), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_folded", sa.String(length=120), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_valid", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("president", sa.String(length=120), nullable=True),
        sa.Column("president_gender", sa.String(length=1), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ibge ~ '^31[0-9]{5}$'", name=op.f("ck_camara_ibge_form")),
        sa.CheckConstraint("president_gender IN ('F', 'M')", name=op.f("ck_camara_gender_known")),
        sa.CheckConstraint("email IS NOT NULL OR NOT email_valid", name=op.f("ck_camara_valid_needs_email")),
        sa.PrimaryKeyConstraint("ibge", name=op.f("pk_camara")),
    )
    op.create_index(op.f("ix_camara_name_folded"), "camara", ["name_folded"], unique=False)
    op.create_index(op.f("ix_camara_region"), "camara", ["region"], unique=False)
    op.create_table(
        "oficio_mail_cursor",
        sa.Column("folder", sa.String(length=120), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("folder", name=op.f("pk_oficio_mail_cursor")),
    )
    op.create_table(
        "camara_account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ibge", sa.String(length=7), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_camara_account_account_id")),
        sa.ForeignKeyConstraint(["ibge"], ["camara.ibge"], name=op.f("fk_camara_account_ibge")),
        sa.PrimaryKeyConstraint("account_id", "ibge", name=op.f("pk_camara_account")),
    )
    op.create_index(op.f("ix_camara_account_ibge"), "camara_account", ["ibge"], unique=False)
    op.create_table(
        "oficio_campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("rectifies", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("template", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("annex", sa.Boolean(), nullable=False),
        sa.Column("requires_reply", sa.Boolean(), nullable=False),
        sa.Column("deadline_days", sa.Integer(), nullable=False),
        sa.Column("deadline_kind", sa.String(length=8), nullable=False),
        sa.Column("recipients", postgresql.ARRAY(sa.String(length=7)), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("returned_text", sa.String(length=2000), nullable=True),
        sa.Column("number", sa.String(length=120), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signer_cargo", sa.String(length=120), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("annex_document_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deadline_kind IN ('business', 'calendar')", name=op.f("ck_oficio_campaign_deadline_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'review', 'approval', 'signature', 'generating', 'dispatched', 'closed')",
            name=op.f("ck_oficio_campaign_state_known"),
        ),
        sa.CheckConstraint("template IN ('almg_seed', 'mrpr3')", name=op.f("ck_oficio_campaign_template_known")),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (number IS NULL) AND (signed_at IS NULL) = (content_sha256 IS NULL)",
            name=op.f("ck_oficio_campaign_number_at_signature"),
        ),
        sa.CheckConstraint("deadline_days BETWEEN 1 AND 365", name=op.f("ck_oficio_campaign_deadline_days_possible")),
        sa.ForeignKeyConstraint(
            ["annex_document_id"], ["document.id"], name=op.f("fk_oficio_campaign_annex_document_id")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name=op.f("fk_oficio_campaign_document_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_oficio_campaign_dossier_id")),
        sa.ForeignKeyConstraint(["rectifies"], ["oficio_campaign.id"], name=op.f("fk_oficio_campaign_rectifies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_campaign")),
        sa.UniqueConstraint("case_id", name=op.f("uq_oficio_campaign_case_id")),
        sa.UniqueConstraint("number", name=op.f("uq_oficio_campaign_number")),
    )
    op.create_index(op.f("ix_oficio_campaign_document_id"), "oficio_campaign", ["document_id"], unique=False)
    op.create_index(op.f("ix_oficio_campaign_dossier_id"), "oficio_campaign", ["dossier_id"], unique=False)
    op.create_index(op.f("ix_oficio_campaign_rectifies"), "oficio_campaign", ["rectifies"], unique=False)
    op.create_index(op.f("ix_oficio_campaign_state"), "oficio_campaign", ["state"], unique=False)
    op.create_table(
        "oficio_exemplar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("ibge", sa.String(length=7), nullable=False),
        sa.Column("tracking", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("merged", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounce_code", sa.String(length=12), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('GERADO', 'NA_FILA', 'ENVIADO', 'ENTREGUE', 'DEVOLVIDO', 'REENVIO', 'VIA_POSTAL', 'RECEBIDO', 'RESPONDIDO', 'SEM_RESPOSTA', 'DISPENSADA_RESPOSTA')",
            name=op.f("ck_oficio_exemplar_state_known"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["oficio_campaign.id"], name=op.f("fk_oficio_exemplar_campaign_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_oficio_exemplar_document_id")),
        sa.ForeignKeyConstraint(["ibge"], ["camara.ibge"], name=op.f("fk_oficio_exemplar_ibge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_exemplar")),
        sa.UniqueConstraint("campaign_id", "ibge", name=op.f("uq_oficio_exemplar_campaign_id_ibge")),
        sa.UniqueConstraint("campaign_id", "ordinal", name=op.f("uq_oficio_exemplar_campaign_id_ordinal")),
        sa.UniqueConstraint("document_id", name=op.f("uq_oficio_exemplar_document_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_oficio_exemplar_message_id")),
        sa.UniqueConstraint("tracking", name=op.f("uq_oficio_exemplar_tracking")),
    )
    op.create_index("ix_oficio_exemplar_campaign_id_state", "oficio_exemplar", ["campaign_id", "state"], unique=False)
    op.create_index(op.f("ix_oficio_exemplar_ibge"), "oficio_exemplar", ["ibge"], unique=False)
    op.create_index(
        "ix_oficio_exemplar_next_attempt_at",
        "oficio_exemplar",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'NA_FILA'"),
    )
    op.create_table(
        "camara_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("ibge", sa.String(length=7), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.String(length=5), nullable=False),
        sa.Column("received_by", sa.String(length=120), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number ~ '^[0-9]{1,12}$'", name=op.f("ck_camara_receipt_number_form")),
        sa.CheckConstraint("via IN ('link', 'conta', 'papel')", name=op.f("ck_camara_receipt_via_known")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_camara_receipt_document_id")),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_camara_receipt_exemplar_id")),
        sa.ForeignKeyConstraint(["ibge"], ["camara.ibge"], name=op.f("fk_camara_receipt_ibge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camara_receipt")),
        sa.UniqueConstraint("document_id", name=op.f("uq_camara_receipt_document_id")),
        sa.UniqueConstraint("exemplar_id", name=op.f("uq_camara_receipt_exemplar_id")),
        sa.UniqueConstraint("ibge", "year", "seq", name=op.f("uq_camara_receipt_ibge_year_seq")),
    )
    op.create_table(
        "oficio_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('sending', 'accepted', 'retry', 'refused', 'in_doubt', 'resolved')",
            name=op.f("ck_oficio_attempt_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_oficio_attempt_exemplar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_attempt")),
    )
    op.create_index(op.f("ix_oficio_attempt_exemplar_id"), "oficio_attempt", ["exemplar_id"], unique=False)
    op.create_index("ix_oficio_attempt_message_id", "oficio_attempt", ["message_id"], unique=False)
    op.create_index(
        "ix_oficio_attempt_outcome",
        "oficio_attempt",
        ["outcome"],
        unique=False,
        postgresql_where=sa.text("outcome IN ('sending', 'in_doubt')"),
    )
    op.create_index(
        "uq_oficio_attempt_exemplar_id_version",
        "oficio_attempt",
        ["exemplar_id", "version"],
        unique=True,
        postgresql_where=sa.text("outcome IN ('sending', 'accepted', 'in_doubt')"),
    )
    op.create_table(
        "oficio_forward",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_oficio_forward_exemplar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_forward")),
        sa.UniqueConstraint("exemplar_id", "email", name=op.f("uq_oficio_forward_exemplar_id_email")),
    )
    op.create_table(
        "oficio_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_oficio_link_exemplar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_link")),
    )
    op.create_index(op.f("ix_oficio_link_exemplar_id"), "oficio_link", ["exemplar_id"], unique=False)
    op.create_table(
        "oficio_reminder",
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('D-5', 'D-1', 'D+1')", name=op.f("ck_oficio_reminder_kind_known")),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_oficio_reminder_exemplar_id")),
        sa.PrimaryKeyConstraint("exemplar_id", "kind", name=op.f("pk_oficio_reminder")),
    )
    op.create_table(
        "oficio_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=250), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("via IN ('email', 'formulario')", name=op.f("ck_oficio_reply_via_known")),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_oficio_reply_exemplar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_reply")),
        sa.UniqueConstraint("message_id", name=op.f("uq_oficio_reply_message_id")),
    )
    op.create_index(op.f("ix_oficio_reply_exemplar_id"), "oficio_reply", ["exemplar_id"], unique=False)
    op.create_table(
        "oficio_triage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=250), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("exemplar_id", sa.Uuid(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'attached', 'discarded')", name=op.f("ck_oficio_triage_state_known")),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name=op.f("fk_oficio_triage_exemplar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_triage")),
    )
    op.create_index(op.f("ix_oficio_triage_arrived_at"), "oficio_triage", ["arrived_at"], unique=False)
    op.create_index(op.f("ix_oficio_triage_exemplar_id"), "oficio_triage", ["exemplar_id"], unique=False)
    op.create_index(op.f("ix_oficio_triage_state"), "oficio_triage", ["state"], unique=False)
    op.create_table(
        "oficio_reply_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("refusal", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(document_id IS NULL) <> (data IS NULL) OR refusal IS NOT NULL",
            name=op.f("ck_oficio_reply_file_kept_once"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["dossier_document.id"], name=op.f("fk_oficio_reply_file_document_id")
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["oficio_reply.id"], name=op.f("fk_oficio_reply_file_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oficio_reply_file")),
    )
    op.create_index(op.f("ix_oficio_reply_file_document_id"), "oficio_reply_file", ["document_id"], unique=False)
    op.create_index(op.f("ix_oficio_reply_file_reply_id"), "oficio_reply_file", ["reply_id"], unique=False)


def downgrade() -> None:
    for table in (
        "oficio_reply_file",
        "oficio_triage",
        "oficio_reply",
        "oficio_reminder",
        "oficio_link",
        "oficio_forward",
        "oficio_attempt",
        "camara_receipt",
        "oficio_exemplar",
        "oficio_campaign",
        "camara_account",
        "oficio_mail_cursor",
        "camara",
    ):
        op.drop_table(table)
