"""Reading signatures and blocks, for pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.signatures import access, blocks
from documents.signatures.models import (
    AccountCertificate,
    Block,
    BlockItem,
    BlockKind,
    BlockOffer,
    BlockStatus,
    DocumentSignature,
)
from documents.signatures.standing import signatures_of
from people.access import authorize
from workflow.actor import Actor
from workflow.errors import DomainError

__all__ = [
    "BlockRow",
    "BlockView",
    "ItemView",
    "block_view",
    "blocks_of",
    "certificates_of",
    "last_cargo",
    "signatures_of",
]

KINDS = {BlockKind.SIGNATURE: "Assinatura", BlockKind.INTERNAL: "Interno", BlockKind.MEETING: "Reunião"}
_STATES = {
    BlockStatus.OPEN: "aberto",
    BlockStatus.OFFERED: "disponibilizado",
    BlockStatus.RETURNED: "retornado",
    BlockStatus.CONCLUDED: "concluído",
}


@dataclass(frozen=True)
class BlockRow:
    """One block in the list of a unit. `state`: in people's words; `recebido` for the unit that it was offered to."""

    id: UUID
    number: int
    kind: str
    kind_label: str
    state: str
    description: str
    unit: str
    units: tuple[str, ...]
    own: bool
    received: bool
    items: int
    to_sign: int
    created_at: datetime


@dataclass(frozen=True)
class ItemView:
    """One document or dossier of a block. `may_sign` and `signed_by_me` as the reader stands to it."""

    id: UUID
    dossier_id: UUID
    dossier_number: str
    document_id: UUID | None
    document_number: int | None
    type_name: str
    type_number: str | None
    title: str
    version: int
    status: str
    note: str
    signers: tuple[str, ...]
    signed_by_me: bool
    may_sign: bool


@dataclass(frozen=True)
class BlockView:
    """A block with what is in it."""

    block: BlockRow
    items: tuple[ItemView, ...]


def certificates_of(session: Session, account_id: UUID, *, actor: Actor) -> list[AccountCertificate]:
    """The certificates registered for an account, revoked ones too, latest first."""
    authorize(actor, "users.manage")
    query = select(AccountCertificate).where(AccountCertificate.account_id == account_id)
    return list(session.scalars(query.order_by(AccountCertificate.registered_at.desc())))


def blocks_of(session: Session, actor: Actor, *, concluded: bool = False) -> list[BlockRow]:
    """The blocks of the actor's unit and those offered to it, latest first; concluded ones only when asked for."""
    authorize(actor, "block.work")
    held = and_(
        Block.status == BlockStatus.OFFERED,
        Block.id.in_(select(BlockOffer.block_id).where(BlockOffer.unit == actor.unit, BlockOffer.closed_at.is_(None))),
    )
    query = select(Block).where(or_(Block.unit == actor.unit, held))
    if not concluded:
        query = query.where(Block.status != BlockStatus.CONCLUDED)
    found = session.scalars(query.order_by(Block.created_at.desc(), Block.number.desc())).all()
    return _rows(session, found, actor)


def block_view(session: Session, block_id: UUID, actor: Actor) -> BlockView:
    """One block by its permalink; NotFound for the units that neither made it nor hold it."""
    block = blocks.visible(session, block_id, actor)
    (row,) = _rows(session, [block], actor)
    query = (
        select(BlockItem, Dossier, DossierDocument, DocumentType.name)
        .join(Dossier, Dossier.id == BlockItem.dossier_id)
        .outerjoin(DossierDocument, DossierDocument.id == BlockItem.document_id)
        .outerjoin(DocumentType, DocumentType.key == DossierDocument.type_key)
        .where(BlockItem.block_id == block.id)
        .order_by(BlockItem.position)
    )
    found = session.execute(query).all()
    signed = _signatures(session, [item.document_id for item, *_ in found if item.document_id])
    items = []
    for item, dossier, document, type_name in found:
        signatures = signed.get(item.document_id, []) if item.document_id else []
        mine = any(_is_mine(one, actor) for one in signatures)
        items.append(_item(session, item, dossier, document, type_name, signatures, mine, actor))
    return BlockView(row, tuple(items))


def last_cargo(session: Session, account_id: UUID) -> str:
    """The cargo with which the account signed last, to be offered again; empty when it never signed."""
    query = select(DocumentSignature.cargo).where(DocumentSignature.account_id == account_id)
    return session.scalar(query.order_by(DocumentSignature.signed_at.desc()).limit(1)) or ""


