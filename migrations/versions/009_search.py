"""search: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "009"
down_revision = "008"


def upgrade() -> None:
    """Nothing yet."""
