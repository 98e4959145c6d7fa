"""Blocks against their chains: each event of a block holds the digests of what the block is after it.

What a block holds and to whom it was offered decides who may read and sign: a row put in by hand is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.signatures.models import Block, BlockItem, BlockOffer
from workflow import history

BATCH = 500
BLOCK = ("id", "number", "kind", "unit", "description", "status", "created_by", "created_at")
ITEM = ("id", "block_id", "dossier_id", "document_id", "position", "note", "added_by", "added_at")
OFFER = ("block_id", "unit", "offered_at", "received_at", "closed_at")
_WORDS = {
    "record": "o registro foi alterado",
    "items": "um documento, processo ou anotação foi alterado, retirado ou acrescentado",
    "offers": "uma disponibilização foi alterada, retirada ou acrescentada",
}


def facts(session: Session, block_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """The digests of each block: of its row, its items and its offers. Three queries, however many blocks."""
    blocks = session.scalars(select(Block).where(Block.id.in_(block_ids)))
    records = {row.id: history.record_digest(row, BLOCK) for row in blocks}
    items: dict[UUID, list[str]] = {}
    for item in session.scalars(select(BlockItem).where(BlockItem.block_id.in_(block_ids)).order_by(BlockItem.id)):
        items.setdefault(item.block_id, []).append(history.record_digest(item, ITEM))
    offers: dict[UUID, list[str]] = {}
    for offer in session.scalars(
        select(BlockOffer).where(BlockOffer.block_id.in_(block_ids)).order_by(BlockOffer.unit)
    ):
        offers.setdefault(offer.block_id, []).append(history.record_digest(offer, OFFER))
    return {
        key: {
            "record": record,
            "items": history.digest(items.get(key, [])),
            "offers": history.digest(offers.get(key, [])),
        }
        for key, record in records.items()
    }


def verify_blocks(session: Session) -> list[str]:
    """Every block that is not what the last event of its chain tells, in words; empty when all is whole."""
    gone = history.without_row(session, "block", Block.__tablename__)
    problems = [f"{name}: o bloco está na cadeia e não na tabela" for name in gone]
    last: UUID | None = None
    while batch := _batch(session, last):
        now = facts(session, [row.id for row in batch])
        told = history.last_told(session, [f"block:{row.id}" for row in batch])
        for row in batch:
            problems += [
                f"bloco {row.number} da unidade {row.unit}: {what}"
                for what in _problems(now[row.id], told.get(f"block:{row.id}"))
            ]
        last = batch[-1].id
    return problems


def _batch(session: Session, after: UUID | None) -> Sequence[Block]:
    query = select(Block).order_by(Block.id).limit(BATCH)
    return session.scalars(query.where(Block.id > after) if after is not None else query).all()


def _problems(now: dict[str, str], told: dict[str, Any] | None) -> Iterator[str]:
    if told is None:
        yield "não está na cadeia"
        return
    yield from (words for part, words in _WORDS.items() if told.get(part) != now[part])
