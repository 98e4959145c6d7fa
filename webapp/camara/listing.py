"""The ofícios of the câmaras for which an external user acts."""

from __future__ import annotations

from flask import render_template

from processes.oficio_camaras import queries
from processes.oficio_camaras.models import ExemplarState
from processes.oficio_camaras.rules import STATE_LABELS
from webapp.camara import words
from webapp.camara.blueprint import blueprint
from webapp.security import actor, requires
from workflow.database import transaction

S = ExemplarState


def situation(state: str, *, requires_reply: bool) -> tuple[str, str]:
    """Where an ofício stands for its câmara, as a kind of `ui.status` and a word."""
    if state == S.RESPONDIDO:
        return "ok", "Respondido"
    if state == S.RECEBIDO and requires_reply:
        return "warning", "Falta responder"
    if state in (S.RECEBIDO, S.DISPENSADA_RESPOSTA):
        return "ok", "Recebido"
    if state == S.SEM_RESPOSTA:
        return "neutral", STATE_LABELS[S.SEM_RESPOSTA]
    return "warning", "Falta confirmar o recebimento"


@blueprint.get("/camara")
@requires("camara.answer")
def front() -> str:
    """Every ofício of the câmara, newest first."""
    with transaction() as session:
        camaras = queries.camaras_of(session, actor())
        names = {one.ibge: one.name for one in camaras}
        rows = [
            {
                "exemplar": exemplar, "campaign": campaign, "camara": names.get(exemplar.ibge, ""),
                "deadline": words.deadline(campaign, exemplar),
                "situation": situation(exemplar.state, requires_reply=campaign.requires_reply),
            }
            for campaign, exemplar in queries.of_camara(session, actor())
        ]  # fmt: skip
    return render_template("camara/front.html", rows=rows, camaras=camaras)
