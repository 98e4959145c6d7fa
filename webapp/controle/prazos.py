"""A due instant in words: “vence hoje, 17h”, “atrasado 2 dias úteis”."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp import shown
from workflow import calendar, clock

FAR = 60
"""Beyond so many days nobody counts business days any more: the date says it."""


@dataclass(frozen=True, slots=True)
class DueWords:
    """The words and how pressing they are (a kind of `ui.status`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Days:
    """The business days of a stretch of time, read once for a whole list."""

    declared: dict[date, bool]

    @classmethod
    def since(cls, session: Session, instants: Iterable[datetime | None]) -> Days:
        """For the oldest of these instants until today."""
        first = min((clock.local(one).date() for one in instants if one is not None), default=clock.today())
        if first >= clock.today():
            return cls({})
        return cls({row.day: row.business for row in calendar.declared_days(session, first)})

    def between(self, start: date, end: date) -> int:
        """Business days after `start` until `end`, it included."""
        days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
        return sum(self.declared.get(day, day.weekday() < 5 and calendar.holiday_name(day) is None) for day in days)

    def words(self, due_at: datetime | None) -> DueWords | None:
        """How the due instant stands to now; None without one."""
        if due_at is None:
            return None
        today, day = clock.today(), clock.local(due_at).date()
        if due_at < clock.now():
            return DueWords("error", self._late(day, today, due_at))
        if day == today:
            return DueWords("warning", f"vence hoje, {_hour(due_at)}")
        if day == today + timedelta(days=1):
            return DueWords("warning", f"vence amanhã, {_hour(due_at)}")
        if (day - today).days < 7:
            return DueWords(
                "neutral", f"vence {shown.WEEKDAYS[day.weekday()].removesuffix('-feira')}, {shown.show_date(day)[:5]}"
            )
        return DueWords("neutral", f"vence {shown.show_date(day)}")

    def _late(self, day: date, today: date, due_at: datetime) -> str:
        if day == today:
            return f"venceu hoje, {_hour(due_at)}"
        if (today - day).days > FAR:
            return f"atrasado desde {shown.show_date(day)}"
        count = self.between(day, today)
        if count == 0:
            return f"venceu {shown.show_date(day)[:5]}"
        return "atrasado 1 dia útil" if count == 1 else f"atrasado {count} dias úteis"


def _hour(instant: datetime) -> str:
    local = clock.local(instant)
    return f"{local:%H}h{local:%M}" if local.minute else f"{local.hour} h"
