"""Beginning an ofício and what it is besides its text: template, deadline, annex, câmaras."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from people.rules import fold
from processes.oficio_camaras import drafting as draft_rules
from processes.oficio_camaras import letter, operations
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.models import Campaign, CampaignState
from processes.oficio_camaras.operations import Draft
from processes.oficio_camaras.process import PROCESS
from webapp import downloads
from webapp.forms import blame
from webapp.oficios import preview, queries
from webapp.oficios.blueprint import blueprint
from webapp.oficios.forms import DraftForm, NewForm
from webapp.oficios.groups import ANSWERED, REACHED
from webapp.processo.fields import choices
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput

GREETING = "<p>A Assembleia Legislativa do Estado de Minas Gerais dirige-se à «camara.nome».</p>"
MOST_FOUND = 40
_STATE = re.compile(r"\s*[-/–(]\s*([A-Za-z]{2})\)?\s*$")
WAYS = (
    ("todas", "Todas as câmaras do cadastro"),
    ("regioes", "As câmaras de alguns DDDs"),
    ("anterior", "Conforme um ofício anterior"),
    ("lista", "Uma lista colada"),
)
EARLIER = (
    ("todos", "todas as que o receberam no envio"),
    ("sem_recibo", "as que não confirmaram o recebimento"),
    ("sem_resposta", "as que não responderam"),
    ("resposta", "as que responderam"),
)
HOWS = (("trocar", "Ficar só com estas"), ("juntar", "Acrescentar estas"), ("tirar", "Retirar estas"))


@blueprint.route("/oficios/novo", methods=["GET", "POST"])
@requires("oficio.work")
def new() -> ResponseReturnValue:
    """A new ofício: its processo is opened, the text begins, and the câmaras are chosen next."""
    with transaction() as session:
        form = NewForm()
        signed = _signed(session)
        form.rectifies.choices = choices([("", "Não"), *signed])
        form.earlier.choices = choices([("", "Escolha"), *signed])
    page = {"form": form, "mine": drafts_here(), "has_signed": bool(signed)}
    if request.method == "GET":
        return render_template("oficios/novo.html", **page)
    if form.validate() and form.beginning.data == "anterior" and not form.earlier.data:
        form.earlier.errors = ["Escolha o ofício de que o texto parte."]
    if form.errors:
        return render_template("oficios/novo.html", **page), 422
    try:
        with transaction() as session:
            campaign_id = _opened(session, form)
    except DomainError as refusal:
        blame(form, refusal)
        return render_template("oficios/novo.html", **page), 422
    flash("Ofício aberto. Escolha agora as câmaras que vão recebê-lo.", "ok")
    return redirect(url_for("oficios.recipients", campaign_id=campaign_id), code=303)


@blueprint.route("/oficios/<uuid:campaign_id>/dados", methods=["GET", "POST"])
@requires("oficio.work")
def facts(campaign_id: UUID) -> ResponseReturnValue:
    """Subject, template, annex, reply and deadline of a draft."""
    with transaction() as session:
        campaign = _drafted(session, campaign_id)
        form = DraftForm(obj=campaign) if request.method == "GET" else DraftForm()
        form.rectifies.choices = choices([("", "Não"), *_signed(session)])
        if request.method == "GET":
            form.rectifies.data = str(campaign.rectifies or "")
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                draft = draft_of(session, _drafted(session, campaign_id))
                operations.save_draft(session, campaign_id, _with(draft, form), actor=actor())
        except DomainError as refusal:
            blame(form, refusal)
        else:
            flash("Dados do ofício salvos.", "ok")
            return redirect(url_for("oficios.show", campaign_id=campaign_id), code=303)
    page = render_template("oficios/dados.html", form=form, campaign=campaign)
    return (page, 422) if form.errors or form.form_errors else page


@blueprint.route("/oficios/<uuid:campaign_id>/destinatarios", methods=["GET", "POST"])
@requires("oficio.work")
def recipients(campaign_id: UUID) -> ResponseReturnValue:
    """The câmaras of a draft: by group or by name, added, taken away or exchanged."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with transaction() as session:
                told = _chosen(session, campaign_id)
        except InvalidInput as refusal:
            errors = refusal.fields or {"": refusal.message}
        else:
            flash(told, "ok")
            return redirect(url_for("oficios.recipients", campaign_id=campaign_id), code=303)
    with transaction() as session:
        page = _recipients_page(session, campaign_id)
    return render_template(
        "oficios/destinatarios.html", errors=errors, typed=request.form, **page
    ), 422 if errors else 200


