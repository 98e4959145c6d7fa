"""What the pages of blocks show: the lists by state, one block with its documents, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier.page_queries import visible_among
from documents.signatures import queries
from documents.signatures.queries import BlockRow, ItemView
from workflow.actor import Actor

STATES = (
    ("recebido", "Recebidos"),
    ("aberto", "Abertos"),
    ("disponibilizado", "Disponibilizados"),
    ("retornado", "Retornados"),
    ("concluído", "Concluídos"),
)
SIGNS = {"recebido": "info", "aberto": "neutral", "disponibilizado": "info", "retornado": "warning", "concluído": "ok"}
KINDS = {"signature": "Bloco de assinatura", "internal": "Bloco interno", "meeting": "Bloco de reunião"}
DOCUMENT_STATES = {
    "draft": ("warning", "Sem assinatura"),
    "signed": ("ok", "Assinado"),
    "filed": ("ok", "Incluído"),
    "cancelled": ("error", "Cancelado"),
    "deleted": ("error", "Excluído"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A document (or a whole processo) of a block; `readable`: who is looking may know what it is."""

    view: ItemView
    readable: bool

    @property
    def waits(self) -> bool:
        """Who is looking may sign it and has not yet."""
        return self.readable and self.view.may_sign and self.view.version > 0

    @property
    def name(self) -> str:
        """Of. 002/2018/GRPC/GRI: convite"""
        if self.view.document_id is None:
            return f"Processo {self.view.dossier_number}"
        name = self.view.type_number or self.view.type_name
        return f"{name}: {self.view.title}" if self.view.title else name

    @property
    def number(self) -> str:
        """The protocol number as people quote it."""
        return f"{self.view.document_number or 0:07d}"

    @property
    def state(self) -> tuple[str, str]:
        """Kind and words of the document's state."""
        if self.view.signed_by_me:
            return "ok", "Você assinou"
        return DOCUMENT_STATES.get(self.view.status, ("neutral", self.view.status))


@dataclass(frozen=True, slots=True)
class Opened:
    """A block as its page shows it."""

    row: BlockRow
    items: tuple[Item, ...]

    @property
    def waits(self) -> int:
        """How many documents wait for the signature of who is looking."""
        return sum(item.waits for item in self.items)


def name_of(row: BlockRow) -> str:
    """Bloco de assinatura 12"""
    return f"{KINDS[row.kind]} {row.number}"


def is_new(row: BlockRow) -> bool:
    """Offered to the unit, and nobody of it opened it yet."""
    return not row.own and not row.received


def count_new(session: Session, actor: Actor) -> int:
    """How many blocks wait for the unit to open them."""
    return sum(is_new(row) for row in queries.blocks_of(session, actor)) if actor.unit is not None else 0


def lists(session: Session, actor: Actor) -> dict[str, list[BlockRow]]:
    """Every block that the unit sees, by state, latest first."""
    found: dict[str, list[BlockRow]] = {state: [] for state, _ in STATES}
    if actor.unit is not None:
        for row in queries.blocks_of(session, actor, concluded=True):
            found[row.state].append(row)
    return found


def open_blocks(session: Session, actor: Actor) -> list[BlockRow]:
    """The signature blocks of the unit that take documents now."""
    found = lists(session, actor)
    return [row for row in (*found["aberto"], *found["retornado"]) if row.kind == "signature"]


def opened(session: Session, block_id: UUID, actor: Actor) -> Opened:
    """One block, for the unit that made it or holds it."""
    view = queries.block_view(session, block_id, actor)
    ids = {item.dossier_id for item in view.items}
    seen = visible_among(session, ids, actor)
    items = tuple(Item(item, not view.block.own or item.dossier_id in seen) for item in view.items)
    return Opened(view.block, items)
