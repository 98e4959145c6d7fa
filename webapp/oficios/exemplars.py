"""Exemplars: the list with its filters, and the page of one with its story and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from processes.oficio_camaras import operations
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.correspondence import redirecting
from processes.oficio_camaras.correspondence.models import Redirection
from processes.oficio_camaras.models import ExemplarState
from processes.oficio_camaras.queries import ExemplarView
from processes.oficio_camaras.rules import STATE_LABELS
from webapp import downloads
from webapp.camara import words
from webapp.forms import blame
from webapp.oficios import groups, queries
from webapp.oficios.blueprint import blueprint
from webapp.oficios.forms import StampForm
from webapp.oficios.tasks import may_do
from webapp.security import actor, may, requires
from workflow import operations as engine
from workflow import queries as work
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound

S = ExemplarState
KINDS = {
    "resp": "ok",
    "rec": "ok",
    "ent": "info",
    "env": "info",
    "fila": "neutral",
    "ger": "warning",
    "pos": "neutral",
    "dev": "error",
    "duv": "warning",
}
_ATTEMPTS = {
    "sending": "Mensagem sendo entregue ao servidor de e-mail",
    "accepted": "Mensagem aceita pelo servidor de e-mail",
    "retry": "O servidor de e-mail pediu para tentar mais tarde",
    "refused": "Mensagem recusada pelo servidor de e-mail",
    "in_doubt": "Envio interrompido: não se sabe se a mensagem saiu",
    "resolved": "Envio em dúvida, decidido por uma pessoa",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to an exemplar."""

    at: datetime
    text: str


@blueprint.get("/oficios/<uuid:campaign_id>/exemplares")
@requires("oficio.view")
def exemplars(campaign_id: UUID) -> str:
    """The exemplars of an ofício by situation, region and name."""
    page = max(request.args.get("pagina", 1, type=int), 1)
    chosen, region, name = (
        request.args.get("situacao", ""),
        request.args.get("regiao", ""),
        request.args.get("nome", "")[:80],
    )
    with transaction() as session:
        campaign = oficios.campaign(session, campaign_id, actor())
        found = oficios.exemplars(session, campaign_id, actor(), region=region, name=name, page=page, **_filter(chosen))
        regions = queries.regions(session)
    rows = [(row, status_of(row.state, in_doubt=row.in_doubt)) for row in found.rows]
    return render_template(
        "oficios/exemplares.html", campaign=campaign, rows=rows, total=found.total, page=page, regions=regions,
        groups=groups.GROUPS, chosen=chosen, region=region, name=name, more=page * oficios.PAGE < found.total,
        size=oficios.PAGE,
    )  # fmt: skip


@blueprint.get("/oficios/exemplares/<uuid:exemplar_id>")
@requires("oficio.view")
def exemplar(exemplar_id: UUID) -> str:
    """One exemplar: its story, stamp, replies and what can be done."""
    with transaction() as session:
        return _page(session, exemplar_id)


@blueprint.get("/oficios/exemplares/<uuid:exemplar_id>/oficio.pdf")
@requires("oficio.view")
def exemplar_pdf(exemplar_id: UUID) -> Response:
    """The sealed letter; with `carimbado` its stamped copy."""
    with transaction() as session:
        view = oficios.exemplar_view(session, exemplar_id, actor())
        stamped = "carimbado" in request.args
        if stamped and view.receipt is None:
            raise Conflict("O recebimento deste exemplar ainda não foi registrado.")
        content = oficios.letter_bytes(session, view, stamped=stamped)
    name = f"exemplar-{view.exemplar.ordinal:03d}-{view.exemplar.ibge}{'-carimbado' if stamped else ''}.pdf"
    return downloads.pdf(content, name, download="baixar" in request.args)


@blueprint.get("/oficios/exemplares/<uuid:exemplar_id>/anexo.pdf")
@requires("oficio.view")
def exemplar_annex(exemplar_id: UUID) -> Response:
    """The annex that went with it."""
    with transaction() as session:
        content = oficios.annex_bytes(session, oficios.exemplar_view(session, exemplar_id, actor()))
    return downloads.pdf(content, "anexo.pdf", download="baixar" in request.args)


@blueprint.get("/oficios/exemplares/<uuid:exemplar_id>/respostas/<uuid:file_id>")
@requires("oficio.view")
def reply_file(exemplar_id: UUID, file_id: UUID) -> Response:
    """A file of a reply that rests beside it; those of the processo's tree open there. Always saved, never shown."""
    with transaction() as session:
        view = oficios.exemplar_view(session, exemplar_id, actor())
        found = next((file for one in view.replies for file in one.files if file.id == file_id), None)
        if found is None or found.data is None:
            raise NotFound("Não encontramos este arquivo.")
        content, name = found.data, found.name
    response = make_response(content)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return downloads.unlisted(response)


@blueprint.post("/oficios/exemplares/<uuid:exemplar_id>/pendencia")
@requires("oficio.work")
def settle(exemplar_id: UUID) -> ResponseReturnValue:
    """Decides the open task about this exemplar: another address, the post, or what became of a doubt."""
    raw = {
        name: request.form.get(name, "").strip() for name in ("providencia", "email", "envio") if name in request.form
    }
    try:
        with transaction() as session:
            oficios.exemplar_view(session, exemplar_id, actor())
            task = next(iter(queries.pending_of(session, exemplar_id)), None)
            if task is None:
                raise Conflict("Este exemplar já não espera uma decisão.")
            engine.complete_task(
                session, task.task_id, raw, actor=actor(), idempotency_key=request.form.get("chave") or None
            )
    except InvalidInput as refusal:
        errors = refusal.fields or {"": refusal.message}
        with transaction() as session:
            return _page(session, exemplar_id, errors=errors, raw=raw), 422
    flash("Decisão registrada.", "ok")
    return redirect(url_for("oficios.exemplar", exemplar_id=exemplar_id), code=303)