@blueprint.get("/oficios/<uuid:campaign_id>/previa.pdf")
@requires("oficio.view")
def draft_pdf(campaign_id: UUID) -> Response:
    """The letter as it will be, for the first câmara or for `camara`."""
    with transaction() as session:
        campaign = oficios.campaign(session, campaign_id, actor())
        if campaign.signed_at is not None:
            raise Conflict("O ofício já foi assinado: abra um dos exemplares.")
        content = preview.pdf(
            session, campaign, preview.first_camara(session, campaign, request.args.get("camara", ""))
        )
    return downloads.pdf(content, "previa.pdf", download="baixar" in request.args)


def drafts_here() -> bool:
    """Whether who is looking may do the tasks of drafting: the lane's role in the lane's unit."""
    lane, who = PROCESS.lanes["Redação (GRI)"], actor()
    return lane.role in who.roles and lane.unit in (None, who.unit)


def draft_of(session: Session, campaign: Campaign) -> Draft:
    """The draft as it stands, to be saved with something changed."""
    body, version = preview.body_of(session, campaign)
    return Draft(
        campaign.subject, body, tuple(campaign.recipients), campaign.template, campaign.annex, campaign.requires_reply,
        campaign.deadline_days, campaign.deadline_kind, campaign.rectifies, version,
    )  # fmt: skip


def _opened(session: Session, form: NewForm) -> UUID:
    if not drafts_here():
        raise Conflict("Os ofícios são redigidos pela equipe da GRI. Mude de unidade, em “Minha conta”, ou peça a ela.")
    twice = draft_rules.begun_just_now(session, form.subject.data or "", actor=actor())
    if twice is not None:
        return twice
    dossier = dossiers.open_dossier(session, "oficio_camaras", actor=actor(), specification=form.subject.data or "")
    campaign_id = queries.campaign_of_dossier(session, dossier.id)
    if campaign_id is None:
        raise Conflict("O tipo de processo “Ofício às câmaras municipais” está sem o seu plano de trabalho.")
    begun = Draft(form.subject.data or "", _first_text(session, form), ())
    operations.save_draft(session, campaign_id, _with(begun, form), actor=actor())
    return campaign_id


def _first_text(session: Session, form: NewForm) -> str:
    if form.beginning.data == "anterior":
        return oficios.campaign(session, UUID(form.earlier.data), actor()).body
    return letter.seed_text() if form.beginning.data == "semente" else GREETING


def _with(draft: Draft, form: DraftForm) -> Draft:
    return replace(
        draft, subject=form.subject.data or "", template=form.template.data, annex=form.annex.data,
        requires_reply=form.requires_reply.data, deadline_days=form.deadline_days.data or 0, deadline_kind=form.deadline_kind.data,
        rectifies=UUID(form.rectifies.data) if form.rectifies.data else None,
    )  # fmt: skip


def _signed(session: Session) -> list[tuple[str, str]]:
    return [(str(one.id), f"{one.number} – {one.subject}") for one in oficios.signed_campaigns(session, actor())]


def _drafted(session: Session, campaign_id: UUID) -> Campaign:
    campaign = oficios.campaign(session, campaign_id, actor())
    if campaign.state != CampaignState.DRAFT:
        raise Conflict("Este ofício não está mais em redação. Peça a devolução para alterá-lo.")
    return campaign


