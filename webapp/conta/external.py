"""How an external user opens an account: name, CPF, e-mail, password, termo; then the link of the message."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, session, url_for

from people import terms
from people.accounts import CONFIRMATION_MESSAGES
from people.operations import confirm_account, open_external_account
from webapp.conta.blueprint import blueprint
from webapp.conta.forms import ConfirmForm, ExternalForm
from webapp.conta.views import Answer
from webapp.forms import blame
from webapp.security import public, remote_address
from workflow.database import transaction
from workflow.errors import InvalidInput


@blueprint.route("/externo/cadastro", methods=["GET", "POST"])
@public
def external_open() -> Answer:
    """The account opens inactive and the message leaves; the same answer whoever asks."""
    form = ExternalForm()
    if request.method == "POST" and form.validate():
        try:
            _open(form)
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            session["sent_to"] = form.email.data
            return redirect(url_for("conta.external_sent"))
    form.version.data = terms.VERSION
    page = render_template("conta/external_open.html", form=form, paragraphs=terms.PARAGRAPHS)
    return page, 422 if form.errors else 200


@blueprint.get("/externo/cadastro/confirme")
@public
def external_sent() -> str:
    """What to do now."""
    return render_template("conta/external_sent.html", email=session.get("sent_to", ""))


@blueprint.get("/externo/confirmar/<token>")
@public
def external_confirm(token: str) -> Response:  # noqa: ARG001 - the address; the form posts to it
    """The link of the message. The button confirms: mail scanners open links, and must confirm nothing."""
    return _confirm_page(ConfirmForm())


@blueprint.post("/externo/confirmar/<token>")
@public
def external_confirm_now(token: str) -> Response:
    """One use, 24 h; only who chose the password confirms."""
    form = ConfirmForm()
    with transaction() as db:
        outcome = confirm_account(db, token, form.password.data or "")
    message = CONFIRMATION_MESSAGES[outcome]
    if outcome == "SENHA_NAO_CONFERE":
        form.password.errors = [message if form.password.data else "Digite a senha que você criou ao abrir a conta."]
        return _confirm_page(form, 422)
    return make_response(render_template("conta/external_confirmed.html", outcome=outcome, message=message))


def _open(form: ExternalForm) -> None:
    with transaction() as db:
        open_external_account(
            db, form.email.data or "", form.password.data or "", form.full_name.data or "", form.cpf.data or "",
            form.version.data or "", remote_address(),
        )  # fmt: skip


def _confirm_page(form: ConfirmForm, status: int = 200) -> Response:
    response = make_response(render_template("conta/external_confirm.html", form=form), status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
