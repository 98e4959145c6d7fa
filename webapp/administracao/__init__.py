"""Administration: units, types, models, numbers, hypotheses, users, calendar, and the record of who changed them."""

from __future__ import annotations

from webapp.administracao import auditoria, calendario, certificados, usuarios
from webapp.administracao.views import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "auditoria", "blueprint", "calendario", "certificados", "usuarios"]

MENU = (
    MenuItem(
        "Administração", "administracao.front", 90, "Unidades, usuários, tipos, modelos, numeração, hipóteses legais, calendário."
    ),
)  # fmt: skip
