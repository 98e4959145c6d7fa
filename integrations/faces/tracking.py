"""Faces followed over a camera's frames, and which of those frames are worth an embedding.

Pure state and arithmetic, no dlib: the bridge feeds it what `pool.locate` saw and gives back what `pool.embed` made.
Frames must be apart (in time, and by pose or place) because frames of one instant are one picture: averaging them adds
nothing, and counting them would open limits that three different pictures deserve.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from integrations.faces.analysis import FaceSeen
from integrations.faces.detection import Face, overlap
from integrations.faces.embedding import Vector, average, distance
from integrations.faces.pictures import Pixels
from integrations.faces.quality import Look

OTHER_PERSON: Final = 0.40
"""Two frames of one passage further apart than this show two persons, one of whom took the other's place."""


@dataclass(frozen=True)
class TrackingSettings:
    """Seconds and shares by which faces are followed and frames chosen."""

    least_overlap: float = 0.25
    lost_after: float = 1.0
    gap: float = 0.35
    still_gap: float = 1.2
    enough: int = 3
    most: int = 5
    patience: float = 4.0
    least_sharpness_share: float = 0.5
    whole_every: float = 0.5


@dataclass(frozen=True, eq=False)
class GoodFrame:
    """A frame that was embedded."""

    at: float
    look: Look
    vector: Vector
    crop: bytes


@dataclass(eq=False)
class Track:
    """One face before the camera, as long as it is seen."""

    id: int
    seen: FaceSeen
    first_seen: float
    last_seen: float
    first_usable: float | None = None
    best_sharpness: float = 0.0
    frames: list[GoodFrame] = field(default_factory=list)
    decided: bool = False
    """Set by whoever decided for good about this passage: no more frames are embedded."""

    @property
    def vector(self) -> Vector:
        """Average of the good frames."""
        return average([frame.vector for frame in self.frames])

    @property
    def best(self) -> GoodFrame:
        """The sharpest good frame: what an attendant is shown."""
        return max(self.frames, key=lambda frame: frame.look.sharpness)


@dataclass(frozen=True, eq=False)
class Update:
    """After a frame: every face with its track, those to embed now, and tracks that ended."""

    present: tuple[Track, ...]
    wanted: tuple[Track, ...]
    ended: tuple[Track, ...]


class Tracker:
    """Follows faces of one camera. Not for several threads."""

    def __init__(self, settings: TrackingSettings | None = None) -> None:
        self.settings = settings or TrackingSettings()
        self._tracks: list[Track] = []
        self._ids = itertools.count(1)
        self._whole_at = float("-inf")

    def near(self, at: float) -> tuple[Face, ...]:
        """Where to look in the next frame: around the faces of the last one, or, now and then, everywhere (empty)."""
        if not self._tracks or at - self._whole_at >= self.settings.whole_every:
            self._whole_at = at
            return ()
        return tuple(track.seen.face for track in self._tracks)

    def update(self, seen: Sequence[FaceSeen], at: float) -> Update:
        """Takes the faces of one frame; `at` in seconds of a clock that never goes back."""
        ended = [track for track in self._tracks if at - track.last_seen > self.settings.lost_after]
        self._tracks = [track for track in self._tracks if track not in ended]
        present = [self._follow(track, face, at) for face, track in self._matched(seen)]
        wanted = [track for track in present if self._worth_embedding(track, at)]
        return Update(tuple(present), tuple(wanted), tuple(ended))

    def add(self, track: Track, vector: Vector, at: float) -> Track:
        """Gives a wanted track its vector. When it is somebody else's, the track starts anew: nobody inherits frames."""
        if track.frames and distance(track.vector, vector) > OTHER_PERSON:
            fresh = Track(next(self._ids), track.seen, at, track.last_seen, at, track.seen.look.sharpness)
            self._tracks = [fresh if each is track else each for each in self._tracks]
            track = fresh
        track.frames.append(GoodFrame(at, track.seen.look, vector, track.seen.crop))
        return track

    def ready(self, track: Track, at: float) -> bool:
        """Whether to decide: enough good frames apart, or no more patience and at least one."""
        if len(track.frames) >= self.settings.enough:
            return True
        return bool(track.frames) and at - track.frames[0].at >= self.settings.patience

    def _matched(self, seen: Sequence[FaceSeen]) -> list[tuple[FaceSeen, Track | None]]:
        """Each face with the track that it continues, the largest overlap first."""
        pairs = [(overlap(track.seen.face, each.face), track, each) for track in self._tracks for each in seen]
        taken: dict[int, Track] = {}
        for share, track, each in sorted(pairs, key=lambda pair: pair[0], reverse=True):
            if share >= self.settings.least_overlap and id(each) not in taken and track not in taken.values():
                taken[id(each)] = track
        return [(each, taken.get(id(each))) for each in seen]

    def _follow(self, track: Track | None, seen: FaceSeen, at: float) -> Track:
        if track is None:
            track = Track(next(self._ids), seen, at, at)
            self._tracks.append(track)
        track.seen, track.last_seen = seen, at
        if seen.usable:
            track.first_usable = at if track.first_usable is None else track.first_usable
            track.best_sharpness = max(track.best_sharpness, seen.look.sharpness)
        return track

    def _worth_embedding(self, track: Track, at: float) -> bool:
        settings, seen = self.settings, track.seen
        if not seen.usable or track.decided or len(track.frames) >= settings.most:
            return False
        if seen.look.sharpness < settings.least_sharpness_share * track.best_sharpness:
            return False
        return all(self._apart(seen.look, frame, at) for frame in track.frames)

    def _apart(self, look: Look, frame: GoodFrame, at: float) -> bool:
        """A different picture soon after, or the same still pose some time later, but never a frozen one."""
        if look.frozen(frame.look) or at - frame.at < self.settings.gap:
            return False
        return at - frame.at >= self.settings.still_gap or not look.same_picture(frame.look)


class Motion:
    """Whether anything moved since the last frame that did: spares the detector an empty hall."""

    def __init__(self, threshold: float = 6.0, share: float = 0.004) -> None:
        self._threshold = threshold
        self._share = share
        self._last: Pixels | None = None

    def moved(self, frame: Pixels) -> bool:
        """True for the first frame and whenever at least `share` of the picture changed by `threshold` grey levels."""
        small = cv2.resize(frame, (96, 72), interpolation=cv2.INTER_AREA)
        grey: Pixels = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        last = self._last
        changed = last is None or float((cv2.absdiff(grey, last) > self._threshold).mean()) >= self._share
        if changed:
            self._last = grey
        return changed
