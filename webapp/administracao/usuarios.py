"""Accounts of servants: who they are, their places, their password and second factor, whether they may sign in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.signatures import queries
from people import operations, rules, second_factor
from people import queries as people
from people.accounts import require_login
from people.queries import AccountRow
from people.roles import ROLES, STAFF_ROLES
from webapp.administracao import provisional
from webapp.administracao.forms import CertificateForm
from webapp.administracao.screens import Rule, problems
from webapp.administracao.views import blueprint
from webapp.gestao import task_forms
from webapp.gestao.words import as_uuid
from webapp.security import actor, requires
from workflow import clock, forms
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound
from workflow.process import Field, Form

NEW = Form("Nova conta de servidor", (
    Field("login", "Usuário", max_length=40, help="O nome com que a pessoa entra."),
    Field("display_name", "Nome", max_length=200),
    Field("email", "E-mail", required=False, max_length=254),
), action="Criar conta")  # fmt: skip
_TAKEN = "Já existe uma conta com esse usuário. Escolha outro."
RULES = (
    Rule("login", lambda _session, _key, raw: require_login(raw["login"])),
    Rule("display_name", lambda _session, _key, raw: rules.clean_name(raw["display_name"])),
    Rule("email", lambda _session, _key, raw: rules.normalize_email(raw["email"])),
)


def _place_form() -> Form:
    with transaction() as session:
        units = tuple((sigla, f"{sigla}: {name}") for sigla, name in people.units(session))
    roles = tuple((role, name) for role, name in ROLES.items() if role in STAFF_ROLES)
    return Form("Dar um perfil", (
        Field("unit", "Unidade", "choice", choices=units),
        Field("role", "Perfil", "choice", choices=roles),
        Field("ends_on", "Até", "date", required=False, help="Em branco, sem fim marcado."),
    ), action="Dar perfil")  # fmt: skip


@blueprint.get("/administracao/usuarios")
@requires("users.manage")
def users() -> str:
    """Every account of a servant, found by name, login or unit."""
    wanted = request.args.get("q", "").strip().casefold()
    with transaction() as session:
        accounts = people.staff_accounts(session)
        held: dict[UUID, list[str]] = {}
        for one in people.memberships(session):
            if one.revoked_at is None and (one.ends_on is None or one.ends_on >= clock.today()):
                held.setdefault(one.account_id, []).append(f"{one.unit}: {ROLES[one.role]}")
    rows = [(one, sorted(held.get(one.id, []))) for one in accounts]
    found = [row for row in rows if wanted in f"{row[0].login} {row[0].display_name} {' '.join(row[1])}".casefold()]
    return render_template(
        "administracao/usuarios.html", rows=found[:200], total=len(found), wanted=request.args.get("q", "")
    )


@blueprint.route("/administracao/usuarios/novo", methods=["GET", "POST"])
@requires("users.manage")
def new_user() -> ResponseReturnValue:
    """A new account; its temporary password is shown once."""
    raw = task_forms.posted(NEW, request.form)
    errors: dict[str, str] = {}
    key = provisional.form_key()
    if request.method == "POST":
        try:
            with transaction() as session:
                errors = problems(session, NEW, None, raw, RULES)
                if errors and "login" not in errors and _taken(session, raw["login"]):
                    errors["login"] = _TAKEN
            if not errors:
                account_id = _created(forms.validate(NEW, raw), key)
                provisional.show_once(account_id, key)
                flash("Conta criada.", "ok")
                return redirect(url_for("administracao.user", account_id=account_id), code=303)
        except InvalidInput as refusal:
            errors = dict(refusal.fields)
        except Conflict as refusal:
            errors = {"login": refusal.message}
    told = task_forms.with_labels(NEW, errors)
    page = render_template("administracao/usuario_novo.html", form=NEW, raw=raw, errors=told, key=key)
    return (page, 422) if errors else page


def _taken(session: Session, login: str) -> bool:
    return login.casefold() in {one.login for one in people.staff_accounts(session)}


def _created(given: Mapping[str, Any], key: str) -> UUID:
    """The account; the one that the same form has already made, when it was sent twice."""
    password = provisional.password_of(key, given["login"])
    try:
        with transaction() as session:
            return operations.create_staff_account(
                session, given["login"], given["display_name"], password, email=given["email"], actor=actor()
            ).id
    except Conflict:
        with transaction() as session:
            earlier = provisional.made_before(session, given["login"], password)
        if earlier is None:
            raise
        return earlier


@blueprint.get("/administracao/usuarios/<uuid:account_id>")
@requires("users.manage")
def user(account_id: UUID) -> str:
    """One account with its places and what can be done."""
    return account_page(account_id)


@blueprint.post("/administracao/usuarios/<uuid:account_id>/perfil")
@requires("users.manage")
def give_role(account_id: UUID) -> ResponseReturnValue:
    """A role in a unit."""
    form = _place_form()
    raw = task_forms.posted(form, request.form)
    try:
        given = forms.validate(form, raw)
        with transaction() as session:
            operations.add_membership(
                session, account_id, given["unit"], given["role"], ends_on=given["ends_on"], actor=actor()
            )
    except InvalidInput as refusal:
        return account_page(account_id, raw, task_forms.with_labels(form, refusal.fields)), 422
    flash("Perfil dado.", "ok")
    return redirect(url_for("administracao.user", account_id=account_id), code=303)


@blueprint.post("/administracao/usuarios/<uuid:account_id>/retirar")
@requires("users.manage")
def take_role(account_id: UUID) -> ResponseReturnValue:
    """The role is lost at once, in open sessions too."""
    membership = as_uuid(request.form.get("lotacao", ""))
    with transaction() as session:
        if membership not in {one.id for one in people.memberships(session, account_id)}:
            raise NotFound("Não encontramos essa lotação.")
        operations.revoke_membership(session, membership, actor=actor())
    flash("Perfil retirado. Vale desde já, também nas sessões abertas.", "ok")
    return redirect(url_for("administracao.user", account_id=account_id), code=303)


@blueprint.post("/administracao/usuarios/<uuid:account_id>/<act>")
@requires("users.manage")
def act_on(account_id: UUID, act: str) -> ResponseReturnValue:
    """Block, unblock, a new temporary password, or the second factor taken away (a lost telephone)."""
    with transaction() as session:
        known = people.account(session, account_id)
        if known is None or known.kind != "staff" or act not in {"bloquear", "desbloquear", "senha", "segundo-fator"}:
            raise NotFound("Não encontramos essa conta.")
        if act == "bloquear" and account_id == actor().id:
            raise InvalidInput(message="Você não pode bloquear a sua própria conta.")
        if act == "senha" and account_id == actor().id:  # the sessions end with it, and nobody would see the new one
            raise InvalidInput(message="A sua própria senha se troca em “Minha conta”.")
        flash(_done(session, known, act), "ok")
    return redirect(url_for("administracao.user", account_id=account_id), code=303)


def _done(session: Session, account: AccountRow, act: str) -> str:
    account_id = account.id
    if act == "bloquear":
        operations.disable_account(session, account_id, actor=actor())
        return "Conta bloqueada; as sessões abertas terminaram."
    if act == "desbloquear":
        operations.enable_account(session, account_id, actor=actor())
        return "Conta desbloqueada."
    if act == "segundo-fator":
        operations.reset_second_factor(session, account_id, actor=actor())
        return "A verificação em duas etapas foi removida."
    key = provisional.form_key()
    password = provisional.password_of(key, account.login)
    operations.set_temporary_password(session, account_id, password, actor=actor())
    provisional.show_once(account_id, key)
    return "Senha provisória gerada; as sessões abertas da conta terminaram."


def account_page(
    account_id: UUID,
    raw: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    certificate: CertificateForm | None = None,
) -> str:
    """The page of one account; `raw` and `errors` of a role that was refused, `certificate` the form of a refused file."""
    with transaction() as session:
        known = people.account(session, account_id)
        if known is None or known.kind != "staff":
            raise NotFound("Não encontramos essa conta.")
        places = [one for one in people.memberships(session, account_id) if one.revoked_at is None]
        second = second_factor.active(session, account_id)
        registered = queries.certificates_of(session, account_id, actor=actor())
    form = _place_form()
    only = {one.name: one.choices[0][0] for one in form.fields if one.required and len(one.choices) == 1}
    password = provisional.shown_now(account_id, known.login)
    return render_template(
        "administracao/usuario.html", password=password, key=secrets.token_hex(16), account=known, places=places, roles=ROLES, form=form, raw=raw or only,
        errors=errors or {}, today=clock.today(), now=clock.now(), has_second_factor=second, own=account_id == actor().id,
        certificates=registered, certificate_form=certificate or CertificateForm(formdata=None),
    )  # fmt: skip
