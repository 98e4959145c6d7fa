"""What an external user sees and does, over grants in force (documents.dossier.external decides each)."""

from __future__ import annotations

import hashlib
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from documents import operations as sealed
from documents.dossier import external
from documents.dossier.external import ReceivedFile
from documents.dossier.external.grants import PETITION, SIGN
from documents.signatures import operations as signatures
from documents.signatures.standing import signatures_of
from documents.texts import operations as texts
from documents.texts import versions
from webapp import downloads
from webapp.documentos.reading import METHODS, PICTURES, as_read
from webapp.externo.forms import SendForm, SignForm
from webapp.forms import blame
from webapp.security import actor, remote_address, requires
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound

blueprint = Blueprint("externo", __name__, template_folder="templates")


@blueprint.get("/externo")
@requires("external.view")
def front() -> str:
    """The processos that are open to this person now, and their receipts, which stay."""
    with transaction() as session:
        dossiers = external.for_account(session, actor())
        receipts = external.receipts_of(session, actor())
    return render_template("externo/front.html", dossiers=dossiers, receipts=receipts)


@blueprint.get("/externo/processos/<uuid:dossier_id>")
@requires("external.view")
def dossier(dossier_id: UUID) -> str:
    """The documents that the grant covers, and what may be done."""
    with transaction() as session:
        external.note_opened(session, dossier_id, actor=actor())
        shown = external.view(session, dossier_id, actor())
    return render_template("externo/processo.html", dossier=shown)


@blueprint.get("/externo/documentos/<uuid:document_id>")
@requires("external.view")
def document(document_id: UUID) -> str:
    """One document, its text or its file, who signed it."""
    return _document_page(document_id, None)


@blueprint.get("/externo/documentos/<uuid:document_id>/arquivo")
@requires("external.view")
def file(document_id: UUID) -> Response:
    """The sealed PDF of what was written in the house, or the file as it came."""
    with transaction() as session:
        row = external.note_seen(session, document_id, actor=actor())
        if row.kind == "external":
            content, media = texts.read_bytes(session, document_id), row.media_type or "application/octet-stream"
            name = row.file_name or "arquivo"
        elif row.sealed_id is not None:
            content, media = sealed.read_bytes(session, row.sealed_id), "application/pdf"
            name = f"documento-{row.number:07d}.pdf"
        else:
            raise Conflict("O PDF deste documento ainda está sendo preparado. Tente de novo em alguns segundos.")
    if media == "application/pdf":
        return downloads.pdf(content, f"documento-{row.number:07d}.pdf", download="baixar" in request.args)
    response = make_response(content)
    response.headers["Content-Type"] = media
    way = "inline" if media in PICTURES and "baixar" not in request.args else "attachment"
    response.headers.set("Content-Disposition", way, filename=name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return downloads.unlisted(response)


@blueprint.post("/externo/documentos/<uuid:document_id>/assinar")
@requires("external.sign")
def sign(document_id: UUID) -> ResponseReturnValue:
    """The external signature: password and cargo; the version that was read is the one that is signed."""
    form = SignForm()
    refusal: DomainError | None = None
    if form.validate():
        try:
            with transaction() as session:
                row = external.authorize_document(session, actor(), document_id, SIGN)
                seen = request.form.get("versao", "")
                signatures.sign(
                    session, [document_id], password=form.password.data or "", cargo=form.cargo.data or "", actor=actor(),
                    address=remote_address(), versions_seen={document_id: int(seen[:9]) if seen.isascii() and seen.isdigit() else row.version},
                )  # fmt: skip
        except (InvalidInput, Conflict) as error:
            refusal = error
        else:
            flash("Documento assinado. O PDF com a sua assinatura está sendo preparado.", "ok")
            return redirect(url_for("externo.document", document_id=document_id), code=303)
    if refusal is not None:
        blame(form, refusal)
    return _document_page(document_id, form), 422


@blueprint.route("/externo/processos/<uuid:dossier_id>/enviar", methods=["GET", "POST"])
@requires("external.petition")
def send(dossier_id: UUID) -> ResponseReturnValue:
    """Documents for the unit, with a receipt."""
    form = SendForm()
    if request.method == "POST" and form.validate():
        files = [one for one in request.files.getlist("files") if one.filename]
        given = [ReceivedFile(one.stream, one.filename or "", form.title.data or "") for one in files]  # type: ignore[arg-type]  # a binary stream
        try:
            if not given:
                raise InvalidInput({"files": "Escolha pelo menos um arquivo."})
            with transaction() as session:
                earlier = external.sent_just_now(session, dossier_id, [_sha256(one) for one in files], actor=actor())
                made = earlier or external.petition(session, dossier_id, given, actor=actor())
        except (InvalidInput, Conflict) as refusal:
            blame(form, refusal)
        else:
            return redirect(url_for("externo.receipt", petition_id=made.id), code=303)
    with transaction() as session:
        external.authorize(session, actor(), dossier_id, PETITION)
        shown = external.view(session, dossier_id, actor())
    page = render_template("externo/enviar.html", form=form, dossier=shown)
    return (page, 422) if form.errors or form.form_errors else page


@blueprint.get("/externo/recibos/<uuid:petition_id>")
@requires("external.view")
def receipt(petition_id: UUID) -> str:
    """The proof of what was sent: number, instant, the SHA-256 of each file."""
    with transaction() as session:
        shown = external.receipt(session, petition_id, actor())
    return render_template("externo/recibo.html", receipt=shown)


def _sha256(file: FileStorage) -> str:
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # a binary stream
    file.stream.seek(0)
    return digest


def _document_page(document_id: UUID, form: SignForm | None) -> str:
    with transaction() as session:
        row = external.note_seen(session, document_id, actor=actor())
        view = external.view(session, row.dossier_id, actor())
        item = next((one for one in view.documents if one.id == document_id), None)
        if item is None:
            raise NotFound("Não encontramos este documento.")
        current = versions.current(session, row) if row.kind != "external" else None
        signed_by = list(signatures_of(session, document_id))
    mine = any(one.account_id == actor().id for one in signed_by)
    may_sign = document_id in view.signable and not mine and row.version > 0
    return render_template(
        "externo/documento.html", dossier=view, document=item, text=as_read(current.html) if current else "",
        signatures=signed_by, methods=METHODS, form=(form or SignForm()) if may_sign else None,
        picture=row.kind == "external" and (row.media_type or "") in PICTURES, has_file=row.kind == "external" or row.sealed_id is not None,
    )  # fmt: skip
