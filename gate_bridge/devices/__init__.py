"""The devices of a gate behind one interface: cameras that give frames, terminals that report what they recognised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Verdict = Literal["accepted", "refused", "unknown", "turned", "gave_up"]


@dataclass(frozen=True)
class DeviceStatus:
    """What health and the heartbeat tell of a device; ``silent`` is an alarm."""

    name: str
    kind: str
    last_seen: datetime | None
    skew_s: float | None
    silent: bool
    detail: str = ""


class Device(Protocol):
    """What every device can do."""

    name: str
    kind: str

    def start(self) -> None:
        """Begin to work, in threads of its own."""

    def stop(self) -> None:
        """End, and wait for the threads."""

    def status(self) -> DeviceStatus:
        """How it is."""


@dataclass(frozen=True)
class Sighting:
    """One thing that a terminal says it saw, whatever its protocol.

    ``origin``: the device's own identity of it (None where the protocol gives none); ``order``: its own sequence;
    ``live``: told as it happened, not replayed from a log.
    """

    origin: str | None
    order: int
    device_time: datetime | None
    live: bool
    verdict: Verdict
    user_id: str | None = None
    score: float | None = None


@dataclass(frozen=True)
class Report:
    """One call of a terminal: the path below its secret, and the bytes."""

    path: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a terminal is told: JSON for Control iD, an empty 200 for Hikvision."""

    status: int = 200
    document: object | None = None
