"""Signing with a person's own certificate: over the canonical content, and in the file itself (PAdES)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from documents import codes, fields, kinds, operations, rendering
from documents.sealing import sign_as
from documents.settings import current
from documents.signatures import access, certificates, content, proof, sealing, signing, standing
from documents.signatures.certificates import OwnKey
from documents.signatures.models import DocumentSignature, Method
from documents.signatures.signing import Prepared, Signer
from people.models import Account
from workflow import clock
from workflow.actor import Actor
from workflow.errors import InvalidInput

MOST_AT_ONCE = 20


def sign_with_certificate(
    session: Session,
    document_ids: Iterable[UUID],
    *,
    password: str,
    cargo: str,
    actor: Actor,
    pkcs12: bytes | None = None,
    passphrase: str = "",
    key: OwnKey | None = None,
    address: str = "",
    versions_seen: Mapping[UUID, int] | None = None,
) -> list[DocumentSignature]:
    """Sign all of them or none with the person's certificate; the files are made here, since the key is gone afterwards.

    `pkcs12` with its `passphrase`, or a `key` from a token. The account's password is asked too: it says who acts, the
    certificate who signs.
    """
    ids = sorted(set(document_ids))
    if len(ids) > MOST_AT_ONCE:
        raise InvalidInput(message=f"Com certificado, assine no máximo {MOST_AT_ONCE} documentos de cada vez.")
    signer = signing.signer_of(session, actor, cargo)
    access.authorize_documents(session, actor, ids, access.SIGN)
    proof.require(session, signer.account_id, password, address)
    own = key or certificates.from_pkcs12(pkcs12 or b"", passphrase)
    certificates.require_own(session, own, session.get_one(Account, signer.account_id))
    prepared = signing.prepare(session, ids, signer, versions_seen or {})
    signing.complete(session, prepared, actor=actor)
    rows = [_signed(session, one, signer, own) for one in prepared]
    signing.finish(session, prepared, rows, actor=actor, seal=False)
    for one in prepared:
        _make_file(session, one, own, actor)
    return rows


def _signed(session: Session, one: Prepared, signer: Signer, own: OwnKey) -> DocumentSignature:
    cms = certificates.detached(own, content.written(one.dossier.number, one.document, one.version))
    return signing.record(session, one, signer, method=Method.CERTIFICATE, certificate_sha256=own.sha256, cms=cms)


def _make_file(session: Session, one: Prepared, own: OwnKey, actor: Actor) -> None:
    """Render, sign as the person, seal as the institution over that."""
    settings, document = current(), one.document
    signatures = standing.signatures_of(session, document.id)
    texts = fields.written(kinds.get(sealing.KIND), sealing.printed(session, document, signatures))
    code, token, issued_at = codes.new_code(), codes.new_token(), clock.now()
    qr_text = f"{settings.validation_base_url}/{token}"
    pdf = rendering.render_pdf(rendering.Page(sealing.KIND, texts, code, qr_text, issued_at, settings.brasao))
    mine = sign_as(pdf, own.signer, f"Assinatura {len(signatures)}", signatures[-1].name)
    made = operations.Made(sealing.KIND, texts, code, token, issued_at, settings.sealer.seal(mine))
    issued = operations.record(session, made, case_id=None, owner_person_id=None, actor=actor)
    sealing.attach(session, document, signatures, issued, actor=actor)
