"""What the spool gives and takes: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class GalleryChange:
    """One change of the gallery, as the server tells it."""

    op: Literal["put", "drop", "seen"]
    person: str
    box: str | None = None
    seen_at: str | None = None


@dataclass(frozen=True)
class RawReport:
    """What a device sent, byte by byte."""

    id: int
    device: str
    kind: str
    received: float
    content_type: str
    body: bytes
    sha256: str


@dataclass(frozen=True)
class Queued:
    """An event that waits to be sent."""

    sequence: int
    id: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Added:
    """What became of an event: stored, known already, or part of a passage that is stored."""

    outcome: Literal["stored", "duplicate", "same_passage"]
    id: str
    sequence: int


@dataclass(frozen=True)
class Quarantined:
    """An event that the server will never take, and why; a person must look at it."""

    sequence: int
    id: str
    reason: str


@dataclass(frozen=True)
class GalleryRow:
    """One person of the gallery: the ciphertext and when the house last saw the person."""

    person: str
    box: str
    seen_at: str | None
