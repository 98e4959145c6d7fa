"""What the signatures of a document prove now, as a frozen report: rows, contents, chain and bytes on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.contents import read_bytes
from documents.dossier.models import DossierDocument
from documents.errors import DocumentDamaged, DocumentErased, DocumentNotFound
from documents.models import Document
from documents.settings import current
from documents.signatures import certificates, content, events, sealing, standing
from documents.signatures.models import DocumentSignature, SealedDocument
from documents.signatures.signing import record_digest
from documents.verification import verify_seal
from workflow.models import EventRow


@dataclass(frozen=True)
class SignatureCheck:
    """One signature: who, when, how; `ok` when the content is the one signed and the chain tells the same."""

    signature_id: UUID
    name: str
    cargo: str
    signed_at: datetime
    method: str
    ok: bool
    problem: str = ""


@dataclass(frozen=True)
class SignatureReport:
    """The state of a document's signatures.

    `ok`: at least one signature, all of them hold, and so does the sealed file where there is one already.
    `content_intact`: every signature is of the content as it is now. `file`: `pending`, `intact` or `damaged`.
    """

    ok: bool
    signatures: tuple[SignatureCheck, ...]
    content_intact: bool
    file: str
    problems: tuple[str, ...]


def verify(session: Session, document_id: UUID) -> SignatureReport:
    """Recompute the canonical content and compare it with each signature, its event, and the sealed bytes with theirs."""
    document = session.get(DossierDocument, document_id)
    if document is None:
        raise DocumentNotFound(document=str(document_id))
    rows = standing.signatures_of(session, document_id)
    told = told_of(session, document.dossier_id)
    checks = tuple(_check(session, document, row, told.get(str(row.id))) for row in rows)
    file, wrong = _file(session, document)
    problems = tuple(check.problem for check in checks if check.problem) + ((wrong,) if wrong else ())
    if not rows:
        problems = ("O documento não tem assinatura.", *problems)
    intact = all(_of_content(session, document, row) for row in rows)
    return SignatureReport(not problems, checks, intact, file, problems)


def told_of(session: Session, dossier_id: UUID) -> dict[str, dict[str, Any]]:
    """What the dossier's chain tells of its signatures, by their ids."""
    query = select(EventRow.data).where(EventRow.chain == f"dossier:{dossier_id}", EventRow.kind == events.SIGNED)
    told = (json.loads(text) for text in session.scalars(query))
    return {data["signature"]: data for data in told}


def row_problems(row: DocumentSignature, told: dict[str, Any] | None) -> Iterator[str]:
    """Where the row and its event disagree."""
    if told is None:
        yield f"a assinatura de {row.name} não está na cadeia"
    elif told["record"] != record_digest(row) or told["sha256"] != row.content_sha256:
        yield f"o registro da assinatura de {row.name} foi alterado"


def _check(
    session: Session, document: DossierDocument, row: DocumentSignature, told: dict[str, Any] | None
) -> SignatureCheck:
    problem = next(row_problems(row, told), "")
    if not problem and not _of_content(session, document, row):
        problem = f"o conteúdo não é o que {row.name} assinou"
    if not problem and row.cms is not None and not _certificate_holds(session, document, row):
        problem = f"a assinatura com certificado de {row.name} não confere"
    return SignatureCheck(row.id, row.name, row.cargo, row.signed_at, row.method, not problem, problem)


def _of_content(session: Session, document: DossierDocument, row: DocumentSignature) -> bool:
    return content.digest(content.canonical(session, document, row.version)).sha256 == row.content_sha256


def _certificate_holds(session: Session, document: DossierDocument, row: DocumentSignature) -> bool:
    cms = row.cms or b""
    signed = content.canonical(session, document, row.version)
    return certificates.holds(cms, signed) and certificates.certificate_in(cms) == row.certificate_sha256


def _file(session: Session, document: DossierDocument) -> tuple[str, str]:
    """The state of the sealed file, and what is wrong with it."""
    if document.sealed_id is None or sealing.pending(session, document):
        return "pending", ""
    row = session.get(SealedDocument, document.sealed_id)
    if row is None or session.get(Document, document.sealed_id) is None:
        return "damaged", "o registro do arquivo selado não existe mais"
    try:
        report = verify_seal(read_bytes(session, document.sealed_id), current().sealer.roots)
    except (DocumentDamaged, DocumentErased):
        return "damaged", "os bytes do arquivo selado não são os que foram selados"
    return ("intact", "") if report.ok else ("damaged", f"o selo do arquivo não confere: {report.problem}")
