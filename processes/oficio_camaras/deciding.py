"""What a person of the Ceac decides about one exemplar or one account outside any task."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from people.access import authorize
from processes.oficio_camaras import events, states
from processes.oficio_camaras.correspondence.models import CamaraAccount
from processes.oficio_camaras.models import Campaign, Exemplar, ExemplarState
from workflow import history
from workflow.actor import Actor
from workflow.errors import NotFound


def dispense_reply(session: Session, exemplar_id: UUID, *, actor: Actor) -> Exemplar:
    """The reply of a câmara that has confirmed the receipt is no longer awaited (section 4: RECEBIDO → DISPENSADA_RESPOSTA)."""
    authorize(actor, "oficio.work")
    exemplar = states.locked(session, exemplar_id)
    states.become(session, exemplar, ExemplarState.DISPENSADA_RESPOSTA, actor=actor)
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    facts = {"exemplar": str(exemplar.id), "ibge": exemplar.ibge}
    events.append(session, campaign, events.DISPENSED, facts, actor=actor)
    return exemplar


def unlink_account(session: Session, account_id: UUID, ibge: str, *, actor: Actor) -> None:
    """An external user no longer acts for a câmara: from now on its ofícios do not exist for them."""
    authorize(actor, "oficio.work")
    own = (CamaraAccount.account_id == account_id, CamaraAccount.ibge == ibge)
    if session.scalar(delete(CamaraAccount).where(*own).returning(CamaraAccount.account_id)) is None:
        raise NotFound("Esta conta não está ligada a esta câmara.")
    history.record(session, events.CAMARA_CHANGED, {"ibge": ibge, "account": str(account_id)}, actor=actor)
