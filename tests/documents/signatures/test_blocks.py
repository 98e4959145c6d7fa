"""Blocks: offered to other units, read, edited and signed there, given back; kept together; who reaches what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access as dossier_access
from documents.dossier import operations as dossiers
from documents.dossier.models import LegalHypothesis
from documents.signatures import access, blocks, operations, queries, standing
from documents.signatures.models import Block, BlockStatus
from documents.texts import operations as texts
from tests.documents.signatures.conftest import PASSWORD, House, person, written
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound

pytestmark = pytest.mark.slow


@pytest.fixture
def block(session: Session, house: House) -> Block:
    """A signature block of the GRI with two documents of a restricted dossier, offered to the GTI."""
    law = session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == "restrito").limit(1)).one()
    dossiers.change_access(session, house.dossier, "restrito", law, actor=house.gri)
    made = blocks.create(session, "signature", "Ofícios da semana", actor=house.gri)
    ids = [written(session, house).id, written(session, house).id]
    blocks.add(session, made.id, document_ids=ids, note="Para a gerente", actor=house.gri)
    return blocks.offer(session, made.id, ["GTI"], actor=house.gri)


def documents_of(session: Session, block: Block) -> list:  # type: ignore[type-arg]
    return [item.document_id for item in blocks.items_of(session, block.id)]


def test_the_unit_reads_edits_and_signs_though_the_dossier_never_passed_there(
    session: Session, house: House, block: Block
) -> None:
    first, second = documents_of(session, block)
    with pytest.raises(DomainError):
        dossier_access.authorize_document(session, house.gti, first)
    for action in (access.READ, access.WORK, access.SIGN):
        assert access.authorize_document(session, house.gti, first, action).id == first
    blocks.receive(session, block.id, actor=house.gti)
    texts.save(session, first, "<p>Corrigido pela GTI.</p>", actor=house.gti, based_on=1)
    signed = blocks.sign_all(session, block.id, password=PASSWORD, cargo="Gerente", actor=house.gti)
    assert {row.document_id for row in signed} == {first, second}
    (row,) = queries.blocks_of(session, house.gti)
    assert (row.state, row.received, row.items, row.to_sign, row.own) == ("recebido", True, 2, 0, False)
    with pytest.raises(Conflict, match="falte você assinar"):
        blocks.sign_all(session, block.id, password=PASSWORD, cargo="Gerente", actor=house.gti)
    blocks.give_back(session, block.id, actor=house.gti)
    assert block.status == BlockStatus.RETURNED
    with pytest.raises(DomainError):
        access.authorize_document(session, house.gti, first)
    assert queries.blocks_of(session, house.gti) == []
    assert blocks.sign_all(session, block.id, password=PASSWORD, cargo="Analista", actor=house.gri)
    assert len(standing.signatures_of(session, first)) == 2
    blocks.conclude(session, block.id, actor=house.gri)
    assert queries.blocks_of(session, house.gri) == []
    assert [row.state for row in queries.blocks_of(session, house.gri, concluded=True)] == ["concluído"]


def test_what_was_not_offered_stays_closed(session: Session, house: House, block: Block) -> None:
    outsider = person(session, "ana", "Ana", "GRPC")
    with pytest.raises(NotFound):
        queries.block_view(session, block.id, outsider)
    with pytest.raises(NotFound):
        blocks.sign_all(session, block.id, password=PASSWORD, cargo="Gerente", actor=outsider)
    aside = written(session, house).id
    with pytest.raises(DomainError):
        access.authorize_document(session, house.gti, aside, access.SIGN)
    with pytest.raises(DomainError):
        operations.sign(session, [aside], password=PASSWORD, cargo="Gerente", actor=house.gti)
    with pytest.raises(Forbidden):
        blocks.add(session, block.id, document_ids=[aside], actor=house.gti)


def test_taken_back_the_unit_reaches_nothing_any_more(session: Session, house: House, block: Block) -> None:
    (first, _) = documents_of(session, block)
    blocks.take_back(session, block.id, actor=house.gri)
    with pytest.raises(DomainError):
        access.authorize_document(session, house.gti, first)
    with pytest.raises(NotFound):
        blocks.give_back(session, block.id, actor=house.gti)


def test_a_role_lost_closes_the_block_too(session: Session, house: House, block: Block) -> None:
    (first, _) = documents_of(session, block)
    with pytest.raises(DomainError):
        access.authorize_document(session, replace(house.gti, roles=frozenset()), first)


def test_the_returned_state_waits_for_every_unit(session: Session, house: House, block: Block) -> None:
    other = person(session, "ana", "Ana", "GRPC")
    blocks.take_back(session, block.id, actor=house.gri)
    blocks.offer(session, block.id, ["GTI", "GRPC"], actor=house.gri)
    blocks.give_back(session, block.id, actor=house.gti)
    assert block.status == BlockStatus.OFFERED
    blocks.give_back(session, block.id, actor=other)
    assert block.status == BlockStatus.RETURNED


def test_a_sigiloso_document_goes_into_no_signature_block(session: Session, house: House, block: Block) -> None:
    law = session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == "sigiloso").limit(1)).one()
    (first, _) = documents_of(session, block)
    dossiers.change_access(session, house.dossier, "sigiloso", law, actor=house.gri)
    with pytest.raises(NotFound):
        access.authorize_document(session, house.gti, first)
    blocks.take_back(session, block.id, actor=house.gri)
    with pytest.raises(Conflict, match="sigiloso"):
        blocks.add(session, block.id, document_ids=[written(session, house).id], actor=house.gri)


def test_internal_and_meeting_blocks_hold_dossiers_and_are_not_offered(session: Session, house: House) -> None:
    meeting = blocks.create(session, "meeting", "Pauta", actor=house.gri)
    (item,) = blocks.add(session, meeting.id, dossier_ids=[house.dossier, house.dossier], actor=house.gri)
    blocks.note(session, item.id, "Primeiro da pauta", actor=house.colleague)
    view = queries.block_view(session, meeting.id, house.colleague)
    assert [(one.note, one.document_id) for one in view.items] == [("Primeiro da pauta", None)]
    with pytest.raises(Conflict, match="assinatura"):
        blocks.offer(session, meeting.id, ["GTI"], actor=house.gri)
    blocks.remove(session, item.id, actor=house.gri)
    assert queries.block_view(session, meeting.id, house.gri).items == ()


def test_an_empty_block_and_an_unknown_unit_are_refused_in_words(session: Session, house: House) -> None:
    made = blocks.create(session, "signature", actor=house.gri)
    assert made.number == 1
    with pytest.raises(Conflict, match="vazio"):
        blocks.offer(session, made.id, ["GTI"], actor=house.gri)
    blocks.add(session, made.id, document_ids=[written(session, house).id], actor=house.gri)
    for units in ([], ["GRI"], ["NADA"]):
        with pytest.raises(InvalidInput):
            blocks.offer(session, made.id, units, actor=house.gri)
