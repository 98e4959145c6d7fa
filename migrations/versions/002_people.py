"""Tables of people."""

from __future__ import annotations

revision = "002"
down_revision = "001"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
