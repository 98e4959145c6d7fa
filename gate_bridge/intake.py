"""From what a terminal says to an event: stored first, answered then, acted upon last, in the device's own order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from gate_bridge.clock import SKEW_LIMIT, BridgeClock
from gate_bridge.devices import Answer, Report, Sighting
from gate_bridge.devices.terminal import TerminalBase
from gate_bridge.errors import SpoolFull, UnreadableReport
from gate_bridge.events import Candidate, Event, new_id
from gate_bridge.gallery import Gallery
from gate_bridge.spool import RawReport, Spool
from gate_bridge.status import GateConfig

_log = structlog.get_logger("gate_bridge.intake")
TURN_WITHIN = timedelta(seconds=30)


class Intake:
    """Takes the terminals' reports into the spool and turns them into events, in one thread."""

    def __init__(
        self,
        spool: Spool,
        clock: BridgeClock,
        gallery: Gallery,
        config: Callable[[], GateConfig],
        on_event: Callable[[], None] = lambda: None,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._gallery = gallery
        self._config = config
        self._on_event = on_event
        self._terminals: dict[str, TerminalBase] = {}
        self._work = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def serve(self, terminals: Iterable[TerminalBase]) -> None:
        """The terminals whose reports come."""
        self._terminals = {terminal.name: terminal for terminal in terminals}

    def start(self) -> None:
        """Begin with what was stored and not acted upon before the last stop."""
        self._work.set()
        self._thread.start()

    def stop(self) -> None:
        """End after the report in hand."""
        self._stopping = True
        self._work.set()
        if self._thread.is_alive():
            self._thread.join()

    def receive(self, terminal: TerminalBase, report: Report) -> Answer:
        """Store, then answer. Raises SpoolFull: the device must try again, nothing was acknowledged."""
        received = self._clock.now()
        if terminal.keeps(report):
            self.store(terminal.name, report.path, report.content_type, report.body)
        return terminal.answer(report, received)

    def store(self, device: str, path: str, content_type: str, body: bytes) -> None:
        """Keep bytes that a device told us, or that we read from it."""
        self._spool.store_raw(device, path, self._clock.unix(), body, content_type)
        self._work.set()

    def welcomes(self, device: str, user_id: str) -> bool:
        """Whether a terminal's door may open at once: a known person, a fresh gallery, an open house."""
        person = self._spool.person_of(device, user_id)
        if person is None or self._gallery.lapsed or not self._gallery.knows(person):
            return False
        return self._config().is_open(self._clock.legal_now())

    def settle_pending(self) -> None:
        """Act on everything that is stored and waits; called by the thread, and by tests directly."""
        while reports := self._spool.new_raw():
            for report in reports:
                self._act(report)

    def _run(self) -> None:
        while not self._stopping:
            self._work.wait(2.0)
            self._work.clear()
            try:
                self.settle_pending()
            except SpoolFull:
                threading.Event().wait(1.0)
                self._work.set()

    def _act(self, report: RawReport) -> None:
        terminal = self._terminals.get(report.device)
        try:
            if terminal is None:
                raise UnreadableReport("equipamento desconhecido")
            sightings = terminal.read(report.kind, report.content_type, report.body)
        except (UnreadableReport, ValueError, TypeError, AttributeError) as error:
            _log.warning("report_unreadable", device=report.device, raw=report.id, error=type(error).__name__)
            self._spool.finish_raw(report.id, f"ilegível: {type(error).__name__}")
            return
        stored = [
            self._sighted(terminal, report, _identified(sighting, report, place))
            for place, sighting in enumerate(sightings)
        ]
        self._spool.finish_raw(report.id, "passagem" if any(stored) else "sem passagem")
        if any(stored):
            self._on_event()

    def _sighted(self, terminal: TerminalBase, report: RawReport, sighting: Sighting) -> bool:
        """Make the event of one sighting; False when it makes none. At a turnstile the turn is the passage."""
        received = datetime.fromtimestamp(report.received, UTC)
        if sighting.live and sighting.device_time and not self._is_replay(terminal, sighting):
            terminal.measure(sighting.device_time, received)
        if not terminal.settings.turnstile:
            return self._emit(terminal, report, sighting, received)
        if sighting.verdict == "accepted" and sighting.live:
            self._spool.remember(f"turnstile:{terminal.name}", [sighting.user_id, sighting.score, report.received])
            return False
        if sighting.verdict == "gave_up":
            self._spool.remember(f"turnstile:{terminal.name}", None)
            return False
        if sighting.verdict == "turned":
            return self._turned(terminal, report, sighting, received)
        return self._emit(terminal, report, sighting, received)

    def _turned(self, terminal: TerminalBase, report: RawReport, sighting: Sighting, received: datetime) -> bool:
        waiting = self._spool.recall(f"turnstile:{terminal.name}")
        self._spool.remember(f"turnstile:{terminal.name}", None)
        if not waiting or report.received - waiting[2] > TURN_WITHIN.total_seconds():
            return False
        passage = Sighting(
            sighting.origin, sighting.order, sighting.device_time, sighting.live, "accepted", waiting[0], waiting[1]
        )
        return self._emit(terminal, report, passage, received)

    def _is_replay(self, terminal: TerminalBase, sighting: Sighting) -> bool:
        """Told by the device as a replay, or earlier in the device's sequence than what came before."""
        if not sighting.live:
            return True
        return bool(sighting.origin and self._spool.knows_origin(sighting.origin))

    def _emit(self, terminal: TerminalBase, report: RawReport, sighting: Sighting, received: datetime) -> bool:
        if sighting.verdict in ("turned", "gave_up"):
            return False
        event = self._event(terminal, report, sighting, received)
        subject = event.person or (f"{terminal.name}:{sighting.user_id}" if sighting.user_id else None)
        self._spool.add(event, origin=sighting.origin, raw_id=report.id, subject=subject)
        return True

    def _event(self, terminal: TerminalBase, report: RawReport, sighting: Sighting, received: datetime) -> Event:
        replayed = self._is_replay(terminal, sighting) or self._late(terminal, sighting)
        timing = terminal.device_clock.timing(self._clock, sighting.device_time, received, replayed=replayed)
        person = self._spool.person_of(terminal.name, sighting.user_id) if sighting.user_id else None
        accepted = sighting.verdict == "accepted" and person is not None
        event = Event(
            id=new_id(),
            post=self._config().post,
            device=terminal.name,
            device_kind=terminal.settings.kind,
            timing=timing,
            way="device",
            decision="recognised" if accepted else "doubtful" if sighting.user_id else "unknown",
            person=person if accepted else None,
            score=sighting.score,
            candidates=() if accepted or person is None else (Candidate(person, sighting.score),),
            calibration="terminal",
            replayed=replayed,
            raw_sha256=report.sha256,
        )
        return event.doubted() if self._gallery.lapsed else event

    def _late(self, terminal: TerminalBase, sighting: Sighting) -> bool:
        """A live report that tells of long ago by a clock that is known to be right is a replay under another name."""
        offset = terminal.device_clock.offset_s
        if sighting.device_time is None or offset is None or abs(offset) > SKEW_LIMIT.total_seconds():
            return False
        age = (self._clock.now() - sighting.device_time).total_seconds() + offset
        return age > 5 * SKEW_LIMIT.total_seconds()


def _identified(sighting: Sighting, report: RawReport, place: int) -> Sighting:
    """A sighting without an identity of the device's gets the report's: a crash half way makes no second event."""
    return sighting if sighting.origin else replace(sighting, origin=f"{report.device}:raw:{report.id}:{place}")
