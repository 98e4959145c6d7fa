"""An exemplar on its way to another address of its câmara, without a bounce: the câmara told that its e-mail changed.

The exemplar becomes a new version, which the one sender of the house sends at most once (EM6) with a link of its own. The
links of the versions before fall, as whoever reads the old address need not be the câmara any more; what was e-mailed
there cannot be called back, and replies to it are still joined to the exemplar (RE3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from people.access import authorize
from processes.oficio_camaras import camaras, events, states
from processes.oficio_camaras.correspondence.models import DispatchAttempt, Redirection
from processes.oficio_camaras.models import Camara, Campaign, CampaignState, Exemplar, ExemplarState
from processes.oficio_camaras.rules import normal_email, why_no_redirection
from processes.oficio_camaras.steps import SEND
from workflow import clock, jobs
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput

S = ExemplarState
_LEAVING = "A mensagem está saindo neste momento. Espere um minuto e tente de novo."
_CHANGED = "Este exemplar mudou enquanto você decidia. Confira a situação dele e, se for o caso, comece de novo."


@dataclass(frozen=True)
class Elsewhere:
    """Another exemplar of the câmara that waits at the same old address."""

    exemplar_id: UUID
    number: str
    subject: str


def refusal(exemplar: Exemplar, campaign: Campaign) -> str | None:
    """Why this exemplar may not be redirected now, in words; None when it may."""
    if campaign.state != CampaignState.DISPATCHED:
        return "Este ofício não está em acompanhamento: nada mais é enviado por ele."
    return why_no_redirection(exemplar.state, exemplar.in_doubt)


def checked(exemplar: Exemplar, email: str, reason: str) -> tuple[str, str]:
    """The address and the reason as they are kept; InvalidInput names everything that is wrong with them."""
    address, words = normal_email(email), " ".join(reason.split())
    problems = {}
    if address is None:
        problems["email"] = "Escreva um endereço de e-mail completo, como camara@municipio.mg.leg.br."
    elif address == exemplar.email and exemplar.state != S.VIA_POSTAL:
        problems["email"] = "O exemplar já foi enviado a este endereço. Escreva o novo."
    if not 3 <= len(words) <= 200:
        problems["motivo"] = "Escreva por que o endereço muda, com 3 a 200 caracteres."
    if problems or address is None:
        raise InvalidInput(problems)
    return address, words


def redirect(
    session: Session,
    exemplar_id: UUID,
    email: str,
    reason: str,
    *,
    version: int,
    keep: bool,
    actor: Actor,
) -> Exemplar:
    """Send the exemplar to another address of the câmara; `keep`: write the address in its register, too.

    `version` is the one that the person saw: asked twice, it is one redirection. Conflict, when it may not be.
    """
    authorize(actor, "oficio.work")
    exemplar = states.locked(session, exemplar_id)
    earlier = session.get(Redirection, (exemplar.id, version + 1))
    if earlier is not None and earlier.to_email == normal_email(email):
        return exemplar
    if exemplar.version != version:
        raise Conflict(_CHANGED)
    campaign = session.get_one(Campaign, exemplar.campaign_id, populate_existing=True)
    refused = refusal(exemplar, campaign)
    if refused is not None:
        raise Conflict(refused)
    address, words = checked(exemplar, email, reason)
    if _leaving(session, exemplar):
        raise Conflict(_LEAVING)
    if keep:
        camaras.update_camara(session, exemplar.ibge, actor=actor, email=address)
    _move(session, exemplar, address, words, actor)
    facts = {"exemplar": str(exemplar.id), "ibge": exemplar.ibge, "version": exemplar.version}
    events.append(session, campaign, events.REDIRECTED, facts, actor=actor)
    jobs.defer(session, SEND, queue="mail")
    return exemplar


def elsewhere(session: Session, exemplar: Exemplar) -> Sequence[Elsewhere]:
    """The other exemplars of the câmara that were sent to the same address and that it has not received."""
    query = select(Exemplar.id, Campaign.number, Campaign.subject).join(Campaign, Campaign.id == Exemplar.campaign_id)
    waiting = Exemplar.state.in_((S.NA_FILA, S.ENVIADO, S.ENTREGUE)), Campaign.state == CampaignState.DISPATCHED
    own = Exemplar.ibge == exemplar.ibge, Exemplar.id != exemplar.id, Exemplar.email == exemplar.email
    rows = session.execute(query.where(*own, *waiting).order_by(Campaign.signed_at.desc()).limit(20))
    return [Elsewhere(row[0], row[1] or "", row[2]) for row in rows]


def registered(session: Session, exemplar: Exemplar) -> str | None:
    """The address of the câmara's register, when it is not the one that the exemplar went to."""
    camara = session.get_one(Camara, exemplar.ibge)
    return camara.email if camara.email_valid and camara.email != exemplar.email else None


def _leaving(session: Session, exemplar: Exemplar) -> bool:
    """A sender has handed it over and does not know the answer yet."""
    query = select(DispatchAttempt.id).where(
        DispatchAttempt.exemplar_id == exemplar.id, DispatchAttempt.outcome == "sending"
    )
    return session.scalar(query.limit(1)) is not None


def _move(session: Session, exemplar: Exemplar, address: str, reason: str, actor: Actor) -> None:
    """A version of its own, in the queue; the links of the ones before hold no longer."""
    before = exemplar.state, exemplar.email
    states.become(session, exemplar, S.REENVIO, actor=actor)
    exemplar.version += 1
    exemplar.links_from = exemplar.version
    exemplar.email, exemplar.bounce_code = address, None
    session.add(
        Redirection(
            exemplar_id=exemplar.id, version=exemplar.version, earlier_state=before[0], from_email=before[1],
            to_email=address, reason=reason, account_id=actor.id, created_at=clock.now(),
        )
    )  # fmt: skip
    states.become(session, exemplar, S.NA_FILA, actor=actor)
