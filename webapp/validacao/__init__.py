"""Being built."""

from __future__ import annotations

from webapp.validacao.views import blueprint

__all__ = ["blueprint"]
