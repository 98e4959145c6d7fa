"""inbox: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "010"
down_revision = "009"


def upgrade() -> None:
    """Nothing yet."""
