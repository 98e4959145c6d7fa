"""Publications: vehicles, editions, what is published; which types of document may be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "013"
down_revision = "012"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "document_type", sa.Column("publishable", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.alter_column("document_type", "publishable", server_default=None)
    op.create_table(
        "publication_vehicle",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_publication_vehicle"),
        sa.UniqueConstraint("name", name="uq_publication_vehicle_name"),
    )
    op.create_table(
        "publication_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_key", sa.String(60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vehicle_key"], ["publication_vehicle.key"], name="fk_publication_edition_vehicle_key"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication_edition"),
        sa.UniqueConstraint("vehicle_key", "day", name="uq_publication_edition_vehicle_key_day"),
        sa.UniqueConstraint("vehicle_key", "year", "number", name="uq_publication_edition_vehicle_key_year_number"),
    )
    _publications()


def _publications() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(13), nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("vehicle_key", sa.String(60), nullable=False),
        sa.Column("of_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(500), nullable=False),
        sa.Column("summary_folded", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_reason", sa.String(500), nullable=True),
        sa.Column("edition_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("sealed_id", sa.Uuid(), nullable=True),
        *_checks(),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_publication_dossier_id"),
        sa.ForeignKeyConstraint(["document_id"], ["dossier_document.id"], name="fk_publication_document_id"),
        sa.ForeignKeyConstraint(["vehicle_key"], ["publication_vehicle.key"], name="fk_publication_vehicle_key"),
        sa.ForeignKeyConstraint(["of_id"], ["publication.id"], name="fk_publication_of_id"),
        sa.ForeignKeyConstraint(["edition_id"], ["publication_edition.id"], name="fk_publication_edition_id"),
        sa.ForeignKeyConstraint(["sealed_id"], ["document.id"], name="fk_publication_sealed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    for name in ("dossier_id", "document_id", "of_id", "edition_id"):
        op.create_index(f"ix_publication_{name}", "publication", [name])
    _partial_indexes()


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "kind_known": "kind IN ('original', 'rectification', 'republication', 'voiding')",
        "status_known": "status IN ('scheduled', 'held', 'published', 'cancelled')",
        "of_another": "(kind = 'original') = (of_id IS NULL)",
        "of_another_has_reason": "(kind = 'original') = (reason IS NULL)",
        "published_is_whole": "(status = 'published') = (published_at IS NOT NULL AND edition_id IS NOT NULL)",
        "published_has_file": "status <> 'published' OR sealed_id IS NOT NULL",
        "ended_has_reason": "(status IN ('held', 'cancelled')) = (ended_reason IS NOT NULL)",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_publication_{name}")) for name, rule in rules.items()]


def _partial_indexes() -> None:
    published, scheduled = sa.text("status = 'published'"), sa.text("status = 'scheduled'")
    op.create_index("ix_publication_published_at", "publication", ["published_at", "id"], postgresql_where=published)
    op.create_index("ix_publication_day", "publication", ["day"], postgresql_where=scheduled)
    op.create_index(
        "uq_publication_once", "publication", ["document_id", "vehicle_key"], unique=True,
        postgresql_where=sa.text("status <> 'cancelled' AND kind IN ('original', 'rectification')"),
    )  # fmt: skip
    op.create_index(
        "uq_publication_waiting", "publication", ["of_id"], unique=True,
        postgresql_where=sa.text("status IN ('scheduled', 'held')"),
    )  # fmt: skip