def _recipients_page(session: Session, campaign_id: UUID) -> dict[str, Any]:
    campaign = _drafted(session, campaign_id)
    name = " ".join(request.args.get("nome", "").split())[:80]
    found = oficios.camaras(session, actor(), name=name)[: MOST_FOUND + 1] if name else []
    return {
        "campaign": campaign, "names": queries.camara_names(session, campaign.recipients), "regions": queries.regions(session),
        "by_region": queries.in_force(session, campaign), "earlier": _signed(session), "found": found[:MOST_FOUND],
        "more": len(found) > MOST_FOUND, "name": name, "ways": WAYS, "kinds": EARLIER, "hows": HOWS,
        "chosen": frozenset(campaign.recipients),
    }  # fmt: skip


def _chosen(session: Session, campaign_id: UUID) -> str:
    """Saves the câmaras asked for; what the next page says."""
    draft = draft_of(session, _drafted(session, campaign_id))
    asked, how = _asked(session), request.form.get("como", "")
    before = list(draft.recipients or ())
    if how == "juntar":
        after = [*before, *(code for code in asked if code not in set(before))]
    elif how == "tirar":
        after = [code for code in before if code not in set(asked)]
    else:
        after = asked
    operations.save_draft(session, campaign_id, replace(draft, recipients=after), actor=actor())
    return (
        "Nenhuma câmara escolhida." if not after else f"{len(after)} câmara{'s' if len(after) > 1 else ''} no ofício."
    )


def _asked(session: Session) -> list[str]:
    """The IBGE codes that the form names; InvalidInput says what to do."""
    way = request.form.get("quem", "")
    if way == "nomes":
        found = request.form.getlist("camara")
        problem = ("camara", "Marque ao menos uma câmara.")
    elif way == "todas":
        found, problem = list(queries.codes_by_name(session).values()), ("quem", "O cadastro das câmaras está vazio.")
    elif way == "regioes":
        found = queries.codes_of_regions(session, request.form.getlist("regiao"))
        problem = ("regiao", "Marque ao menos um DDD.")
    elif way == "anterior":
        found, problem = _of_earlier(session), ("anterior", "Esse ofício não tem câmaras nessa situação.")
    elif way == "lista":
        found, problem = _pasted(session, request.form.get("lista", "")), ("lista", "Cole a lista das câmaras.")
    else:
        found, problem = [], ("quem", "Escolha quais câmaras.")
    if not found:
        raise InvalidInput(dict([problem]))
    return found


def _of_earlier(session: Session) -> list[str]:
    try:
        earlier = oficios.campaign(session, UUID(request.form.get("anterior", "")), actor())
    except ValueError:
        raise InvalidInput({"anterior": "Escolha o ofício anterior."}) from None
    kind = request.form.get("situacao", "")
    answered = queries.codes_in_states(session, earlier.id, ANSWERED.states)
    if kind == "resposta":
        return answered
    reached = queries.codes_in_states(session, earlier.id, REACHED)
    without = {"sem_recibo": reached, "sem_resposta": answered}.get(kind, [])
    return [code for code in earlier.recipients if code not in set(without)]


def _pasted(session: Session, text: str) -> list[str]:
    """One câmara a line: an IBGE code, or the município's name, with MG or without; any other State is refused (EM2)."""
    by_name = queries.codes_by_name(session)
    codes = set(by_name.values())
    found: list[str] = []
    unknown: list[str] = []
    for line in (piece.strip(" \t;,") for piece in text.splitlines()):
        if not line:
            continue
        code = _code_of(line, by_name, codes)
        (found if code else unknown).append(code or line)
    if unknown:
        shown = "; ".join(line[:60] for line in unknown[:8])
        raise InvalidInput(
            {"lista": f"Não encontramos no cadastro de Minas: {shown}{'…' if len(unknown) > 8 else ''}."}
        )
    return list(dict.fromkeys(found))


def _code_of(line: str, by_name: dict[str, str], codes: set[str]) -> str | None:
    if line.isdigit():
        return line if line in codes else None
    state = _STATE.search(line)
    if state is not None and state[1].upper() != "MG":
        return by_name.get(fold(line))
    name = re.sub(
        r"^c[aâ]mara municipal d[eao]s?\s+", "", line[: state.start()] if state else line, flags=re.IGNORECASE
    )
    return by_name.get(fold(line)) or by_name.get(fold(name))
