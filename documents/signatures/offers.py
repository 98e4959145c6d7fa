"""Which documents a unit reaches because a signature block with them was offered to it; never a sigiloso one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, select
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierDocument
from documents.signatures.models import Block, BlockItem, BlockKind, BlockOffer, BlockStatus
from people.access import allowed
from workflow.actor import Actor


def offered(actor: Actor) -> ColumnElement[bool]:
    """Over DossierDocument: the documents in signature blocks that the actor's unit holds now."""
    if actor.unit is None or not allowed(actor, "block.work"):
        return false()
    return (
        exists()
        .where(
            BlockItem.document_id == DossierDocument.id,
            Block.id == BlockItem.block_id,
            Block.kind == BlockKind.SIGNATURE,
            Block.status == BlockStatus.OFFERED,
            BlockOffer.block_id == Block.id,
            BlockOffer.unit == actor.unit,
            BlockOffer.closed_at.is_(None),
            Dossier.id == DossierDocument.dossier_id,
            Dossier.effective_level != "sigiloso",
        )
        .correlate(DossierDocument)
    )


def reaches(session: Session, actor: Actor, document_id: UUID) -> DossierDocument | None:
    """The document, when a block that the actor's unit holds has it; to see it so locks nothing."""
    query = select(DossierDocument).where(
        DossierDocument.id == document_id, DossierDocument.status != "deleted", offered(actor)
    )
    return session.scalar(query)


def reached(session: Session, actor: Actor, document_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the documents that blocks reach, asked at once."""
    query = select(DossierDocument.id).where(DossierDocument.id.in_(list(document_ids)))
    return set(session.scalars(query.where(DossierDocument.status != "deleted", offered(actor))))
