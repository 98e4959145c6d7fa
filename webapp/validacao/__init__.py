"""Validation of documents by anybody (VA1 to VA7)."""

from __future__ import annotations

from webapp.validacao.views import blueprint

__all__ = ["blueprint"]
