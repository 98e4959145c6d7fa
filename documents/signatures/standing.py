"""The signatures that stand on a document: reading them, and dropping them when the text is edited."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from documents.dossier.models import DossierDocument
from documents.signatures import events
from documents.signatures.models import DocumentSignature
from workflow import clock
from workflow.actor import Actor


def signatures_of(session: Session, document_id: UUID) -> Sequence[DocumentSignature]:
    """Those that stand, in the order in which they were given."""
    query = select(DocumentSignature).where(
        DocumentSignature.document_id == document_id, DocumentSignature.dropped_at.is_(None)
    )
    return session.scalars(query.order_by(DocumentSignature.position)).all()


def signed(session: Session, document_id: UUID) -> bool:
    """True when any signature stands."""
    query = exists().where(DocumentSignature.document_id == document_id, DocumentSignature.dropped_at.is_(None))
    return bool(session.scalar(select(query)))


def drop(session: Session, document: DossierDocument, *, actor: Actor) -> int:
    """An edit before another unit saw the document takes its signatures away, and its files; it keeps its number (OF3)."""
    query = (
        update(DocumentSignature)
        .where(DocumentSignature.document_id == document.id, DocumentSignature.dropped_at.is_(None))
        .values(dropped_at=clock.now())
        .returning(DocumentSignature.id)
        .execution_options(synchronize_session="fetch")
    )
    dropped = session.scalars(query).all()
    if not dropped:
        return 0
    document.status, document.sealed_id = "draft", None
    session.flush()
    _cancel_files(session, document.id, actor)
    data = {
        "document": str(document.id),
        "number": document.number,
        "signatures": sorted(str(identifier) for identifier in dropped),
    }
    events.append(session, document.dossier_id, events.DROPPED, data, actor=actor)
    return len(dropped)


def _cancel_files(session: Session, document_id: UUID, actor: Actor) -> None:
    from documents.signatures import sealing  # it renders texts, which are edited through here

    reason = "O texto foi editado depois da assinatura; vale a versão assinada depois."
    sealing.cancel_files(session, document_id, reason, actor=actor)
