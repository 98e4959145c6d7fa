"""Work and its management: the pages of tasks, the cases, the diagram, the incidents."""

from __future__ import annotations

from webapp.gestao import casos, incidentes
from webapp.gestao.tarefas import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint", "casos", "incidentes"]

MENU = (
    MenuItem("Fluxos", "gestao.cases", 80, "Onde está cada fluxo, por onde passou e o que aconteceu."),
    MenuItem("Incidentes", "gestao.incidents", 81, "O que parou e espera uma decisão."),
)
