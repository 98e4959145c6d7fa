"""Minha conta at a glance, and the password."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from people import operations, queries, second_factor, units
from people.roles import ROLES
from webapp.conta.blueprint import blueprint
from webapp.conta.forms import ChangePasswordForm
from webapp.forms import blame
from webapp.security import actor, identity, signed_in
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound

Answer = str | tuple[str, int] | Response | BaseResponse


def own_account() -> UUID:
    """The account of who is calling."""
    found = actor().id
    assert found is not None
    return found


@blueprint.get("/conta")
@signed_in
def overview() -> Answer:
    """Who I am here, in which units, with which roles; what protects the account."""
    with transaction() as db:
        account = queries.account(db, own_account())
        seats = units.seats(db, own_account())
        names = queries.account_names(db, [seat.acting_for for seat in seats if seat.acting_for])
        factor = second_factor.state(db, own_account())
    if account is None:
        raise NotFound
    if account.kind == "citizen":
        return redirect(url_for("portal.area"))
    return render_template("conta/overview.html", account=account, seats=seats, names=names, factor=factor, roles=ROLES)


@blueprint.route("/conta/senha", methods=["GET", "POST"])
@signed_in
def password() -> Answer:
    """A new password; the other sessions end. The directory's people change theirs in the directory."""
    with transaction() as db:
        account = queries.account(db, own_account())
    local = account is not None and account.source == "local"
    form = ChangePasswordForm()
    who = identity()
    if local and who is not None and request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                operations.change_password(
                    db, own_account(), form.current.data or "", form.password.data or "", actor=actor(),
                    keep_session=who.session_id,
                )  # fmt: skip
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            flash("Senha alterada. As outras sessões foram encerradas.", "ok")
            return redirect(url_for("conta.overview"))
    return render_template("conta/password.html", form=form, local=local), 422 if form.errors else 200
