"""What the terminals have in common: where they may call from, when they last did, how far their clock is off."""

from __future__ import annotations

import ipaddress
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gate_bridge.clock import BridgeClock, DeviceClock
from gate_bridge.devices import Answer, DeviceStatus, Report, Sighting
from gate_bridge.settings import DeviceSettings
from gate_bridge.spool import Spool

StoreReport = Callable[[str, str, str, bytes], None]


class TerminalBase(ABC):
    """State and manners of one terminal; each protocol derives from it."""

    def __init__(self, settings: DeviceSettings, spool: Spool, clock: BridgeClock) -> None:
        self.settings = settings
        self.name = settings.name
        self.kind: str = settings.kind
        self.secret_path = settings.secret_path
        self.zone = ZoneInfo(settings.timezone)
        self._spool = spool
        self._clock = clock
        self._seen: datetime | None = None
        self._started = clock.now()
        self.detail = ""
        self.stopping = threading.Event()
        self.device_clock = DeviceClock(spool.recall(f"offset:{self.name}"))

    @abstractmethod
    def keeps(self, report: Report) -> bool:
        """Whether the report is one to store (a sign of life or a photograph is not)."""

    @abstractmethod
    def read(self, path: str, content_type: str, body: bytes) -> list[Sighting]:
        """What a stored report says, in the device's order; raises UnreadableReport."""

    @abstractmethod
    def answer(self, report: Report, received: datetime) -> Answer:
        """The answer to a report that is stored, or need not be."""

    def start(self) -> None:
        """Begin; most terminals only call us."""
        self.stopping.clear()

    def stop(self) -> None:
        """End what start began."""
        self.stopping.set()

    def allows(self, address: str) -> bool:
        """Whether this address is on the device's list."""
        try:
            here = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped:
            here = here.ipv4_mapped
        return any(here in network for network in self.settings.allow)

    def touch(self) -> None:
        """The device was heard now."""
        self._seen = self._clock.now()

    def measure(self, device_time: datetime, received: datetime) -> None:
        """Learn the device's offset from a live report, and keep it for the replays after an outage."""
        before = self.device_clock.offset_s
        self.device_clock.observe(device_time, received)
        offset = self.device_clock.offset_s
        if offset is not None and (before is None or abs(offset - before) > 1):
            self._spool.remember(f"offset:{self.name}", offset)

    def status(self) -> DeviceStatus:
        """Last seen and skew; silence longer than the settings allow is an alarm."""
        last = self._seen or self._started
        silent = (self._clock.now() - last).total_seconds() > self.settings.silence_s
        return DeviceStatus(self.name, self.kind, self._seen, self.device_clock.offset_s, silent, self.detail)

    def local_unix(self, seconds: int) -> datetime:
        """The instant of a clock that counts unix seconds of local time (Control iD)."""
        naive = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        return naive.replace(tzinfo=self.zone).astimezone(UTC)
