"""The second factor: enrolled with a QR code, confirmed with its first code, renewed and removed against a code."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for

from documents.qr import qr_svg
from people import second_factor
from people.second_factor import Checked
from webapp.conta.blueprint import blueprint
from webapp.conta.forms import EnrolForm, ProveForm
from webapp.conta.views import Answer, own_account
from webapp.forms import blame
from webapp.security import actor, signed_in
from workflow.database import transaction
from workflow.errors import InvalidInput

_QR_TITLE = "QR Code para o aplicativo autenticador"


@blueprint.get("/conta/duas-etapas")
@signed_in
def second_factor_page() -> Answer:
    """The QR code to enrol, or where the second factor stands."""
    return _page(EnrolForm())


@blueprint.post("/conta/duas-etapas")
@signed_in
def confirm_factor() -> Answer:
    """The first code; the recovery codes are shown once, now."""
    form = EnrolForm()
    if not form.validate():
        return _page(form)
    try:
        with transaction() as db:
            codes = second_factor.confirm(db, own_account(), form.code.data or "", actor=actor())
    except InvalidInput as refusal:
        blame(form, refusal)
        return _page(form)
    return render_template("conta/recovery_codes.html", codes=codes)


@blueprint.post("/conta/duas-etapas/codigos")
@signed_in
def renew_codes() -> Answer:
    """New recovery codes; the old ones are worth nothing from then on."""
    form = ProveForm()
    if not form.validate():
        return _active(form)
    with transaction() as db:  # commits whatever the outcome: the attempt is counted
        checked, codes = second_factor.renew_codes(db, own_account(), form.code.data or "", actor=actor())
    return render_template("conta/recovery_codes.html", codes=codes) if checked.ok else _active(form, checked)


@blueprint.post("/conta/duas-etapas/remover")
@signed_in
def remove_factor() -> Answer:
    """Off, to enrol another telephone."""
    form = ProveForm()
    if not form.validate():
        return _active(form)
    with transaction() as db:  # commits whatever the outcome: the attempt is counted
        checked = second_factor.remove(db, own_account(), form.code.data or "", actor=actor())
    if not checked.ok:
        return _active(form, checked)
    flash("A verificação em duas etapas foi removida.", "warning")
    return redirect(url_for("conta.second_factor_page"))


def _page(form: EnrolForm) -> Answer:
    with transaction() as db:
        if second_factor.active(db, own_account()):
            enrolment = None
        else:
            enrolment = second_factor.begin(db, own_account(), actor=actor())
    if enrolment is None:
        return _active(ProveForm(formdata=None))
    svg = qr_svg(enrolment.uri, _QR_TITLE).decode()
    secret = " ".join(enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4))
    page = render_template("conta/enrol.html", form=form, svg=svg, secret=secret)
    return make_response(page, 422 if form.errors else 200)


def _active(form: ProveForm, checked: Checked | None = None) -> Answer:
    if checked is not None:
        form.code.errors = [checked.message]
    with transaction() as db:
        state = second_factor.state(db, own_account())
    status = 429 if checked is not None and checked.wait_s else 422 if form.errors else 200
    return make_response(render_template("conta/factor.html", form=form, state=state), status)
