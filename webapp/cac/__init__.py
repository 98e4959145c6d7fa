"""The desk of the Centro de Atendimento ao Cidadão: proves a CPF, issues a declaration, prints it."""

from __future__ import annotations

from webapp.cac import corrections, declarations, proof  # noqa: F401 - their routes join the blueprint
from webapp.cac.blueprint import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint"]

MENU = (
    MenuItem("Emitir declaração", "cac.search", 20, "Para quem pede no balcão, com documento com foto."),
    MenuItem("Cancelar ou corrigir", "cac.corrections", 22, "Declaração com erro, ou entrada que era de outra pessoa."),
    MenuItem("Comprovar CPF", "cac.find_account", 21, "Associar a conta do Portal à pessoa do documento."),
)
