"""The services of `oficio_camaras` and of `oficio_pendencia`."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.oficio_camaras import camaras, closing, drafting, events, generating, pending, states
from processes.oficio_camaras.correspondence.models import DispatchAttempt
from processes.oficio_camaras.models import Camara, Campaign, CampaignState, Exemplar, ExemplarState
from processes.oficio_camaras.rules import Problem, at_deadline
from workflow import clock, jobs
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput
from workflow.process import ServiceContext

S = ExemplarState
SEND = "oficios.send"
DEFAULT_UNIT = "GRI"


def abrir(context: ServiceContext) -> dict[str, Any]:
    """The campaign begins with the case, as an empty draft."""
    dossier = context.data.get("dossier")
    campaign = Campaign(
        case_id=context.case_id,
        dossier_id=UUID(dossier) if dossier else None,
        unit=context.actor.unit or DEFAULT_UNIT,
        written_by=context.actor.acting_for or context.actor.id,
        created_at=clock.now(),
    )
    context.session.add(campaign)
    context.session.flush()
    return {"campanha": str(campaign.id)}


def preparar(context: ServiceContext) -> dict[str, Any]:
    """The draft is complete, or its writer is told what is missing."""
    campaign = _campaign(context)
    return {"destinatarios": drafting.prepare(context.session, campaign, actor=context.actor)}


def registrar_revisao(context: ServiceContext) -> None:
    """The review's decision, of somebody other than the writer."""
    _decide(context, CampaignState.REVIEW, "revisao", "revisao_motivo")


def registrar_aprovacao(context: ServiceContext) -> None:
    """The GRPC's decision, of somebody other than the writer."""
    _decide(context, CampaignState.APPROVAL, "aprovacao", "aprovacao_motivo")


def conferir_assinatura(context: ServiceContext) -> None:
    """Nothing goes on without a signature, however the task was completed."""
    if _campaign(context).signed_at is None:
        raise Conflict("O ofício ainda não foi assinado. Assine na página da tarefa.")


def gerar(context: ServiceContext) -> dict[str, Any]:
    """All exemplars, in chunks that are there as soon as they are made; killed, it goes on where it was."""
    return {"exemplares": generating.generate(UUID(context.data["campanha"]))}


def despachar(context: ServiceContext) -> dict[str, Any]:
    """Every exemplar with a valid address goes to the queue; for each other one, a task (EM8)."""
    session, campaign = context.session, _campaign(context)
    query = select(Exemplar, Camara).join(Camara, Camara.ibge == Exemplar.ibge).order_by(Exemplar.ordinal)
    without = 0
    for exemplar, camara in session.execute(
        query.where(Exemplar.campaign_id == campaign.id, Exemplar.state == S.GERADO)
    ).all():
        if camara.email is not None and camara.email_valid:
            exemplar.email = camara.email
            states.become(session, exemplar, S.NA_FILA, actor=context.actor)
        else:
            without += 1
            pending.open_pending(session, exemplar, Problem.CADASTRO, key="1")
    campaign.state = CampaignState.DISPATCHED
    session.flush()
    facts = {"count": len(campaign.recipients) - without, "postal": without}
    events.append(session, campaign, events.QUEUED, facts, actor=context.actor)
    jobs.defer(session, SEND, queue="mail")
    return {"prazo_fim": day_after(campaign.due_on)}


def registrar_decisao(context: ServiceContext) -> dict[str, Any]:
    """At the deadline a person closes, or gives the câmaras until another day."""
    session, campaign = context.session, _campaign(context)
    if context.data["decisao"] == "encerrar":
        return {"prazo_fim": day_after(campaign.due_on)}
    until = context.data.get("novo_prazo")
    if not isinstance(until, date) or until <= clock.today():
        raise InvalidInput({"novo_prazo": "Informe até quando vai o prazo: uma data que ainda não passou."})
    campaign.due_on = until
    events.append(session, campaign, events.EXTENDED, {"until": f"{until:%d/%m/%Y}"}, actor=context.actor)
    jobs.defer(session, states.CHECK, queue="mail", campaign_id=str(campaign.id))
    return {"prazo_fim": day_after(until)}


