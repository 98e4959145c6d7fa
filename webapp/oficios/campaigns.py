"""The list of ofícios, and the page of one: where it stands and, once signed, the dashboard that follows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier
from people import queries as people
from processes.oficio_camaras import drafting, letter
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.models import Campaign, CampaignState, ExemplarState
from processes.oficio_camaras.signing import signature_of
from webapp.gestao.caixa import declared, task_url
from webapp.gestao.words import due_words
from webapp.oficios import groups, mapa, preview, queries
from webapp.oficios.blueprint import blueprint
from webapp.security import actor, may, requires
from workflow import queries as work
from workflow.database import transaction
from workflow.queries import TaskRow

C, S = CampaignState, ExemplarState
STATES = {
    C.DRAFT: "Em redação", C.REVIEW: "Em revisão", C.APPROVAL: "Em aprovação", C.SIGNATURE: "À espera de assinatura",
    C.GENERATING: "Gerando exemplares", C.DISPATCHED: "Em acompanhamento", C.CLOSED: "Encerrado",
}  # fmt: skip
STEPS = (
    (C.DRAFT, "Redação"), (C.REVIEW, "Revisão"), (C.APPROVAL, "Aprovação"), (C.SIGNATURE, "Assinatura"),
    (C.GENERATING, "Geração"), (C.DISPATCHED, "Envio e acompanhamento"), (C.CLOSED, "Encerramento"),
)  # fmt: skip
SIGNED = (C.GENERATING, C.DISPATCHED, C.CLOSED)


@blueprint.get("/oficios")
@requires("oficio.view")
def front() -> str:
    """Ofícios, newest first, with how far each is."""
    page = max(request.args.get("pagina", 1, type=int), 1)
    with transaction() as session:
        found = oficios.campaigns(session, actor(), offset=(page - 1) * oficios.PAGE)
        states = queries.states_of(session, [one.id for one in found])
        total = queries.campaign_count(session)
        waiting = len(oficios.triage(session, actor())) if may("oficio.work") else 0
    rows = [
        {"campaign": one, "state": STATES[C(one.state)], "counts": _counts(states.get(one.id, {}))} for one in found
    ]
    more = page * oficios.PAGE < total
    return render_template("oficios/front.html", rows=rows, page=page, more=more, waiting=waiting)


@blueprint.get("/oficios/<uuid:campaign_id>")
@requires("oficio.view")
def show(campaign_id: UUID) -> str:
    """One ofício: the steps, what waits for somebody, and the dashboard once it is signed."""
    with transaction() as session:
        campaign = oficios.campaign(session, campaign_id, actor())
        page = _common(session, campaign)
        if campaign.state in SIGNED:
            page |= _panel(session, campaign)
        else:
            page |= draft_facts(session, campaign) | {
                "steps": steps_of(campaign),
                "text": preview.text_for(session, campaign, preview.first_camara(session, campaign)),
            }
    template = "oficios/painel.html" if campaign.state in SIGNED else "oficios/minuta.html"
    return render_template(template, **page)


@blueprint.get("/oficios/<uuid:campaign_id>/painel")
@requires("oficio.view")
def panel(campaign_id: UUID) -> ResponseReturnValue:
    """The part that keeps itself up to date; 304 when nothing changed since `versao`."""
    with transaction() as session:
        campaign = oficios.campaign(session, campaign_id, actor())
        if request.args.get("versao") == queries.fingerprint(session, campaign):
            return Response(status=304)
        page = _panel(session, campaign)
    return render_template("oficios/_painel.html", campaign=campaign, **page)


def draft_facts(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What a draft has and what it lacks."""
    body, version = preview.body_of(session, campaign)
    return {
        "has_text": bool(letter.fields_of(body)) or bool(body.strip()), "version": version, "fields": letter.FIELDS,
        "by_region": queries.in_force(session, campaign),
        "edit_url": url_for("documentos.edit", document_id=campaign.document_id) if campaign.document_id else "",
        "open_fields": drafting.open_fields(session, campaign, body),
    }  # fmt: skip


