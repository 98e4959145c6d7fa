"""Tables of declaracao."""

from __future__ import annotations

revision = "005"
down_revision = "004"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
