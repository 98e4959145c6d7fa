"""search: entries with their words, parts of long texts, the vocabulary, saved searches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "009"
down_revision = "008"


def upgrade() -> None:
    _entries()
    _parts()
    op.create_table(
        "search_word",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("word", sa.String(length=200, collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
    )
    op.create_index(op.f("ix_search_word_word"), "search_word", ["word"], unique=False)
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_saved_search_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(op.f("ix_saved_search_account_id"), "saved_search", ["account_id"], unique=False)
    op.create_index(
        "ix_dossier_document_unfinished",
        "dossier_document",
        ["id", "unit", "status"],
        unique=False,
        postgresql_where=sa.text("status IN ('draft', 'deleted')"),
    )


def _entries() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("extent", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("type_key", sa.String(length=60), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('dossier', 'internal', 'form', 'external')", name=op.f("ck_search_entry_kind_known")
        ),
        sa.CheckConstraint("extent IN (0, 1, 2)", name=op.f("ck_search_entry_extent_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("subject", name=op.f("uq_search_entry_subject")),
    )
    op.execute("ALTER TABLE search_entry SET (toast_tuple_target = 128)")  # words and body leave the row
    op.execute("ALTER TABLE search_entry ALTER COLUMN words SET STORAGE EXTERNAL")  # tested row by row: not compressed
    op.execute("ALTER TABLE search_entry ALTER COLUMN words SET STATISTICS 300")  # 3,000 frequent words are known
    _gin("search_entry")
    for column in ("stamp", "dossier_id", "unit", "type_key", "author"):
        columns = ["stamp", "id"] if column == "stamp" else [column, "stamp", "id"]
        op.create_index(f"ix_search_entry_{column}", "search_entry", columns, unique=False)
    op.create_index(
        "ix_search_entry_long", "search_entry", ["stamp", "id"], unique=False, postgresql_where=sa.text("extent > 0")
    )


def _parts() -> None:
    op.create_table(
        "search_part",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["search_entry.id"], name=op.f("fk_search_part_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "part", name=op.f("pk_search_part")),
    )
    _gin("search_part")


def _gin(table: str) -> None:
    """No pending list: every search would read it whole."""
    op.create_index(
        f"ix_{table}_words", table, ["words"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
