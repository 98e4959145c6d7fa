"""administration: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "013"
down_revision = "012"


def upgrade() -> None:
    """Nothing yet."""
