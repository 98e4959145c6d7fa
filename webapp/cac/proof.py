"""Proving a CPF: the account of the Portal is tied to the person of the document (PO6), a registration gets its CPF (D8)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from people import operations, queries, rules
from people.errors import ProofInDoubt
from people.persons import NameThatHolds
from people.queries import AccountRow
from webapp.cac.blueprint import blueprint
from webapp.cac.forms import AddCpfForm, ProofForm, UndoForm
from webapp.forms import blame
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound

Answer = str | tuple[str, int] | Response | BaseResponse


@blueprint.route("/comprovar", methods=["GET", "POST"])
@requires("cac.prove_cpf")
def find_account() -> Answer:
    """Finds the account by the e-mail that the person tells. POST: no e-mail rests in an address."""
    email = request.form.get("email", "")
    if "email" not in request.form:
        return render_template("cac/find_account.html", email="", error="", account=None)
    try:
        with transaction() as db:
            account = queries.citizen_account(db, email)
    except InvalidInput as refusal:
        return render_template("cac/find_account.html", email=email, error=refusal.fields["email"], account=None), 422
    if account is not None and account.confirmed_at is not None and account.person_id is None:
        return redirect(url_for("cac.prove", account_id=account.id), 303)
    return render_template("cac/find_account.html", email=email, error="", account=account)


@blueprint.route("/comprovar/<uuid:account_id>", methods=["GET", "POST"])
@requires("cac.prove_cpf")
def prove(account_id: UUID) -> Answer:
    """PO6: with the document at hand. Nothing is filled in beforehand: the name and CPF come from the document."""
    with transaction() as db:
        account = queries.account(db, account_id)
    if account is None or account.kind != "citizen":
        raise NotFound("Não encontramos essa conta do Portal.")
    form = ProofForm()
    if request.method == "POST" and request.form.get("step") != "change" and form.validate():
        try:
            person = _prove(account_id, form)
        except ProofInDoubt as doubt:
            return _ask_again(account, form, doubt)
        except (InvalidInput, Conflict) as refusal:
            blame(form, refusal)
        else:
            flash("CPF comprovado. A pessoa já vê seus dias de comparecimento no Portal.", "ok")
            return redirect(url_for("cac.person", person_id=person))
    return render_template("cac/prove.html", form=form, account=account), 422 if form.errors else 200


@blueprint.route("/comprovar/<uuid:account_id>/desfazer", methods=["GET", "POST"])
@requires("cac.undo_proof")
def undo(account_id: UUID) -> Answer:
    """Takes back a proof that was a mistake; the page says what happens before it does."""
    with transaction() as db:
        account = queries.account(db, account_id)
        person = queries.person(db, account.person_id) if account and account.person_id else None
    if account is None or account.kind != "citizen":
        raise NotFound("Não encontramos essa conta do Portal.")
    if person is None:
        raise Conflict("Esta conta não tem CPF comprovado: não há o que desfazer.")
    form = UndoForm()
    if request.method == "POST" and form.validate():
        with transaction() as db:
            operations.undo_proof(db, account_id, reason=form.reason.data or "", actor=actor())
        flash("Comprovação desfeita. A pessoa foi avisada por e-mail e pode comprovar de novo.", "ok")
        return redirect(url_for("cac.find_account"), 303)
    return render_template("cac/undo.html", form=form, account=account, person=person), 422 if form.errors else 200


def told_apart(one: str, other: str) -> tuple[str, str]:
    """Two CPFs masked (VA3); where the masks hide the difference, the digits that differ are shown."""
    masks = rules.mask_cpf(one), rules.mask_cpf(other)
    if masks[0] != masks[1]:
        return masks
    full = rules.format_cpf(one), rules.format_cpf(other)
    different = [a != b for a, b in zip(*full, strict=True)]
    first, second = (
        "".join(digit if shown else hidden for digit, shown, hidden in zip(text, different, mask, strict=True))
        for text, mask in zip(full, masks, strict=True)
    )
    return first, second


def _prove(account_id: UUID, form: ProofForm) -> UUID:
    holds: dict[str, NameThatHolds] = {"registered": "registered", "document": "document"}
    with transaction() as db:
        return operations.prove_cpf(
            db,
            account_id,
            cpf=form.cpf.data or "",
            full_name=form.full_name.data or "",
            document_seen=bool(form.document_seen.data),
            actor=actor(),
            other_cpf=bool(form.other_cpf.data),
            name=holds.get(form.name_that_holds.data or ""),
        ).id


def _ask_again(account: AccountRow, form: ProofForm, doubt: ProofInDoubt) -> Answer:
    """What was typed beside what is known; a tick and a choice decide, nothing is decided beforehand."""
    form.name_that_holds.choices = [
        ("document", f"{form.full_name.data}: é o do documento; corrigir o cadastro"),
        ("registered", f"{doubt.registered_name}: o cadastro está certo; fica como está"),
    ]
    if request.form.get("step") == "do":
        if doubt.declared_cpf and not form.other_cpf.data:
            form.other_cpf.errors = ["Confira o CPF no documento e marque, ou volte e corrija o que digitou."]
        if doubt.registered_name and not form.name_that_holds.data:
            form.name_that_holds.errors = ["Marque qual dos dois nomes é o da pessoa."]
    cpfs = told_apart(rules.normalize_cpf(form.cpf.data or ""), doubt.declared_cpf) if doubt.declared_cpf else None
    page = render_template("cac/prove_review.html", form=form, account=account, doubt=doubt, cpfs=cpfs)
    return page, 422 if form.errors else 200


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
