"""The closing report of an ofício: what was closed or, before that, how it stands now; and the table of its exemplars."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents import operations as documents
from processes.oficio_camaras import closing
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.models import Campaign, ExemplarState
from processes.oficio_camaras.rules import STATE_LABELS
from processes.oficio_camaras.signing import signature_of
from processes.oficio_camaras.steps import report as counted
from webapp import downloads, shown
from webapp.oficios import groups
from webapp.oficios.blueprint import blueprint
from webapp.security import actor, requires
from workflow import clock, jobs
from workflow.database import transaction
from workflow.errors import Conflict, NotFound

S = ExemplarState
COLUMNS = (
    "exemplar", "codigo_ibge", "municipio", "ddd", "situacao", "em_duvida", "email", "enviado_em", "devolvido_em",
    "codigo_devolucao", "recebido_em", "numero_recebimento", "recebido_por", "respondido_em", "fora_do_prazo",
)  # fmt: skip


@blueprint.get("/oficios/<uuid:campaign_id>/relatorio")
@requires("oficio.view")
def report(campaign_id: UUID) -> str:
    """The report, made to be printed."""
    with transaction() as session:
        campaign = _signed(session, campaign_id)
        numbers: dict[str, Any] = campaign.report or counted(session, campaign.id)
        signature = signature_of(session, campaign)
        progress = oficios.progress(session, campaign.id, actor())
        found = list(closing.lines(session, campaign.id))
        by, sealed = closing.closed_by(session, campaign), closing.made(session, campaign.id) is not None
    states = [
        (STATE_LABELS[S(state)], count) for state, count in sorted(numbers["states"].items(), key=lambda one: -one[1])
    ]
    regions = [(name, _region(counts)) for name, counts in sorted(numbers["regions"].items())]
    return render_template(
        "oficios/relatorio.html", campaign=campaign, numbers=numbers, states=states, regions=regions, now=clock.now(),
        signature=signature, finding=groups.finding(campaign, progress), closed_by=by, sealed=sealed,
        receipts=closing.receipt_totals(found).most_common(),
        replies=closing.reply_totals(found, requires_reply=campaign.requires_reply).most_common(),
    )  # fmt: skip


@blueprint.get("/oficios/<uuid:campaign_id>/relatorio/arquivo")
@requires("oficio.view")
def report_file(campaign_id: UUID) -> ResponseReturnValue:
    """The part of the page with the sealed report: 304 until it is there."""
    with transaction() as session:
        campaign = _signed(session, campaign_id)
        if closing.made(session, campaign.id) is None:
            return Response(status=304)
    return render_template("oficios/_relatorio_pdf.html", campaign=campaign, sealed=True)


@blueprint.get("/oficios/<uuid:campaign_id>/relatorio.pdf")
@requires("oficio.view")
def report_pdf(campaign_id: UUID) -> Response:
    """The sealed report of a closed ofício."""
    with transaction() as session:
        campaign = _signed(session, campaign_id)
        document = closing.made(session, campaign.id)
        if document is None:
            raise NotFound("O relatório em PDF é feito depois do encerramento do ofício. Tente de novo em um minuto.")
        content = documents.read_bytes(session, document.id)
    return downloads.pdf(content, f"relatorio-{_short(campaign)}.pdf")


@blueprint.post("/oficios/<uuid:campaign_id>/relatorio/arquivo")
@requires("oficio.work")
def report_again(campaign_id: UUID) -> ResponseReturnValue:
    """Asks for the sealed report of an ofício that was closed before there was one; asked twice, it is one document."""
    with transaction() as session:
        campaign = _signed(session, campaign_id)
        if campaign.closed_at is None:
            raise Conflict("O relatório de encerramento existe depois do encerramento do ofício.")
        if closing.made(session, campaign.id) is None:
            jobs.defer(session, closing.REPORT, queue="documents", campaign_id=str(campaign.id))
    flash("O relatório em PDF está sendo preparado.", "ok")
    return redirect(url_for("oficios.report", campaign_id=campaign_id), code=303)


@blueprint.get("/oficios/<uuid:campaign_id>/relatorio.csv")
@requires("oficio.view")
def report_csv(campaign_id: UUID) -> Response:
    """Every exemplar in a line, for a spreadsheet: UTF-8 with its mark, semicolons; addresses of câmaras are public (RT3)."""
    with transaction() as session:
        campaign = _signed(session, campaign_id)
        content = _written(session, campaign)
        name = _short(campaign)
    response = make_response(content)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers.set("Content-Disposition", "attachment", filename=f"relatorio-{name}.csv")
    return downloads.unlisted(response)


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, whatever space or wide form its first sign hides behind."""
    text = "" if value is None else str(value)
    first = unicodedata.normalize("NFKC", text.lstrip())[:1]
    return f"'{text}" if first in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n") else text


def _written(session: Session, campaign: Campaign) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in closing.lines(session, campaign.id):
        camara, one, receipt = line.camara, line.exemplar, line.receipt
        cells = (
            one.ordinal, one.ibge, camara.name, camara.region.removeprefix("DDD "), STATE_LABELS[S(one.state)], "sim" if one.in_doubt else "não",
            one.email, shown.show_instant(one.sent_at), shown.show_instant(one.bounced_at), one.bounce_code,
            shown.show_instant(one.received_at), receipt.number if receipt else "", receipt.received_by if receipt else "",
            shown.show_instant(one.answered_at), "sim" if one.late else "não",
        )  # fmt: skip
        writer.writerow([safe(cell) for cell in cells])
    return out.getvalue()


def _short(campaign: Campaign) -> str:
    return (campaign.number or "oficio").removeprefix("Of. ").replace("/", "-")


def _signed(session: Session, campaign_id: UUID) -> Campaign:
    campaign = oficios.campaign(session, campaign_id, actor())
    if campaign.signed_at is None:
        raise Conflict("O relatório existe depois da assinatura do ofício.")
    return campaign


def _region(counts: dict[str, int]) -> dict[str, int]:
    return {
        "total": sum(counts.values()),
        "reached": sum(counts.get(state, 0) for state in groups.REACHED),
        "answered": counts.get(S.RESPONDIDO, 0),
        "bounced": counts.get(S.DEVOLVIDO, 0),
    }
