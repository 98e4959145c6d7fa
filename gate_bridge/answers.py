"""Asks the server, for a short while, what became of a visitor's claim, so that the keypad can show it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gate_bridge.claims import ClaimDesk
from gate_bridge.errors import ServerRefused, ServerUnavailable
from gate_bridge.link import ServerLink
from gate_bridge.sender import EVENTS

_EVERY_S = 0.25
_IDLE_S = 0.1


class ClaimAnswers(threading.Thread):
    """One thread; ``nudge`` makes the sender send at once."""

    def __init__(self, claims: ClaimDesk, link: ServerLink, nudge: Callable[[], None]) -> None:
        super().__init__(name="claim-answers", daemon=True)
        self._claims, self._link, self._nudge = claims, link, nudge
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End after the request in hand."""
        self._stopping.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Until stopped; what the server does not answer in time shows as the attendant's."""
        while not self._stopping.is_set():
            waiting = self._claims.unanswered()
            for claim in waiting:
                self._ask(claim.id, claim.event_id or "")
            self._stopping.wait(_EVERY_S if waiting else _IDLE_S)

    def _ask(self, claim_id: str, event_id: str) -> None:
        try:
            answer = self._link.get(f"{EVENTS}/{event_id}")
        except ServerUnavailable:
            return
        except ServerRefused:
            self._nudge()
            return
        if answer.get("result"):
            self._claims.answered(claim_id, str(answer["result"]))