def _item(
    session: Session,
    item: BlockItem,
    dossier: Dossier,
    document: DossierDocument | None,
    type_name: str | None,
    signatures: Sequence[DocumentSignature],
    mine: bool,
    actor: Actor,
) -> ItemView:
    return ItemView(
        id=item.id,
        dossier_id=dossier.id,
        dossier_number=dossier.number,
        document_id=item.document_id,
        document_number=document.number if document else None,
        type_name=type_name or "",
        type_number=document.type_number if document else None,
        title=document.title if document else dossier.specification,
        version=document.version if document else 0,
        status=document.status if document else "",
        note=item.note,
        signers=tuple(f"{one.name}, {one.cargo}" for one in signatures),
        signed_by_me=mine,
        may_sign=document is not None and not mine and _may_sign(session, document, actor),
    )


def _may_sign(session: Session, document: DossierDocument, actor: Actor) -> bool:
    if document.kind == "external" or document.status not in ("draft", "signed"):
        return False
    try:
        access.authorize_document(session, actor, document.id, access.SIGN)
    except DomainError:
        return False
    return True


def _rows(session: Session, found: Sequence[Block], actor: Actor) -> list[BlockRow]:
    ids = [block.id for block in found]
    per_block = select(BlockItem.block_id, func.count()).where(BlockItem.block_id.in_(ids))
    counted = dict(session.execute(per_block.group_by(BlockItem.block_id)).all())
    waiting = dict(_waiting(session, ids, actor))
    offers: dict[UUID, list[BlockOffer]] = {}
    for offer in session.scalars(select(BlockOffer).where(BlockOffer.block_id.in_(ids)).order_by(BlockOffer.unit)):
        offers.setdefault(offer.block_id, []).append(offer)
    return [_row(block, offers.get(block.id, []), counted, waiting, actor) for block in found]


def _row(
    block: Block, offers: Sequence[BlockOffer], counted: dict[UUID, int], waiting: dict[UUID, int], actor: Actor
) -> BlockRow:
    own = block.unit == actor.unit
    held = next((offer for offer in offers if offer.unit == actor.unit), None)
    return BlockRow(
        id=block.id,
        number=block.number,
        kind=block.kind,
        kind_label=KINDS[BlockKind(block.kind)],
        state=_STATES[BlockStatus(block.status)] if own else "recebido",
        description=block.description,
        unit=block.unit,
        units=tuple(offer.unit for offer in offers),
        own=own,
        received=own or (held is not None and held.received_at is not None),
        items=counted.get(block.id, 0),
        to_sign=waiting.get(block.id, 0),
        created_at=block.created_at,
    )


def _waiting(session: Session, ids: Sequence[UUID], actor: Actor) -> list[tuple[UUID, int]]:
    """How many documents of each signature block the person has not signed."""
    mine = (
        select(DocumentSignature.id)
        .where(
            DocumentSignature.document_id == BlockItem.document_id,
            DocumentSignature.account_id == actor.id,
            func.coalesce(DocumentSignature.acting_for, DocumentSignature.account_id) == (actor.acting_for or actor.id),
            DocumentSignature.dropped_at.is_(None),
        )
        .correlate(BlockItem)
    )
    query = (
        select(BlockItem.block_id, func.count())
        .join(Block, Block.id == BlockItem.block_id)
        .join(DossierDocument, DossierDocument.id == BlockItem.document_id)
        .where(
            BlockItem.block_id.in_(ids),
            Block.kind == BlockKind.SIGNATURE,
            DossierDocument.status.in_(("draft", "signed")),
            ~mine.exists(),
        )
        .group_by(BlockItem.block_id)
    )
    return [(block_id, count) for block_id, count in session.execute(query)]


def _is_mine(signature: DocumentSignature, actor: Actor) -> bool:
    return (signature.account_id, signature.acting_for or signature.account_id) == (
        actor.id,
        actor.acting_for or actor.id,
    )


def _signatures(session: Session, document_ids: Sequence[UUID]) -> dict[UUID, list[DocumentSignature]]:
    query = select(DocumentSignature).where(
        DocumentSignature.document_id.in_(document_ids), DocumentSignature.dropped_at.is_(None)
    )
    found: dict[UUID, list[DocumentSignature]] = {}
    for row in session.scalars(query.order_by(DocumentSignature.position)):
        found.setdefault(row.document_id, []).append(row)
    return found
