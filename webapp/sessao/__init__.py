"""Signing in and out, and the unit in which a person of the house acts."""

from __future__ import annotations

from webapp.sessao.views import blueprint

__all__ = ["blueprint"]
