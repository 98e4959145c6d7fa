"""verify_documents: whole when whole, and told after anything is altered by hand."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents import operations
from documents.models import Document
from people import crypto
from tests.documents.conftest import files_of
from tests.documents.test_operations import issue
from workflow.actor import SYSTEM

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def issued(session: Session, owner: UUID) -> Document:
    document = issue(session, owner, "k", uuid4())
    cancelled = issue(session, owner, "c")
    operations.cancel(session, cancelled.id, "engano", actor=SYSTEM)
    assert operations.verify_documents(session) == []
    return document


ISSUED_BY_HAND = [
    "code = '0000000000000000'",
    "token_digest = sha256('x')",
    "sha256 = repeat('0', 64)",
    "issued_at = issued_at + interval '1 hour'",
    "kind = 'outro'",
    "case_id = gen_random_uuid()",
    "owner_person_id = NULL",
    "issuer_account_id = gen_random_uuid()",
    "summary = NULL",
    "summary = 'x'",
    "address = repeat('0', 64)",
    "status = 'cancelled', cancelled_at = now(), cancel_reason = 'x'",
    "status = 'erased', cancelled_at = now(), cancel_reason = 'x', address = NULL, summary = NULL",
]
CANCELLED_BY_HAND = [
    "cancel_reason = 'outro motivo'",
    "cancelled_at = now()",
    "status = 'issued', cancelled_at = NULL, cancel_reason = NULL",
]


def problems_after(session: Session, change: str, status: str) -> list[str]:
    """What is told after a change by hand, which is then undone."""
    undo = session.begin_nested()
    session.execute(text(f"UPDATE document SET {change} WHERE status = '{status}'"))
    session.expire_all()
    problems = operations.verify_documents(session)
    undo.rollback()
    session.expire_all()
    return problems


def test_row_altered_by_hand_is_told(session: Session, issued: Document) -> None:
    name = str(issued.id)
    for change in ISSUED_BY_HAND:
        problems = problems_after(session, change, "issued")
        assert problems, change
        assert all(name in problem for problem in problems)
    assert operations.verify_documents(session) == []


def test_cancellation_altered_by_hand_is_told(session: Session, issued: Document) -> None:
    for change in CANCELLED_BY_HAND:
        assert len(problems_after(session, change, "cancelled")) == 1, change


def test_changed_and_missing_bytes_are_told(session: Session, issued: Document, storage: Path) -> None:
    file = next(path for path in files_of(storage) if path.name == issued.address)
    file.write_bytes(b"outro arquivo")
    assert "bytes guardados" in operations.verify_documents(session)[0]
    file.unlink()
    assert "bytes guardados" in operations.verify_documents(session)[0]


def test_deleted_row_and_row_without_event_are_told(session: Session, issued: Document) -> None:
    session.execute(text("DELETE FROM document WHERE id = :id"), {"id": issued.id})
    session.expunge_all()
    assert operations.verify_documents(session) == [f"documento {issued.id}: está na cadeia e não na tabela"]
    session.execute(text("DELETE FROM event WHERE kind = 'document_issued'"))
    assert any("0 eventos de emissão" in problem for problem in operations.verify_documents(session))


def test_key_destroyed_without_erasure_is_told(session: Session, issued: Document, owner: UUID) -> None:
    crypto.destroy_key(session, owner)
    session.expire_all()
    assert "chave do titular" in operations.verify_documents(session)[0]
    operations.erase_for(session, owner)
    assert operations.verify_documents(session) == []
