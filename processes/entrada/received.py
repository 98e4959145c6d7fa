"""What arrives from a bridge and what is answered: plain values, checked by the API before they come here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from processes.entrada.rules import Decision

Way = Literal["one_to_one", "one_to_many", "device", "desk"]
RejectionReason = Literal["posto_desconhecido", "identificador_em_uso", "dados_invalidos"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom the face may belong to; the smaller the score, the more alike."""

    person: UUID
    score: float | None


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One event of a gate; the names are those of the wire (docs/architecture.md, "Gate bridge and server")."""

    id: UUID
    sequence: int
    post: str
    device: str
    device_kind: str
    device_time: datetime | None
    bridge_time: datetime
    instant: datetime
    skew_s: float
    way: Way
    claim: Literal["cpf", "qr"] | None
    decision: Decision
    person: UUID | None
    score: float | None
    limit: float | None
    candidates: tuple[Candidate, ...] = ()
    frames: int = 0
    calibration: str = ""
    crop: str | None = None
    replayed: bool = False
    raw_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that will never be accepted, and why."""

    id: str
    reason: RejectionReason


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of a batch: each id of it is in exactly one of the three."""

    accepted: tuple[UUID, ...] = ()
    duplicates: tuple[UUID, ...] = ()
    rejected: tuple[Rejection, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """A device as a heartbeat tells of it."""

    name: str
    kind: str
    last_seen: datetime | None
    skew_s: float
