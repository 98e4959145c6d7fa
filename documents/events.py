"""The events that documents leave in the hash chain, and the digests these hold. No personal data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy.orm import Session

from documents.models import Document
from workflow import history
from workflow.actor import Actor

ISSUED = "document_issued"
CANCELLED = "document_cancelled"
ERASED = "document_erased"
ALARM = "validation_alarm"

SENTENCES = {
    ISSUED: "Documento emitido e selado.",
    CANCELLED: "Documento cancelado.",
    ERASED: "Documento eliminado a pedido do titular.",
    ALARM: "Alarme: mais de mil códigos de validação inexistentes em uma hora.",
}
history.register_kinds(SENTENCES)


def append(session: Session, document: Document, kind: str, data: Mapping[str, str], actor: Actor) -> None:
    """The event in the case's chain, or in the day's when the document has no case."""
    content = {"document": str(document.id), **data}
    if document.case_id is None:
        history.record(session, kind, content, actor=actor)
    else:
        history.append(session, history.case_chain(document.case_id), kind, content, actor=actor)


def issued_data(document: Document) -> dict[str, str]:
    """What proves the row and the bytes: altered by hand, neither agrees with the chain any more."""
    return {
        "document_kind": document.kind,
        "sha256": document.sha256,
        "record": record_digest(document),
        "address": document.address or "",
        "summary": hashlib.sha256(document.summary or b"").hexdigest(),
    }


def record_digest(document: Document) -> str:
    """Digest of the columns that never change; the token's 128 random bits keep it from being guessed."""
    return _digest(
        document.id,
        document.kind,
        document.template_version,
        document.owner_person_id,
        document.case_id,
        document.issuer_account_id,
        document.idempotency_key,
        document.code,
        document.token_digest.hex(),
        document.sha256,
        document.size,
        document.issued_at.isoformat(),
    )


def cancellation_digest(document: Document) -> str:
    """Digest of instant and reason, keyed by the token's digest: a reason is free text."""
    instant = document.cancelled_at.isoformat() if document.cancelled_at else None
    return _digest(document.token_digest.hex(), instant, document.cancel_reason)


def _digest(*values: object) -> str:
    plain = [value if value is None else str(value) for value in values]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()
