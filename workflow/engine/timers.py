"""When a timer is due: ISO 8601 dates, durations and repeating intervals (ISO 8601-1:2019, 5.5.2 and 5.6.1).

Days, weeks, months and years are counted on the wall clock of America/Sao_Paulo, hours and less on the line of time; the
due instant is UTC. Nothing is frozen at import (SpiffWorkflow keeps the machine's offset of the moment it was imported).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from workflow.clock import TZ

TimerKind = Literal["date", "duration", "cycle"]

_DURATION = re.compile(
    r"^P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)


class TimerRefused(ValueError):
    """The text is not a date, duration or repeating interval."""


@dataclass(frozen=True)
class Duration:
    """A calendar part (wall clock) and an exact part."""

    months: int = 0
    days: int = 0
    exact: timedelta = timedelta(0)

    def after(self, start: datetime) -> datetime:
        """The instant this long after `start` (aware), in UTC."""
        local = start.astimezone(TZ)
        months = local.month - 1 + self.months
        year, month = local.year + months // 12, months % 12 + 1
        day = min(local.day, monthrange(year, month)[1])
        moved = local.replace(year=year, month=month, day=day) + timedelta(days=self.days)
        return moved.astimezone(UTC) + self.exact


@dataclass(frozen=True)
class Cycle:
    """A repeating interval: how often (None: without end), from when (None: one interval from now), how far apart."""

    times: int | None
    start: datetime | None
    every: Duration


def parse_duration(value: Any) -> Duration:
    """`P1Y2M3DT4H5M6S`, `P2W`, or a timedelta."""
    if isinstance(value, timedelta):
        return Duration(exact=value)
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None or not any(match.groupdict().values()) or value.endswith("T"):
        raise TimerRefused(f"{value!r} não é uma duração ISO 8601")
    part = {name: float(text) if name == "seconds" else int(text) for name, text in match.groupdict("0").items()}
    return Duration(
        months=int(part["years"] * 12 + part["months"]),
        days=int(part["weeks"] * 7 + part["days"]),
        exact=timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"]),
    )


def parse_instant(value: Any) -> datetime:
    """A date (its first instant), a local or an aware date and time; in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError as error:
            raise TimerRefused(f"{value!r} não é uma data ISO 8601") from error
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=TZ)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), TZ).astimezone(UTC)
    raise TimerRefused(f"{value!r} não é uma data ISO 8601")


def parse_cycle(value: Any) -> Cycle:
    """`R5/PT1H`, `R/P1D` or `R5/2026-11-23T08:00/P1D`."""
    parts = value.split("/") if isinstance(value, str) else []
    if len(parts) not in (2, 3) or not re.fullmatch(r"R\d*", parts[0]):
        raise TimerRefused(f"{value!r} não é uma repetição ISO 8601")
    times = int(parts[0][1:]) if len(parts[0]) > 1 else None
    start = parse_instant(parts[1]) if len(parts) == 3 else None
    every = parse_duration(parts[-1])
    if every.after(datetime(2026, 1, 1, tzinfo=UTC)) - datetime(2026, 1, 1, tzinfo=UTC) < timedelta(seconds=1):
        raise TimerRefused(f"{value!r} repete sem pausa")
    return Cycle(times, start, every)


def check(kind: TimerKind, value: Any) -> None:
    """TimerRefused unless `value` can be read as this kind of timer."""
    {"date": parse_instant, "duration": parse_duration, "cycle": parse_cycle}[kind](value)


def first_due(kind: TimerKind, value: Any, now: datetime) -> datetime:
    """When a timer created at `now` is due for the first time."""
    if kind == "date":
        return parse_instant(value)
    if kind == "duration":
        return parse_duration(value).after(now)
    cycle = parse_cycle(value)
    return cycle.start if cycle.start is not None else cycle.every.after(now)


def next_due(value: str, due: datetime, now: datetime) -> datetime:
    """The first repetition after `now`: whatever was missed is one firing, not a burst."""
    every = parse_cycle(value).every
    while due <= now:
        due = every.after(due)
    return due
