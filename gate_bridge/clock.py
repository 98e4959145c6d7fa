"""The bridge's instants: its own clock, the server's, the legal one, and each device's.

Four instants are kept apart (architecture: Gate bridge): what the device says, how far its clock is off, when the
bridge received it, and the corrected instant, which is the legal one.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SKEW_LIMIT = timedelta(seconds=60)
EARLIEST = datetime(2019, 9, 30, tzinfo=UTC)
"""Before the Deliberação nothing happened at these gates: a device that says so lost its clock."""
_NOISE_S = 1.0


class BridgeClock:
    """This machine's clock, corrected by what the server says; thread-safe."""

    def __init__(self, legal_offset: timedelta | None = None, own_error: timedelta = timedelta(0)) -> None:
        self._lock = threading.Lock()
        self._server_offset = 0.0
        self._fixed = legal_offset
        self._legal = legal_offset or timedelta(0)
        self._own_error = own_error.total_seconds()

    def now(self) -> datetime:
        """This machine's own instant, uncorrected."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def unix(self) -> float:
        """This machine's own clock as unix seconds."""
        return time.time() + self._own_error

    def corrected_unix(self) -> float:
        """Unix seconds as the server counts them: what requests are signed with."""
        with self._lock:
            return self.unix() + self._server_offset

    @property
    def server_offset(self) -> float:
        """Seconds to add to this machine's clock to get the server's."""
        with self._lock:
            return self._server_offset

    @property
    def legal_offset(self) -> timedelta:
        """How far the legal clock is shifted from real time (demonstrations only)."""
        with self._lock:
            return self._legal

    def learn(self, server_time: float, sent: float, received: float) -> None:
        """Correct by a ``server_time`` that came with an answer; noise under a second is ignored."""
        offset = server_time - (sent + received) / 2
        with self._lock:
            if abs(offset - self._server_offset) > _NOISE_S:
                self._server_offset = offset

    def learn_legal(self, legal: datetime, server_time: float) -> None:
        """Follow the server's legal clock, unless the settings fix the shift."""
        if self._fixed is None:
            shift = legal - datetime.fromtimestamp(server_time, UTC)
            with self._lock:
                self._legal = shift if abs(shift) > timedelta(seconds=2) else timedelta(0)

    def legal(self, bridge_instant: datetime) -> datetime:
        """The corrected instant on the legal clock of an instant of this machine's clock."""
        with self._lock:
            return bridge_instant + timedelta(seconds=self._server_offset) + self._legal

    def legal_now(self) -> datetime:
        """The legal instant of this moment."""
        return self.legal(self.now())


@dataclass(frozen=True)
class Timing:
    """The instants of one report: see the module's docstring."""

    device_time: datetime | None
    bridge_time: datetime
    instant: datetime
    skew_s: float

    @property
    def trustworthy(self) -> bool:
        """Whether the device's clock was near enough; otherwise the server sends the entry to review."""
        return abs(self.skew_s) <= SKEW_LIMIT.total_seconds()


@dataclass
class DeviceClock:
    """How far one device's clock is off, measured from what it reports live."""

    offset_s: float | None = None
    _samples: deque[float] = field(default_factory=lambda: deque(maxlen=9))

    def observe(self, device_time: datetime, received: datetime) -> None:
        """Take one live report as a measurement."""
        self._samples.append((device_time - received).total_seconds())
        self.offset_s = statistics.median(self._samples)

    def timing(self, clock: BridgeClock, device_time: datetime | None, received: datetime, *, replayed: bool) -> Timing:
        """The four instants of a report: a live one happened when it arrived, a replayed one when the device says."""
        if device_time is None:
            return Timing(None, received, clock.legal(received), self.offset_s or 0.0)
        told = device_time if EARLIEST <= device_time <= received + timedelta(days=3650) else None
        apart = round((device_time - received).total_seconds(), 3)
        if not replayed or (told is None and self.offset_s is None):
            return Timing(told, received, clock.legal(received), apart)
        skew = self.offset_s or 0.0
        happened = min(max(device_time - timedelta(seconds=skew), EARLIEST), received)
        return Timing(told, received, clock.legal(happened), round(skew, 3))
