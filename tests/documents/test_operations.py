"""Issue, cancel, erase, read again; the same request twice makes one document."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import documents
from documents import codes, events, kinds, operations, queries
from documents.errors import AlreadyCancelled, DocumentDamaged, DocumentErased, DocumentNotFound
from documents.models import Document, DocumentStatus
from documents.reasons import ERASED_REASON
from documents.sealing import PadesSealer
from documents.verification import verify_seal
from people import crypto
from tests.documents.conftest import FIELDS, KIND, files_of, make_person
from tests.documents.test_declaracao_text import text_of
from workflow import clock, history
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import InvalidInput
from workflow.jobs import JOBS
from workflow.models import EventRow

pytestmark = pytest.mark.usefixtures("storage")


def issue(session: Session, owner: UUID | None, key: str | None = None, case: UUID | None = None) -> Document:
    return operations.issue(
        session, KIND, FIELDS, case_id=case, owner_person_id=owner, actor=SYSTEM, idempotency_key=key
    )


def test_DE9_issued_document_reads_back_sealed_and_the_row_has_its_digest(
    session: Session, owner: UUID, sealer: PadesSealer, tmp_path: Path
) -> None:
    document = issue(session, owner)
    pdf = operations.read_bytes(session, document.id)
    assert hashlib.sha256(pdf).hexdigest() == document.sha256
    assert len(pdf) == document.size
    assert verify_seal(pdf, sealer.roots).ok
    assert codes.formatted(document.code) in text_of(pdf, tmp_path)
    assert document.template_version == kinds.get(KIND).version


def test_D5_second_copy_is_the_same_bytes(session: Session, owner: UUID) -> None:
    document = issue(session, owner)
    assert operations.read_bytes(session, document.id) == operations.read_bytes(session, document.id)


def test_bytes_and_personal_fields_rest_encrypted(session: Session, owner: UUID, storage: Path) -> None:
    document = issue(session, owner)
    (file,) = files_of(storage)
    resting = file.read_bytes()
    assert b"%PDF" not in resting
    assert hashlib.sha256(resting).hexdigest() == document.address == file.name
    assert document.summary is not None
    row = session.execute(text("SELECT document::text FROM document WHERE id = :id"), {"id": document.id}).scalar_one()
    for secret in ("Maria", "52998224725", "982.247", b"Maria".hex(), b"982".hex()):
        assert secret not in row


def test_document_without_owner_rests_in_the_clear(session: Session, keyring: None, storage: Path) -> None:
    document = issue(session, None)
    assert files_of(storage)[0].read_bytes() == operations.read_bytes(session, document.id)


def test_DE10_instant_is_the_legal_clock(session: Session, owner: UUID, tmp_path: Path) -> None:
    legal = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    kept = clock.offset()
    clock.configure(legal - datetime.now(UTC))
    try:
        document = issue(session, owner)
    finally:
        clock.configure(kept)
    assert abs(document.issued_at - legal) < timedelta(seconds=30)
    assert "gerado em 24/11/2026, às 10h00 min." in text_of(operations.read_bytes(session, document.id), tmp_path)


def test_DE11_same_key_is_the_same_document(session: Session, owner: UUID, storage: Path) -> None:
    first, second = issue(session, owner, "k"), issue(session, owner, "k")
    assert first.id == second.id
    assert len(files_of(storage)) == 1
    assert issue(session, owner, "outra").id != first.id


def test_DE11_two_workers_with_the_same_job_make_one_document(database_url: str, keyring: None, storage: Path) -> None:
    with transaction() as session:
        owner = make_person(session)
    made: list[UUID] = []
    barrier = threading.Barrier(3)

    def work() -> None:
        barrier.wait()
        with transaction() as session:
            made.append(issue(session, owner, "job-1").id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 3
    assert len(set(made)) == 1
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 1
        assert session.scalar(select(func.count()).where(EventRow.kind == events.ISSUED)) == 1


def test_job_killed_in_the_middle_leaves_nothing_and_the_retry_makes_one(
    database_url: str, keyring: None, storage: Path
) -> None:
    with transaction() as session:
        owner = make_person(session)
    with pytest.raises(KeyboardInterrupt), transaction() as session:
        issue(session, owner, "job-2")
        raise KeyboardInterrupt  # killed before its commit
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 0
        document = issue(session, owner, "job-2")
    with transaction() as session:
        assert queries.of_person(session, owner)[0].id == document.id
        assert len(files_of(storage)) == 2, "the killed try left an encrypted orphan"
        assert operations.sweep(session) == 0, "young orphans may belong to an act that has not committed yet"
        assert operations.sweep(session, older_than=timedelta(seconds=-1)) == 1
        assert operations.read_bytes(session, document.id)


def test_nightly_job_is_registered_and_runs(database_url: str, keyring: None, storage: Path) -> None:
    job = JOBS["documents.retention"]
    assert job.every is not None
    job.function()


def test_brasao_that_is_not_there_is_told_at_start(tmp_path: Path, sealer: PadesSealer) -> None:
    for wrong in (tmp_path / "falta.svg", tmp_path):
        with pytest.raises(ValueError, match="brasão"):
            documents.configure(str(tmp_path), sealer, "https://x", brasao=wrong)


def test_D6_cancel_once_with_a_reason(session: Session, owner: UUID) -> None:
    document = issue(session, owner)
    with pytest.raises(InvalidInput):
        operations.cancel(session, document.id, "  ", actor=SYSTEM)
    with pytest.raises(InvalidInput):
        operations.cancel(session, document.id, "x" * 201, actor=SYSTEM)
    operations.cancel(session, document.id, "entrada de outra  pessoa", actor=SYSTEM)
    assert document.status == DocumentStatus.CANCELLED
    assert document.cancel_reason == "entrada de outra pessoa"
    with pytest.raises(AlreadyCancelled):
        operations.cancel(session, document.id, "de novo", actor=SYSTEM)
    with pytest.raises(DocumentNotFound):
        operations.cancel(session, uuid4(), "motivo", actor=SYSTEM)
    assert operations.read_bytes(session, document.id).startswith(b"%PDF")


def test_erasure_leaves_no_byte_and_no_name(database_url: str, keyring: None, storage: Path) -> None:
    with transaction() as session:
        owner, other = make_person(session), make_person(session)
        document, kept = issue(session, owner), issue(session, other)
        cancelled = issue(session, owner)
        operations.cancel(session, cancelled.id, "engano de Maria", actor=SYSTEM)
    with pytest.raises(KeyboardInterrupt), transaction() as session:
        operations.erase_for(session, owner)
        raise KeyboardInterrupt
    assert len(files_of(storage)) == 3, "rolled back: nothing is deleted"
    with transaction() as session:
        assert operations.erase_for(session, owner) == 2
        crypto.destroy_key(session, owner)
        assert len(files_of(storage)) == 3, "files go after the commit"
    assert [file.name for file in files_of(storage)] == [kept.address]
    with transaction() as session:
        assert operations.erase_for(session, owner) == 0
        row = queries.get(session, document.id)
        assert (row.status, row.summary, row.address) == (DocumentStatus.ERASED, None, None)
        assert queries.get(session, cancelled.id).cancel_reason == ERASED_REASON
        assert queries.of_person(session, owner) == []
        with pytest.raises(DocumentErased):
            operations.read_bytes(session, document.id)
        assert operations.read_bytes(session, kept.id)
        assert operations.verify_documents(session) == []


def test_erasure_waits_for_an_issue_in_progress(database_url: str, keyring: None, storage: Path) -> None:
    with transaction() as session:
        owner = make_person(session)
    erased: list[int] = []

    def erase() -> None:
        with transaction() as session:
            erased.append(operations.erase_for(session, owner))

    eraser = threading.Thread(target=erase)
    with transaction() as session:
        issue(session, owner)
        eraser.start()
        eraser.join(0.3)
        assert eraser.is_alive()
    eraser.join(30)
    assert erased == [1]
    assert files_of(storage) == []


def test_damaged_bytes_are_told(session: Session, owner: UUID, storage: Path) -> None:
    document = issue(session, owner)
    (file,) = files_of(storage)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(DocumentDamaged):
        operations.read_bytes(session, document.id)
    file.unlink()
    with pytest.raises(DocumentDamaged):
        operations.read_bytes(session, document.id)


def test_refused_fields_leave_nothing(session: Session, owner: UUID, storage: Path) -> None:
    with pytest.raises(InvalidInput):
        operations.issue(session, KIND, {}, case_id=None, owner_person_id=owner, actor=SYSTEM)
    with pytest.raises(DocumentNotFound):
        operations.issue(session, "../../etc", FIELDS, case_id=None, owner_person_id=owner, actor=SYSTEM)
    assert files_of(storage) == []


def test_events_hold_digests_and_no_personal_data(session: Session, owner: UUID) -> None:
    case = uuid4()
    clerk = Actor("account", id=uuid4(), unit="CAC")
    document = operations.issue(session, KIND, FIELDS, case_id=case, owner_person_id=owner, actor=clerk)
    operations.cancel(session, document.id, "emitida para Maria por engano", actor=clerk)
    rows = session.scalars(select(EventRow).where(EventRow.chain == history.case_chain(case))).all()
    assert {row.kind for row in rows} == {events.ISSUED, events.CANCELLED}
    assert document.sha256 in rows[0].data + rows[1].data
    assert not any(
        secret in row.data for row in rows for secret in ("Maria", "982.247", "52998", "2026-11-24", "engano")
    )
    assert document.issuer_account_id == clerk.id
    assert [found.id for found in queries.of_case(session, case)] == [document.id]
    for kind in events.SENTENCES:
        assert history.sentence(kind, {})
