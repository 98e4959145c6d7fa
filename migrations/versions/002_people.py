"""Tables of people: persons, keys, faces, accounts, sessions, units, drafts of the desk, the gallery's changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "002"
down_revision = "001"


def upgrade() -> None:
    op.execute("CREATE SEQUENCE gallery_change_sequence")
    op.create_table(
        "minor_discard",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("discarded", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_minor_discard"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=True),
        sa.Column("name_folded", sa.String(length=200), nullable=True),
        sa.Column("name_tokens", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cpf", sa.String(length=11), nullable=True),
        sa.Column("cpf_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("without_document", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cpf ~ '^[0-9]{11}$'", name=op.f("ck_person_cpf_digits")),
        sa.CheckConstraint(
            "erased_at IS NULL OR (full_name IS NULL AND name_folded IS NULL AND cpf IS NULL AND name_tokens = '{}')",
            name=op.f("ck_person_erased_is_empty"),
        ),
        sa.CheckConstraint("erased_at IS NOT NULL OR full_name IS NOT NULL", name=op.f("ck_person_named_until_erased")),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("cpf", name="uq_person_cpf"),
    )
    op.create_index("ix_person_name_folded", "person", ["name_folded"])
    op.create_index("ix_person_name_tokens", "person", ["name_tokens"], postgresql_using="gin")
    op.create_table(
        "throttle",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("scope", "subject", name="pk_throttle"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sigla", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("sigla", name="uq_unit_sigla"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("login", sa.String(length=254), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("display_name", sa.String(length=200), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("claimed_cpf", sa.String(length=11), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('staff', 'citizen')", name=op.f("ck_account_kind_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_account_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_index("ix_account_claimed_cpf", "account", ["claimed_cpf"])
    op.create_index("ix_account_person_id", "account", ["person_id"])
    op.create_index(
        "uq_account_citizen_person",
        "account",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'citizen' AND person_id IS NOT NULL"),
    )
    op.create_table(
        "face_record",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("face_picture", sa.LargeBinary(), nullable=True),
        sa.Column("document_picture", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pictures >= 1", name=op.f("ck_face_record_has_pictures")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_face_record_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_face_record"),
    )
    op.create_index("ix_face_record_seen_at", "face_record", ["seen_at"])
    op.create_table(
        "gallery_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("op", sa.String(length=6), nullable=False),
        sa.CheckConstraint("op IN ('record', 'seen')", name=op.f("ck_gallery_change_op_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_gallery_change_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gallery_change"),
        sa.UniqueConstraint("sequence", name="uq_gallery_change_sequence"),
    )
    op.create_index("ix_gallery_change_pending", "gallery_change", ["id"], postgresql_where=sa.text("sequence IS NULL"))
    op.create_index("ix_gallery_change_person_id_op", "gallery_change", ["person_id", "op"])
    op.create_table(
        "person_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("master_key_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_key_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_key"),
    )
    op.create_index("ix_person_key_master_key_id", "person_key", ["master_key_id"])
    op.create_table(
        "account_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("acting_for", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_session_account_id"),
        sa.ForeignKeyConstraint(["acting_for"], ["account.id"], name="fk_account_session_acting_for"),
        sa.PrimaryKeyConstraint("id", name="pk_account_session"),
        sa.UniqueConstraint("token_sha256", name="uq_account_session_token_sha256"),
    )
    op.create_index("ix_account_session_account_id", "account_session", ["account_id"])
    op.create_index("ix_account_session_expires_at", "account_session", ["expires_at"])
    op.create_table(
        "document_waiver",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("authorized_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("justification", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["account.id"], name="fk_document_waiver_officer_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_document_waiver_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_document_waiver"),
    )
    op.create_table(
        "email_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=7), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('confirm', 'reset')", name=op.f("ck_email_token_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_email_token_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_email_token"),
        sa.UniqueConstraint("token_sha256", name="uq_email_token_token_sha256"),
    )
    op.create_index("ix_email_token_account_id", "email_token", ["account_id"])
    op.create_index("ix_email_token_expires_at", "email_token", ["expires_at"])
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_membership_period_in_order")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_membership_account_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_membership_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint(
            "account_id", "unit_id", "role", "starts_on", name="uq_membership_account_id_unit_id_role_starts_on"
        ),
    )
    op.create_index("ix_membership_account_id", "membership", ["account_id"])
    op.create_index("ix_membership_unit_id", "membership", ["unit_id"])
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_outgoing_mail_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_mail"),
    )
    op.create_index("ix_outgoing_mail_account_id", "outgoing_mail", ["account_id"])
    op.create_table(
        "registration_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("master_key_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("shown", postgresql.JSONB(), nullable=True),
        sa.Column("waiver_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiver_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiver_officer_id", sa.Uuid(), nullable=True),
        sa.Column("waiver_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_registration_draft_account_id"),
        sa.ForeignKeyConstraint(["waiver_officer_id"], ["account.id"], name="fk_registration_draft_waiver_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_registration_draft"),
    )
    op.create_index("ix_registration_draft_account_id", "registration_draft", ["account_id"])
    op.create_index("ix_registration_draft_expires_at", "registration_draft", ["expires_at"])
    op.create_table(
        "substitution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("substituted_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_substitution_period_in_order")),
        sa.CheckConstraint("substitute_id <> substituted_id", name=op.f("ck_substitution_two_people")),
        sa.ForeignKeyConstraint(["substitute_id"], ["account.id"], name="fk_substitution_substitute_id"),
        sa.ForeignKeyConstraint(["substituted_id"], ["account.id"], name="fk_substitution_substituted_id"),
        sa.PrimaryKeyConstraint("id", name="pk_substitution"),
    )
    op.create_index("ix_substitution_substitute_id", "substitution", ["substitute_id"])
    op.create_index("ix_substitution_substituted_id", "substitution", ["substituted_id"])
    op.create_table(
        "draft_picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_measure", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('face', 'document')", name=op.f("ck_draft_picture_kind_known")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["registration_draft.id"], name="fk_draft_picture_draft_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draft_picture"),
    )
    op.create_index("ix_draft_picture_draft_id", "draft_picture", ["draft_id"])


def downgrade() -> None:
    for table in (
        "draft_picture",
        "substitution",
        "registration_draft",
        "outgoing_mail",
        "membership",
        "email_token",
        "document_waiver",
        "account_session",
        "person_key",
        "gallery_change",
        "face_record",
        "account",
        "unit",
        "throttle",
        "person",
        "minor_discard",
    ):
        op.drop_table(table)
    op.execute("DROP SEQUENCE gallery_change_sequence")
