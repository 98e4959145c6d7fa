"""Being built."""

from __future__ import annotations

from webapp.cac.views import blueprint

__all__ = ["blueprint"]
