"""What the server told this bridge about its gate: GET /api/v1/gate/config, kept in the spool for the outages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

TZ = ZoneInfo("America/Sao_Paulo")
_KEPT = timedelta(days=1)


class Standing(StrEnum):
    """How the house stands for a visitor who comes now (arts. 10 and 11; R51, R53, R56)."""

    OPEN = "open"
    AFTER_HOURS = "after_hours"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Window:
    """One stretch of opening hours, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class GateConfig:
    """The gate's configuration; ``calibration`` are the limits' data as integrations.faces.decision reads them."""

    post: str = ""
    building: str = ""
    calibration: Mapping[str, Any] = field(default_factory=dict)
    token_key: bytes | None = None
    one_to_many: bool = False
    windows: tuple[Window, ...] = ()

    @classmethod
    def read(cls, document: Mapping[str, Any], fallback_post: str = "") -> GateConfig:
        """From the server's answer; raises ValueError when it is not one."""
        try:
            key = base64.b64decode(document["token_key"], validate=True) if document.get("token_key") else None
            windows = tuple(Window(_instant(row["from"]), _instant(row["to"])) for row in document.get("windows", ()))
        except (KeyError, TypeError, binascii.Error) as error:
            raise ValueError("unreadable configuration") from error
        return cls(
            str(document.get("post") or fallback_post),
            str(document.get("building", "")),
            dict(document.get("calibration") or {}),
            key,
            bool(document.get("one_to_many")),
            windows,
        )

    def is_open(self, instant: datetime) -> bool:
        """Whether the house is open at this legal instant, as far as the windows tell."""
        return any(window.start <= instant <= window.end for window in self.windows)

    def next_opening(self, instant: datetime) -> Window | None:
        """The next window that starts after this legal instant."""
        later = [window for window in self.windows if window.start > instant]
        return min(later, key=lambda window: window.start, default=None)

    def following(self, former: GateConfig, instant: datetime) -> GateConfig:
        """This configuration with the former one's windows that have just ended: the server tells only those to come."""
        known = {window.start for window in self.windows}
        over = (one for one in former.windows if instant - _KEPT < one.end < instant and one.start not in known)
        return replace(self, windows=(*over, *self.windows))

    def standing(self, instant: datetime) -> Standing:
        """Closed only when it is certain that nobody comes in: before the opening, or on a day that has none.

        After the closing of a business day the Gpol may let somebody in (art. 10, § 2º), and an extension moves the
        closing. A bridge that was not there during the day cannot tell such an evening from a holiday's: then it is unknown.
        """
        if self.is_open(instant):
            return Standing.OPEN
        if self.next_opening(instant) is None:
            return Standing.UNKNOWN
        local = instant.astimezone(TZ)
        today = [window for window in self.windows if window.start.astimezone(TZ).date() == local.date()]
        if any(window.start > instant for window in today):
            return Standing.CLOSED
        if today:
            return Standing.AFTER_HOURS
        earliest = min(window.end.astimezone(TZ).time() for window in self.windows)
        return Standing.CLOSED if local.weekday() >= 5 or local.time() < earliest else Standing.UNKNOWN


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without its zone")
    return instant
