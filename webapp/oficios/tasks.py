"""The tasks of an ofício that have a page of their own: send to review, decide, sign. The letter stands beside each."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from people import queries as people
from processes.oficio_camaras import drafting, operations
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.models import Campaign
from webapp.documentos import reading
from webapp.forms import blame
from webapp.gestao import task_forms
from webapp.gestao.queries import outcome
from webapp.gestao.tarefas import closed_text
from webapp.gestao.task_forms import Filled
from webapp.oficios import preview
from webapp.oficios.blueprint import blueprint
from webapp.oficios.campaigns import draft_facts
from webapp.oficios.forms import SignForm
from webapp.security import actor, remote_address, requires
from workflow import operations as engine
from workflow import queries as work
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput
from workflow.queries import TaskView

_MOTIVES = {"revisar": "revisao_motivo", "aprovar": "aprovacao_motivo"}


@blueprint.get("/oficios/tarefas/<uuid:task_id>/redigir")
@requires("oficio.view")
def draft(task_id: UUID) -> ResponseReturnValue:
    """The draft, with what is missing, and the way to the review."""
    with transaction() as session:
        page = _page(session, task_id)
        page |= draft_facts(session, page["campaign"])
    return render_template("oficios/redigir.html", errors={}, **page)


@blueprint.post("/oficios/tarefas/<uuid:task_id>/redigir")
@requires("oficio.work")
def drafted(task_id: UUID) -> ResponseReturnValue:
    """To the review; what is missing comes back as what to do."""
    try:
        with transaction() as session:
            campaign = oficios.campaign_for_task(session, task_id, actor()).id
            engine.complete_task(session, task_id, {}, actor=actor(), idempotency_key=request.form.get("chave") or None)
    except InvalidInput as refusal:
        with transaction() as session:
            page = _page(session, task_id)
            page |= draft_facts(session, page["campaign"])
        return render_template("oficios/redigir.html", errors=refusal.fields or {"": refusal.message}, **page), 422
    flash("Ofício enviado para revisão.", "ok")
    return redirect(url_for("oficios.show", campaign_id=campaign), code=303)


@blueprint.get("/oficios/tarefas/<uuid:task_id>/decidir")
@requires("oficio.view")
def decide(task_id: UUID) -> ResponseReturnValue:
    """The review or the approval: the letter beside the decision."""
    with transaction() as session:
        page = _page(session, task_id)
    return render_template("oficios/decidir.html", filled=Filled(), **page)


@blueprint.post("/oficios/tarefas/<uuid:task_id>/decidir")
@requires("oficio.work")
def decided(task_id: UUID) -> ResponseReturnValue:
    """The decision; who wrote the ofício is told that somebody else must take it."""
    with transaction() as session:
        view = work.task_view(session, task_id)
        campaign = oficios.campaign_for_task(session, task_id, actor()).id
    raw = task_forms.posted(view.form, request.form)
    try:
        with transaction() as session:
            engine.complete_task(
                session, task_id, raw, actor=actor(), idempotency_key=request.form.get("chave") or None
            )
    except (InvalidInput, Forbidden) as refusal:
        given = refusal.fields if isinstance(refusal, InvalidInput) else {}
        fields = {_MOTIVES[view.row.node] if name == "motivo" else name: text for name, text in given.items()}
        errors = task_forms.with_labels(view.form, fields) or {"": refusal.message}
        with transaction() as session:
            page = _page(session, task_id)
        return render_template("oficios/decidir.html", filled=Filled(raw, errors), **page), 422
    back = raw.get("revisao") == "devolver" or raw.get("aprovacao") == "devolver"
    flash("Ofício devolvido para correção." if back else "Ofício aprovado.", "ok")
    return redirect(url_for("oficios.show", campaign_id=campaign), code=303)


@blueprint.get("/oficios/tarefas/<uuid:task_id>/assinar")
@requires("oficio.view")
def sign(task_id: UUID) -> ResponseReturnValue:
    """What is about to be signed, the password and the cargo."""
    form = SignForm()
    with transaction() as session:
        page = _page(session, task_id)
        form.cargo.data = reading.last_cargo(session)
    return render_template("oficios/assinar.html", form=form, **page)


@blueprint.post("/oficios/tarefas/<uuid:task_id>/assinar")
@requires("oficio.work")
def signed(task_id: UUID) -> ResponseReturnValue:
    """The signature: the number is given, the exemplars are made and leave by themselves."""
    form = SignForm()
    if form.validate():
        try:
            with transaction() as session:
                made = operations.sign(
                    session, task_id, password=form.password.data or "", cargo=form.cargo.data or "", actor=actor(),
                    address=remote_address(),
                )  # fmt: skip
                campaign, number, many = made.id, made.number, len(made.recipients)
        except DomainError as refusal:
            blame(form, refusal)
        else:
            exemplars = (
                "O exemplar está sendo gerado e enviado"
                if many == 1
                else f"Os {many} exemplares estão sendo gerados e enviados"
            )
            flash(f"{number} assinado. {exemplars}.", "ok")
            return redirect(url_for("oficios.show", campaign_id=campaign), code=303)
    with transaction() as session:
        page = _page(session, task_id)
    return render_template("oficios/assinar.html", form=form, **page), 422


def _page(session: Session, task_id: UUID) -> dict[str, Any]:
    """What every page of a task shows: the ofício, its text as the first câmara will read it, whose task it is."""
    campaign: Campaign = oficios.campaign_for_task(session, task_id, actor())
    view: TaskView = work.task_view(session, task_id)
    camara = preview.first_camara(session, campaign)
    end = outcome(session, task_id)
    people_ids = [one for one in (view.row.assignee, end.finished_by if end else None, campaign.written_by) if one]
    names = people.account_names(session, people_ids)
    taken = view.row.assignee is not None and view.row.assignee != actor().id
    if view.status == "open" and campaign.case_id != view.row.case_id:
        raise Conflict("Esta tarefa não é de um ofício.")
    return {
        "task": view.row, "task_form": view.form, "open": view.status == "open", "campaign": campaign, "camara": camara,
        "text": preview.text_for(session, campaign, camara), "mine": may_do(view),
        "taken_by": names.get(view.row.assignee, "outra pessoa") if taken and view.row.assignee else "",
        "closed_text": closed_text(end, names), "writer": names.get(campaign.written_by, "") if campaign.written_by else "",
        "open_fields": drafting.open_fields(session, campaign, preview.body_of(session, campaign)[0]) if view.status == "open" else (),
        "wrote": campaign.written_by is not None and campaign.written_by in (actor().id, actor().acting_for),
        "key": request.form.get("chave") or uuid4().hex,
    }  # fmt: skip


def may_do(view: TaskView) -> bool:
    """Whether who is looking holds the role of the task's lane, in its unit."""
    return view.row.role in actor().roles and view.row.unit in (None, actor().unit)
