"""Whose passage each followed face belongs to: several tracks of one face within ten seconds are one passage.

Following by place, and the choice of frames, are integrations.faces.tracking's; here the face decides. Vectors live in
memory only, for as long as the passage and the ten seconds in which the same face is the same passage.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gate_bridge.devices.camera import Frame
from integrations.faces.analysis import FaceSeen
from integrations.faces.detection import Face
from integrations.faces.embedding import Vector, average, distance
from integrations.faces.pictures import Pixels
from integrations.faces.tracking import OTHER_PERSON, GoodFrame, Track, Tracker, TrackingSettings

MOST_FRAMES = 5
FORGET_S = 10.0
_STILL_S = 1.2
STILLS = TrackingSettings(gap=0.0, most=10_000, least_sharpness_share=0.0)
"""A folder's pictures are not moments of one view: each is looked at, whatever stood in its place before."""
Box = tuple[int, int, int, int]


@dataclass(eq=False)
class Passage:
    """One person before one camera: the good frames, and what was decided."""

    box: Box
    last_seen: float
    captured: datetime
    frames: list[GoodFrame] = field(default_factory=list)
    tracks: set[int] = field(default_factory=set)
    decision: str = ""
    name: str = ""
    emitted: bool = False
    started: float = field(default_factory=time.monotonic)
    """When the first good frame was there to decide by; on a loaded machine that is well after it was taken."""

    @property
    def vector(self) -> Vector:
        """The average of the good frames."""
        return average([frame.vector for frame in self.frames])

    @property
    def best(self) -> GoodFrame:
        """The sharpest frame, for the attendant's eyes."""
        return max(self.frames, key=lambda frame: frame.look.sharpness)

    def take(self, frame: GoodFrame) -> None:
        """One more good frame, when it shows something new: the same picture twice proves nothing."""
        if self.emitted or len(self.frames) >= MOST_FRAMES:
            return
        for old in self.frames:
            if frame.look.frozen(old.look) or (frame.look.same_picture(old.look) and frame.at - old.at < _STILL_S):
                return
        self.frames.append(frame)


class Follower:
    """The passages before one camera; used by one thread. ``same_face``: the distance up to which a face is the same."""

    def __init__(self, embed: Callable[[Pixels], Vector], same_face: float, *, stills: bool = False) -> None:
        self._embed = embed
        self._stills = stills
        self._tracker = Tracker(STILLS if stills else None)
        self.same_face = same_face
        self.passages: list[Passage] = []
        self.boxes: list[Box] = []

    def near(self, at: float) -> tuple[Face, ...]:
        """Where to look in the next frame (Tracker.near); everywhere (empty) in a folder's pictures."""
        return () if self._stills else self._tracker.near(at)

    def look(self, faces: tuple[FaceSeen, ...], frame: Frame) -> None:
        """Take the faces of one frame; embeds only what says something new."""
        update = self._tracker.update(faces, frame.monotonic)
        self.boxes = [_box(track) for track in update.present]
        for track in update.wanted:
            track = self._tracker.add(track, self._embed(track.seen.chip), frame.monotonic)
            passage = self._passage(track, frame)
            passage.take(track.frames[-1])
        for track in update.present:
            for passage in self.passages:
                if track.id in passage.tracks:
                    passage.box, passage.last_seen, passage.captured = _box(track), frame.monotonic, frame.captured

    def forget(self, now: float, *, undecided: bool = False) -> None:
        """Drop the passages that are over; those that nothing was decided of stay, unless nothing ever will be."""
        self.passages = [
            one for one in self.passages if now - one.last_seen <= FORGET_S or not (one.emitted or undecided)
        ]

    def _passage(self, track: Track, frame: Frame) -> Passage:
        """The passage of a track that just got a vector: its own, one of the same face, or a new one."""
        own = next((one for one in self.passages if track.id in one.tracks), None)
        if own is None:
            near = [(distance(one.vector, track.frames[-1].vector), one) for one in self.passages]
            best = min(near, key=lambda row: row[0], default=None)
            own = (
                best[1]
                if best and best[0] <= (max(self.same_face, OTHER_PERSON) if self._stills else self.same_face)
                else None
            )
        if own is None:
            own = Passage(_box(track), frame.monotonic, frame.captured, frames=[track.frames[-1]])
            self.passages.append(own)
        own.tracks.add(track.id)
        return own


def _box(track: Track) -> Box:
    face = track.seen.face
    return (face.left, face.top, face.right, face.bottom)
