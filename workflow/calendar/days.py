"""Which days are business days, and counting in them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import history
from workflow.actor import SYSTEM, Actor
from workflow.calendar.models import CalendarDay

# Municipal holidays of Belo Horizonte on fixed dates (Lei municipal 1.327/1967): Assunção and Imaculada Conceição.
_BELO_HORIZONTE = {(8, 15): "Assunção de Nossa Senhora", (12, 8): "Imaculada Conceição"}


@lru_cache(maxsize=64)
def _holidays_of(year: int) -> dict[date, str]:
    found = dict(holidays.country_holidays("BR", subdiv="MG", years=year, categories=("public",), language="pt_BR"))
    # Corpus Christi is municipal in Belo Horizonte (Easter + 60); Good Friday is already national.
    optional = holidays.country_holidays("BR", years=year, categories=("optional",), language="pt_BR")
    found.update({day: name for day, name in optional.items() if "Corpus Christi" in name})
    found.update({date(year, month, day): name for (month, day), name in _BELO_HORIZONTE.items()})
    return found


def holiday_name(day: date) -> str | None:
    """The name of the holiday on that day in Belo Horizonte, or None."""
    return _holidays_of(day.year).get(day)


def is_business_day(session: Session, day: date) -> bool:
    """True on a working day; a declared day (`calendar_day`) prevails over week and holiday."""
    declared = session.get(CalendarDay, day)
    if declared is not None:
        return declared.business
    return day.weekday() < 5 and holiday_name(day) is None


def next_business_day(session: Session, day: date) -> date:
    """`day` itself when it is a business day, else the next one."""
    while not is_business_day(session, day):
        day += timedelta(days=1)
    return day


def add_business_days(session: Session, start: date, count: int) -> date:
    """The day `count` business days after `start`, which is itself excluded (Lei 14.184/2002, art. 59)."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(session, day)
    return day


def declare_day(session: Session, day: date, *, business: bool, reason: str, actor: Actor = SYSTEM) -> None:
    """Record what an act of the house says of a day."""
    session.merge(CalendarDay(day=day, business=business, reason=reason))
    session.flush()
    history.record(session, "dia_declarado", {"day": f"{day:%d/%m/%Y}", "business": business}, actor=actor)


def withdraw_day(session: Session, day: date, *, actor: Actor) -> None:
    """The day is again what the week and the holidays say; nothing happens when nothing was declared."""
    row = session.get(CalendarDay, day)
    if row is not None:
        session.delete(row)
        session.flush()
        history.record(session, "dia_retirado", {"day": f"{day:%d/%m/%Y}"}, actor=actor)


def declared_days(session: Session, since: date) -> list[CalendarDay]:
    """What was declared of days from `since` on, in their order."""
    return list(session.scalars(select(CalendarDay).where(CalendarDay.day >= since).order_by(CalendarDay.day)))


history.register_kinds(
    {
        "dia_declarado": "O calendário declarou o dia {day}.",
        "dia_retirado": "A declaração do calendário sobre o dia {day} foi retirada.",
    }
)
