"""Controle de processos: the work of the unit and mine, tasks and dossiers in one list; and the palette of every page."""

from __future__ import annotations

from webapp.controle import agir, paleta, visoes
from webapp.controle.lista import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "agir", "blueprint", "paleta", "visoes"]

MENU = (MenuItem("Controle de processos", "controle.inbox", 10, "O que espera por você e pela sua unidade."),)
