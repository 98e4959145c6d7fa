"""Conferência: what whoever holds a code or a QR learns of a signed document (VA1 to VA4, as in SEI).

It is read as things are now: who signed, which digests, whether a later file shows more signatures, whether the document
was cancelled. A sigiloso processo shows the result and nothing that would tell what it is; of a restricted one the file
is not given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.signatures import standing
from documents.signatures.models import DocumentSignature, SealedDocument
from workflow import clock

_LEVELS = {"publico": "Público", "restrito": "Restrito", "sigiloso": "Sigiloso"}
Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Conference:
    """What is shown beside the result. `open`: the file itself may be given to whoever has the QR.

    `cancelled_at` and `reason` are the document's own, for a file whose row says nothing of it.
    """

    title: str
    details: Details
    open: bool
    cancelled_at: datetime | None = None
    reason: str = ""


def of(session: Session, sealed_id: UUID) -> Conference | None:
    """The conference of a sealed file; None when it is not a dossier's document."""
    query = (
        select(SealedDocument, DossierDocument, DocumentType.name, Dossier)
        .join(DossierDocument, DossierDocument.id == SealedDocument.document_id)
        .join(DocumentType, DocumentType.key == DossierDocument.type_key)
        .join(Dossier, Dossier.id == DossierDocument.dossier_id)
    )
    found = session.execute(query.where(SealedDocument.sealed_id == sealed_id)).one_or_none()
    if found is None:
        return None
    sealed, document, type_name, dossier = found
    secret = dossier.effective_level == "sigiloso"
    details = [("Nível de acesso", _LEVELS[dossier.effective_level])]
    if not secret:
        details = _open_details(session, sealed, document, dossier) + details
    return Conference(
        "Documento eletrônico" if secret else type_name,
        tuple(details),
        dossier.effective_level == "publico",
        document.cancelled_at,
        "" if secret else document.cancel_reason or "",
    )


def _open_details(
    session: Session, sealed: SealedDocument, document: DossierDocument, dossier: Dossier
) -> list[tuple[str, str]]:
    details = [("Processo", dossier.number), ("Número no sistema", f"{document.number:07d}")]
    if document.type_number:
        details.append(("Número", document.type_number))
    signatures = standing.signatures_of(session, document.id)
    details += [("Assinado por", _signer(one)) for one in signatures if one.content_sha256 == sealed.content_sha256]
    details += [("Código CRC", sealed.content_crc32), ("SHA-256 do conteúdo", sealed.content_sha256)]
    if len(signatures) > sealed.signatures:
        details.append(("Observação", "O documento recebeu outras assinaturas depois que este arquivo foi gerado."))
    return details


def _signer(signature: DocumentSignature) -> str:
    local = clock.local(signature.signed_at)
    return f"{signature.name}, {signature.cargo}, em {local:%d/%m/%Y}, {local:%Hh%M}"
