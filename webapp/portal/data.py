"""History of interactions (PO8), the holder's own copy of everything, the request for erasure (LGPD, arts. 18 and 19)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

import documents.queries
from people import export
from processes.declaracao_comparecimento import queries as declarations
from processes.entrada import queries as entries
from webapp import downloads, erasure
from webapp.portal.area import own_account
from webapp.portal.blueprint import blueprint
from webapp.portal.forms import EraseForm
from webapp.security import actor, requires
from workflow import clock
from workflow.database import transaction

Answer = str | tuple[str, int] | Response | BaseResponse


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    at: datetime
    sentence: str


@blueprint.get("/area-do-usuario/historico")
@requires("portal.history")
def history() -> str:
    """PO8: every interaction with the house, latest first."""
    with transaction() as db:
        lines = _lines(db)
    return render_template("portal/history.html", lines=lines)


@blueprint.get("/area-do-usuario/meus-dados")
@requires("portal.export")
def own_data() -> str:
    """What is held, in words; how to take it along; how to ask for its erasure."""
    with transaction() as db:
        data = export.own_data(db, own_account(), actor=actor())
        waiting = erasure.pending_of(db, own_account())
    return render_template("portal/own_data.html", data=data, waiting=waiting)


@blueprint.post("/area-do-usuario/meus-dados/copia")
@requires("portal.export")
def export_data() -> Response:
    """RT4: everything in one ZIP: a JSON file, the pictures, the declarations."""
    with transaction() as db:
        content = _archive(db)
    response = make_response(content)
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="meus-dados.zip"'
    return downloads.unlisted(response)


@blueprint.route("/area-do-usuario/meus-dados/eliminar", methods=["GET", "POST"])
@requires("portal.erase")
def erase() -> Answer:
    """The request; the gestão answers it."""
    form = EraseForm()
    if request.method == "POST" and form.validate():
        with transaction() as db:
            erasure.request_erasure(db, own_account(), actor=actor())
        flash("Pedido registrado. A resposta sai em até 15 dias.", "ok")
        return redirect(url_for("portal.own_data"), 303)
    return render_template("portal/erase.html", form=form), 422 if form.errors else 200


def _lines(db: Session) -> list[Line]:
    data = export.own_data(db, own_account(), actor=actor())
    lines = [Line(data.account_opened_at, "Conta aberta no Portal.")]
    if data.account_confirmed_at is not None:
        lines.append(Line(data.account_confirmed_at, "E-mail confirmado."))
    person = actor().person_id
    if person is not None and data.person is not None:
        lines.append(Line(data.person.registered_at, "Cadastro de visitante feito."))
        if data.person.cpf_verified_at is not None:
            lines.append(Line(data.person.cpf_verified_at, "CPF comprovado."))
        lines += [Line(e.instant, f"Entrada: {e.building}, {e.hall}.") for e in entries.entries_of(db, person)]
        lines += [
            _interaction(found) for found in declarations.interactions(db, person) if found.kind != "comparecimento"
        ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _interaction(found: declarations.Interaction) -> Line:
    return Line(found.at, f"{found.sentence.rstrip('.')} (dia {found.date:%d/%m/%Y}).")


def _archive(db: Session) -> bytes:
    data = export.own_data(db, own_account(), actor=actor())
    person_id = actor().person_id
    holds = asdict(data)
    face = data.person.face if data.person else None
    holds["extraido_em"] = clock.now()
    holds["historico"] = [asdict(line) for line in _lines(db)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if face is not None:
            archive.writestr("rosto.jpg", face.face_jpeg)
            if face.document_jpeg is not None:
                archive.writestr("documento.jpg", face.document_jpeg)
        if person_id is not None:
            holds["validacoes_dos_documentos_nos_ultimos_6_meses"] = documents.queries.validations_of(db, person_id)
            holds["declaracoes"] = [asdict(row) for row in declarations.declarations_of(db, person_id)]
            for row in declarations.declarations_of(db, person_id):
                if row.document_id is not None:
                    name = f"declaracoes/{row.date.isoformat()}-{row.id}.pdf"
                    archive.writestr(name, declarations.declaration_bytes(db, actor(), row.id))
        archive.writestr("dados.json", json.dumps(_plain(holds), ensure_ascii=False, indent=2))
    return out.getvalue()


def _plain(value: Any) -> Any:
    """JSON without bytes: pictures lie beside it in the ZIP."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if not isinstance(item, bytes)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return clock.local(value).isoformat()
    return str(value) if isinstance(value, date | UUID) else value
