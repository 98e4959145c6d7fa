"""The register of the 853 câmaras: addresses, presidents, the accounts that act for each; imported whole (EM1)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from people import queries as people
from processes.oficio_camaras import operations
from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.models import Camara
from webapp.forms import blame
from webapp.oficios import queries
from webapp.oficios.blueprint import blueprint
from webapp.oficios.forms import CamaraForm, ImportForm, LinkForm
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import DomainError, InvalidInput, NotFound

PAGE = 60


@blueprint.get("/oficios/camaras")
@requires("oficio.view")
def camaras() -> str:
    """The register, by name; `sem_email` shows those that need an address."""
    name, without = " ".join(request.args.get("nome", "").split())[:80], "sem_email" in request.args
    page = max(request.args.get("pagina", 1, type=int), 1)
    with transaction() as session:
        found = oficios.camaras(session, actor(), name=name, without_email=without)
        missing = len(oficios.camaras(session, actor(), without_email=True))
    rows = found[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "oficios/camaras.html", rows=rows, total=len(found), missing=missing, name=name, without=without, page=page,
        more=page * PAGE < len(found), size=PAGE,
    )  # fmt: skip


@blueprint.route("/oficios/camaras/<ibge>", methods=["GET", "POST"])
@requires("oficio.work")
def camara(ibge: str) -> ResponseReturnValue:
    """One câmara: what is known of it, and who acts for it."""
    with transaction() as session:
        row = _camara(session, ibge)
        form = CamaraForm(obj=row) if request.method == "GET" else CamaraForm()
        if request.method == "GET":
            form.president_gender.data = row.president_gender or ""
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                operations.update_camara(
                    session, ibge, actor=actor(), email=form.email.data or "", phone=form.phone.data or "",
                    president=form.president.data or "", president_gender=form.president_gender.data,
                )  # fmt: skip
        except DomainError as refusal:
            blame(form, refusal)
        else:
            flash(f"Cadastro da Câmara Municipal de {row.name} atualizado.", "ok")
            return redirect(url_for("oficios.camara", ibge=ibge), code=303)
    page = _page(ibge, form, LinkForm(formdata=None))
    return (page, 422) if form.errors or form.form_errors else page


@blueprint.post("/oficios/camaras/<ibge>/contas")
@requires("oficio.work")
def link(ibge: str) -> ResponseReturnValue:
    """An account of an external user acts for this câmara from now on."""
    form = LinkForm()
    if form.validate():
        try:
            with transaction() as session:
                account = people.external_account_of_email(session, form.account_email.data or "")
                if account is None or account.confirmed_at is None:
                    raise InvalidInput({"account_email": "Não há conta confirmada de usuário externo com este e-mail."})
                operations.link_account(session, account.id, ibge, actor=actor())
        except DomainError as refusal:
            blame(form, refusal)
        else:
            flash("Conta ligada à câmara.", "ok")
            return redirect(url_for("oficios.camara", ibge=ibge), code=303)
    with transaction() as session:
        row = _camara(session, ibge)
        own = CamaraForm(formdata=None, obj=row)
        own.president_gender.data = row.president_gender or ""
    return _page(ibge, own, form), 422


@blueprint.post("/oficios/camaras/<ibge>/contas/<uuid:account_id>/desligar")
@requires("oficio.work")
def unlink(ibge: str, account_id: UUID) -> ResponseReturnValue:
    """The account no longer acts for this câmara."""
    with transaction() as session:
        operations.unlink_account(session, account_id, ibge, actor=actor())
    flash("Conta desligada da câmara.", "ok")
    return redirect(url_for("oficios.camara", ibge=ibge), code=303)


@blueprint.route("/oficios/camaras/importar", methods=["GET", "POST"])
@requires("oficio.work")
def import_csv() -> ResponseReturnValue:
    """The whole register from a CSV: 853 lines, none twice, or nothing changes (EM1)."""
    form = ImportForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                count = operations.import_camaras(
                    session, operations.read_csv(_text(form.arquivo.data.read())), actor=actor()
                )
        except DomainError as refusal:
            blame(form, refusal)
        else:
            flash(f"{count} câmaras importadas. O que já estava preenchido foi mantido.", "ok")
            return redirect(url_for("oficios.camaras"), code=303)
    page = render_template("oficios/importar.html", form=form)
    return (page, 422) if form.errors or form.form_errors else page


def _text(content: bytes) -> str:
    """UTF-8, with its mark or without."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            {"arquivo": "O arquivo não está em UTF-8. Salve-o como “CSV UTF-8” e envie de novo."}
        ) from None


def _camara(session: Session, ibge: str) -> Camara:
    found = session.get(Camara, ibge)
    if found is None:
        raise NotFound("Não encontramos essa câmara.", ibge=ibge[:10])
    return found


def _page(ibge: str, form: CamaraForm, link_form: LinkForm) -> str:
    with transaction() as session:
        row = _camara(session, ibge)
        accounts = queries.accounts_of(session, ibge)
    return render_template("oficios/camara.html", camara=row, form=form, link_form=link_form, accounts=accounts)
