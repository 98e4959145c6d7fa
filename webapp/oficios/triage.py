"""The triage box: messages of the mailbox that nobody could match to an exemplar (RE3)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from processes.oficio_camaras import operations
from processes.oficio_camaras import queries as oficios
from webapp.documentos.assinar import as_uuid
from webapp.oficios import queries
from webapp.oficios.blueprint import blueprint
from webapp.oficios.exemplars import status_of
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound


@blueprint.get("/oficios/triagem")
@requires("oficio.work")
def triage() -> str:
    """What waits, oldest first."""
    with transaction() as session:
        rows = oficios.triage(session, actor())
    return render_template("oficios/triagem.html", rows=rows)


@blueprint.get("/oficios/triagem/<uuid:triage_id>")
@requires("oficio.work")
def message(triage_id: UUID) -> str:
    """One message, and the exemplars it may belong to: the one suggested, or those of a câmara that is looked for."""
    name = " ".join(request.args.get("nome", "").split())[:80]
    with transaction() as session:
        row = queries.triage_message(session, triage_id)
        if row is None:
            raise NotFound("Não encontramos essa mensagem.")
        found = queries.exemplars_named(session, name) if name else []
        if not name and row.exemplar_id is not None:
            found = queries.exemplar_found(session, row.exemplar_id)
    shown = [(one, status_of(one.state, in_doubt=False)) for one in found]
    return render_template("oficios/mensagem.html", row=row, found=shown, name=name)


@blueprint.post("/oficios/triagem/<uuid:triage_id>/juntar")
@requires("oficio.work")
def attach(triage_id: UUID) -> ResponseReturnValue:
    """The message is the reply of this exemplar."""
    chosen = as_uuid(request.form.get("exemplar", ""))
    if chosen is None:
        raise InvalidInput(
            {"exemplar": "Escolha o ofício a que a mensagem responde."}, "Escolha o ofício a que a mensagem responde."
        )
    with transaction() as session:
        operations.attach(session, triage_id, chosen, actor=actor())
    flash("Mensagem juntada como resposta.", "ok")
    return redirect(url_for("oficios.exemplar", exemplar_id=chosen), code=303)


@blueprint.post("/oficios/triagem/<uuid:triage_id>/descartar")
@requires("oficio.work")
def discard(triage_id: UUID) -> ResponseReturnValue:
    """The message is nobody's reply."""
    with transaction() as session:
        operations.discard(session, triage_id, actor=actor())
    flash("Mensagem descartada.", "ok")
    return redirect(url_for("oficios.triage"), code=303)
