"""What changes documents: issue, cancel, erase. Each flushes and never commits."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents import codes, events, kinds, queries, summary
from documents.audit import verify_documents
from documents.contents import read_bytes, rest
from documents.dossier.models import DossierDocument
from documents.errors import AlreadyCancelled
from documents.fields import FieldValue, written
from documents.models import Document, DocumentStatus
from documents.reasons import ERASED_REASON
from documents.rendering import Page, render_pdf
from documents.settings import current
from people.models import Person
from workflow import clock
from workflow.actor import SYSTEM, Actor
from workflow.database import after_commit
from workflow.errors import InvalidInput

_log = logging.getLogger(__name__)

__all__ = ["Made", "cancel", "erase_for", "issue", "read_bytes", "record", "sweep", "verify_documents"]


def issue(
    session: Session,
    kind: str,
    fields: Mapping[str, FieldValue],
    *,
    case_id: UUID | None,
    owner_person_id: UUID | None,
    actor: Actor,
    idempotency_key: str | None = None,
) -> Document:
    """Render, seal, store and record a document; the same `idempotency_key` gives the same document again.

    CPU for some 60 ms: call it in a job. `fields` are those of the kind's `kind.toml` (the declaração: `name`, `cpf`
    with or without mask, `date` as date or ISO text); InvalidInput names what is wrong with them.
    """
    if idempotency_key is not None:
        earlier = _earlier(session, idempotency_key)
        if earlier is not None:
            return earlier
    if owner_person_id is not None:
        session.execute(select(Person.id).where(Person.id == owner_person_id).with_for_update(read=True))
    declared = kinds.get(kind)
    texts = written(declared, fields)
    code, token, issued_at = codes.new_code(), codes.new_token(), clock.now()
    sealed = make_pdf(kind, texts, code, token, issued_at)
    made = Made(kind, texts, code, token, issued_at, sealed)
    return record(
        session,
        made,
        case_id=case_id,
        owner_person_id=owner_person_id,
        actor=actor,
        idempotency_key=idempotency_key,
    )


@dataclass(frozen=True)
class Made:
    """A document that was rendered and sealed elsewhere, with all that it shows; `token` is its QR's."""

    kind: str
    texts: Mapping[str, str]
    code: str
    token: str
    issued_at: datetime
    sealed: bytes


def record(
    session: Session,
    made: Made,
    *,
    case_id: UUID | None,
    owner_person_id: UUID | None,
    actor: Actor,
    idempotency_key: str | None = None,
) -> Document:
    """Store and record a document whose sealed bytes are there already (many at once, rendered in other processes)."""
    digest = codes.token_digest(made.token)
    if digest is None:
        raise ValueError("not a token")
    declared, sealed = kinds.get(made.kind), made.sealed
    document = Document(
        kind=made.kind,
        template_version=declared.version,
        owner_person_id=owner_person_id,
        case_id=case_id,
        issuer_account_id=actor.id if actor.kind == "account" else None,
        idempotency_key=idempotency_key,
        code=made.code,
        token_digest=digest,
        sha256=hashlib.sha256(sealed).hexdigest(),
        size=len(sealed),
        address=rest(session, owner_person_id, sealed),
        summary=summary.sealed(session, owner_person_id, summary.of(made.texts)),
        status=DocumentStatus.ISSUED,
        issued_at=made.issued_at,
    )
    session.add(document)
    session.flush()
    events.append(session, document, events.ISSUED, events.issued_data(document), actor)
    return document


def make_pdf(kind: str, texts: Mapping[str, str], code: str, token: str, issued_at: datetime) -> bytes:
    """The sealed bytes of a document whose fields are already as printed."""
    settings = current()
    page = Page(kind, texts, code, f"{settings.validation_base_url}/{token}", issued_at, settings.brasao)
    return settings.sealer.seal(render_pdf(page))


def cancel(session: Session, document_id: UUID, reason: str, *, actor: Actor) -> Document:
    """Cancel with a short public reason (VA2, D6); the bytes stay, the validation answers CANCELADO."""
    text = " ".join(reason.split())
    if not 3 <= len(text) <= 200:
        raise InvalidInput({"reason": "Escreva o motivo do cancelamento, com 3 a 200 caracteres."})
    document = _locked(session, document_id)
    if document.status != DocumentStatus.ISSUED:
        raise AlreadyCancelled(document=str(document_id))
    document.status = DocumentStatus.CANCELLED
    document.cancelled_at = clock.now()
    document.cancel_reason = text
    session.flush()
    digest = events.cancellation_digest(document)
    events.append(session, document, events.CANCELLED, {"cancellation": digest}, actor)
    return document


def erase_for(session: Session, person_id: UUID, *, actor: Actor = SYSTEM) -> int:
    """Erase the person's documents (LGPD, art. 18, VI): bytes and personal fields go, code and digests stay.

    An issue in progress for the person is waited for, and one that comes later finds no key. Files are deleted after the
    commit; whatever a crash leaves is unreadable without the data key and `sweep` finds it.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    query = select(Document).where(Document.owner_person_id == person_id, Document.status != DocumentStatus.ERASED)
    documents = session.scalars(query.with_for_update()).all()
    addresses = [document.address for document in documents if document.address]
    for document in documents:
        document.status = DocumentStatus.ERASED
        document.address = document.summary = None
        document.cancelled_at = clock.now()
        document.cancel_reason = ERASED_REASON
        session.flush()
        events.append(session, document, events.ERASED, {}, actor)
    after_commit(session, lambda: _delete(addresses))
    return len(documents)


def sweep(session: Session, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete stored blobs that no row names (left by rolled back acts and by crashes); a daily job calls it."""
    storage = current().storage
    limit = clock.real_now() - older_than
    named = set(session.scalars(select(Document.address).where(Document.address.is_not(None))))
    named |= set(session.scalars(select(DossierDocument.address).where(DossierDocument.address.is_not(None))))
    orphans = [address for address, written_at in storage.addresses() if address not in named and written_at < limit]
    _delete(orphans)
    return len(orphans)


def _delete(addresses: Sequence[str]) -> None:
    """What cannot be deleted now is an orphan, which `sweep` tries again."""
    for address in addresses:
        try:
            current().storage.delete(address)
        except OSError as refused:
            _log.error("stored bytes %s not deleted: %s", address, type(refused).__name__)


def _earlier(session: Session, key: str) -> Document | None:
    """What an earlier try made; a concurrent one is waited for, so that a job run twice makes one document."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"document:{key}", 2716))))
    return queries.by_idempotency_key(session, key)


def _locked(session: Session, document_id: UUID) -> Document:
    queries.get(session, document_id)
    query = select(Document).where(Document.id == document_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()
