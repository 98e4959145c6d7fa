"""From frames to events: faces followed over several frames, compared 1:1 after a claim, else 1:N over the short list.

Nobody is refused here: what is doubtful or unknown goes to the attendant with one encrypted crop (art. 3º; LGPD, art. 20).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import structlog

from gate_bridge.claims import ClaimDesk, ClaimRefused, GateClaim
from gate_bridge.clock import BridgeClock, Timing
from gate_bridge.devices.camera import Camera, Frame
from gate_bridge.errors import SpoolFull
from gate_bridge.events import Candidate, Event, new_id
from gate_bridge.events import Decision as DecisionWord
from gate_bridge.following import Follower, Passage
from gate_bridge.gallery import Gallery
from gate_bridge.health import Counts
from gate_bridge.live import LiveBoard, Mark
from gate_bridge.spool import Spool
from gate_bridge.status import GateConfig
from integrations.faces import calibration as calibrations
from integrations.faces.boxes import seal_crop
from integrations.faces.calibration import Calibration, CalibrationInvalid
from integrations.faces.decision import MOST_CANDIDATES, Decision, decide_one_to_many, decide_one_to_one
from integrations.faces.embedding import Vector
from integrations.faces.pictures import PictureError, Pixels
from integrations.faces.pool import RecognitionFailed, RecognitionPool
from integrations.faces.tracking import Motion

_log = structlog.get_logger("gate_bridge.recognition")
ENOUGH_FRAMES = 3
WINDOW_S = 2.0
CLAIM_GRACE_S = 6.0
BEFORE_CLAIM_S = 3.0
_QR_EVERY_S = 0.25
_STILL_EVERY_S = 1.0
_RETRY_S = 1.0


class GateWatch:
    """One camera's recognition: a thread that asks the recognition processes, and decides."""

    def __init__(
        self,
        camera: Camera,
        pool: RecognitionPool,
        *,
        gallery: Gallery,
        claims: ClaimDesk,
        spool: Spool,
        clock: BridgeClock,
        config: Callable[[], GateConfig],
        secret: bytes,
        board: LiveBoard,
        counts: Counts,
        on_event: Callable[[], None],
    ) -> None:
        self._camera, self._pool, self._gallery, self._claims = camera, pool, gallery, claims
        self._spool, self._clock, self._config, self._secret = spool, clock, config, secret
        self._board, self._counts, self._on_event = board, counts, on_event
        self._limits = Limits()
        self._follower = Follower(self._embed, self._limits.of({}).claim_limits(1, 1).accept, stills=camera.stills)
        self._qr, self._qr_at, self._qr_last = cv2.QRCodeDetector(), 0.0, ""
        self._motion = Motion()
        self._located = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{camera.name}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End after the frame in hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            frame = self._camera.newest.take(0.1)
            try:
                if frame:
                    self.look(frame)
                    self._counts.failing = False
                self.decide()
            except (RecognitionFailed, PictureError) as error:
                self._counts.failures += 1
                self._counts.failing = True
                _log.warning("frame_not_recognised", camera=self._camera.name, error=error.code)
                self._stopping.wait(_RETRY_S)
            except SpoolFull:
                self._stopping.wait(_RETRY_S)

    def look(self, frame: Frame) -> None:
        """One frame: a QR, the faces, the passages."""
        self._counts.frames += 1
        self._read_qr(frame)
        if self._still(frame):
            self._show(frame.pixels)
            return
        self._located = frame.monotonic
        near = self._follower.near(frame.monotonic)
        self._follower.look(self._pool.locate(frame.pixels, near=near), frame)
        self._show(frame.pixels)

    def decide(self) -> None:
        """What can be decided now: the claim that waits, then whoever passes without a claim."""
        now, searching = time.monotonic(), self._config().one_to_many
        claim = self._claims.waiting()
        if claim:
            self._decide_claim(claim, now)
        elif searching:
            for passage in [one for one in self._follower.passages if not one.emitted]:
                self._decide_unclaimed(passage, now)
        self._follower.forget(now, undecided=not searching)

    def _decide_claim(self, claim: GateClaim, now: float) -> None:
        """The principal face seen since shortly before the claim must be the claimed person's."""
        seen = [one for one in self._follower.passages if one.last_seen >= claim.opened - BEFORE_CLAIM_S]
        passage = max(seen, key=lambda one: one.box[2] - one.box[0], default=None)
        if passage is None:
            return
        waited = now - max(passage.started, claim.opened)
        if len(passage.frames) < ENOUGH_FRAMES and waited < WINDOW_S:
            return
        decision, limits = self._verify(claim, passage), self._calibration()
        event_id = new_id()
        if self._claims.decided(claim.id, event_id, recognised=decision.result == "recognised"):
            self._emit(passage, decision, limits, event_id, claim)

    def _verify(self, claim: GateClaim, passage: Passage) -> Decision:
        known = self._gallery.person(claim.person) if claim.person else None
        limits = self._calibration()
        if known is None:
            return Decision("unknown", None, None, limits.claim_limits(ENOUGH_FRAMES, len(passage.frames)).accept, ())
        return decide_one_to_one(
            limits,
            person=known.person,
            enrolled=known.vector,
            pictures=known.pictures,
            face=passage.vector,
            frames=len(passage.frames),
        )

    def _decide_unclaimed(self, passage: Passage, now: float) -> None:
        """1:N, where it is open; who is not recognised has a moment to claim before the attendant is called.

        Where it is closed nobody is sought: a face that claims nothing is forgotten, and no crop of a passer-by is made.
        """
        waited = now - passage.started
        if len(passage.frames) < ENOUGH_FRAMES and waited < WINDOW_S:
            return
        limits = self._calibration()
        people = self._gallery.short_list(limits.one_to_many.most_persons)
        decision = decide_one_to_many(limits, gallery=people, face=passage.vector, frames=len(passage.frames))
        if decision.result == "recognised" or waited >= CLAIM_GRACE_S:
            self._emit(passage, decision, limits, new_id(), None)

    def _emit(
        self, passage: Passage, decision: Decision, limits: Calibration, event_id: str, claim: GateClaim | None
    ) -> None:
        """One event into the spool; a full spool keeps the passage, and the claimant goes to the attendant."""
        event = self._event(passage, decision, limits, event_id, claim)
        try:
            added = self._spool.add(event)
        except SpoolFull:
            if claim:
                self._claims.failed(claim.id)
            raise
        if claim and added.id != event_id:
            self._claims.same_passage(claim.id, added.id)
        known = self._gallery.person(decision.person) if decision.person else None
        passage.decision, passage.name, passage.emitted = event.decision, known.name if known else "", True
        self._counts.decisions[event.decision] += 1
        self._on_event()

    def _event(
        self, passage: Passage, decision: Decision, limits: Calibration, event_id: str, claim: GateClaim | None
    ) -> Event:
        captured = passage.captured
        candidates = self._candidates(passage, decision, limits, claim)
        crop = None
        if decision.result != "recognised" and (jpeg := passage.best.crop):
            crop = seal_crop(self._secret, event_id, jpeg)
        return Event(
            id=event_id,
            post=self._config().post,
            device="teclado" if claim and claim.kind == "cpf" else self._camera.name,
            device_kind="keypad" if claim and claim.kind == "cpf" else "camera",
            timing=Timing(None, captured, self._clock.legal(captured), 0.0),
            way="one_to_one" if claim else "one_to_many",
            claim=claim.kind if claim else None,
            decision=_word(decision, candidates, claim),
            person=decision.person,
            score=_rounded(decision.score),
            limit=decision.limit,
            candidates=candidates,
            frames=len(passage.frames),
            calibration=limits.version,
            crop=crop,
        )

    def _candidates(
        self, passage: Passage, decision: Decision, limits: Calibration, claim: GateClaim | None
    ) -> tuple[Candidate, ...]:
        """For the attendant's eyes: the claimed person first, then who of the short list looks alike (a mistyped CPF)."""
        chosen = tuple(Candidate(one.person, round(one.score, 4)) for one in decision.candidates)
        if claim is None or decision.result == "recognised":
            return chosen
        if claim.person and not chosen:
            chosen = (Candidate(claim.person, _rounded(decision.score)),)
        people = self._gallery.short_list(limits.one_to_many.most_persons)
        near = decide_one_to_many(limits, gallery=people, face=passage.vector, frames=len(passage.frames)).candidates
        alike = tuple(Candidate(one.person, round(one.score, 4)) for one in near if one.person != claim.person)
        return (chosen + alike)[:MOST_CANDIDATES]

    def _calibration(self) -> Calibration:
        limits = self._limits.of(self._config().calibration)
        self._follower.same_face = limits.claim_limits(1, 1).accept
        return limits

    def _embed(self, chip: Pixels) -> Vector:
        self._counts.embeddings += 1
        return self._pool.embed(chip)

    def _read_qr(self, frame: Frame) -> None:
        """The visitor's QR held before the camera is a claim."""
        if frame.monotonic - self._qr_at < _QR_EVERY_S or self._config().token_key is None:
            return
        self._qr_at = frame.monotonic
        try:
            text, _, _ = self._qr.detectAndDecode(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY))
        except (cv2.error, UnicodeDecodeError):
            return
        if not text.startswith("CARIMBO1.") or text == self._qr_last:
            return
        self._qr_last = text
        try:
            self._claims.open_qr(text, f"camera:{self._camera.name}")
        except ClaimRefused as refusal:
            _log.info("qr_refused", camera=self._camera.name, status=refusal.status)

    def _still(self, frame: Frame) -> bool:
        """Nothing moved and nobody is there: not every frame needs a search."""
        moved = self._motion.moved(frame.pixels)
        return not moved and not self._follower.boxes and frame.monotonic - self._located < _STILL_EVERY_S

    def _show(self, pixels: Pixels) -> None:
        decided = {one.box: one for one in self._follower.passages}
        self._board.show(
            self._camera.name,
            pixels,
            [
                Mark(box, decided[box].decision, decided[box].name) if box in decided else Mark(box)
                for box in self._follower.boxes
            ],
        )


def _word(decision: Decision, candidates: tuple[Candidate, ...], claim: GateClaim | None) -> DecisionWord:
    """A claim of nobody we know, whose face looks like somebody's, is a doubt; the visitor is told the same either way."""
    return "doubtful" if claim and claim.person is None and candidates else decision.result


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


class Limits:
    """The calibration in force: the server's, or the one that is shipped while there is none."""

    def __init__(self) -> None:
        self._read: tuple[Mapping[str, Any], Calibration] | None = None

    def of(self, document: Mapping[str, Any]) -> Calibration:
        """Read once for each configuration."""
        if self._read is None or self._read[0] is not document:
            self._read = (document, _calibration(document))
        return self._read[1]


def _calibration(document: Mapping[str, Any]) -> Calibration:
    if document:
        try:
            return calibrations.from_dict(document)
        except CalibrationInvalid as error:
            _log.error("calibration_refused", error=str(error))
    return calibrations.load()
