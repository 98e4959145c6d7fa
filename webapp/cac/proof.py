"""Proving a CPF: the account of the Portal is tied to the person of the document (PO6), a registration gets its CPF (D8)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from people import operations, queries
from webapp.cac.blueprint import blueprint
from webapp.cac.forms import AddCpfForm, ProofForm
from webapp.forms import blame
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound

Answer = str | tuple[str, int] | Response | BaseResponse


@blueprint.get("/comprovar")
@requires("cac.prove_cpf")
def find_account() -> Answer:
    """Finds the account by the e-mail that the person tells."""
    email = request.args.get("email", "")
    if "email" not in request.args:
        return render_template("cac/find_account.html", email="", error="", account=None)
    try:
        with transaction() as db:
            account = queries.citizen_account(db, email)
    except InvalidInput as refusal:
        return render_template("cac/find_account.html", email=email, error=refusal.fields["email"], account=None), 422
    if account is not None and account.confirmed_at is not None and account.person_id is None:
        return redirect(url_for("cac.prove", account_id=account.id))
    return render_template("cac/find_account.html", email=email, error="", account=account)


@blueprint.route("/comprovar/<uuid:account_id>", methods=["GET", "POST"])
@requires("cac.prove_cpf")
def prove(account_id: UUID) -> Answer:
    """PO6: with the document at hand; the name and CPF are those of the document."""
    with transaction() as db:
        account = queries.account(db, account_id)
    if account is None or account.kind != "citizen":
        raise NotFound("Não encontramos essa conta do Portal.")
    form = ProofForm(data={"full_name": account.display_name, "cpf": account.claimed_cpf or ""})
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                person = operations.prove_cpf(
                    db,
                    account_id,
                    cpf=form.cpf.data or "",
                    full_name=form.full_name.data or "",
                    document_seen=bool(form.document_seen.data),
                    actor=actor(),
                )
        except (InvalidInput, Conflict) as refusal:
            blame(form, refusal)
        else:
            flash("CPF comprovado. A pessoa já vê seus dias de comparecimento no Portal.", "ok")
            return redirect(url_for("cac.person", person_id=person.id))
    return render_template("cac/prove.html", form=form, account=account), 422 if form.errors else 200


@blueprint.route("/pessoa/<uuid:person_id>/cpf", methods=["GET", "POST"])
@requires("cac.prove_cpf")
def add_cpf(person_id: UUID) -> Answer:
    """D8: the CPF enters the registration, at sight of the document."""
    with transaction() as db:
        person = queries.person(db, person_id)
    if person is None:
        raise NotFound("Não encontramos essa pessoa.")
    form = AddCpfForm(data={"cpf": person.cpf or ""})
    if request.method == "POST" and form.validate():
        try:
            with transaction() as db:
                operations.add_cpf(
                    db, person_id, cpf=form.cpf.data or "", document_seen=bool(form.document_seen.data), actor=actor()
                )
        except (InvalidInput, Conflict) as refusal:
            blame(form, refusal)
        else:
            flash("CPF conferido e registrado.", "ok")
            return redirect(url_for("cac.person", person_id=person_id))
    return render_template("cac/add_cpf.html", form=form, person=person), 422 if form.errors else 200
