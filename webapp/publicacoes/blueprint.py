"""The blueprint that both halves add their routes to, and the words that both use."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("publicacoes", __name__, template_folder="templates")

KINDS = {
    "original": "Publicação",
    "rectification": "Retificação",
    "republication": "Republicação",
    "voiding": "Sem efeito",
}
FOLLOWED = {
    "rectification": "Retificada",
    "republication": "Republicada",
    "voiding": "Tornada sem efeito",
}
FOLLOWS = {
    "rectification": "Retifica a publicação de",
    "republication": "Republica a publicação de",
    "voiding": "Torna sem efeito a publicação de",
}
STATES = {
    "scheduled": ("info", "Programada"),
    "held": ("error", "Impedida"),
    "published": ("ok", "Publicada"),
    "cancelled": ("neutral", "Cancelada"),
}


@blueprint.context_processor
def words() -> dict[str, object]:
    """For the templates of these pages."""
    return {"kinds": KINDS, "followed": FOLLOWED, "follows": FOLLOWS, "states": STATES}
