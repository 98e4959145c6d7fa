"""Tables of workflow."""

from __future__ import annotations

revision = "001"
down_revision = "000"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
