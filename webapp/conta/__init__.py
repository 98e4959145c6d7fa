"""Minha conta: second factor, substitution, units; and how an external user opens an account."""

from __future__ import annotations

from webapp.conta import external, factor, substitution, views
from webapp.conta.blueprint import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint", "external", "factor", "substitution", "views"]

MENU = (
    MenuItem("Minha conta", "conta.overview", 90, "Unidade, substituição e verificação em duas etapas."),
    MenuItem("Minha conta", "conta.overview", 90, "Seus dados e a sua senha.", kind="external"),
)
