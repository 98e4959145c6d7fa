"""oficio: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "011"
down_revision = "010"


def upgrade() -> None:
    """Nothing yet."""