def _common(session: Session, campaign: Campaign) -> dict[str, Any]:
    dossier = session.get(Dossier, campaign.dossier_id) if campaign.dossier_id else None
    case = work.case_view(session, campaign.case_id)
    waits = [_waiting(row) for row in case.tasks if row.role is not None]
    names = people.account_names(session, [one for one in (campaign.written_by, campaign.signed_by) if one])
    return {
        "campaign": campaign, "state": STATES[C(campaign.state)], "waits": waits,
        "dossier": dossier, "writer": names.get(campaign.written_by, "") if campaign.written_by else "",
        "signature": signature_of(session, campaign) if campaign.signed_at else None,
        "may_work": may("oficio.work"), "drafting": campaign.state == C.DRAFT,
    }  # fmt: skip


def steps_of(campaign: Campaign) -> list[tuple[str, str]]:
    """The way of an ofício: done, current or to come; the second approval only where more than one receives it."""
    order = [step for step, _ in STEPS]
    here = order.index(C(campaign.state))
    found = []
    for place, (step, word) in enumerate(STEPS):
        if step == C.APPROVAL and len(campaign.recipients) == 1:
            continue
        found.append(
            (word, "done" if place < here or campaign.state == C.CLOSED else "current" if place == here else "next")
        )
    return found


def _waiting(row: TaskRow) -> dict[str, Any]:
    process = declared(row.process_key)
    lanes = process.lanes.items() if process else ()
    lane = next((name for name, one in lanes if one.role == row.role and one.unit == row.unit), row.unit or "")
    mine = row.role in actor().roles and row.unit in (None, actor().unit)
    return {"title": row.title, "lane": lane, "url": task_url(row), "mine": mine, "due": due_words(row.due_at)}


def _panel(session: Session, campaign: Campaign) -> dict[str, Any]:
    """The dashboard; its fingerprint first, so that what changes while it is read is seen by the next look."""
    version = queries.fingerprint(session, campaign)
    progress = oficios.progress(session, campaign.id, actor())
    regions = oficios.by_region(session, campaign.id, actor())
    places = oficios.places(session, campaign.id, actor())
    counts = groups.counted(progress)
    moving = campaign.state == C.GENERATING or progress.count(*groups.QUEUED.states) > progress.in_doubt
    return {
        "version": version, "steps": steps_of(campaign), "progress": progress, "counts": counts, "finding": groups.finding(campaign, progress),
        "weakest": groups.weakest(regions, requires_reply=campaign.requires_reply) if not moving else "",
        "regions": [_region(name, found) for name, found in regions.items()], "moving": moving,
        "map": mapa.drawn(places, queries.positions(session)) if places else None,
        "pending": queries.pending_in(session, campaign.id), "closed": campaign.state == C.CLOSED,
        "sent": sum(count for group, count in counts if group not in (groups.QUEUED, groups.MADE, groups.DOUBT, groups.POSTAL)),
    }  # fmt: skip


def _region(name: str, found: dict[str, int]) -> dict[str, Any]:
    total = sum(found.values())
    reached, answered = sum(found.get(s, 0) for s in groups.REACHED), found.get(S.RESPONDIDO, 0)
    return {
        "name": name, "total": total, "reached": reached, "answered": answered, "bounced": found.get(S.DEVOLVIDO, 0),
        "waiting": found.get(S.ENVIADO, 0) + found.get(S.ENTREGUE, 0),
    }  # fmt: skip


def _counts(states: dict[str, int]) -> dict[str, int]:
    return {
        "total": sum(states.values()),
        "reached": sum(states.get(state, 0) for state in groups.REACHED),
        "answered": states.get(S.RESPONDIDO, 0),
        "bounced": states.get(S.DEVOLVIDO, 0),
    }
