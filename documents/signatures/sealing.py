"""The file of a signed document: rendered and sealed in the worker, once for each set of signatures.

Until it is there the page says so; the signature itself is whole from the first moment (its content's SHA-256 is in the
chain). A later signer makes another file that shows them all; the earlier one stays valid for what it shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import operations
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.models import Document, DocumentStatus
from documents.signatures import events, standing
from documents.signatures.models import DocumentSignature, Method, SealedDocument
from documents.texts import versions
from documents.texts.sanitising import plain
from people import queries
from people.models import Unit
from workflow import clock, jobs
from workflow.actor import SYSTEM, Actor

JOB = "documents.seal_signed"
QUEUE = "documents"
KIND = "documento_interno"


def defer(session: Session, document_ids: Sequence[UUID]) -> None:
    """Ask the worker for the files, in the transaction of the signatures."""
    jobs.defer_many(session, JOB, [{"document": str(document_id)} for document_id in document_ids])


def seal_signed(session: Session, document_id: UUID) -> Document | None:
    """Make the file that shows the signatures standing now; the one that is there when nothing changed, None without any.

    The document stays locked meanwhile: an edit waits, and then drops signatures and file together.
    """
    document = versions.locked(session, document_id)
    signatures = standing.signatures_of(session, document_id)
    if not signatures or document.status != "signed":
        return None
    made = _made(session, document, signatures)
    if made is not None:
        return made
    issued = operations.issue(
        session,
        KIND,
        printed(session, document, signatures),
        case_id=None,
        owner_person_id=None,
        actor=SYSTEM,
        idempotency_key=_key(document, signatures),
    )
    return attach(session, document, signatures, issued, actor=SYSTEM)


def attach(
    session: Session,
    document: DossierDocument,
    signatures: Sequence[DocumentSignature],
    issued: Document,
    *,
    actor: Actor,
) -> Document:
    """The sealed file becomes the document's."""
    latest = signatures[-1]
    session.merge(
        SealedDocument(
            sealed_id=issued.id,
            document_id=document.id,
            version=document.version,
            content_sha256=latest.content_sha256,
            content_crc32=latest.content_crc32,
            signatures=len(signatures),
        )
    )
    document.sealed_id = issued.id
    session.flush()
    data = {"document": str(document.id), "number": document.number, "sealed": str(issued.id), "sha256": issued.sha256}
    events.append(session, document.dossier_id, events.SEALED, data, actor=actor)
    return issued


def pending(session: Session, document: DossierDocument) -> bool:
    """True while the file that shows every signature is still to come."""
    if document.status != "signed":
        return False
    return _made(session, document, standing.signatures_of(session, document.id)) is None


def cancel_files(session: Session, document_id: UUID, reason: str, *, actor: Actor) -> int:
    """Cancel every sealed file of a document, so that whoever validates any of them reads CANCELADO; how many."""
    query = (
        select(Document.id)
        .join(SealedDocument, SealedDocument.sealed_id == Document.id)
        .where(SealedDocument.document_id == document_id, Document.status == DocumentStatus.ISSUED)
    )
    files = session.scalars(query.order_by(Document.id)).all()
    for file in files:
        operations.cancel(session, file, reason[:200], actor=actor)
    return len(files)


def printed(session: Session, document: DossierDocument, signatures: Sequence[DocumentSignature]) -> Mapping[str, str]:
    """The fields of the page."""
    version = versions.at(session, document.id, document.version)
    kind = session.get_one(DocumentType, document.type_key)
    name = document.type_number or kind.name
    shown = document.type_number is not None and document.type_number in plain(version.html)
    unit = session.scalar(select(Unit.name).where(Unit.sigla == document.unit))
    latest = signatures[-1]
    return {
        "name": f"{name}: {document.title}" if document.title else name,
        "heading": "" if shown else name,
        "unit": unit or document.unit,
        "protocol": f"{document.number:07d}",
        "process": session.get_one(Dossier, document.dossier_id).number,
        "body": version.html,
        "signatures": "".join(_line(session, signature) for signature in signatures),
        "crc": latest.content_crc32,
        "sha256": latest.content_sha256,
    }


def _line(session: Session, signature: DocumentSignature) -> str:
    """One signature as it stands under the text, in the words people know from SEI."""
    local = clock.local(signature.signed_at)
    by = f"<strong>{escape(signature.name)}</strong>, {escape(signature.cargo)}"
    if signature.acting_for is not None:
        name = queries.account_names(session, [signature.acting_for]).get(signature.acting_for, "")
        by += f", em substituição a {escape(name)}"
    certified = signature.method == Method.CERTIFICATE
    how = "com certificado digital" if certified else "eletronicamente"
    law = "art. 4º, III" if certified else "art. 4º, II"
    return (
        f"<p>Documento assinado {how} por {by}, em {local:%d/%m/%Y}, às {local:%H:%M}, conforme o horário oficial de "
        f"Brasília, com fundamento no {law}, da Lei 14.063/2020.</p>"
    )


def _made(session: Session, document: DossierDocument, signatures: Sequence[DocumentSignature]) -> Document | None:
    """The file that shows exactly these signatures, when it is the document's already."""
    if document.sealed_id is None or not signatures:
        return None
    row = session.get(SealedDocument, document.sealed_id)
    whole = row is not None and (row.signatures, row.version) == (len(signatures), document.version)
    return session.get(Document, document.sealed_id) if whole else None


def _key(document: DossierDocument, signatures: Sequence[DocumentSignature]) -> str:
    """A job that runs twice makes one file."""
    ids = ",".join(str(signature.id) for signature in signatures)
    return f"signed:{document.id}:{hashlib.sha256(ids.encode()).hexdigest()[:32]}"
