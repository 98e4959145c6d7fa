"""Ofícios to the câmaras for who drafts, decides, signs and follows them."""

from __future__ import annotations

from webapp.menu import MenuItem
from webapp.oficios import campaigns, drafting, exemplars, redirecting, register, reports, tasks, triage
from webapp.oficios.blueprint import blueprint

__all__ = [
    "MENU",
    "blueprint",
    "campaigns",
    "drafting",
    "exemplars",
    "redirecting",
    "register",
    "reports",
    "tasks",
    "triage",
]

MENU = (
    MenuItem("Ofícios", "oficios.front", 25, "Ofícios às câmaras municipais: redação, envio, recebimento e respostas."),
)
