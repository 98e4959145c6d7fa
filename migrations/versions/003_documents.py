"""Tables of documents."""

from __future__ import annotations

revision = "003"
down_revision = "002"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
