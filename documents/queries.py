"""Reading documents."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.errors import DocumentNotFound
from documents.models import Document, DocumentStatus, ValidationLog


def get(session: Session, document_id: UUID) -> Document:
    """The document; DocumentNotFound when there is none."""
    document = session.get(Document, document_id)
    if document is None:
        raise DocumentNotFound(document=str(document_id))
    return document


def by_idempotency_key(session: Session, key: str) -> Document | None:
    """The document that an earlier try under the same key made."""
    return session.scalar(select(Document).where(Document.idempotency_key == key))


def of_person(session: Session, person_id: UUID, *, kind: str | None = None) -> Sequence[Document]:
    """The person's documents, latest first; erased ones left out."""
    query = select(Document).where(Document.owner_person_id == person_id, Document.status != DocumentStatus.ERASED)
    if kind is not None:
        query = query.where(Document.kind == kind)
    return session.scalars(query.order_by(Document.issued_at.desc(), Document.id)).all()


def of_case(session: Session, case_id: UUID) -> Sequence[Document]:
    """The documents of a case, oldest first."""
    query = select(Document).where(Document.case_id == case_id).order_by(Document.issued_at, Document.id)
    return session.scalars(query).all()


def validations_of(session: Session, person_id: UUID) -> int:
    """How often the person's documents were validated in the last six months (RT4: LGPD, arts. 18 and 19)."""
    query = select(func.count()).select_from(ValidationLog).join(Document, Document.id == ValidationLog.document_id)
    return session.scalar(query.where(Document.owner_person_id == person_id)) or 0
