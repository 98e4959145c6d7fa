"""The lists of the administration: one set of pages for every screen that keeps a list of things."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from people.access import authorize
from webapp.administracao.models import MODELS, STANDARD_TEXTS, variables
from webapp.administracao.publicacao import VEHICLES
from webapp.administracao.screens import Screen, problems
from webapp.administracao.types import DOCUMENT_TYPES, DOSSIER_TYPES, HYPOTHESES
from webapp.administracao.units import ORGANS, UNITS
from webapp.gestao import task_forms
from webapp.security import actor, may, requires
from workflow import forms
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput
from workflow.process import Form

blueprint = Blueprint("administracao", __name__, template_folder="templates")
SCREENS = {
    one.slug: one
    for one in (UNITS, ORGANS, DOSSIER_TYPES, DOCUMENT_TYPES, MODELS, STANDARD_TEXTS, HYPOTHESES, VEHICLES)
}  # fmt: skip
BEGIN = {"active": "sim", "free_routing": "sim", "level": "publico", "destination": "guarda"}
"""What most new things are; somebody who wants otherwise says so."""


@blueprint.get("/administracao")
@requires("system.view")
def front() -> str:
    """What can be kept here."""
    return render_template("administracao/front.html", screens=[one for one in SCREENS.values() if may(one.action)])


@blueprint.get("/administracao/listas/<slug>")
@requires("system.view")
def listing(slug: str) -> str:
    """Everything that a screen keeps, those out of use last."""
    screen = _screen(slug)
    with transaction() as session:
        lines = screen.lines(session)
    lines.sort(key=lambda line: not line.active)
    return render_template("administracao/lista.html", screen=screen, lines=lines)


@blueprint.get("/administracao/listas/<slug>/novo")
@requires("system.view")
def new(slug: str) -> ResponseReturnValue:
    """The empty form; where only one thing can be chosen, it is."""
    screen = _screen(slug)
    with transaction() as session:
        fields = screen.form(session, None).fields
    only = {one.name: one.choices[0][0] for one in fields if one.required and len(one.choices) == 1}
    return _page(screen, None, {**BEGIN, **only}, {})


@blueprint.post("/administracao/listas/<slug>/novo")
@requires("system.view")
def create(slug: str) -> ResponseReturnValue:
    """Something new."""
    return _save(_screen(slug), None)


@blueprint.get("/administracao/listas/<slug>/<key>")
@requires("system.view")
def edit(slug: str, key: str) -> ResponseReturnValue:
    """The form as it is now."""
    screen = _screen(slug)
    with transaction() as session:
        values = dict(screen.values(session, key))
    return _page(screen, key, values, {})


@blueprint.post("/administracao/listas/<slug>/<key>")
@requires("system.view")
def change(slug: str, key: str) -> ResponseReturnValue:
    """What was changed; what was typed comes back when it is refused."""
    return _save(_screen(slug), key)


@blueprint.post("/administracao/listas/<slug>/<key>/excluir")
@requires("system.view")
def delete(slug: str, key: str) -> ResponseReturnValue:
    """Away with it, where the screen lets things be deleted."""
    screen = _screen(slug)
    if screen.delete is None:
        abort(404)
    with transaction() as session:
        screen.delete(session, key, actor())
    flash("Excluído.", "ok")
    return redirect(url_for("administracao.listing", slug=slug), code=303)


def _screen(slug: str) -> Screen:
    found = SCREENS.get(slug)
    if found is None:
        abort(404)
    authorize(actor(), found.action)
    return found


def _save(screen: Screen, key: str | None) -> ResponseReturnValue:
    with transaction() as session:
        form = screen.form(session, key)
        if key is not None:
            screen.values(session, key)
    raw = task_forms.posted(form, request.form)
    with transaction() as session:
        wrong = problems(session, form, key, raw, screen.rules)
    if wrong:
        return _page(screen, key, raw, wrong), 422
    try:
        with transaction() as session:
            screen.save(session, key, forms.validate(form, raw), actor())
    except InvalidInput as refusal:
        known = {field.name for field in form.fields}
        errors = {name if name in known else form.fields[0].name: text for name, text in refusal.fields.items()}
        return _page(screen, key, raw, errors or {form.fields[0].name: refusal.message}), 422
    except Conflict as refusal:
        return _page(screen, key, raw, {form.fields[0].name: refusal.message}), 409
    flash("Salvo.", "ok")
    return redirect(url_for("administracao.listing", slug=screen.slug), code=303)


def _page(screen: Screen, key: str | None, raw: dict[str, str], errors: dict[str, str]) -> str:
    with transaction() as session:
        form: Form = screen.form(session, key)
    told = task_forms.with_labels(form, errors)
    return render_template(
        "administracao/item.html", screen=screen, key=key, form=form, raw=raw, errors=told, variables=variables()
    )
