"""The câmara's side of an ofício: by the link of its message, or by an account that acts for it."""

from __future__ import annotations

from webapp.camara import listing, receiving, replying
from webapp.camara.blueprint import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint", "listing", "receiving", "replying"]

MENU = (
    MenuItem(
        "Ofícios da câmara", "camara.front", 20, "Os ofícios que a Assembleia enviou à sua câmara.", kind="external"
    ),
)
