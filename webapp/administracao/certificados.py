"""A servant's own certificates (Lei 14.063/2020, art. 4º, III): registered and revoked by the administration."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from documents.signatures import certificates, queries
from documents.signatures import operations as signatures
from webapp import errors, forms
from webapp.administracao import usuarios
from webapp.administracao.forms import CertificateForm
from webapp.administracao.views import blueprint
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound


@blueprint.post("/administracao/usuarios/<uuid:account_id>/certificado")
@requires("users.manage")
def register_certificate(account_id: UUID) -> ResponseReturnValue:
    """The administration vouches that the certificate in the file is this person's; only its public part is kept."""
    form = CertificateForm()
    if not form.validate():
        return usuarios.account_page(account_id, certificate=form), 422
    try:
        public = certificates.public_part(form.certificate.data.read(), form.passphrase.data or "")
        with transaction() as session:
            signatures.register_certificate(session, account_id, public, actor=actor())
    except (InvalidInput, Conflict) as refusal:
        forms.blame(form, refusal)
        return usuarios.account_page(account_id, certificate=form), errors.status_of(refusal)
    flash("Certificado registrado. A pessoa já pode assinar com ele.", "ok")
    return redirect(url_for("administracao.user", account_id=account_id), code=303)


@blueprint.post("/administracao/usuarios/<uuid:account_id>/certificado/<sha256>/revogar")
@requires("users.manage")
def revoke_certificate(account_id: UUID, sha256: str) -> ResponseReturnValue:
    """The certificate signs no more; what it signed stays signed."""
    with transaction() as session:
        if sha256 not in {one.sha256 for one in queries.certificates_of(session, account_id, actor=actor())}:
            raise NotFound("Não encontramos este certificado.")
        signatures.revoke_certificate(session, sha256, actor=actor())
    flash("Certificado revogado: não assina mais. O que ele assinou continua assinado.", "ok")
    return redirect(url_for("administracao.user", account_id=account_id), code=303)
