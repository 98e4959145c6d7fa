"""The one clock of rules, documents and timers.

SQL never asks the database for a legal instant. A demonstration shifts this clock by an offset that every process
receives; sessions, tokens, HMAC, TLS and jobs use `real_now`. Instants are kept in UTC, shown and decided in TZ.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TZ = ZoneInfo("America/Sao_Paulo")
_offset = timedelta(0)


def configure(offset: timedelta) -> None:
    """Shift the legal clock of this process by `offset`."""
    global _offset
    _offset = offset


def offset() -> timedelta:
    """The shift in force."""
    return _offset


def now() -> datetime:
    """The legal instant: aware, UTC, shifted."""
    return datetime.now(UTC) + _offset


def real_now() -> datetime:
    """The machine's instant: aware, UTC, never shifted."""
    return datetime.now(UTC)


def today() -> date:
    """The legal date in TZ."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """The instant in TZ; refuses a naive one."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return instant.astimezone(TZ)
