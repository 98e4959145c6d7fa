"""texts: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "008"
down_revision = "007"


def upgrade() -> None:
    """Nothing yet."""
