"""External users: the processos opened to them, reading, signing, sending documents, receipts."""

from __future__ import annotations

from webapp.externo.views import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint"]

MENU = (MenuItem("Processos", "externo.front", 10, "Os processos que a Assembleia abriu a você.", kind="external"),)
