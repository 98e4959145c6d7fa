"""The one clock: shifted for the law, real for the rest."""

from datetime import UTC, date, datetime, timedelta

import pytest

from workflow import clock


def test_the_offset_shifts_the_legal_clock_only() -> None:
    clock.configure(timedelta(days=10))
    assert timedelta(days=10) - timedelta(seconds=5) < clock.now() - clock.real_now() <= timedelta(days=10)


def test_the_legal_day_is_that_of_sao_paulo(monkeypatch: pytest.MonkeyPatch) -> None:
    # 1 January 2027, 02:59 UTC is still 31 December 2026 in Belo Horizonte.
    instant = datetime(2027, 1, 1, 2, 59, tzinfo=UTC)
    clock.configure(instant - clock.real_now())
    assert clock.today() == date(2026, 12, 31)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        clock.local(datetime(2026, 11, 24))  # noqa: DTZ001 - the very thing that is refused
