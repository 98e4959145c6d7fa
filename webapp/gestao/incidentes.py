"""Incidents: what stopped, where, and the two ways on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import shown
from webapp.gestao import words
from webapp.gestao.caixa import declared
from webapp.gestao.tarefas import blueprint
from webapp.security import actor, requires
from workflow import operations as engine
from workflow import queries as work
from workflow.database import transaction

KINDS = {
    "service": "Uma etapa automática falhou depois de todas as tentativas. Corrija a causa e tente de novo; ou, se o "
    "trabalho foi feito à mão, marque como resolvido e o processo segue.",
    "timer": "Um prazo venceu e o passo seguinte falhou. Corrija a causa e tente de novo.",
    "message": "Uma mensagem entre processos não pôde ser entregue. Corrija a causa e tente de novo.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An incident in words."""

    id: UUID
    case_id: UUID | None
    title: str
    process: str
    words: str
    error: str
    since: str


def incident_lines(incidents: Iterable[work.Incident]) -> list[Line]:
    """The open incidents, as people read them."""
    return [_line(item) for item in incidents]


def _line(item: work.Incident) -> Line:
    found = declared(item.process_key)
    return Line(
        item.id, item.case_id, item.title, found.title if found else item.process_key, KINDS[item.kind], item.error,
        f"{shown.ago(item.created_at)}, em {shown.show_instant(item.created_at)}",
    )  # fmt: skip


@blueprint.get("/incidentes")
@requires("incident.view")
def incidents() -> str:
    """What stopped and waits for a decision, oldest first."""
    with transaction() as session:
        lines = incident_lines(work.incidents(session))
    return render_template("gestao/incidentes.html", incidents=lines)


@blueprint.post("/incidentes/<uuid:incident_id>/tentar")
@requires("incident.retry")
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Tries again what failed."""
    with transaction() as session:
        engine.retry_incident(session, incident_id, actor=actor())
    return _back("Nova tentativa pedida. Se falhar de novo, volta a aparecer aqui.")


@blueprint.post("/incidentes/<uuid:incident_id>/resolver")
@requires("incident.resolve")
def resolve(incident_id: UUID) -> ResponseReturnValue:
    """Takes the failed work as done by hand; the case goes on."""
    with transaction() as session:
        engine.resolve_incident(session, incident_id, actor=actor())
    return _back("Marcado como resolvido. O processo seguiu.")


def _back(message: str) -> ResponseReturnValue:
    flash(message, "ok")
    case_id = words.as_uuid(request.form.get("caso", ""))
    target = url_for("gestao.incidents") if case_id is None else url_for("gestao.case", case_id=case_id)
    return redirect(target, code=303)
