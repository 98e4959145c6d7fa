"""external: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "012"
down_revision = "011"


def upgrade() -> None:
    """Nothing yet."""
