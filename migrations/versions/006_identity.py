"""Identity: órgãos and the tree of units, directory accounts, second factor, external users and their termo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"


def upgrade() -> None:
    _units()
    _accounts()
    _roles()
    _second_factor()
    _external()


def _units() -> None:
    op.create_table(
        "organ",
        sa.Column("sigla", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{4}$'", name=op.f("ck_organ_code_digits")),
        sa.PrimaryKeyConstraint("sigla", name="pk_organ"),
        sa.UniqueConstraint("code", name="uq_organ_code"),
    )
    op.add_column("unit", sa.Column("code", sa.String(length=2), nullable=True))
    op.add_column("unit", sa.Column("organ", sa.String(length=20), nullable=True))
    op.add_column("unit", sa.Column("parent", sa.String(length=20), nullable=True))
    op.add_column("unit", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("unit", sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_foreign_key("fk_unit_organ", "unit", "organ", ["organ"], ["sigla"])
    op.create_foreign_key("fk_unit_parent", "unit", "unit", ["parent"], ["sigla"])
    op.create_index("ix_unit_parent", "unit", ["parent"])
    op.create_check_constraint(op.f("ck_unit_code_digits"), "unit", "code ~ '^[0-9]{2}$'")
    op.create_check_constraint(op.f("ck_unit_not_its_own_parent"), "unit", "parent <> sigla")


def _accounts() -> None:
    op.alter_column("account", "kind", type_=sa.String(length=8))
    op.add_column("account", sa.Column("source", sa.String(length=5), server_default="local", nullable=False))
    op.add_column("account", sa.Column("directory_id", sa.String(length=200), nullable=True))
    op.create_unique_constraint("uq_account_directory_id", "account", ["directory_id"])
    op.drop_constraint(op.f("ck_account_kind_known"), "account")
    op.create_check_constraint(op.f("ck_account_kind_known"), "account", "kind IN ('staff', 'citizen', 'external')")
    op.create_check_constraint(op.f("ck_account_source_known"), "account", "source IN ('local', 'ldap')")
    op.create_check_constraint(
        op.f("ck_account_directory_keeps_its_passwords"), "account", "source = 'local' OR password_hash IS NULL"
    )


def _roles() -> None:
    op.add_column("membership", sa.Column("source", sa.String(length=5), server_default="local", nullable=False))
    op.add_column("membership", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_membership_source_known"), "membership", "source IN ('local', 'ldap')")
    op.add_column("substitution", sa.Column("unit", sa.String(length=20), nullable=True))
    op.add_column("substitution", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key("fk_substitution_unit", "substitution", "unit", ["unit"], ["sigla"])


def _second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_second_factor_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_recovery_code_account_id"),
        sa.PrimaryKeyConstraint("account_id", "digest", name="pk_recovery_code"),
    )
    op.create_table(
        "sign_in_ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sign_in_ticket_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_ticket"),
        sa.UniqueConstraint("token_sha256", name="uq_sign_in_ticket_token_sha256"),
    )
    op.create_index("ix_sign_in_ticket_account_id", "sign_in_ticket", ["account_id"])
    op.create_index("ix_sign_in_ticket_expires_at", "sign_in_ticket", ["expires_at"])


def _external() -> None:
    op.create_table(
        "term_acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=True),
        sa.Column("cpf", sa.String(length=11), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_term_acceptance_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_term_acceptance"),
    )
    op.create_index("ix_term_acceptance_account_id", "term_acceptance", ["account_id"])
    op.create_index("ix_term_acceptance_cpf", "term_acceptance", ["cpf"])
    op.add_column("email_token", sa.Column("term_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_email_token_term_id", "email_token", "term_acceptance", ["term_id"], ["id"])
