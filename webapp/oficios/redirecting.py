"""An exemplar sent to another address of the câmara: the address, a look at what will happen, and it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from processes.oficio_camaras import operations
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.correspondence import redirecting
from webapp.camara.receiving import CHECK, SEND
from webapp.forms import blame
from webapp.oficios.blueprint import blueprint
from webapp.oficios.forms import RedirectForm
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput


@blueprint.route("/oficios/exemplares/<uuid:exemplar_id>/redirecionar", methods=["GET", "POST"])
@requires("oficio.work")
def redirect_exemplar(exemplar_id: UUID) -> ResponseReturnValue:
    """Two steps: to where and why; then what will happen, before anything does."""
    step = request.form.get("passo", "")
    if request.method == "POST" and step == SEND:
        return _sent(exemplar_id)
    with transaction() as session:
        facts = _facts(session, exemplar_id)
        if facts["refused"]:
            raise Conflict(facts["refused"])
        form = RedirectForm()
        if request.method == "GET":
            form.email.data = redirecting.registered(session, facts["exemplar"]) or ""
        elif step == CHECK and _sound(form, facts):
            return render_template("oficios/redirecionar_conferir.html", form=form, **facts)
    page = render_template("oficios/redirecionar.html", form=form, **facts)
    return (page, 422) if form.errors or form.form_errors else page


def _sent(exemplar_id: UUID) -> ResponseReturnValue:
    form = RedirectForm()
    version = request.form.get("versao", 0, type=int)
    if form.validate():
        try:
            with transaction() as session:
                oficios.exemplar_view(session, exemplar_id, actor())
                operations.redirect(
                    session, exemplar_id, form.email.data or "", form.motivo.data or "", version=version,
                    keep=form.cadastro.data, actor=actor(),
                )  # fmt: skip
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            flash(f"O exemplar está na fila de envio, para {form.email.data}.", "ok")
            return redirect(url_for("oficios.exemplar", exemplar_id=exemplar_id), code=303)
    with transaction() as session:
        facts = _facts(session, exemplar_id)
    return render_template("oficios/redirecionar.html", form=form, **facts), 422


def _sound(form: RedirectForm, facts: dict[str, Any]) -> bool:
    """Everything that is wrong is told at once; the address is shown as it will be used."""
    form.validate()
    try:
        form.email.data, form.motivo.data = redirecting.checked(
            facts["exemplar"], form.email.data or "", form.motivo.data or ""
        )
    except InvalidInput as refusal:
        for name, message in refusal.fields.items():
            if not form[name].errors:
                form[name].errors = [message]
    return not form.errors


def _facts(session: Session, exemplar_id: UUID) -> dict[str, Any]:
    view = oficios.exemplar_view(session, exemplar_id, actor())
    return {
        "exemplar": view.exemplar, "campaign": view.campaign, "camara": view.camara,
        "refused": redirecting.refusal(view.exemplar, view.campaign),
        "others": redirecting.elsewhere(session, view.exemplar) if view.exemplar.email else [],
    }  # fmt: skip
