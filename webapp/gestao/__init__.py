"""Work and its management: the inbox of every servidor, the cases, the diagram, the incidents."""

from __future__ import annotations

from webapp.gestao import casos, incidentes
from webapp.gestao.tarefas import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint", "casos", "incidentes"]

MENU = (
    MenuItem("Tarefas", "gestao.inbox", 20, "O que espera por você e pela sua unidade."),
    MenuItem("Processos", "gestao.cases", 30, "Onde está cada processo, por onde passou e o que aconteceu."),
    MenuItem("Incidentes", "gestao.incidents", 31, "O que parou e espera uma decisão."),
)
