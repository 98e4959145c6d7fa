"""Declared days of the calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "000"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("business", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_calendar_day"),
    )


def downgrade() -> None:
    op.drop_table("calendar_day")
