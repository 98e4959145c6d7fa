"""Counters under real concurrency; numbers by unit, órgão and year; informed numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType
from documents.numbering import operations, rules
from tests.documents.dossier.conftest import install
from workflow import clock, database
from workflow.actor import SYSTEM
from workflow.errors import InvalidInput


@pytest.fixture
def house(session: Session) -> None:
    install(session)


def _at(year: int) -> None:
    clock.configure(datetime(year, 6, 1, 12, tzinfo=UTC) - datetime.now(UTC))


def test_OF3_20_parallel_transactions_take_20_consecutive_numbers(database_url: str) -> None:
    start = Barrier(20)
    database.configure(database_url, pool_size=20)

    def take(_: int) -> int:
        with database.transaction() as session:
            session.connection()
            start.wait(20)
            return operations.next_number(session, "tipo:oficio:GRI", 2026)

    with ThreadPoolExecutor(20) as pool:
        numbers = list(pool.map(take, range(20)))
    assert sorted(numbers) == list(range(1, 21))


def test_OF3_a_rollback_leaves_no_gap(database_url: str) -> None:
    class Refused(Exception):
        pass

    with database.transaction() as session:
        assert operations.next_number(session, "tipo:oficio:GRI", 2026) == 1
    with pytest.raises(Refused), database.transaction() as session:
        assert operations.next_number(session, "tipo:oficio:GRI", 2026) == 2
        raise Refused
    with database.transaction() as session:
        assert operations.next_number(session, "tipo:oficio:GRI", 2026) == 2


def test_OF2_each_unit_and_each_year_begins_at_001(session: Session, house: None) -> None:
    _at(2026)
    assert operations.new_type_number(session, "oficio", "GRI") == "Of. 001/2026/GRPC/GRI"
    assert operations.new_type_number(session, "oficio", "GRI") == "Of. 002/2026/GRPC/GRI"
    _at(2027)
    assert operations.new_type_number(session, "oficio", "GRI") == "Of. 001/2027/GRPC/GRI"
    assert operations.new_type_number(session, "oficio", "GTI") == "Of. 001/2027/GTI"


def test_a_type_numbered_by_organ_has_one_sequence_for_all_units(session: Session, house: None) -> None:
    _at(2026)
    session.add(
        DocumentType(key="portaria_de_teste", name="Portaria de teste", numbering="organ", mask="Portaria {seq}/{year}")
    )
    session.flush()
    assert operations.new_type_number(session, "portaria_de_teste", "GRI") == "Portaria 1/2026"
    assert operations.new_type_number(session, "portaria_de_teste", "GTI") == "Portaria 2/2026"
    with pytest.raises(InvalidInput):
        operations.new_type_number(session, "despacho", "GRI")


def test_identifiers_3_own_numbers_by_organ_and_unit_and_year(session: Session, house: None) -> None:
    _at(2026)
    assert operations.new_process_number(session, "GRPC") == "0100.07.0000001/2026-58"
    assert operations.new_process_number(session, "GRPC") == "0100.07.0000002/2026-31"
    assert operations.new_process_number(session, "GTI").startswith("0100.09.0000001/2026-")
    _at(2027)
    assert operations.new_process_number(session, "GRPC").startswith("0100.07.0000001/2027-")


def test_identifiers_3_a_received_number_with_wrong_digits_is_a_warning_an_own_one_an_error(
    session: Session, house: None
) -> None:
    _at(2026)
    assert operations.own_number(session, "23112.001054/2012-47", "GRI").warning
    with pytest.raises(InvalidInput, match="Confira"):
        operations.own_number(session, "0100.07.0000002/2019-00", "GRI")


def test_an_own_number_of_a_year_that_the_system_keeps_is_refused(session: Session, house: None) -> None:
    _at(2026)
    given = operations.new_process_number(session, "GRPC")
    with pytest.raises(InvalidInput) as refused:
        operations.own_number(session, given, "GRPC")
    assert "dados pelo sistema" in refused.value.fields["number"]


def test_the_mask_of_an_organ_is_configuration(session: Session, house: None) -> None:
    _at(2026)
    operations.set_mask(session, "ALMG", "60041", "{organ}.{seq:06d}/{year}-{dv}", "mod11_federal", actor=SYSTEM)
    given = operations.new_process_number(session, "GRI")
    assert given.startswith("60041.000001/2026-")
    assert rules.check(given).ok is True
    with pytest.raises(InvalidInput):
        operations.set_mask(session, "ALMG", "0100", "{organ}{seq.real}/{year}-{dv}", "mod97", actor=SYSTEM)


def test_protocol_numbers_are_never_given_twice(session: Session) -> None:
    numbers = [operations.new_document_number(session) for _ in range(5)]
    assert len(set(numbers)) == 5


def test_the_year_is_that_of_the_legal_clock(session: Session, house: None) -> None:
    new_year = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)  # still 31 December in Belo Horizonte
    clock.configure(new_year - datetime.now(UTC))
    assert "/2026/" in operations.new_type_number(session, "oficio", "GRI")
    clock.configure(new_year + timedelta(hours=3) - datetime.now(UTC))
    assert "/2027/" in operations.new_type_number(session, "oficio", "GRI")
