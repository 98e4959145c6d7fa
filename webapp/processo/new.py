"""A new processo: first the type, found by name or among those the unit uses most; then what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier import operations, page_queries
from documents.dossier import queries as dossiers
from documents.dossier.models import DossierType
from documents.numbering import rules as numbers
from people.rules import fold
from webapp import once
from webapp.forms import blame
from webapp.processo import situation, words
from webapp.processo.acts import url_of
from webapp.processo.blueprint import blueprint
from webapp.processo.fields import choices
from webapp.processo.forms import NewForm
from webapp.security import actor, requires
from workflow import queries as work
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Offered:
    """A type in the list."""

    key: str
    name: str
    note: str
    url: str


@blueprint.get("/novo")
@requires("dossier.open")
def new() -> str:
    """The types: those that the unit uses most, and all, shortened by what is typed."""
    asked = " ".join(request.args.get("q", "").split())[:100]
    with transaction() as session:
        types = [_offered(one) for one in dossiers.types(session)]
        used = page_queries.favourite_types(session, actor().unit)
    known = {one.key: one for one in types}
    found = [one for one in types if all(word in fold(one.name) for word in fold(asked).split())]
    favourites = [] if asked else [known[key] for key in used if key in known]
    return render_template("processo/novo.html", q=asked, types=found, favourites=favourites)


def _offered(row: DossierType) -> Offered:
    notes = [words.LEVELS[row.level]] if row.level != "publico" else []
    if row.process_key:
        notes.append("com plano de trabalho" if row.free_routing else "anda só pelo plano de trabalho")
    return Offered(row.key, row.name, ", ".join(notes), url_for("processo.new_of_type", type_key=row.key))


@blueprint.route("/novo/<type_key>", methods=["GET", "POST"])
@requires("dossier.open")
def new_of_type(type_key: str) -> ResponseReturnValue:
    """Opens a processo; refused, the form comes back as it was filled in."""
    with transaction() as session:
        kind = _type(session, type_key)
        form = _form(session, kind)
    if request.method == "GET":
        return _page(kind, form)
    if not form.validate():
        return _page(kind, form), 422
    informed = form.number.data if form.numbering.data == "informado" else None
    doubt = _doubt(informed)
    if doubt and not form.wrong_digit_known.data:
        return _page(kind, form, doubt), 422
    try:
        with transaction() as session:
            earlier = once.earlier(session)
            if earlier is not None:
                return once.answered(earlier)
            made = operations.open_dossier(
                session, type_key, actor=actor(), specification=form.specification.data or "",
                parties=_lines(form.parties.data), level=form.level.data, number=informed,
                hypothesis_id=situation.document_asked(form.hypothesis_id.data) if form.level.data != "publico" else None,
            )  # fmt: skip
            dossier_id = made.id
            told = f"Processo {made.number} aberto.{' ' + doubt if doubt else ''}"
            once.keep(session, location=url_of(dossier_id), sentence=told)
    except (InvalidInput, Conflict) as refusal:
        if isinstance(refusal, Conflict):
            refusal = InvalidInput({"number": refusal.message})
        blame(form, refusal)
        return _page(kind, form, doubt), 422
    flash(told, "warning" if doubt else "ok")
    return redirect(url_of(dossier_id), code=303)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _doubt(number: str | None) -> str:
    """A received number with a wrong digit is a warning, never a refusal (identifiers.md, section 3)."""
    return numbers.check(number).warning if number else ""


def _type(session: Session, type_key: str) -> DossierType:
    found = next((one for one in dossiers.types(session) if one.key == type_key), None)
    if found is None:
        raise NotFound("Não encontramos este tipo de processo.", type=type_key)
    return found


def _form(session: Session, kind: DossierType) -> NewForm:
    form = NewForm()
    form.hypothesis_id.choices = choices(
        [("", "Nenhuma: o acesso é público"), *words.hypotheses(dossiers.hypotheses(session))]
    )
    if not form.is_submitted():
        form.level.data = kind.level
        form.hypothesis_id.data = str(kind.hypothesis_id or "")
    return form


def _page(kind: DossierType, form: NewForm, doubt: str = "") -> str:
    plan = ""
    if kind.process_key:
        free = "" if kind.free_routing else " e só anda por ele"
        plan = f"Este tipo traz um plano de trabalho{free}: {work.process_title(kind.process_key)}."
    return render_template("processo/novo_tipo.html", type=kind, form=form, plan=plan, number_warning=doubt)
