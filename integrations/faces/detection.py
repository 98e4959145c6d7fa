"""Faces in a picture: where they are, how they are turned, and the aligned chip that is compared.

dlib's HOG detector runs on the half-size grey picture first (14 ms instead of 187 at 640 × 480), then at full size, then
upsampled, so that a picture of 250 × 250 works as well as a frame of the camera.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from integrations.faces.pictures import Pixels

CHIP_SIDE: Final = 150
CHIP_PADDING: Final = 0.25
THOROUGH_SIDE: Final = 1280
"""A thorough search reduces the picture to this longer side: faces from about 1/16 of it are found."""
WEAK_SCORE: Final = -0.5
"""Lowest detector score believed, and only when nothing better is in the picture."""
_HALF_FROM: Final = 400
_UPSAMPLE_UNTIL: Final = 700_000
_AROUND: Final = 0.5
_NEAR_WIDTH: Final = 105.0
_SAME_FACE: Final = 0.4


@dataclass(frozen=True)
class Pose:
    """How the head is turned, from five points: yaw and pitch as shares of the distance between the eyes, roll in degrees.

    `yaw` is 0 when frontal and grows towards the picture's right; `pitch` is about 0.77 when frontal, less when the
    head is raised or the nose is foreshortened.
    """

    yaw: float
    pitch: float
    roll: float

    def distance(self, other: Pose) -> float:
        """A single number of how differently two heads are turned; 0.1 is a small but visible turn."""
        return math.hypot(self.yaw - other.yaw, self.pitch - other.pitch, (self.roll - other.roll) / 60)


@dataclass(frozen=True)
class Face:
    """A face's box in pixels of the picture, the detector's score (above 0 is sure) and its five points."""

    left: int
    top: int
    right: int
    bottom: int
    score: float
    points: tuple[tuple[int, int], ...]

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def pose(self) -> Pose:
        return pose_of(self.points)


def find_faces(pixels: Pixels, *, thorough: bool = False) -> tuple[Face, ...]:
    """Faces of the picture, the principal one (large and central) first.

    `thorough` looks for small faces from the start, for pictures of which one face alone is expected; otherwise the
    search stops at the first size at which somebody was found.
    """
    grey: Pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    from integrations.faces import networks  # here: who only reads results of other processes loads no dlib

    for image, scale, threshold in _attempts(grey, thorough):
        boxes, scores, _ = networks.detector().run(image, 0, threshold)
        if threshold < 0 and len(boxes) > 1:
            best = max(range(len(boxes)), key=lambda index: float(scores[index]))
            boxes, scores = [boxes[best]], [scores[best]]
        if len(boxes):
            faces = [_face(grey, box, scale, score) for box, score in zip(boxes, scores, strict=True)]
            return tuple(sorted(faces, key=lambda face: prominence(face, grey.shape), reverse=True))
    return ()


def find_near(pixels: Pixels, known: Sequence[Face]) -> tuple[Face, ...]:
    """Faces around those of the frame before, each sought at one size: a fifth of the work. Newcomers are not seen."""
    grey: Pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    found: list[Face] = []
    for face in (each for before in known for each in _around(grey, before)):
        if all(overlap(face, other) < _SAME_FACE for other in found):
            found.append(face)
    return tuple(sorted(found, key=lambda face: prominence(face, grey.shape), reverse=True))


def overlap(one: Face, other: Face) -> float:
    """Intersection over union of two boxes."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = sum((each.right - each.left) * (each.bottom - each.top) for each in (one, other))
    return both / (areas - both)


def prominence(face: Face, shape: tuple[int, ...]) -> float:
    """Area less twice the square of the distance to the picture's centre: who the picture is of."""
    away_x = (face.left + face.right - shape[1]) / 2
    away_y = (face.top + face.bottom - shape[0]) / 2
    return face.width * (face.bottom - face.top) - 2 * (away_x**2 + away_y**2)


def chip(pixels: Pixels, face: Face) -> Pixels:
    """The face turned upright and scaled to 150 × 150, as the encoder was trained."""
    import dlib

    box = dlib.rectangle(face.left, face.top, face.right, face.bottom)
    shape = dlib.full_object_detection(box, [dlib.point(x, y) for x, y in face.points])
    cut: Pixels = dlib.get_face_chip(pixels, shape, CHIP_SIDE, CHIP_PADDING)
    return cut


def pose_of(points: tuple[tuple[int, int], ...]) -> Pose:
    """Pose from dlib's five points: two corners of one eye, two of the other, base of the nose."""
    marks = np.asarray(points, dtype=float)
    one, other = sorted((marks[:2].mean(axis=0), marks[2:4].mean(axis=0)), key=lambda eye: float(eye[0]))
    axis = other - one
    between = max(float(np.hypot(*axis)), 1e-6)
    nose = marks[4] - (one + other) / 2
    along = float(nose @ axis) / between**2
    across = float(axis[0] * nose[1] - axis[1] * nose[0]) / between**2
    return Pose(along, across, math.degrees(math.atan2(float(axis[1]), float(axis[0]))))


def _attempts(grey: Pixels, thorough: bool) -> Iterator[tuple[Pixels, float, float]]:
    """(picture, its scale, threshold), cheapest first; lazily, for most pictures need the first alone."""
    height, width = grey.shape
    first = min(1.0, THOROUGH_SIDE / max(height, width))
    if not thorough and min(height, width) >= _HALF_FROM:
        yield _scaled(grey, first / 2), first / 2, 0.0
    full = _scaled(grey, first)
    yield full, first, 0.0
    if full.size <= _UPSAMPLE_UNTIL:
        double = _scaled(grey, first * 2)
        yield double, first * 2, 0.0
    yield full, first, WEAK_SCORE


def _around(grey: Pixels, face: Face) -> list[Face]:
    from integrations.faces import networks

    margin = max(round(face.width * _AROUND), 1)
    top, left = max(face.top - margin, 0), max(face.left - margin, 0)
    part = grey[top : max(face.bottom + margin, top + 1), left : max(face.right + margin, left + 1)]
    if not part.size:
        return []
    scale = min(_NEAR_WIDTH / max(face.width, 1), 2.0)
    boxes, scores, _ = networks.detector().run(_scaled(part, scale), 0, 0.0)
    return [_face(grey, box, scale, score, (left, top)) for box, score in zip(boxes, scores, strict=True)]


def _scaled(grey: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return grey
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way), dtype=np.uint8)


def _face(grey: Pixels, box: Any, scale: float, score: float, origin: tuple[int, int] = (0, 0)) -> Face:
    import dlib

    from integrations.faces.networks import five_points

    left, right = (round(edge / scale) + origin[0] for edge in (box.left(), box.right()))
    top, bottom = (round(edge / scale) + origin[1] for edge in (box.top(), box.bottom()))
    found = five_points()(grey, dlib.rectangle(left, top, right, bottom))
    points = tuple((int(point.x), int(point.y)) for point in found.parts())
    return Face(left, top, right, bottom, float(score), points)
