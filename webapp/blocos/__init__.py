"""Blocks: documents offered to other units, read and signed in one go."""

from __future__ import annotations

from webapp.blocos import atos, views
from webapp.blocos.blueprint import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "atos", "blueprint", "views"]

MENU = (
    MenuItem(
        "Blocos",
        "blocos.listing",
        28,
        "Documentos que esperam a sua assinatura, e os que a sua unidade oferece a outras.",
    ),
)
