"""Saved views: filters, order and grouping under a name."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from documents.inbox import operations
from webapp.controle import endereco
from webapp.controle.lista import blueprint
from webapp.security import actor, requires
from workflow.database import transaction


@blueprint.post("/controle/visoes")
@requires("inbox.view")
def save_view() -> ResponseReturnValue:
    """Keeps what the page shows under a name; it may become what opens first."""
    query = endereco.to_query(endereco.of_query(request.form.get("volta", "")))
    with transaction() as session:
        view = operations.save_view(
            session, request.form.get("nome", ""), query, actor=actor(), default=request.form.get("padrao") == "1"
        )
    flash(f"Visão “{view.name}” salva.", "ok")
    return redirect(f"{url_for('controle.inbox')}?{query}", code=303)


@blueprint.post("/controle/visoes/<uuid:view_id>/apagar")
@requires("inbox.view")
def delete_view(view_id: UUID) -> ResponseReturnValue:
    """Forgets a view."""
    with transaction() as session:
        name = operations.delete_view(session, view_id, actor=actor())
    flash(f"Visão “{name}” apagada.", "ok")
    return redirect(url_for("controle.inbox", recorte="todas"), code=303)
