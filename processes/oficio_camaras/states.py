"""The one place where an exemplar changes its state."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.oficio_camaras import events
from processes.oficio_camaras.models import Exemplar, ExemplarState
from processes.oficio_camaras.rules import FINAL, STATE_LABELS, may_become
from workflow import clock, jobs
from workflow.actor import SYSTEM, Actor
from workflow.errors import Conflict, NotFound

S = ExemplarState
_INSTANTS = {
    S.NA_FILA: "queued_at",
    S.ENVIADO: "sent_at",
    S.ENTREGUE: "delivered_at",
    S.DEVOLVIDO: "bounced_at",
    S.RECEBIDO: "received_at",
    S.RESPONDIDO: "answered_at",
}
CHECK = "oficios.check_final"


def locked(session: Session, exemplar_id: UUID) -> Exemplar:
    """The exemplar, locked for a change."""
    exemplar = session.get(Exemplar, exemplar_id, with_for_update=True, populate_existing=True)
    if exemplar is None:
        raise NotFound("Não encontramos esse exemplar.", exemplar=str(exemplar_id))
    return exemplar


def become(
    session: Session,
    exemplar: Exemplar,
    wanted: ExemplarState,
    at: datetime | None = None,
    *,
    actor: Actor = SYSTEM,
) -> None:
    """Change the state, and tell what the exemplar is now; Conflict when section 4 does not foresee it.

    A final state asks whether all are final.
    """
    if not may_become(exemplar.state, wanted):
        now, then = STATE_LABELS[S(exemplar.state)], STATE_LABELS[wanted]
        raise Conflict(f"O exemplar está em “{now}” e não pode passar a “{then}”.", exemplar=str(exemplar.id))
    exemplar.state = wanted
    if wanted in _INSTANTS:
        setattr(exemplar, _INSTANTS[wanted], at or clock.now())
    if wanted is not S.NA_FILA:
        exemplar.next_attempt_at = None
    events.of_exemplar(session, exemplar, actor=actor)
    if wanted in FINAL:
        jobs.defer(session, CHECK, queue="mail", campaign_id=str(exemplar.campaign_id))


def open_states(session: Session, campaign_id: UUID) -> bool:
    """True while some exemplar is not in a final state."""
    query = select(Exemplar.id).where(Exemplar.campaign_id == campaign_id, Exemplar.state.not_in(FINAL)).limit(1)
    return session.scalar(query) is not None
