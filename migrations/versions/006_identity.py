"""identity: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "006"
down_revision = "005"


def upgrade() -> None:
    """Nothing yet."""