@blueprint.post("/oficios/exemplares/<uuid:exemplar_id>/carimbo")
@requires("oficio.work")
def paper(exemplar_id: UUID) -> ResponseReturnValue:
    """A paper stamp that came back (ST1, ST4)."""
    form = StampForm()
    if form.validate():
        try:
            with transaction() as session:
                oficios.exemplar_view(session, exemplar_id, actor())
                operations.record_paper(session, exemplar_id, form.carimbo.data or "", actor=actor())
        except InvalidInput as refusal:
            form.carimbo.errors = [*refusal.fields.values()] or [refusal.message]
        except DomainError as refusal:
            blame(form, refusal)
        else:
            flash("Recebimento registrado.", "ok")
            return redirect(url_for("oficios.exemplar", exemplar_id=exemplar_id), code=303)
    with transaction() as session:
        return _page(session, exemplar_id, form=form), 422


@blueprint.post("/oficios/exemplares/<uuid:exemplar_id>/dispensar")
@requires("oficio.work")
def dispense(exemplar_id: UUID) -> ResponseReturnValue:
    """The reply of this câmara is no longer awaited."""
    with transaction() as session:
        oficios.exemplar_view(session, exemplar_id, actor())
        operations.dispense_reply(session, exemplar_id, actor=actor())
    flash("Resposta dispensada.", "ok")
    return redirect(url_for("oficios.exemplar", exemplar_id=exemplar_id), code=303)


def status_of(state: str, *, in_doubt: bool) -> tuple[str, str]:
    """The state as a kind of `ui.status` and its word."""
    group = groups.group_of(state, in_doubt=in_doubt)
    return KINDS[group.key], "Envio em dúvida" if in_doubt else STATE_LABELS[S(state)]


def _filter(chosen: str) -> dict[str, Any]:
    group = next((one for one in groups.GROUPS if one.key == chosen), None)
    if group is None:
        return {}
    if group is groups.DOUBT:
        return {"in_doubt": True}
    return {"states": group.states} | ({"in_doubt": False} if group is groups.QUEUED else {})


def _page(
    session: Session, exemplar_id: UUID, *, form: StampForm | None = None, errors: dict[str, str] | None = None,
    raw: dict[str, str] | None = None,
) -> str:  # fmt: skip
    view = oficios.exemplar_view(session, exemplar_id, actor())
    pending = next(iter(queries.pending_of(session, exemplar_id)), None)
    return render_template(
        "oficios/exemplar.html", view=view, campaign=view.campaign, exemplar=view.exemplar, camara=view.camara,
        status=status_of(view.exemplar.state, in_doubt=view.exemplar.in_doubt), history=_history(session, view),
        stamp=words.stamp_of(view.exemplar, view.receipt), pending=pending, errors=errors or {}, raw=raw or {},
        settles=pending is not None and may_do(work.task_view(session, pending.task_id)), key=uuid4().hex,
        form=form or StampForm(formdata=None), may_work=may("oficio.work"), open_campaign=view.campaign.state == "dispatched",
        redirectable=may("oficio.work") and redirecting.refusal(view.exemplar, view.campaign) is None,
        dispensable=view.exemplar.state == S.RECEBIDO and may("oficio.work"),
    )  # fmt: skip


def _history(session: Session, view: ExemplarView) -> list[Told]:
    """All that is known of an exemplar, in order."""
    one, receipt = view.exemplar, view.receipt
    found = [Told(one.generated_at, "Exemplar gerado e selado")]
    found += [Told(one.queued_at, f"Na fila de envio, para {one.email}")] if one.queued_at else []
    for attempt in view.attempts:
        code = f" (código {attempt.smtp_code})" if attempt.smtp_code and attempt.outcome in ("retry", "refused") else ""
        to = f", para {attempt.email}" if attempt.email else ""
        found.append(Told(attempt.finished_at or attempt.started_at, _ATTEMPTS[attempt.outcome] + to + code))
    found += [Told(moved.created_at, _moved(moved)) for moved in view.redirections]
    found += [Told(one.delivered_at, "Entrega confirmada pelo servidor da câmara")] if one.delivered_at else []
    found += (
        [Told(one.bounced_at, f"Devolvido{f' ({one.bounce_code})' if one.bounce_code else ''}")]
        if one.bounced_at
        else []
    )
    for reminder in queries.reminders_of(session, one.id):
        found.append(Told(reminder.created_at, f"Lembrete do prazo ({reminder.kind})"))
    if receipt is not None:
        how = "carimbo em papel" if receipt.via == "papel" else f"por {receipt.received_by}"
        found.append(Told(receipt.received_at, f"Recebimento nº {receipt.number}, {how}"))
    for forward in view.forwards:
        found.append(
            Told(forward.created_at, f"Encaminhado a {forward.email}{' (não foi aceito)' if forward.failed else ''}")
        )
    for item in view.replies:
        way = "por e-mail" if item.reply.via == "email" else "pela página do ofício"
        found.append(Told(item.reply.arrived_at, f"Resposta {way}{', depois do prazo' if item.reply.late else ''}"))
    return sorted(found, key=lambda told: told.at)


def _moved(moved: Redirection) -> str:
    before = f"de {moved.from_email} " if moved.from_email else ""
    delivered = ", que o servidor da câmara tinha aceitado" if moved.earlier_state == S.ENTREGUE else ""
    return f"Redirecionado {before}para {moved.to_email}{delivered}. Motivo: {moved.reason}"
