"""The citizen's account: sign-up, área do usuário, declarations, own data."""

from __future__ import annotations

from webapp.menu import MenuItem
from webapp.portal import area, data, declarations, sign_up  # noqa: F401 - their routes join the blueprint
from webapp.portal.blueprint import blueprint

__all__ = ["MENU", "blueprint"]

MENU = (
    MenuItem("Área do usuário", "portal.area", 10, "Sua situação e o que fazer agora."),
    MenuItem("Certificados e declarações", "portal.declarations", 11, "Emita a declaração de cada dia em que esteve aqui."),
    MenuItem("Histórico", "portal.history", 12, "Todas as suas interações com a Assembleia."),
    MenuItem("QR Code da portaria", "portal.visitor_qr", 13, "Mostre na portaria para entrar mais rápido."),
    MenuItem("Meus dados", "portal.own_data", 14, "Veja, baixe ou elimine o que temos sobre você."),
)
