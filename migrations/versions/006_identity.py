"""Identity: órgãos and the tree of units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"


def upgrade() -> None:
    _units()


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
