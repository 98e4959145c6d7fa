"""Blocks, their items and their offers, altered by hand: `carimbo audit verify` tells of each column."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents.signatures import blocks
from documents.signatures.block_records import verify_blocks
from documents.signatures.models import Block
from tests.altering import silent_changes
from tests.documents.signatures.conftest import House, written

pytestmark = pytest.mark.slow
TABLES = ("signature_block", "signature_block_item", "signature_block_offer")


@pytest.fixture
def block(session: Session, house: House) -> Block:
    """A block through all its acts, offered again at the end."""
    made = blocks.create(session, "signature", "Ofícios da semana", actor=house.gri)
    first, second = blocks.add(
        session, made.id, document_ids=[written(session, house).id for _ in range(2)], actor=house.gri
    )
    assert verify_blocks(session) == []
    for act in (
        lambda: blocks.describe(session, made.id, "Ofícios do mês", actor=house.gri),
        lambda: blocks.note(session, first.id, "Para a gerente", actor=house.gri),
        lambda: blocks.remove(session, second.id, actor=house.gri),
        lambda: blocks.offer(session, made.id, ["GTI"], actor=house.gri),
        lambda: blocks.receive(session, made.id, actor=house.gti),
        lambda: blocks.give_back(session, made.id, actor=house.gti),
        lambda: blocks.conclude(session, made.id, actor=house.gri),
        lambda: blocks.reopen(session, made.id, actor=house.gri),
        lambda: blocks.offer(session, made.id, ["GTI"], actor=house.gri),
        lambda: blocks.take_back(session, made.id, actor=house.gri),
        lambda: blocks.offer(session, made.id, ["GTI"], actor=house.gri),
    ):
        act()
        assert verify_blocks(session) == []
    return made


def test_every_column_altered_by_hand_is_told(session: Session, block: Block) -> None:
    silent = {table: list(silent_changes(session, table, verify_blocks)) for table in TABLES}
    assert silent == {table: [] for table in TABLES}
    assert verify_blocks(session) == []


def test_an_offer_put_in_by_hand_is_told(session: Session, block: Block) -> None:
    """Who writes an offer into the table would read and sign what was offered to others."""
    session.execute(
        text("INSERT INTO signature_block_offer (block_id, unit, offered_at) VALUES (:block, 'GAB-01', now())"),
        {"block": block.id},
    )
    (problem,) = verify_blocks(session)
    assert "uma disponibilização foi alterada" in problem
