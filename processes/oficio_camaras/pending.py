"""What a person must look at: a case of `oficio_pendencia` for one exemplar (EM6, EM8)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from processes.oficio_camaras.models import Camara, Campaign, Exemplar
from processes.oficio_camaras.rules import Problem
from workflow import operations as workflow
from workflow.actor import SYSTEM

KEY = "oficio_pendencia"
_WORDS = {
    Problem.CADASTRO: "sem e-mail válido",
    Problem.DEVOLVIDO: "mensagem devolvida",
    Problem.DUVIDA: "envio em dúvida",
}


def open_pending(session: Session, exemplar: Exemplar, problem: Problem, *, key: str) -> None:
    """Begin the case, once for a key; its task appears in the inbox of the Ceac."""
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    camara = session.get_one(Camara, exemplar.ibge)
    workflow.start_case(
        session,
        KEY,
        {"exemplar": str(exemplar.id), "problema": problem.value},
        actor=SYSTEM,
        subject=f"{campaign.number} · {camara.name}: {_WORDS[problem]}"[:200],
        business_key=f"{exemplar.id}:{problem.value}:{key}",
    )
