"""Área do usuário: where the account stands, the cadastro completo, the visitor's QR, the password."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from documents.qr import qr_svg
from people import operations, queries, visitor
from people.errors import CpfNotProved
from webapp.downloads import unlisted
from webapp.forms import blame
from webapp.portal.blueprint import blueprint
from webapp.portal.forms import PasswordForm, ProfileForm
from webapp.security import actor, identity, requires
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound

Answer = str | tuple[str, int] | Response | BaseResponse
QR_TITLE = "QR Code para a portaria, válido por 60 segundos"


def own_account() -> UUID:
    """The account of who is calling."""
    found = actor().id
    assert found is not None
    return found


def profile_complete(db: Session) -> bool:
    """PO5: the cadastro completo comes first, then the proof at the CAC."""
    account = queries.account(db, own_account())
    return account is not None and (account.person_id is not None or bool(account.claimed_cpf))


@blueprint.get("/area-do-usuario")
@requires("portal.view")
def area() -> Answer:
    """What is done, what is missing, where to go (PO5, PO6)."""
    with transaction() as db:
        account = queries.account(db, own_account())
        person = queries.person(db, account.person_id) if account and account.person_id else None
    if account is None or account.kind != "citizen":
        return redirect(url_for("inicio.front"))
    return render_template("portal/area.html", account=account, person=person)


@blueprint.route("/area-do-usuario/cadastro-completo", methods=["GET", "POST"])
@requires("portal.profile")
def profile() -> Answer:
    """PO5: name and CPF. The CPF is only a claim until it is proved (PO6)."""
    with transaction() as db:
        account = queries.account(db, own_account())
        person = queries.person(db, account.person_id) if account and account.person_id else None
    if account is None:
        raise NotFound
    if person is not None:
        return render_template("portal/profile_proved.html", account=account, person=person)
    form = ProfileForm(data={"full_name": account.display_name, "cpf": account.claimed_cpf or ""})
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                operations.complete_profile(
                    db, own_account(), full_name=form.full_name.data or "", cpf=form.cpf.data or "", actor=actor()
                )
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            flash("Cadastro completo salvo.", "ok")
            return redirect(url_for("portal.area"))
    return render_template("portal/profile.html", form=form), 422 if form.errors else 200


@blueprint.get("/area-do-usuario/qr")
@requires("portal.visitor_qr")
def visitor_qr() -> Answer:
    """The QR of 60 s that the gate verifies offline; the page renews it by itself."""
    try:
        return unlisted(make_response(render_template("portal/visitor_qr.html", svg=_qr())))
    except CpfNotProved:
        with transaction() as db:
            complete = profile_complete(db)
        return render_template("portal/visitor_qr.html", svg=None, complete=complete)


@blueprint.get("/area-do-usuario/qr/imagem")
@requires("portal.visitor_qr")
def visitor_qr_image() -> Response:
    """The next QR, for the page that renews it."""
    return unlisted(make_response(render_template("portal/_qr.html", svg=_qr())))


def _qr() -> str:
    with transaction() as db:
        token = visitor.visitor_token(db, own_account(), actor=actor())
    return qr_svg(token, title=QR_TITLE).decode()


@blueprint.route("/area-do-usuario/senha", methods=["GET", "POST"])
@requires("portal.password")
def password() -> Answer:
    """Change the password; the other sessions end."""
    form = PasswordForm()
    session = identity()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                operations.change_password(
                    db,
                    own_account(),
                    form.current.data or "",
                    form.password.data or "",
                    actor=actor(),
                    keep_session=session.session_id if session else None,
                )
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            flash("Senha alterada. Suas outras sessões foram encerradas.", "ok")
            return redirect(url_for("portal.area"))
    return render_template("portal/password.html", form=form), 422 if form.errors else 200
