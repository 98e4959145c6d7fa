"""The event of the gate: one passage, or one face that the attendant must look at (architecture: Gate bridge and server)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from gate_bridge.clock import Timing

Way = Literal["one_to_one", "one_to_many", "device"]
Claim = Literal["cpf", "qr"]
Decision = Literal["recognised", "doubtful", "unknown"]
EventKind = Literal["camera", "keypad", "controlid", "hikvision"]


@dataclass(frozen=True)
class Candidate:
    """Somebody whom the face may belong to; the smaller the score, the more alike."""

    person: str
    score: float | None


@dataclass(frozen=True)
class Event:
    """One event as it travels; its sequence is given by the spool when it is stored."""

    id: str
    post: str
    device: str
    device_kind: EventKind
    timing: Timing
    way: Way
    decision: Decision
    claim: Claim | None = None
    person: str | None = None
    score: float | None = None
    limit: float | None = None
    candidates: tuple[Candidate, ...] = ()
    frames: int = 0
    calibration: str = ""
    crop: str | None = None
    replayed: bool = False
    raw_sha256: str | None = None

    def __post_init__(self) -> None:
        """An event names somebody if and only if somebody was recognised."""
        if (self.person is not None) != (self.decision == "recognised"):
            raise ValueError("an event has a person exactly when somebody was recognised")

    def document(self) -> dict[str, Any]:
        """The event as JSON values, without its sequence."""
        return {
            "id": self.id,
            "post": self.post,
            "device": self.device,
            "device_kind": self.device_kind,
            "device_time": _iso(self.timing.device_time),
            "bridge_time": _iso(self.timing.bridge_time),
            "instant": _iso(self.timing.instant),
            "skew_s": self.timing.skew_s,
            "way": self.way,
            "claim": self.claim,
            "decision": self.decision,
            "person": self.person,
            "score": self.score,
            "limit": self.limit,
            "candidates": [{"person": one.person, "score": one.score} for one in self.candidates],
            "frames": self.frames,
            "calibration": self.calibration,
            "crop": self.crop,
            "replayed": self.replayed,
            "raw_sha256": self.raw_sha256,
        }

    def doubted(self) -> Event:
        """The same event left to the attendant: whoever was recognised becomes a candidate."""
        if self.person is None:
            return self
        candidates = self.candidates or (Candidate(self.person, self.score),)
        return replace(self, decision="doubtful", person=None, candidates=candidates)


def new_id() -> str:
    """A fresh event id."""
    return str(uuid.uuid4())


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
