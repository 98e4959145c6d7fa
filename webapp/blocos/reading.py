"""What the pages of blocks show: the lists by state, one block with its documents, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierDocument
from documents.signatures import access, blocks
from documents.signatures.models import Block, BlockItem, BlockKind, BlockOffer, BlockStatus
from people import queries as people
from webapp.documentos import reading
from webapp.documentos.reading import Shown
from workflow.actor import Actor
from workflow.errors import DomainError

RECEIVED = "received"
STATES = (
    (RECEIVED, "Recebidos"),
    ("open", "Abertos"),
    ("offered", "Disponibilizados"),
    ("returned", "Retornados"),
    ("concluded", "Concluídos"),
)
WORDS = {
    RECEIVED: ("info", "Recebido"),
    "open": ("neutral", "Aberto"),
    "offered": ("info", "Disponibilizado"),
    "returned": ("warning", "Retornado"),
    "concluded": ("ok", "Concluído"),
}
KINDS = {"signature": "Bloco de assinatura", "internal": "Bloco interno", "meeting": "Bloco de reunião"}


@dataclass(frozen=True, slots=True)
class Line:
    """A block in a list, as the unit of who is looking sees it."""

    id: UUID
    name: str
    unit: str
    description: str
    state: str
    documents: int
    units: tuple[str, ...]
    created_at: datetime
    new: bool

    @property
    def words(self) -> tuple[str, str]:
        """Kind and word of its state."""
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Item:
    """A document (or a whole processo) of an open block."""

    id: UUID
    dossier_id: UUID
    dossier_number: str
    note: str
    document: Shown | None

    @property
    def waits(self) -> bool:
        """Who is looking may sign it and has not yet."""
        return self.document is not None and self.document.may_sign and not self.document.mine


@dataclass(frozen=True, slots=True)
class Opened:
    """A block as its page shows it."""

    line: Line
    kind: str
    author: str
    own: bool
    items: tuple[Item, ...]
    waiting_units: tuple[str, ...]

    @property
    def waits(self) -> int:
        """How many documents wait for the signature of who is looking."""
        return sum(item.waits for item in self.items)


def lists(session: Session, actor: Actor) -> dict[str, list[Line]]:
    """Every block that the unit sees, by state, latest first."""
    found: dict[str, list[Line]] = {state: [] for state, _ in STATES}
    if actor.unit is None:
        return found
    held = (
        select(Block, BlockOffer)
        .join(BlockOffer, BlockOffer.block_id == Block.id)
        .where(Block.status == BlockStatus.OFFERED, BlockOffer.unit == actor.unit, BlockOffer.closed_at.is_(None))
        .order_by(BlockOffer.offered_at.desc())
    )
    received = [(row[0], row[1]) for row in session.execute(held)]
    own = session.scalars(select(Block).where(Block.unit == actor.unit).order_by(Block.number.desc())).all()
    ids = [block.id for block, _ in received] + [block.id for block in own]
    sizes, offered = _sizes(session, ids), _offered(session, ids)
    for block, offer in received:
        found[RECEIVED].append(_line(block, RECEIVED, sizes, offered, new=offer.received_at is None))
    for block in own:
        found[block.status].append(_line(block, block.status, sizes, offered))
    return found


def new_blocks(session: Session, actor: Actor) -> int:
    """How many blocks were offered to the unit and nobody of it opened yet."""
    query = select(func.count()).select_from(BlockOffer).join(Block, Block.id == BlockOffer.block_id)
    fresh = (BlockOffer.unit == (actor.unit or ""), BlockOffer.closed_at.is_(None), BlockOffer.received_at.is_(None))
    return session.scalar(query.where(*fresh, Block.status == BlockStatus.OFFERED)) or 0


def open_blocks(session: Session, actor: Actor) -> list[Line]:
    """The signature blocks of the unit that take documents now."""
    states = (BlockStatus.OPEN, BlockStatus.RETURNED)
    query = select(Block).where(
        Block.unit == (actor.unit or ""), Block.status.in_(states), Block.kind == BlockKind.SIGNATURE
    )
    rows = session.scalars(query.order_by(Block.number.desc())).all()
    sizes = _sizes(session, [row.id for row in rows])
    return [_line(row, row.status, sizes, {}) for row in rows]


def opened(session: Session, block_id: UUID, actor: Actor) -> Opened:
    """One block, for the unit that made it or holds it."""
    block = blocks.visible(session, block_id, actor)
    own = block.unit == actor.unit
    offers = session.scalars(select(BlockOffer).where(BlockOffer.block_id == block.id).order_by(BlockOffer.unit)).all()
    items = blocks.items_of(session, block.id)
    names = people.account_names(session, [block.created_by] if block.created_by else [])
    units = {block.id: tuple(one.unit for one in offers)}
    line = _line(block, block.status if own else RECEIVED, {block.id: len(items)}, units)
    waiting = tuple(one.unit for one in offers if one.closed_at is None)
    return Opened(
        line, block.kind, names.get(block.created_by, "") if block.created_by else "", own,
        tuple(_item(session, actor, item) for item in items), waiting,
    )  # fmt: skip


def _item(session: Session, actor: Actor, item: BlockItem) -> Item:
    dossier = session.get_one(Dossier, item.dossier_id)
    shown = None
    if item.document_id is not None:
        try:
            document: DossierDocument = access.authorize_document(session, actor, item.document_id, access.READ)
            shown = reading.shown(session, document)
        except DomainError:  # became sigiloso, or was deleted: its line stays, without what it was
            shown = None
    return Item(item.id, dossier.id, dossier.number, item.note, shown)


def _line(
    block: Block, state: str, sizes: dict[UUID, int], offered: dict[UUID, tuple[str, ...]], *, new: bool = False
) -> Line:
    name = f"{KINDS[block.kind]} {block.number}"
    return Line(
        block.id, name, block.unit, block.description, state, sizes.get(block.id, 0), offered.get(block.id, ()),
        block.created_at, new,
    )  # fmt: skip


def _sizes(session: Session, ids: list[UUID]) -> dict[UUID, int]:
    query = select(BlockItem.block_id, func.count()).where(BlockItem.block_id.in_(ids)).group_by(BlockItem.block_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _offered(session: Session, ids: list[UUID]) -> dict[UUID, tuple[str, ...]]:
    query = select(BlockOffer.block_id, BlockOffer.unit).where(BlockOffer.block_id.in_(ids)).order_by(BlockOffer.unit)
    found: dict[UUID, tuple[str, ...]] = {}
    for block_id, unit in session.execute(query):
        found[block_id] = (*found.get(block_id, ()), unit)
    return found
