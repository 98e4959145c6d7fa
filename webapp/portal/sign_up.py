"""Cadastre-se, confirmation by e-mail, forgotten password (PO1 to PO4)."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from people import accounts
from webapp.forms import blame
from webapp.portal.blueprint import blueprint
from webapp.portal.forms import ConfirmForm, EmailForm, NewPasswordForm, SignUpForm
from webapp.security import public, remote_address
from workflow.database import transaction
from workflow.errors import InvalidInput

Answer = str | tuple[str, int] | Response | BaseResponse


@blueprint.route("/cadastre-se", methods=["GET", "POST"])
@public
def open_account() -> Answer:
    """PO1, PO2: the account opens inactive and the message leaves."""
    form = SignUpForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                accounts.open_account(db, form.email.data or "", form.password.data or "", remote_address())
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            session["sent_to"] = form.email.data
            return redirect(url_for("portal.confirmation_sent"))
    return render_template("portal/open_account.html", form=form), 422 if form.errors else 200


@blueprint.get("/cadastre-se/confirme")
@public
def confirmation_sent() -> str:
    """What to do now; the message can be asked for again."""
    return render_template("portal/confirmation_sent.html", email=session.get("sent_to", ""))


@blueprint.route("/cadastre-se/reenviar", methods=["GET", "POST"])
@public
def resend() -> Answer:
    """PO4: the link once more, at most three times an hour; the same answer whoever asks."""
    form = EmailForm(data={"email": session.get("sent_to", "")})
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                accounts.resend_confirmation(db, form.email.data or "", remote_address())
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            session["sent_to"] = form.email.data
            flash("Se este e-mail tem um cadastro à espera de confirmação, enviamos a mensagem de novo.", "ok")
            return redirect(url_for("portal.confirmation_sent"))
    return render_template("portal/resend.html", form=form), 422 if form.errors else 200


@blueprint.get("/confirmar-cadastro/<token>")
@public
def confirm(token: str) -> Response:  # noqa: ARG001 - the address; the form posts to it
    """The link of the message. The button confirms: mail scanners open links, and must confirm nothing."""
    return _confirm_page(ConfirmForm())


@blueprint.post("/confirmar-cadastro/<token>")
@public
def confirm_now(token: str) -> Response:
    """PO4: one use, 24 h; the second click learns that it is already confirmed.

    Only who chose the password confirms: else somebody who signs up with another's address keeps a password that works.
    """
    form = ConfirmForm()
    with transaction() as db:
        outcome = accounts.confirm_account(db, token, form.password.data or "")
    message = accounts.CONFIRMATION_MESSAGES[outcome]
    if outcome == "SENHA_NAO_CONFERE":
        form.password.errors = [message if form.password.data else "Digite a senha que você criou ao se cadastrar."]
        return _confirm_page(form, 422)
    return make_response(render_template("portal/confirmed.html", outcome=outcome, message=message))


def _confirm_page(form: ConfirmForm, status: int = 200) -> Response:
    response = make_response(render_template("portal/confirm.html", form=form), status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.route("/esqueci-minha-senha", methods=["GET", "POST"])
@public
def forgot_password() -> Answer:
    """A link to choose a new password; the same answer whoever asks."""
    form = EmailForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                accounts.request_password_reset(db, form.email.data or "", remote_address())
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            return render_template("portal/reset_sent.html", email=form.email.data)
    return render_template("portal/forgot_password.html", form=form), 422 if form.errors else 200


@blueprint.route("/redefinir-senha/<token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> Answer:
    """A new password; every session of the account ends."""
    form = NewPasswordForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                accounts.reset_password(db, token, form.password.data or "")
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            flash("Senha alterada. Entre com a senha nova.", "ok")
            return redirect(url_for("sessao.sign_in"))
    response = make_response(
        render_template("portal/reset_password.html", form=form), 422 if form.errors or form.form_errors else 200
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
