"""Sends what the spool holds: in batches, at least once, through any outage; never loses an event, never gives up."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from gate_bridge.errors import ServerRefused, ServerUnavailable, SpoolFull
from gate_bridge.link import ServerLink
from gate_bridge.spool import Queued, Spool

_log = structlog.get_logger("gate_bridge.sender")
EVENTS = "/api/v1/gate/events"
BATCH = 500
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 60.0
_IDLE_S = 5.0
_ABOUT_THE_BATCH = {400, 413, 422}


@dataclass
class SenderStatus:
    """What health shows of the sender."""

    sent: int = 0
    failures: int = 0
    last_error: str | None = None


class Sender(threading.Thread):
    """Start it as a thread, or call ``drain`` in the caller's own."""

    def __init__(
        self, spool: Spool, link: ServerLink, *, batch: int = BATCH, post: Callable[[], str] | None = None
    ) -> None:
        super().__init__(name="sender", daemon=True)
        self._spool = spool
        self._link = link
        self._batch = batch
        self._post = post
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self.status = SenderStatus()

    def wake(self) -> None:
        """There is something new to send."""
        self._awake.set()

    def stop(self) -> None:
        """End after the request in hand."""
        self._stopping.set()
        self._awake.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Send until stopped; wait longer after each failure in a row, with jitter."""
        failures = 0
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                sent = self.send_once()
                failures = 0
            except (ServerUnavailable, ServerRefused, SpoolFull) as error:
                failures += 1
                self._note(error)
                self._stopping.wait(backoff(failures))
                continue
            if sent == 0:
                self._awake.wait(_IDLE_S)

    def drain(self) -> int:
        """Send until nothing waits; returns how many were settled. Raises what the server's failure raised."""
        total = 0
        while sent := self.send_once():
            total += sent
        return total

    def send_once(self) -> int:
        """Send one batch; returns how many events were settled (accepted, known already, or refused for ever)."""
        queued = self._spool.batch(self._batch)
        if not queued:
            return 0
        settled = self._deliver([self._placed(one) for one in queued])
        if not settled:
            raise ServerUnavailable("o servidor não confirmou nenhum evento do lote")
        return settled

    def _placed(self, one: Queued) -> Queued:
        """An event from before the first configuration learns its post now; without one it waits."""
        if one.document["post"] or self._post is None:
            return one
        if not self._post():
            raise ServerUnavailable("a configuração do portão ainda não veio")
        return replace(one, document={**one.document, "post": self._post()})

    def _deliver(self, queued: list[Queued]) -> int:
        """Deliver; a batch that the server cannot take is halved until the one bad event stands alone."""
        try:
            answer = self._link.post(EVENTS, {"events": [one.document for one in queued]})
        except ServerRefused as refusal:
            if refusal.status not in _ABOUT_THE_BATCH:
                raise
            if len(queued) == 1:
                self._spool.settle((), {queued[0].id: f"HTTP {refusal.status}: {refusal.reason}"})
                return 1
            half = len(queued) // 2
            return self._deliver(queued[:half]) + self._deliver(queued[half:])
        return self._settle(queued, answer)

    def _settle(self, queued: list[Queued], answer: dict[str, Any]) -> int:
        ours = {one.id for one in queued}
        accepted = ours & {*answer.get("accepted", ()), *answer.get("duplicates", ())}
        rejected = {
            row["id"]: str(row.get("reason", "")) for row in answer.get("rejected", ()) if row.get("id") in ours
        }
        self._spool.settle(accepted, {key: reason for key, reason in rejected.items() if key not in accepted})
        if rejected:
            _log.error("events_quarantined", count=len(rejected))
        self.status.sent += len(accepted)
        self.status.last_error = None
        return len(accepted | set(rejected))

    def _note(self, error: Exception) -> None:
        self.status.failures += 1
        if self.status.last_error != str(error):
            _log.warning("sending_failed", error=str(error))
        self.status.last_error = str(error)


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubling to a minute, half of it jitter."""
    longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, protects nothing
