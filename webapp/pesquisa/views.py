"""`/pesquisa`: the query, the filters, the results, the searches that the account keeps."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier import queries as dossiers
from documents.search import queries, saved
from documents.search.queries import Results
from people import queries as people
from webapp.pesquisa import asked
from webapp.pesquisa.asked import Asked
from webapp.pesquisa.shown import Line, line
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import DomainError, InvalidInput

blueprint = Blueprint("pesquisa", __name__, template_folder="templates")


@dataclass(frozen=True)
class Answer:
    """What the page shows of a search: lines, or what is wrong."""

    lines: tuple[Line, ...] = ()
    total: int | None = None
    next_url: str = ""
    notice: str = ""
    error: str = ""
    field: str = "q"
    """Of the error."""


@blueprint.get("/pesquisa")
@requires("dossier.search")
def page() -> ResponseReturnValue:
    """The form; once something was asked for (or the empty query sent), its results, newest first."""
    search = asked.read(request.args)
    sent = "q" in request.args
    with transaction() as session:
        choices = _choices(session)
        kept = saved.saved_searches(session, actor())
    answer = _answer(search) if sent else Answer()
    rendered = render_template(
        "pesquisa/pagina.html",
        search=search,
        sent=sent,
        answer=answer,
        total_url=url_for("pesquisa.total", **search.address),
        kept=kept,
        kinds=asked.KINDS,
        **choices,
    )
    return rendered, 422 if answer.error else 200


@blueprint.get("/pesquisa/total")
@requires("dossier.search")
def total() -> str:
    """How many results there are, for the page that did not know yet."""
    search = asked.read(request.args)
    with transaction() as session:
        found = queries.count(session, actor(), search.text, search.filters)
    return render_template("pesquisa/_total.html", total=found)


@blueprint.post("/pesquisa/guardadas")
@requires("dossier.search")
def keep() -> ResponseReturnValue:
    """Keeps the search that the page shows under a name."""
    search = asked.read(request.form)
    try:
        with transaction() as session:
            made = saved.save_search(session, request.form.get("nome", ""), search.terms, actor=actor())
    except InvalidInput as refusal:
        flash(refusal.message, "error")
    else:
        flash(f"Pesquisa “{made.name}” guardada.", "ok")
    return redirect(url_for("pesquisa.page", **search.address), code=303)


@blueprint.post("/pesquisa/guardadas/<uuid:saved_id>/excluir")
@requires("dossier.search")
def forget(saved_id: UUID) -> ResponseReturnValue:
    """Forgets a kept search."""
    with transaction() as session:
        name = saved.delete_search(session, saved_id, actor=actor())
    flash(f"Pesquisa “{name}” excluída.", "ok")
    return redirect(url_for("pesquisa.page"), code=303)


def _answer(search: Asked) -> Answer:
    if search.errors:
        return wrong(search)
    try:
        with transaction() as session:
            found = queries.search(session, actor(), search.text, search.filters, search.after)
            names = people.account_names(session, {item.author for item in found.items if item.author})
    except DomainError as refusal:
        return Answer(error=refusal.message)
    lines = tuple(line(item, names) for item in found.items)
    return Answer(lines, found.total, _next(search, found), found.notice)


def wrong(search: Asked) -> Answer:
    """What could not be understood, the first of it."""
    name, message = next(iter(search.errors.items()))
    return Answer(error=message, field=name)


def _next(search: Asked, found: Results) -> str:
    if found.after is None:
        return ""
    return url_for("pesquisa.page", **search.address, depois=str(found.after))


def _choices(session: Session) -> dict[str, object]:
    """What the filters offer."""
    return {
        "units": people.units(session),
        "dossier_types": [(one.key, one.name) for one in dossiers.types(session, active=False)],
        "document_types": [(one.key, one.name) for one in dossiers.document_types(session)],
    }
