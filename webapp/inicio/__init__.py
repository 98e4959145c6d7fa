"""The front page and the pages that explain: privacy, accessibility."""

from __future__ import annotations

from webapp.inicio.views import blueprint

__all__ = ["blueprint"]
