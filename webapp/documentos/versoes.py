"""Versions: the list, one of them, two compared, an old one restored."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from documents.texts import operations as texts
from documents.texts import versions as stored
from webapp.documentos import reading
from webapp.documentos.blueprint import blueprint
from webapp.documentos.views import links
from webapp.security import actor, requires
from webapp.shown import show_instant
from workflow.database import transaction
from workflow.errors import NotFound

_HEARD = (
    ("<del>", '<del><span class="visually-hidden">[retirado: </span>'),
    ("</del>", '<span class="visually-hidden">]</span></del>'),
    ("<ins>", '<ins><span class="visually-hidden">[incluído: </span>'),
    ("</ins>", '<span class="visually-hidden">]</span></ins>'),
)


@blueprint.get("/documento/<uuid:document_id>/versoes")
@requires("dossier.read")
def versions(document_id: UUID) -> str:
    """Every version, latest first."""
    with transaction() as session:
        document = reading.opened(session, document_id)
        shown = reading.shown(session, document)
        lines = reading.versions_of(session, document)
    return render_template(
        "documentos/versoes.html",
        document=shown,
        lines=lines,
        view_url=url_for("documentos.page", document_id=document_id),
    )


@blueprint.get("/documento/<uuid:document_id>/versoes/<int:number>")
@requires("dossier.read")
def version(document_id: UUID, number: int) -> str:
    """One version; to htmx only its text, as it is written when the `editor` asks."""
    with transaction() as session:
        document = reading.opened(session, document_id)
        row = stored.at(session, document_id, number)
        if request.headers.get("HX-Request"):
            text = row.html if "editor" in request.args else reading.as_read(row.html)
            return f'<div class="texto" data-text>{text}</div>'
        shown = reading.shown(session, document)
        line = next(one for one in reading.versions_of(session, document) if one.version == number)
    return _page(
        shown, f"Versão {number}", f"{line.author}, {show_instant(line.created_at)}. {line.comment}", reading.as_read(row.html),
        number if shown.may_edit and number != shown.version else 0,
    )  # fmt: skip


@blueprint.get("/documento/<uuid:document_id>/comparar")
@requires("dossier.read")
def compare(document_id: UUID) -> str:
    """From version `de` to version `para`: what was taken out and what was put in, seen and heard."""
    before, after = request.args.get("de", type=int), request.args.get("para", type=int)
    with transaction() as session:
        document = reading.opened(session, document_id)
        if before is None or after is None:
            raise NotFound("Escolha as duas versões que quer comparar.")
        html = texts.compare(session, document_id, before, after)
        shown = reading.shown(session, document)
    for mark, heard in _HEARD:
        html = html.replace(mark, heard)
    if request.headers.get("HX-Request"):
        return f'<div class="texto">{html}</div>'
    note = "O que foi retirado aparece riscado; o que foi incluído, sublinhado."
    return _page(
        shown,
        f"Da versão {before} para a {after}",
        note,
        html,
        before if shown.may_edit and before != shown.version else 0,
    )


def _page(shown: reading.Shown, title: str, note: str, text: str, restorable: int) -> str:
    return render_template(
        "documentos/versao.html",
        document=shown,
        title=title,
        note=note,
        text=text,
        restorable=restorable,
        **links(shown),
    )


@blueprint.post("/documento/<uuid:document_id>/versoes/<int:number>/restaurar")
@requires("dossier.work")
def restore(document_id: UUID, number: int) -> ResponseReturnValue:
    """The old text becomes a new version."""
    with transaction() as session:
        reading.require_editable(session, document_id)
        saved = texts.restore(session, document_id, number, actor=actor())
    flash(f"A versão {number} foi restaurada: agora é a versão {saved.version}.", "ok")
    return redirect(url_for("documentos.page", document_id=document_id), code=303)
