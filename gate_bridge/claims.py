"""Claims: a visitor says who they are, and the next face at the gate must be theirs (art. 3º II: the law's own way, 1:1).

Nothing that a visitor sees tells whether a CPF is registered: a claim of nobody goes the same way, takes the same time and
ends in the same words as a claim of somebody whose face does not match.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from gate_bridge.clock import BridgeClock
from gate_bridge.events import Claim as ClaimKind
from gate_bridge.gallery import Gallery
from gate_bridge.status import GateConfig
from integrations.faces.boxes import TokenInvalid, verify_token

State = Literal["look", "checking", "done", "unseen"]
FACE_WITHIN_S = 20.0
ANSWER_WITHIN_S = 8.0
KEPT_S = 120.0
WRONG_CLAIMS = 10
WRONG_WITHIN_S = 300.0
WRONG_CLAIMS_ALL = 60
CLAIMS_A_MINUTE = 30


class ClaimRefused(Exception):
    """The claim was not taken; the message is for the visitor."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class GateClaim:
    """One claim: of whom (None: nobody we know), in which state, and the result that the server gave."""

    id: str
    kind: ClaimKind
    person: str | None
    address: str
    opened: float
    state: State = "look"
    event_id: str | None = None
    sent: float = 0.0
    result: str | None = None


class ClaimDesk:
    """The claims of one gate: one at a time waits for its face; the newest wins."""

    def __init__(self, gallery: Gallery, clock: BridgeClock, config: Callable[[], GateConfig]) -> None:
        self._gallery = gallery
        self._clock = clock
        self._config = config
        self._lock = threading.Lock()
        self._claims: dict[str, GateClaim] = {}
        self._opened: deque[tuple[float, str]] = deque(maxlen=5000)
        self._wrong: deque[tuple[float, str]] = deque(maxlen=5000)
        self._used: deque[str] = deque(maxlen=500)

    def open_cpf(self, text: str, address: str) -> GateClaim:
        """A claim by CPF; raises ClaimRefused for what is no CPF, and after too many wrong ones."""
        self._check_limit(address)
        digits = re.sub(r"[.\-\s]", "", text)
        if not is_cpf(digits):
            raise ClaimRefused(422, "Este CPF não está certo. Confira os números e digite de novo.")
        known = self._gallery.by_cpf(digits)
        return self._open("cpf", known.person if known else None, address)

    def open_qr(self, token: str, address: str) -> GateClaim:
        """A claim by the QR of the área do usuário, verified offline; raises ClaimRefused. Each QR serves once."""
        self._check_limit(address)
        key = self._config().token_key
        if key is None:
            raise ClaimRefused(503, "O QR não pode ser lido agora. Digite o CPF ou chame o atendente.")
        try:
            person = str(verify_token(key, token, self._clock.corrected_unix()))
        except TokenInvalid as problem:
            self._note_wrong(address)
            raise ClaimRefused(422, problem.message) from problem
        with self._lock:
            if token in self._used:
                raise ClaimRefused(422, "Este QR já foi usado. Atualize a página e mostre o novo.")
            self._used.append(token)
        return self._open("qr", person, address)

    def waiting(self) -> GateClaim | None:
        """The claim that waits for a face now."""
        with self._lock:
            self._age()
            return next((claim for claim in self._claims.values() if claim.state == "look"), None)

    def find(self, claim_id: str) -> GateClaim | None:
        """A claim by its id, while it is remembered."""
        with self._lock:
            self._age()
            return self._claims.get(claim_id)

    def decided(self, claim_id: str, event_id: str, *, recognised: bool) -> bool:
        """The face came and its event goes to the spool; False when another camera was first."""
        with self._lock:
            claim = self._claims.get(claim_id)
            if claim is None or claim.state != "look":
                return False
            self._claims[claim_id] = replace(claim, state="checking", event_id=event_id, sent=time.monotonic())
        if not recognised:
            self._note_wrong(claim.address)
        return True

    def same_passage(self, claim_id: str, event_id: str) -> None:
        """The passage was known already: the claim shares the result of its event."""
        with self._lock:
            if claim_id in self._claims:
                self._claims[claim_id] = replace(self._claims[claim_id], event_id=event_id)

    def failed(self, claim_id: str) -> None:
        """The event could not be kept: the attendant must help."""
        with self._lock:
            if claim_id in self._claims:
                self._claims[claim_id] = replace(self._claims[claim_id], state="done", result=None)

    def answered(self, claim_id: str, result: str) -> None:
        """The server's result for the claim's event."""
        with self._lock:
            claim = self._claims.get(claim_id)
            if claim and claim.state == "checking":
                self._claims[claim_id] = replace(claim, state="done", result=result)

    def unanswered(self) -> list[GateClaim]:
        """Claims whose event waits for the server's result."""
        with self._lock:
            self._age()
            return [claim for claim in self._claims.values() if claim.state == "checking"]

    def _open(self, kind: ClaimKind, person: str | None, address: str) -> GateClaim:
        with self._lock:
            self._opened.append((time.monotonic(), address))
        claim = GateClaim(secrets.token_urlsafe(16), kind, person, address, time.monotonic())
        with self._lock:
            for other in list(self._claims.values()):
                if other.state == "look":
                    self._claims[other.id] = replace(other, state="unseen")
            self._claims[claim.id] = claim
        return claim

    def _age(self) -> None:
        """Claims that nobody showed a face to, that the server did not answer, or that are old."""
        now = time.monotonic()
        for claim in list(self._claims.values()):
            if now - claim.opened > KEPT_S:
                del self._claims[claim.id]
            elif claim.state == "look" and now - claim.opened > FACE_WITHIN_S:
                self._claims[claim.id] = replace(claim, state="unseen")
            elif claim.state == "checking" and now - claim.sent > ANSWER_WITHIN_S:
                self._claims[claim.id] = replace(claim, state="done", result=None)

    def _note_wrong(self, address: str) -> None:
        with self._lock:
            self._wrong.append((time.monotonic(), address))

    def _check_limit(self, address: str) -> None:
        now = time.monotonic()
        with self._lock:
            wrong = [who for instant, who in self._wrong if instant > now - WRONG_WITHIN_S]
            opened = sum(who == address for instant, who in self._opened if instant > now - 60)
        if wrong.count(address) >= WRONG_CLAIMS or len(wrong) >= WRONG_CLAIMS_ALL or opened >= CLAIMS_A_MINUTE:
            raise ClaimRefused(429, "Muitas tentativas. Aguarde alguns minutos ou chame o atendente.")


def is_cpf(digits: str) -> bool:
    """Eleven digits whose two check digits hold (Receita Federal, módulo 11); repeated digits are none."""
    if not re.fullmatch(r"[0-9]{11}", digits) or len(set(digits)) == 1:
        return False
    return all(_check_digit(digits[:size]) == int(digits[size]) for size in (9, 10))


def _check_digit(digits: str) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
    return total * 10 % 11 % 10
