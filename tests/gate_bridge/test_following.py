from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from gate_bridge.devices.camera import Frame
from gate_bridge.following import Follower
from integrations.faces.analysis import FaceSeen
from integrations.faces.detection import Face, Pose
from integrations.faces.embedding import Vector, unit
from integrations.faces.quality import Look
from tests.gate_bridge.conftest import vector

NOBODY = np.zeros((8, 8, 3), np.uint8)


def seen(left: int, look: int, *, usable: bool = True) -> FaceSeen:
    """A face at a place; ``look`` makes pictures differ."""
    pose = Pose(0.02 * look, 0.77, 0.0)
    bits = int.from_bytes(np.random.default_rng(look).bytes(8), "big")
    return FaceSeen(
        Face(left, 50, left + 100, 150, 1.0, ((0, 0),) * 5),
        Look(100, 120.0, 50.0 + look, pose, bits),
        usable,
        NOBODY,
        b"crop",
    )


class Faces:
    """Hands out the vectors that the test prepares, as the recognition processes would."""

    def __init__(self, *, stills: bool = False) -> None:
        self.next: list[Vector] = []
        self.follower = Follower(lambda chip: self.next.pop(0), same_face=0.35, stills=stills)

    def show(self, at: float, *faces: tuple[FaceSeen, int | None]) -> None:
        self.next = [near(who, at) for _, who in faces if who is not None]
        self.follower.look(tuple(face for face, _ in faces), Frame(NOBODY, datetime.now(UTC), at, 0))


def near(who: int, at: float) -> Vector:
    """A vector of somebody, a little different each time."""
    return unit(vector(who) + 0.1 * vector(int(at * 10) + 1000))


def test_frames_apart_of_one_face_are_one_passage() -> None:
    faces = Faces()
    for step in range(3):
        faces.show(step * 0.5, (seen(100 + step * 5, step), 1))
    (passage,) = faces.follower.passages
    assert len(passage.frames) == 3


def test_the_same_face_elsewhere_within_10_seconds_is_the_same_passage() -> None:
    faces = Faces()
    faces.show(0.0, (seen(100, 1), 1))
    faces.show(3.0, (seen(500, 2), 1))
    (passage,) = faces.follower.passages
    assert len(passage.frames) == 2
    passage.emitted = True
    faces.follower.forget(12.9)
    assert len(faces.follower.passages) == 1
    faces.follower.forget(13.1)
    assert faces.follower.passages == []


def test_somebody_else_in_the_same_place_inherits_nothing() -> None:
    faces = Faces()
    faces.show(0.0, (seen(100, 1), 1))
    faces.follower.passages[0].emitted = True
    faces.show(0.5, (seen(100, 2), 2))
    assert [len(one.frames) for one in faces.follower.passages] == [1, 1]


def test_the_same_picture_shown_again_is_no_further_frame() -> None:
    faces = Faces()
    faces.show(0.0, (seen(100, 1), 1))
    faces.show(5.0, (seen(100, 1), 1))
    assert [len(one.frames) for one in faces.follower.passages] == [1]


def test_two_people_side_by_side_are_two_passages_and_a_poor_view_is_none() -> None:
    faces = Faces()
    faces.show(0.0, (seen(100, 1), 1), (seen(400, 2), 2), (seen(700, 3, usable=False), None))
    assert len(faces.follower.passages) == 2
    assert len(faces.follower.boxes) == 3


def test_a_folders_pictures_are_each_looked_at_whatever_stood_in_their_place() -> None:
    faces = Faces(stills=True)
    for step in range(6):
        faces.show(step * 0.1, (seen(100, step + 20), 1))
    faces.show(0.7, (seen(100, 1), 2))
    assert [len(one.frames) for one in faces.follower.passages] == [5, 1]
