"""dossier: filled in by the change that brings its tables."""

from __future__ import annotations

revision = "007"
down_revision = "006"


def upgrade() -> None:
    """Nothing yet."""
