"""The requests that wait, a search for who asks in person, and the act itself."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from people import queries
from webapp import erasure
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound

blueprint = Blueprint("titulares", __name__, template_folder="templates", url_prefix="/titulares")
_UNDERSTOOD = "Marque que você conferiu o pedido e que a eliminação não pode ser desfeita."


@blueprint.get("")
@requires("person.erase")
def requests() -> str | tuple[str, int]:
    """What waits, oldest first; below, the search by CPF or name for a request made in person."""
    text, people, error = request.args.get("q", ""), [], ""
    with transaction() as db:
        waiting = erasure.pending(db)
        names = queries.account_names(db, [item.account_id for item in waiting])
        if "q" in request.args:
            try:
                people = queries.search_people(db, text)
            except InvalidInput as refusal:
                error = next(iter(refusal.fields.values()), refusal.message)
    page = render_template("titulares/requests.html", waiting=waiting, names=names, q=text, people=people, error=error)
    return page, 422 if error else 200


@blueprint.get("/conta/<uuid:account_id>")
@requires("person.erase")
def account(account_id: UUID) -> str:
    """What will be erased by an account's request."""
    return render_template("titulares/confirm.html", name=_account_name(account_id), error="")


@blueprint.post("/conta/<uuid:account_id>")
@requires("person.erase")
def erase_account(account_id: UUID) -> BaseResponse | tuple[str, int]:
    """Erases the account and the person behind it."""
    if not request.form.get("understood"):
        return render_template("titulares/confirm.html", name=_account_name(account_id), error=_UNDERSTOOD), 422
    with transaction() as db:
        erasure.erase_account(db, account_id, actor=actor())
    return _done()


@blueprint.get("/pessoa/<uuid:person_id>")
@requires("person.erase")
def person(person_id: UUID) -> str:
    """What will be erased by a request made in person."""
    return render_template("titulares/confirm.html", name=_person_name(person_id), error="")


@blueprint.post("/pessoa/<uuid:person_id>")
@requires("person.erase")
def erase_person(person_id: UUID) -> BaseResponse | tuple[str, int]:
    """Erases the person through every package."""
    if not request.form.get("understood"):
        return render_template("titulares/confirm.html", name=_person_name(person_id), error=_UNDERSTOOD), 422
    with transaction() as db:
        erasure.erase_person(db, person_id, actor=actor())
    return _done()


def _done() -> BaseResponse:
    flash("Dados eliminados. O histórico de atos continua íntegro e não diz mais quem era a pessoa.", "ok")
    return redirect(url_for("titulares.requests"), 303)


def _account_name(account_id: UUID) -> str:
    with transaction() as db:
        found = queries.account(db, account_id)
    if found is None or not found.login or found.kind != "citizen":
        raise NotFound("Não encontramos essa conta. Talvez o pedido já tenha sido atendido.")
    return found.display_name or found.login


def _person_name(person_id: UUID) -> str:
    with transaction() as db:
        found = queries.person(db, person_id)
    if found is None:
        raise NotFound("Não encontramos essa pessoa. Talvez o pedido já tenha sido atendido.")
    return found.full_name
