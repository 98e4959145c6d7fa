"""Public validation (VA1 to VA7)."""

from __future__ import annotations

import dataclasses
import hashlib
import random
import statistics
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from documents import codes, operations, queries, throttle, validation
from documents.models import Document, ValidationAttempt, ValidationLog, ValidationMiss
from documents.validation import Result
from people import crypto
from tests.documents.conftest import FIELDS, files_of, unknown_code
from tests.documents.test_operations import issue
from workflow import clock
from workflow.actor import SYSTEM
from workflow.errors import TooManyAttempts
from workflow.models import EventRow

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def issued(session: Session, owner: UUID) -> Document:
    return issue(session, owner)


@pytest.fixture
def token(session: Session, owner: UUID, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of a new document, which only its QR carries."""
    known = codes.new_token()
    monkeypatch.setattr(codes, "new_token", lambda: known)
    issue(session, owner)
    monkeypatch.undo()
    return known


def test_VA2_VA3_authentic_shows_the_masked_result(session: Session, issued: Document) -> None:
    typed = codes.formatted(issued.code).lower().replace("-", " ")
    found = validation.by_code(session, typed)
    assert found.result is Result.AUTENTICO
    assert found.label == "AUTÊNTICO"
    assert found.kind_title == "Declaração de comparecimento"
    assert found.name == FIELDS["name"]
    assert found.masked_cpf == "***.982.247-**"
    assert found.date == "24/11/2026"
    assert found.issued_at == issued.issued_at
    assert found.intact
    assert found.code == codes.formatted(issued.code)
    assert "529.982" not in repr(found)
    assert "52998" not in repr(found)


def test_VA4_typed_code_gives_no_way_to_the_file(session: Session, issued: Document) -> None:
    found = validation.by_code(session, issued.code)
    assert not any(isinstance(value, bytes | UUID) for value in dataclasses.asdict(found).values())
    assert str(issued.id) not in repr(found)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.name = "x"  # type: ignore[misc]  # that is what is tested


def test_VA2_cancelled_tells_date_and_reason(session: Session, issued: Document) -> None:
    operations.cancel(session, issued.id, "entrada de outra pessoa", actor=SYSTEM)
    found = validation.by_code(session, issued.code)
    assert found.result is Result.CANCELADO
    assert found.reason == "entrada de outra pessoa"
    assert found.cancelled_at == issued.cancelled_at


@pytest.mark.parametrize("typed", ["", "x", "7K3M-Q2XA-9TZ4-HB6", "' OR 1=1 --", "\x00" * 16, "U" * 16, "9" * 5000])
def test_VA2_malformed_is_only_not_found(session: Session, issued: Document, typed: str) -> None:
    assert validation.by_code(session, typed) == validation.by_code(session, unknown_code()) == validation.NOT_FOUND


def test_VA2_malformed_and_unknown_take_the_same_way_through_the_database(session: Session, issued: Document) -> None:
    def statements(typed: str) -> list[str]:
        seen: list[str] = []
        connection = session.connection()

        def note(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(connection, "before_cursor_execute", note)
        validation.by_code(session, typed, address="203.0.113.9")
        event.remove(connection, "before_cursor_execute", note)
        return seen

    statements(unknown_code())
    assert statements("malformado") == statements(unknown_code())


@pytest.mark.slow
def test_VA2_response_time_is_the_same(session: Session, issued: Document) -> None:
    times: dict[str, list[float]] = {"malformed": [], "unknown": []}
    for number in range(400):
        for name, typed in (("malformed", f"lixo {number}"), ("unknown", unknown_code())):
            start = time.perf_counter()
            validation.by_code(session, typed)
            times[name].append(time.perf_counter() - start)
    first, second = (statistics.median(values) for values in times.values())
    assert abs(first - second) < 0.15 * max(first, second)


def test_DE9_compare_tells_another_file(session: Session, issued: Document) -> None:
    pdf = operations.read_bytes(session, issued.id)
    assert validation.compare(session, issued.code, issued.sha256.upper()).result is Result.AUTENTICO
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 1
    other = validation.compare(session, issued.code, hashlib.sha256(changed).hexdigest())
    assert other.result is Result.DIVERGENTE
    assert other.name == ""
    assert validation.compare(session, issued.code, "não é um resumo").result is Result.DIVERGENTE
    assert validation.compare(session, unknown_code(), issued.sha256).result is Result.NAO_ENCONTRADO
    operations.cancel(session, issued.id, "engano", actor=SYSTEM)
    assert validation.compare(session, issued.code, issued.sha256).result is Result.CANCELADO


def test_VA2_the_file_alone_finds_its_document(session: Session, issued: Document) -> None:
    found = validation.by_hash(session, issued.sha256.upper())
    assert found == validation.by_code(session, issued.code)
    assert found.result is Result.AUTENTICO
    assert found.masked_cpf == "***.982.247-**"
    changed = hashlib.sha256(operations.read_bytes(session, issued.id) + b" ").hexdigest()
    assert validation.by_hash(session, changed) == validation.NOT_FOUND
    operations.cancel(session, issued.id, "engano", actor=SYSTEM)
    assert validation.by_hash(session, issued.sha256).result is Result.CANCELADO


def test_VA2_the_file_alone_is_authentic_when_our_copy_is_damaged(
    session: Session, issued: Document, storage: Path
) -> None:
    files_of(storage)[0].write_bytes(b"outro")
    assert validation.by_hash(session, issued.sha256).result is Result.AUTENTICO


def test_VA5_VA6_the_file_alone_is_limited_counted_and_logged(session: Session, issued: Document) -> None:
    for number in range(10):
        validation.by_hash(session, f"{number:064x}", address="198.51.100.7")
    with pytest.raises(TooManyAttempts):
        validation.by_hash(session, issued.sha256, address="198.51.100.7")
    assert throttle.misses_last_hour(session) == 10
    row = session.scalars(select(ValidationLog).order_by(ValidationLog.id)).first()
    assert row is not None
    assert (row.way, row.network, row.result) == ("hash", "198.51.100.0/24", "NAO_ENCONTRADO")


def test_DE9_damaged_storage_is_not_called_authentic(session: Session, issued: Document, storage: Path) -> None:
    files_of(storage)[0].write_bytes(b"outro")
    found = validation.by_code(session, issued.code)
    assert found.result is Result.DIVERGENTE
    assert not found.intact
    assert validation.compare(session, issued.code, issued.sha256).result is Result.AUTENTICO


def test_D3_VA4_token_opens_the_sealed_copy(session: Session, token: str) -> None:
    found, copy = validation.open_copy(session, token)
    assert found.result is Result.AUTENTICO
    assert copy is not None
    assert copy.startswith(b"%PDF")
    assert validation.by_token(session, token) == found
    for wrong in (codes.new_token(), token[:-1], token + "A", "", "../" + token):
        assert validation.open_copy(session, wrong) == (validation.NOT_FOUND, None)
    document = session.scalars(select(Document)).one()
    row = session.execute(text("SELECT document::text FROM document")).scalar_one()
    assert token not in row
    assert validation.open_copy(session, document.code)[1] is None, "the typed code never opens the file"
    operations.cancel(session, document.id, "engano", actor=SYSTEM)
    found, copy = validation.open_copy(session, token)
    assert (found.result, copy) == (Result.CANCELADO, None)


def test_erased_answers_cancelled_with_its_reason(session: Session, issued: Document, owner: UUID) -> None:
    operations.erase_for(session, owner)
    crypto.destroy_key(session, owner)
    session.expire_all()
    found = validation.by_code(session, issued.code)
    assert found.result is Result.CANCELADO
    assert found.reason == "dados eliminados a pedido do titular"
    assert (found.name, found.masked_cpf, found.date) == ("", "", "")


def test_key_destroyed_first_answers_the_same(session: Session, issued: Document, owner: UUID) -> None:
    crypto.destroy_key(session, owner)
    session.expire_all()
    assert validation.by_code(session, issued.code).reason == "dados eliminados a pedido do titular"


def test_VA5_eleventh_attempt_in_a_minute_waits(session: Session, issued: Document) -> None:
    for _ in range(9):
        assert validation.by_code(session, unknown_code(), address="198.51.100.7").result is Result.NAO_ENCONTRADO
    assert validation.compare(session, issued.code, issued.sha256, address="198.51.100.7").result is Result.AUTENTICO
    with pytest.raises(TooManyAttempts) as refused:
        validation.by_code(session, issued.code, address="198.51.100.7")
    assert 1 <= refused.value.wait_s <= 60
    assert "Aguarde" in refused.value.message
    assert validation.by_code(session, issued.code, address="198.51.100.8").result is Result.AUTENTICO


def test_VA5_after_the_wait_the_address_is_heard_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.real_now()
    for second in range(10):
        monkeypatch.setattr(clock, "real_now", lambda second=second: start + timedelta(seconds=second))
        throttle.admit(session, "198.51.100.7")
    for later, heard in ((59.0, False), (60.0, True), (60.5, False), (61.0, True)):
        monkeypatch.setattr(clock, "real_now", lambda later=later: start + timedelta(seconds=later))
        if heard:
            throttle.admit(session, "198.51.100.7")
        else:
            with pytest.raises(TooManyAttempts) as refused:
                throttle.admit(session, "198.51.100.7")
            assert refused.value.wait_s == 1


def test_VA5_one_ipv6_subscriber_is_one_address(session: Session) -> None:
    for number in range(10):
        throttle.admit(session, f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooManyAttempts):
        throttle.admit(session, "2001:db8:1:2:ffff::1")
    throttle.admit(session, "2001:db8:1:3::1")
    for _ in range(10):
        throttle.admit(session, "::ffff:198.51.100.9")
    with pytest.raises(TooManyAttempts):
        throttle.admit(session, "198.51.100.9")


def test_VA5_1000_guesses_from_one_address_hear_ten_answers(session: Session, issued: Document) -> None:
    heard, random_codes = 0, random.Random(2716)
    for _ in range(1000):
        guess = "".join(random_codes.choices(codes.ALPHABET, k=16))
        try:
            assert validation.by_code(session, guess, address="203.0.113.5").result is Result.NAO_ENCONTRADO
            heard += 1
        except TooManyAttempts:
            continue
    assert heard == 10
    assert session.scalar(select(func.count()).select_from(ValidationLog)) == 10


@pytest.mark.slow
def test_VA5_1000_misses_an_hour_from_everywhere_raise_one_alarm(
    session: Session, issued: Document, caplog: pytest.LogCaptureFixture
) -> None:
    def alarms() -> int:
        return session.scalar(select(func.count()).where(EventRow.kind == "validation_alarm")) or 0

    for _ in range(995):
        throttle.count_miss(session)
    assert throttle.misses_last_hour(session) == 995
    for number in range(4):
        validation.by_code(session, unknown_code(), address=f"203.0.113.{number + 10}")
    assert alarms() == 0
    for number in range(20):
        validation.by_code(session, unknown_code(), address=f"203.0.113.{number + 100}")
    assert alarms() == 1
    assert "validation alarm" in caplog.text
    session.execute(text("UPDATE validation_miss SET minute = minute - interval '61 minutes'"))
    session.expire_all()
    assert throttle.misses_last_hour(session) == 0


def test_VA6_log_has_instant_and_truncated_address_for_six_months(session: Session, issued: Document) -> None:
    validation.by_code(session, issued.code, address="203.0.113.77")
    validation.by_code(session, issued.code, address="2001:db8:aaaa:bbbb::1")
    rows = session.scalars(select(ValidationLog).order_by(ValidationLog.id)).all()
    assert [row.network for row in rows] == ["203.0.113.0/24", "2001:db8:aaaa::/48"]
    assert abs(rows[0].instant - clock.now()) < timedelta(seconds=30)
    assert issued.owner_person_id is not None
    assert queries.validations_of(session, issued.owner_person_id) == 2
    rows[0].instant -= timedelta(days=184)
    session.flush()
    session.execute(text("UPDATE validation_attempt SET last_at = last_at - interval '2 hours'"))
    validation.purge(session)
    assert session.scalar(select(func.count()).select_from(ValidationLog)) == 1
    assert session.scalar(select(func.count()).select_from(ValidationAttempt)) == 0
    assert session.scalar(select(func.count()).select_from(ValidationMiss)) == 0


def test_VA6_strange_address_is_not_kept(session: Session, issued: Document) -> None:
    validation.by_code(session, issued.code, address="unix:/tmp/x")
    assert session.scalars(select(ValidationLog)).one().network == ""
