"""The citizen's account: sign-up, área do usuário, declarations, own data."""

from __future__ import annotations

from webapp.menu import MenuItem
from webapp.portal import area, data, declarations, sign_up  # noqa: F401 - their routes join the blueprint
from webapp.portal.blueprint import blueprint

__all__ = ["MENU", "blueprint"]

MENU = tuple(
    MenuItem(label, f"portal.{endpoint}", order, about, kind="citizen")
    for order, (label, endpoint, about) in enumerate(
        (
            ("Área do usuário", "area", "Sua situação e o que fazer agora."),
            ("Certificados e declarações", "declarations", "Emita a declaração de cada dia em que esteve aqui."),
            ("Histórico", "history", "Todas as suas interações com a Assembleia."),
            ("QR Code da portaria", "visitor_qr", "Mostre na portaria para entrar mais rápido."),
            ("Meus dados", "own_data", "Veja, baixe ou peça a eliminação do que temos sobre você."),
        )
    )
)
