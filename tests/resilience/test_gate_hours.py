"""Midnight, 31 December, a holiday of Belo Horizonte, 19:00:00 and 19:00:01: what becomes of an entry at that instant.

Rules and single hours are in tests/processes (R51, R53, R56, DE4); here each instant of the line runs as a case.
"""

# ruff: noqa: F811 - pytest hands the imported fixtures in under their own names
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from processes.declaracao_comparecimento import queries as declarations
from processes.entrada import operations
from processes.entrada.bridges import KnownBridge
from tests.processes.conftest import (  # noqa: F401 - fixtures of the processes
    at,
    bridge,
    configured,
    db,
    now_is,
    pass_gate,
    person,
    rollback_url,
    sealer,
    staff,
)

INSTANTS = [
    ("2026-11-24", "19:00:00", "LIBERADO", 1),
    ("2026-11-24", "19:00:01", "ENCAMINHADO_GPOL", 0),
    ("2026-12-08", "10:00:00", "NEGADO", 0),  # Nossa Senhora da Conceição: a holiday of Belo Horizonte only
    ("2026-12-31", "18:59:59", "LIBERADO", 1),
    ("2027-01-01", "10:00:00", "NEGADO", 0),
]


@pytest.mark.parametrize(("day", "hour", "result", "days"), INSTANTS)
def test_an_entry_at_the_instants_that_decide(
    db: Session,
    bridge: KnownBridge,
    day: str,
    hour: str,
    result: str,
    days: int,
) -> None:
    now_is(at(hour, day))
    who = person(db)
    assert pass_gate(db, bridge, who.id, instant=at(hour, day)).result == result
    assert len(declarations.attendances_of(db, who.id)) == days


def test_midnight_of_31_december_parts_the_year_and_the_day(db: Session, bridge: KnownBridge) -> None:
    now_is(at("00:30", "2027-01-01"))
    until, act = at("01:00", "2027-01-01"), "Reunião do Plenário"
    operations.extend_hours(db, staff("gestor", "DIR"), bridge.post_id, until, act, day=date(2026, 12, 31))
    who = person(db)
    for hour, day in (("23:59:59", "2026-12-31"), ("00:00:00", "2027-01-01")):
        pass_gate(db, bridge, who.id, instant=at(hour, day))
    # one passage within ten seconds is one entry, on the day on which it began
    assert [row.date for row in declarations.attendances_of(db, who.id)] == [date(2026, 12, 31)]
    pass_gate(db, bridge, who.id, instant=at("00:00:30", "2027-01-01"))
    assert [row.date for row in declarations.attendances_of(db, who.id)] == [date(2027, 1, 1), date(2026, 12, 31)]
