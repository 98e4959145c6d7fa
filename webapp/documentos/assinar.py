"""Signing: one or several documents in one go, by password, with a certificate where the type asks or the person wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, DossierDocument
from documents.signatures import access
from documents.signatures import operations as signatures
from webapp import once
from webapp.documentos import reading
from webapp.documentos.blueprint import blueprint
from webapp.documentos.forms import SignForm
from webapp.documentos.reading import Shown
from webapp.forms import blame
from webapp.security import actor, remote_address, requires
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound

MOST = 200


@blueprint.get("/documentos/assinar")
@requires("dossier.sign")
def sign() -> str:
    """What is about to be signed (`documento`, several times for several), with the password and the cargo."""
    form = SignForm()
    with transaction() as session:
        chosen = _chosen(session, request.args.getlist("documento"))
        form.cargo.data = reading.last_cargo(session)
        if _qualified(session, chosen):
            form.way.data = "certificado"
        return _page(session, chosen, form)


@blueprint.post("/documentos/assinar")
@requires("dossier.sign")
def signed() -> ResponseReturnValue:
    """All of them or none; whatever was typed but the password stays when it is refused."""
    form = SignForm()
    ids = request.form.getlist("documento")
    refusal: DomainError | None = None
    if form.validate():
        try:
            with transaction() as session:
                earlier = once.earlier(session)
                if earlier is not None:
                    return once.answered(earlier)
                chosen = asked_for(ids)
                done = record(session, chosen, form, versions_seen())
                target = _after(session, chosen)
                once.keep(session, location=target, sentence=told(done))
        except (InvalidInput, Conflict, Forbidden) as error:
            refusal = error
        else:
            flash(told(done), "ok")
            return redirect(target, code=303)
    if refusal is not None:
        blame(form, refusal)
    with transaction() as session:
        return _page(session, _chosen(session, ids), form), 422


def _after(session: Session, signed: Sequence[UUID]) -> str:
    """The document that was signed; the processo of several."""
    if len(signed) == 1:
        return url_for("documentos.page", document_id=signed[0])
    dossier_id = session.get_one(DossierDocument, signed[0]).dossier_id
    return url_for("processo.page", dossier_id=dossier_id)


def record(session: Session, ids: Sequence[UUID], form: SignForm, seen: Mapping[UUID, int]) -> int:
    """The signatures of the documents by what the form says; how many. The operation decides who may."""
    if form.way.data == "certificado":
        made = signatures.sign_with_certificate(
            session, ids, pkcs12=form.certificate.data.read(), passphrase=form.certificate_password.data or "", password=form.password.data or "",
            cargo=form.cargo.data or "", actor=actor(), address=remote_address(), versions_seen=seen,
        )  # fmt: skip
    else:
        made = signatures.sign(
            session, ids, password=form.password.data or "", cargo=form.cargo.data or "", actor=actor(), address=remote_address(),
            versions_seen=seen,
        )  # fmt: skip
    return len(made)


def told(done: int) -> str:
    """What the next page says."""
    return "Documento assinado." if done == 1 else f"{done} documentos assinados. Os PDFs estão sendo preparados."


def versions_seen() -> dict[UUID, int]:
    """`versao-<document>`: the version that was on the page when it was signed."""
    found = {}
    for name, value in request.form.items():
        if name.startswith("versao-") and value.isascii() and value.isdigit():
            identifier = as_uuid(name.removeprefix("versao-"))
            if identifier is not None:
                found[identifier] = int(value[:9])
    return found


def as_uuid(text: str) -> UUID | None:
    """The identifier that a text holds; None when it holds none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def asked_for(texts: Sequence[str]) -> list[UUID]:
    """The documents that a form or an address names."""
    ids = list(dict.fromkeys(found for found in (as_uuid(text) for text in texts[:MOST]) if found is not None))
    if not ids:
        raise NotFound("Escolha ao menos um documento para assinar.")
    return ids


def _chosen(session: Session, texts: Sequence[str]) -> list[Shown]:
    """The documents asked for, when this person may sign them."""
    allowed = [access.authorize_document(session, actor(), one, access.SIGN) for one in asked_for(texts)]
    return [reading.shown(session, one) for one in allowed]


def _qualified(session: Session, chosen: Sequence[Shown]) -> bool:
    """A type that only a certificate signs (Lei 14.063/2020, art. 4º, III)."""
    return any(session.get_one(DocumentType, one.type_key).signature == "qualificada" for one in chosen)


def _page(session: Session, chosen: Sequence[Shown], form: SignForm) -> str:
    texts = {
        one.id: reading.as_read(reading.text_of(session, access.authorize_document(session, actor(), one.id)))
        for one in chosen
    }
    back = (
        url_for("documentos.page", document_id=chosen[0].id)
        if len(chosen) == 1
        else url_for("processo.page", dossier_id=chosen[0].dossier_id)
    )
    return render_template(
        "documentos/assinar.html", chosen=chosen, texts=texts, form=form, back=back, qualified=_qualified(session, chosen), seen=versions_seen()
    )  # fmt: skip
