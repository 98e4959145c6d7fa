"""The one transaction."""

from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from workflow.calendar import CalendarDay
from workflow.database import UtcDateTime, after_commit, transaction


def test_an_exception_rolls_everything_back(database_url: str) -> None:
    with pytest.raises(RuntimeError, match="boom"), transaction() as session:
        session.add(CalendarDay(day=date(2026, 1, 5), business=False, reason="x"))
        session.flush()
        raise RuntimeError("boom")
    with transaction() as session:
        assert session.get(CalendarDay, date(2026, 1, 5)) is None


def test_after_commit_runs_only_after_a_commit(database_url: str) -> None:
    seen: list[str] = []
    with transaction() as session:
        session.execute(text("SELECT 1"))
        after_commit(session, lambda: seen.append("committed"))
        assert seen == []
    assert seen == ["committed"]
    with pytest.raises(RuntimeError), transaction() as session:
        session.execute(text("SELECT 1"))
        after_commit(session, lambda: seen.append("rolled back"))
        raise RuntimeError
    assert seen == ["committed"]


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), postgresql.dialect())  # noqa: DTZ001 - refused
