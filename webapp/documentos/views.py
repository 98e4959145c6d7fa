"""A document read: its own page, the part that the page of the processo shows, its files."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents import operations as sealed
from documents import qr
from documents.dossier.models import Dossier
from documents.texts import operations as texts
from webapp import downloads
from webapp.documentos import reading
from webapp.documentos.blueprint import blueprint
from webapp.documentos.reading import Shown
from webapp.processo import acts
from webapp.security import requires
from workflow.database import transaction
from workflow.errors import Conflict, NotFound

# A picture or a text of somebody's, alone in a tab: it may do nothing at all.
_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@blueprint.get("/documento/<uuid:document_id>")
@requires("dossier.read")
def page(document_id: UUID) -> str:
    """The document in a page of its own: its permalink."""
    return render_template("documentos/documento.html", inside=False, **_read(document_id))


@blueprint.get("/documento/<uuid:document_id>/ver")
@requires("dossier.read")
def part(document_id: UUID) -> str:
    """What stands in the middle of the page of the processo."""
    return render_template("documentos/_documento.html", inside=True, **_read(document_id))


def _read(document_id: UUID) -> dict[str, object]:
    with transaction() as session:
        document = reading.opened(session, document_id)
        shown = reading.shown(session, document)
        text = reading.as_read(reading.text_of(session, document)) if document.kind != "external" else ""
        more = acts.buttons_on(session, session.get_one(Dossier, document.dossier_id), document)
    return {"document": shown, "text": text, "more": more, "methods": reading.METHODS, "qr": _qr(shown), **links(shown)}


def links(shown: Shown) -> dict[str, str]:
    """Addresses that a document's pages share."""
    dossier_url = url_for("processo.page", dossier_id=shown.dossier_id)
    return {"process_url": f"{dossier_url}?documento={shown.id}", "levels": reading.LEVELS}  # type: ignore[dict-item]  # names of levels, for the templates


def _qr(shown: Shown) -> str:
    """The address of the conferência with the code in it; whoever photographs the screen need not type."""
    if shown.check is None:
        return ""
    address = f"{current_app.extensions['settings'].public_url}{url_for('validacao.form', codigo=shown.check.code)}"
    return qr.qr_svg(address, "QR Code para conferir este documento").decode()


@blueprint.get("/documento/<uuid:document_id>/situacao")
@requires("dossier.read")
def state(document_id: UUID) -> ResponseReturnValue:
    """While the sealed file is being made: 304 until it is there, then the whole part again."""
    with transaction() as session:
        waiting = reading.shown(session, reading.opened(session, document_id)).pending
    if waiting:
        return Response(status=304)
    return render_template("documentos/_documento.html", inside="dentro" in request.args, **_read(document_id))


@blueprint.get("/documento/<uuid:document_id>/pdf")
@requires("dossier.read")
def sealed_file(document_id: UUID) -> Response:
    """The sealed PDF, the same bytes every time."""
    with transaction() as session:
        document = reading.opened(session, document_id)
        if document.sealed_id is None:
            raise Conflict("O PDF deste documento ainda está sendo preparado. Tente de novo em alguns segundos.")
        content = sealed.read_bytes(session, document.sealed_id)
        name = f"documento-{document.number:07d}.pdf"
    return downloads.pdf(content, name, download="baixar" in request.args)


@blueprint.get("/documento/<uuid:document_id>/original")
@requires("dossier.read")
def original(document_id: UUID) -> Response:
    """The file as it came. Only PDF and pictures open in the browser, and nothing in them runs."""
    with transaction() as session:
        document = reading.opened(session, document_id)
        if document.kind != "external" or not document.address:
            raise NotFound("Este documento não tem um arquivo original.")
        content = _bytes(session, document_id)
        name, media = document.file_name or "arquivo", document.media_type or "application/octet-stream"
    inline = "baixar" not in request.args and (media == "application/pdf" or media in reading.PICTURES)
    if inline and media == "application/pdf":
        return downloads.pdf(content, f"documento-{document.number:07d}.pdf")
    response = make_response(content)
    response.headers["Content-Type"] = media
    response.headers.set("Content-Disposition", "inline" if inline else "attachment", filename=name)
    response.headers["Content-Security-Policy"] = _NOTHING
    return downloads.unlisted(response)


def _bytes(session: Session, document_id: UUID) -> bytes:
    content: bytes = texts.read_bytes(session, document_id)
    return content
