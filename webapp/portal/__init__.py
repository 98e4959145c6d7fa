"""Being built."""

from __future__ import annotations

from webapp.portal.views import blueprint

__all__ = ["blueprint"]
