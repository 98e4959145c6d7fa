"""Tables of entrada."""

from __future__ import annotations

revision = "004"
down_revision = "003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
