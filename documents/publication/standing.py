"""What stands on a document: whether something of it is, or is to be, published. Read by who would change the tree."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from documents.publication.models import Publication, PublicationKind, PublicationStatus
from workflow.errors import Conflict


def voided(session: Session, publication_id: UUID) -> bool:
    """Whether a publication was left without effect."""
    query = exists().where(
        Publication.of_id == publication_id,
        Publication.kind == PublicationKind.VOIDING,
        Publication.status == PublicationStatus.PUBLISHED,
    )
    return bool(session.scalar(select(query)))


def require_unpublished(session: Session, document_id: UUID) -> None:
    """Conflict while the document is published with effect, or is to be: first that is cancelled or undone."""
    after = aliased(Publication)
    undone = exists().where(after.of_id == Publication.id, after.kind == "voiding", after.status == "published")
    query = select(Publication.status).where(
        Publication.document_id == document_id,
        Publication.kind != PublicationKind.VOIDING,
        Publication.status != PublicationStatus.CANCELLED,
        ~undone,
    )
    found = session.scalars(query).all()
    if PublicationStatus.PUBLISHED in found:
        raise Conflict("Este documento está publicado. Torne a publicação sem efeito antes.")
    if found:
        raise Conflict("A publicação deste documento está programada. Cancele a publicação antes.")
