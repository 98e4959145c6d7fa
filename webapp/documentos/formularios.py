"""A document that is a form: its type's fields are filled in, and each save is a version."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from documents.texts import forms as declared
from documents.texts import operations as texts
from documents.texts import versions
from webapp.documentos import reading
from webapp.documentos.blueprint import blueprint
from webapp.documentos.views import links
from webapp.gestao import task_forms
from webapp.gestao.task_forms import Filled
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput


@blueprint.get("/documento/<uuid:document_id>/formulario")
@requires("dossier.work")
def form(document_id: UUID) -> str:
    """The fields, with the answers of the version in force."""
    return _page(document_id, None)


@blueprint.post("/documento/<uuid:document_id>/formulario")
@requires("dossier.work")
def fill(document_id: UUID) -> ResponseReturnValue:
    """The answers become a version; what is wrong is told at its field and nothing typed is lost."""
    with transaction() as session:
        document = reading.require_editable(session, document_id)
        asked = declared.form_of(session, document.type_key)
    raw = task_forms.posted(asked, request.form)
    try:
        with transaction() as session:
            document = reading.require_editable(session, document_id)
            based_on = request.form.get("based_on", document.version, type=int)
            saved = texts.save_form(session, document_id, raw, actor=actor(), based_on=based_on)
    except InvalidInput as error:
        return _page(document_id, Filled(raw, task_forms.with_labels(asked, error.fields))), 422
    flash(saved.message if saved.conflict else "Respostas salvas.", "warning" if saved.conflict else "ok")
    target = "documentos.versions" if saved.conflict else "documentos.page"
    return redirect(url_for(target, document_id=document_id), code=303)


def _page(document_id: UUID, filled: Filled | None) -> str:
    with transaction() as session:
        document = reading.require_editable(session, document_id)
        if document.kind != "form":
            raise Conflict("Este documento não é um formulário.")
        shown = reading.shown(session, document)
        asked = declared.form_of(session, document.type_key)
        current = versions.current(session, document)
        answers = (current.answers or {}) if current is not None else {}
    if filled is None:
        filled = Filled({name: _written(value) for name, value in answers.items()})
    return render_template(
        "documentos/formulario.html", document=shown, form=asked, filled=filled, signed=bool(shown.signatures),
        based_on=request.form.get("based_on", shown.version), view_url=url_for("documentos.page", document_id=document_id),
        **links(shown),
    )  # fmt: skip


def _written(value: object) -> str:
    """An answer as the field shows it."""
    if isinstance(value, bool):
        return "sim" if value else "nao"
    return "" if value is None else str(value)
