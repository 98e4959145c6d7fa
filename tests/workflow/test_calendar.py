"""Business days of the Assembleia (tests of access-rules use the same days)."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from workflow.calendar import add_business_days, declare_day, holiday_name, is_business_day, next_business_day


@pytest.mark.parametrize(
    ("day", "business"),
    [
        (date(2026, 11, 24), True),  # a Tuesday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 11, 20), False),  # Consciência Negra, national
        (date(2026, 12, 8), False),  # Imaculada Conceição, Belo Horizonte
        (date(2026, 8, 15), False),  # Assunção, Belo Horizonte (and a Saturday)
        (date(2025, 8, 15), False),  # the same on a Friday
        (date(2026, 4, 21), False),  # Tiradentes
        (date(2026, 6, 4), False),  # Corpus Christi
        (date(2026, 4, 3), False),  # Friday of the Passion
        (date(2026, 12, 25), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_business_days(session: Session, day: date, business: bool) -> None:
    assert is_business_day(session, day) is business


def test_a_declared_day_prevails(session: Session) -> None:
    declare_day(session, date(2026, 11, 24), business=False, reason="Ponto facultativo")
    declare_day(session, date(2026, 11, 28), business=True, reason="Sessão extraordinária")
    assert not is_business_day(session, date(2026, 11, 24))
    assert is_business_day(session, date(2026, 11, 28))


def test_counting_excludes_the_start(session: Session) -> None:
    # Thursday 19/11; Friday 20 is a holiday, then the week-end.
    assert add_business_days(session, date(2026, 11, 19), 1) == date(2026, 11, 23)
    assert next_business_day(session, date(2026, 11, 20)) == date(2026, 11, 23)


def test_a_holiday_has_a_name() -> None:
    assert holiday_name(date(2026, 12, 8)) == "Imaculada Conceição"
    assert holiday_name(date(2026, 11, 24)) is None
