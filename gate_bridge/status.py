"""What the server told this bridge about its gate: GET /api/v1/gate/config, kept in the spool for the outages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without its zone")
    return instant
