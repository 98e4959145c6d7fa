"""The attendant's desk: find first, register, confirm doubtful entries (Deliberação 2.716/2019, arts. 2º and 3º).

A plain HTTP client can do all of it (`Accept: application/json`); `cadastro` says how, step by step.
"""

from __future__ import annotations

from webapp.atendimento import cadastro, duvidas, excecoes, sem_documento
from webapp.atendimento.views import blueprint
from webapp.menu import MenuItem

__all__ = ["MENU", "blueprint", "cadastro", "duvidas", "excecoes", "sem_documento"]

MENU = (
    MenuItem(
        "Atendimento",
        "atendimento.desk",
        10,
        "Procurar e cadastrar visitantes; confirmar quem a câmera não reconheceu.",
    ),
)
