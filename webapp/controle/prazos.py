"""A due instant in words: “vence hoje, 17 h”, “venceu há 2 dias”, “vence em 5 dias úteis”; the date stands beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp import shown
from workflow import calendar, clock

FAR = 60
"""Beyond so many days nobody counts them any more: the date says it."""


@dataclass(frozen=True, slots=True)
class DueWords:
    """The words and how pressing they are (a kind of `ui.status`); `at` as written in full and for machines."""

    kind: str
    text: str
    full: str
    iso: str


@dataclass(frozen=True, slots=True)
class Days:
    """What was declared of the days between now and some due instants, read once for a whole list."""

    declared: dict[date, bool]

    @classmethod
    def since(cls, session: Session, instants: Iterable[datetime | None]) -> Days:
        """From today on, when one of these instants is yet to come and near enough to be counted."""
        today = clock.today()
        days = [clock.local(one).date() for one in instants if one is not None]
        if not any(1 < (day - today).days <= FAR for day in days):
            return cls({})
        return cls({row.day: row.business for row in calendar.declared_days(session, today)})

    def between(self, start: date, end: date) -> int:
        """Business days after `start` until `end`, it included."""
        days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
        return sum(self.declared.get(day, day.weekday() < 5 and calendar.holiday_name(day) is None) for day in days)

    def words(self, due_at: datetime | None) -> DueWords | None:
        """How the due instant stands to now; None without one."""
        if due_at is None:
            return None
        late = due_at < clock.now()
        days = (clock.local(due_at).date() - clock.today()).days
        kind = "error" if late else "warning" if days <= 1 else "neutral"
        text = _late(-days, due_at) if late else self._coming(days, due_at)
        return DueWords(kind, text, _full(due_at), clock.local(due_at).isoformat(timespec="minutes"))

    def _coming(self, days: int, due_at: datetime) -> str:
        if days <= 1:
            return f"vence {'amanhã' if days else 'hoje'}{_hour(due_at)}"
        if days > FAR:
            return f"vence em {shown.show_date(due_at)}"
        business = self.between(clock.today(), clock.local(due_at).date())
        if not business:
            return f"vence em {days} dias"
        return f"vence em {business} {'dia útil' if business == 1 else 'dias úteis'}"


def _late(days: int, due_at: datetime) -> str:
    if days == 0:
        return f"venceu hoje{_hour(due_at)}"
    if days == 1:
        return "venceu ontem"
    return f"venceu há {days} dias" if days <= FAR else f"venceu em {shown.show_date(due_at)}"


def _whole_day(instant: datetime) -> bool:
    """Due by the end of a day: no hour to tell."""
    local = clock.local(instant)
    return (local.hour, local.minute) == (23, 59)


def _hour(instant: datetime) -> str:
    local = clock.local(instant)
    if _whole_day(instant):
        return ""
    return f", {local:%H}h{local:%M}" if local.minute else f", {local.hour} h"


def _full(instant: datetime) -> str:
    return shown.show_date(instant) if _whole_day(instant) else shown.show_instant(instant)
