"""The processo: opening one, its page (tree, document, what can be done now), and every act on it."""

from __future__ import annotations

from webapp.menu import MenuItem
from webapp.processo import acompanhados, arquivos, controle, externos, ligacoes, new, page, registros, tramitacao
from webapp.processo.blueprint import blueprint

__all__ = [
    "MENU",
    "acompanhados",
    "arquivos",
    "blueprint",
    "controle",
    "externos",
    "ligacoes",
    "new",
    "page",
    "registros",
    "tramitacao",
]

MENU = (MenuItem("Novo processo", "processo.new", 15, "Abra um processo: tipo, interessados, nível de acesso."),)
