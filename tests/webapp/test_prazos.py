"""A due instant in words: how many days, never a bare date while they can be counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from webapp.controle.prazos import Days
from workflow import clock

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=clock.TZ)  # a Tuesday


@pytest.fixture(autouse=True)
def at_ten() -> None:
    """The clock stands (the fixture of every test puts it back)."""
    clock.configure(NOW - clock.real_now())


def _end(day: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=clock.TZ)


@pytest.mark.parametrize(
    ("due", "kind", "words"),
    [
        (_end(24), "warning", "vence hoje"),
        (NOW + timedelta(hours=7), "warning", "vence hoje, 17 h"),
        (NOW - timedelta(minutes=30), "error", "venceu hoje, 09h30"),
        (_end(25), "warning", "vence amanhã"),
        (_end(27), "neutral", "vence em 3 dias úteis"),
        (_end(30), "neutral", "vence em 4 dias úteis"),
        (_end(23), "error", "venceu ontem"),
        (_end(20), "error", "venceu há 4 dias"),
        (_end(20, 11, 2025), "error", "venceu em 20/11/2025"),
        (_end(31, 12, 2099), "neutral", "vence em 31/12/2099"),
    ],
)
def test_when_it_is_due_is_said_in_words(due: datetime, kind: str, words: str) -> None:
    found = Days({}).words(due)
    assert found is not None
    assert (found.kind, found.text) == (kind, words)


def test_declared_days_count_and_the_date_stands_in_full() -> None:
    found = Days({date(2026, 11, 26): False, date(2026, 11, 27): False}).words(_end(28))
    assert found is not None
    assert found.text == "vence em 1 dia útil"
    assert (found.full, found.iso) == ("28/11/2026", "2026-11-28T23:59-03:00")
    hour = Days({}).words(NOW)
    assert hour is not None
    assert hour.full == "24/11/2026, 10h00"
    only_a_weekend = Days({date(2026, 11, day): False for day in range(25, 28)}).words(_end(29))
    assert only_a_weekend is not None
    assert only_a_weekend.text == "vence em 5 dias"
