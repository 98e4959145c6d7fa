"""Forms that arrive twice are done once: what was submitted in the last minutes, by fingerprint."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "016"
down_revision = "015"


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_submission_account_id_account"),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_submission"),
    )
    op.create_index("ix_submission_account_id", "submission", ["account_id"])
