"""Search: everything that one may see, for the staff; público processos, for everybody."""

from __future__ import annotations

from webapp.menu import MenuItem
from webapp.pesquisa import publica
from webapp.pesquisa.views import blueprint

__all__ = ["MENU", "blueprint", "publica"]

MENU = (MenuItem("Pesquisa", "pesquisa.page", 12, "Processos e documentos, pelas palavras que há dentro deles."),)
