"""Requests of data subjects that the gestão answers: erasure (LGPD, art. 18, VI)."""

from __future__ import annotations

from webapp.menu import MenuItem
from webapp.titulares.views import blueprint

__all__ = ["MENU", "blueprint"]

MENU = (
    MenuItem("Pedidos de titulares", "titulares.requests", 60, "Eliminação de dados pessoais, com prazo de 15 dias."),
)