def encerrar(context: ServiceContext) -> None:
    """Close the ofício with its report; received and unanswered is SEM_RESPOSTA (section 4, step 8)."""
    session, campaign = context.session, _campaign(context)
    own = select(Exemplar).where(Exemplar.campaign_id == campaign.id)
    for exemplar in session.scalars(
        own.order_by(Exemplar.queued_at, Exemplar.ordinal).with_for_update()
    ):  # as the sender
        final = at_deadline(exemplar.state)
        if final is not None:
            exemplar.state = final
            events.of_exemplar(session, exemplar, actor=context.actor)
    campaign.closed_at, campaign.state = clock.now(), CampaignState.CLOSED
    closed_by = str(context.actor.id) if context.actor.id else None
    campaign.report = report(session, campaign.id) | {"closed_by": closed_by}
    session.flush()
    events.append(session, campaign, events.CLOSED, {}, actor=context.actor)
    jobs.defer(session, closing.REPORT, queue="documents", campaign_id=str(campaign.id))


def report(session: Session, campaign_id: UUID) -> dict[str, Any]:
    """How many exemplars stand where, over all and by region."""
    query = select(Camara.region, Exemplar.state, func.count(), func.count().filter(Exemplar.late))
    query = query.join(Camara, Camara.ibge == Exemplar.ibge).where(Exemplar.campaign_id == campaign_id)
    regions: dict[str, Counter[str]] = {}
    late = 0
    for region, state, count, after in session.execute(query.group_by(Camara.region, Exemplar.state)):
        regions.setdefault(region, Counter())[state] += count
        late += after
    states_ = sum(regions.values(), Counter[str]())
    by_region = {region: dict(counts) for region, counts in sorted(regions.items())}
    return {"total": states_.total(), "states": dict(states_), "late": late, "regions": by_region}


def resolver(context: ServiceContext) -> None:
    """What the person decided about an exemplar: another address, the post, or what became of a doubt."""
    session, data = context.session, context.data
    exemplar = states.locked(session, UUID(data["exemplar"]))
    if S(exemplar.state) not in (S.GERADO, S.NA_FILA, S.DEVOLVIDO):
        return  # the câmara has confirmed or answered meanwhile
    if data["problema"] == Problem.DUVIDA:
        _resolve_doubt(session, exemplar, data["envio"], context.actor)
    elif data["providencia"] == "postal":
        states.become(session, exemplar, S.VIA_POSTAL, actor=context.actor)
    else:
        _resend(session, exemplar, data.get("email") or "", context)
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    facts = {"exemplar": str(exemplar.id), "ibge": exemplar.ibge}
    events.append(session, campaign, events.RESOLVED, facts, actor=context.actor)


def day_after(day: date | None) -> date:
    """The first instant after a last day."""
    return (day or clock.today()) + timedelta(days=1)


def _resolve_doubt(session: Session, exemplar: Exemplar, decision: str, actor: Actor) -> None:
    """It arrived; or it goes again, as a version of its own, so that nothing is sent twice under one Message-ID."""
    query = select(DispatchAttempt).where(
        DispatchAttempt.exemplar_id == exemplar.id, DispatchAttempt.outcome == "in_doubt"
    )
    for attempt in session.scalars(query):
        attempt.outcome = "resolved"
    exemplar.in_doubt = False
    session.flush()
    if decision == "recebido":
        states.become(session, exemplar, S.ENVIADO, actor=actor)
    elif decision == "postal":
        states.become(session, exemplar, S.VIA_POSTAL, actor=actor)
    else:
        exemplar.version += 1
        events.of_exemplar(session, exemplar, actor=actor)
        jobs.defer(session, SEND, queue="mail")
    session.flush()


def _resend(session: Session, exemplar: Exemplar, email: str, context: ServiceContext) -> None:
    camara = camaras.update_camara(session, exemplar.ibge, actor=context.actor, email=email)
    if camara.email is None:
        raise InvalidInput({"email": "Escreva o novo endereço, ou escolha o envio pelo correio."})
    if exemplar.state == S.DEVOLVIDO:
        states.become(session, exemplar, S.REENVIO, actor=context.actor)
        exemplar.version += 1
    exemplar.email = camara.email
    states.become(session, exemplar, S.NA_FILA, actor=context.actor)
    jobs.defer(session, SEND, queue="mail")


def _decide(context: ServiceContext, step: CampaignState, decision: str, text: str) -> None:
    chosen, words = context.data[decision], context.data.get(text) or ""
    drafting.decide(context.session, _campaign(context), step, chosen, words, context.actor)


def _campaign(context: ServiceContext) -> Campaign:
    return drafting.locked(context.session, UUID(context.data["campanha"]))
