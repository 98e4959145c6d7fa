"""Ofícios: exemplars sent on to another address of the câmara; regions named as what they are, telephone area codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "015"
down_revision = "014"

INSTANT = sa.DateTime(timezone=True)
_NAMES = {
    "Central": "DDD 31",
    "Zona da Mata": "DDD 32",
    "Leste": "DDD 33",
    "Triângulo e Alto Paranaíba": "DDD 34",
    "Sul": "DDD 35",
    "Centro-Oeste": "DDD 37",
    "Norte e Noroeste": "DDD 38",
}


def upgrade() -> None:
    op.add_column("oficio_attempt", sa.Column("email", sa.String(254), nullable=True))
    for table, column in (("oficio_link", "version"), ("oficio_exemplar", "links_from")):
        op.add_column(table, sa.Column(column, sa.Integer(), nullable=False, server_default=sa.text("1")))
        op.alter_column(table, column, server_default=None)
    op.create_table(
        "oficio_redirection",
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("earlier_state", sa.String(20), nullable=False),
        sa.Column("from_email", sa.String(254), nullable=True),
        sa.Column("to_email", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["exemplar_id"], ["oficio_exemplar.id"], name="fk_oficio_redirection_exemplar_id"),
        sa.PrimaryKeyConstraint("exemplar_id", "version", name="pk_oficio_redirection"),
    )
    for name, code in _NAMES.items():
        op.execute(sa.text("UPDATE camara SET region = :code WHERE region = :name").bindparams(code=code, name=name))
