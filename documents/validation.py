"""Public validation: what anybody learns about a document from its code, its QR or its bytes (VA1 to VA7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from documents import codes, kinds, operations, summary, throttle
from documents.errors import DocumentDamaged, DocumentErased
from documents.models import Document, DocumentStatus, ValidationLog
from documents.reasons import ERASED_REASON
from documents.signatures import conference
from people.errors import Erased
from workflow import clock

LOG_KEPT = timedelta(days=183)
_NO_CODE = "U" * codes.CODE_LENGTH  # U is not in Crockford's alphabet: no document can have it
_NO_TOKEN = bytes(32)


class Result(StrEnum):
    """The four answers (VA2)."""

    AUTENTICO = "AUTENTICO"
    CANCELADO = "CANCELADO"
    NAO_ENCONTRADO = "NAO_ENCONTRADO"
    DIVERGENTE = "DIVERGENTE"


RESULT_LABELS = {
    Result.AUTENTICO: "AUTÊNTICO",
    Result.CANCELADO: "CANCELADO",
    Result.NAO_ENCONTRADO: "NÃO ENCONTRADO",
    Result.DIVERGENTE: "DIVERGENTE",
}


@dataclass(frozen=True)
class Validation:
    """What a validation shows (VA3); empty strings and None where nothing may or can be shown.

    `intact`: the stored bytes were read again and have the digest of the row. `date` is the document's own, as printed.
    `details`: of a dossier's document, what else is shown, as pairs of label and text (signers, digests, access level).
    """

    result: Result
    kind_title: str = ""
    name: str = ""
    masked_cpf: str = ""
    date: str = ""
    issued_at: datetime | None = None
    code: str = ""
    intact: bool = False
    cancelled_at: datetime | None = None
    reason: str = ""
    details: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """The result as people write it."""
        return RESULT_LABELS[self.result]


NOT_FOUND = Validation(Result.NAO_ENCONTRADO)


def by_code(session: Session, typed: str, *, address: str | None = None) -> Validation:
    """The answer to a typed code: masked, and never the file (VA4).

    `address`: the visitor's, for limit and log (VA5, VA6); TooManyAttempts above the limit. A malformed code takes
    the same way through the database as an unknown one (VA2).
    """
    document = _by_code(session, typed, address)
    return _answered(session, document, _validation(session, document), "code", address)


def compare(session: Session, typed: str, sha256: str, *, address: str | None = None) -> Validation:
    """The answer to a code with the SHA-256 (hex) of a dropped PDF: DIVERGENTE when the file is another (DE9)."""
    document = _by_code(session, typed, address)
    validation = _validation(session, document)
    if document is not None:
        if sha256.strip().lower() != document.sha256:
            validation = Validation(Result.DIVERGENTE, kind_title=validation.kind_title, code=validation.code)
        elif validation.result is Result.DIVERGENTE:  # our own copy is damaged, the person's is the one issued
            validation = replace(validation, result=Result.AUTENTICO)
    return _answered(session, document, validation, "file", address)


def by_hash(session: Session, sha256: str, *, address: str | None = None) -> Validation:
    """The answer to the SHA-256 (hex) of a PDF alone: the document whose file it is, else NAO_ENCONTRADO.

    Whoever holds the file has read it: the masked answer tells nothing new. A changed copy is not found, as any file.
    """
    if address is not None:
        throttle.admit(session, address)
    found = select(Document).where(Document.sha256 == sha256.strip().lower()).order_by(Document.issued_at.desc())
    document = session.scalar(found.limit(1))
    validation = _validation(session, document)
    if validation.result is Result.DIVERGENTE:  # our own copy is damaged, the person's is the one issued
        validation = replace(validation, result=Result.AUTENTICO)
    return _answered(session, document, validation, "hash", address)


def by_token(session: Session, token: str, *, address: str | None = None) -> Validation:
    """The answer to the QR's token."""
    return open_copy(session, token, address=address)[0]


def open_copy(session: Session, token: str, *, address: str | None = None) -> tuple[Validation, bytes | None]:
    """The answer to the QR's token and, while the document is authentic, its sealed bytes (D3, VA4).

    Of a dossier's document that is not público the answer alone is given, and no file.
    """
    digest = codes.token_digest(token) or _NO_TOKEN
    document = session.scalar(select(Document).where(Document.token_digest == digest))
    validation = _validation(session, document)
    copy = None
    if document is not None and validation.result is Result.AUTENTICO and _public(session, document):
        copy = operations.read_bytes(session, document.id)
    return _answered(session, document, validation, "token", address), copy


def purge(session: Session) -> None:
    """Drop what may no longer be kept (VA6: six months of log); a daily job calls it."""
    session.execute(delete(ValidationLog).where(ValidationLog.instant < clock.now() - LOG_KEPT))
    throttle.purge(session)


def _by_code(session: Session, typed: str, address: str | None) -> Document | None:
    if address is not None:
        throttle.admit(session, address)
    code = codes.parse_code(typed) or _NO_CODE
    return session.scalar(select(Document).where(Document.code == code))


def _validation(session: Session, document: Document | None) -> Validation:
    if document is None:
        return NOT_FOUND
    title = kinds.get(document.kind).title
    code = codes.formatted(document.code)
    try:
        intact = _intact(session, document.id)
        shown = _summary(session, document)
    except (Erased, DocumentErased):
        return Validation(
            Result.CANCELADO,
            kind_title=title,
            code=code,
            issued_at=document.issued_at,
            cancelled_at=document.cancelled_at,
            reason=ERASED_REASON,
        )
    found = Validation(
        result=_result(document, intact),
        kind_title=title,
        name=shown.name,
        masked_cpf=shown.masked_cpf,
        date=shown.date,
        issued_at=document.issued_at,
        code=code,
        intact=intact,
        cancelled_at=document.cancelled_at,
        reason=document.cancel_reason or "",
    )
    return _with_conference(session, document, found)


def _with_conference(session: Session, document: Document, found: Validation) -> Validation:
    """What a dossier's document shows besides: signers, digests, level; cancelled with it is cancelled."""
    shown = conference.of(session, document.id)
    if shown is None:
        return found
    found = replace(found, kind_title=shown.title, name="", details=shown.details)
    if not shown.open:
        found = replace(found, reason=shown.reason)
    if shown.cancelled_at is None or found.result is Result.CANCELADO:
        return found
    return replace(found, result=Result.CANCELADO, cancelled_at=shown.cancelled_at, reason=shown.reason)


def _public(session: Session, document: Document) -> bool:
    shown = conference.of(session, document.id)
    return shown is None or shown.open


def _result(document: Document, intact: bool) -> Result:
    if document.status != DocumentStatus.ISSUED:
        return Result.CANCELADO
    return Result.AUTENTICO if intact else Result.DIVERGENTE


def _intact(session: Session, document_id: UUID) -> bool:
    try:
        operations.read_bytes(session, document_id)
    except DocumentDamaged:
        return False
    return True


def _summary(session: Session, document: Document) -> summary.Summary:
    if document.summary is None:
        return summary.Summary()
    return summary.opened(session, document.owner_person_id, document.summary)


def _answered(
    session: Session, document: Document | None, validation: Validation, way: str, address: str | None
) -> Validation:
    """Log the validation and count the miss."""
    session.add(
        ValidationLog(
            instant=clock.now(),
            network=throttle.network(address or ""),
            way=way,
            result=validation.result.value,
            document_id=document.id if document else None,
        )
    )
    session.flush()
    if document is None:
        throttle.count_miss(session)
    return validation
