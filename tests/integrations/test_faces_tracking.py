"""Which frames count: apart, sharp, of one person."""

from __future__ import annotations

import numpy as np
import pytest

from integrations.faces.analysis import FaceSeen
from integrations.faces.detection import Face, Pose, overlap, pose_of
from integrations.faces.embedding import Vector, unit
from integrations.faces.quality import Look, bits_apart, picture_hash
from integrations.faces.tracking import Motion, Tracker

CHIP = np.zeros((150, 150, 3), dtype=np.uint8)


def seen(
    left: int = 100, *, hash_: int = 0, yaw: float = 0.0, sharpness: float = 50.0, usable: bool = True
) -> FaceSeen:
    face = Face(left, 100, left + 100, 200, 1.5, ((0, 0),) * 5)
    return FaceSeen(face, Look(100, 120.0, sharpness, Pose(yaw, 0.77, 0.0), hash_), usable, CHIP, b"")


def person(number: int, noise: float = 0.0, seed: int = 0) -> Vector:
    return unit(np.eye(128)[number] + np.random.default_rng(seed).normal(0, noise, 128))


def feed(tracker: Tracker, frames: list[FaceSeen], step: float = 0.4, who: int = 0) -> int:
    """Runs frames through the tracker; how many were wanted."""
    wanted = 0
    for number, frame in enumerate(frames):
        for track in tracker.update([frame], number * step).wanted:
            tracker.add(track, person(who, 0.01, number), number * step)
            wanted += 1
    return wanted


def test_face_that_moves_and_turns_gives_three_frames_and_is_ready() -> None:
    tracker = Tracker()
    assert feed(tracker, [seen(100 + 5 * n, hash_=0xFFF << 12 * n, yaw=0.1 * n) for n in range(3)]) == 3
    [track] = tracker.update([seen(115, hash_=1)], 1.2).present
    assert tracker.ready(track, 1.2)
    assert len(track.frames) == 3


def test_the_same_picture_over_and_over_counts_once() -> None:
    tracker = Tracker()
    assert feed(tracker, [seen()] * 30) == 1


def test_person_who_stands_still_gives_frames_further_apart() -> None:
    tracker = Tracker()
    assert feed(tracker, [seen(hash_=0b111 << n, yaw=0.01 * (n % 2)) for n in range(10)], step=0.5) == 4


def test_blurred_or_unusable_frames_are_not_embedded() -> None:
    tracker = Tracker()
    frames = [seen(hash_=0xFFF << 8 * n, sharpness=50.0 if n == 0 else 20.0) for n in range(5)]
    assert feed(tracker, frames) == 1
    assert feed(Tracker(), [seen(usable=False)] * 5) == 0


def test_somebody_who_takes_the_place_inherits_nothing() -> None:
    tracker = Tracker()
    [track] = tracker.update([seen()], 0.0).wanted
    tracker.add(track, person(0), 0.0)
    [track] = tracker.update([seen(hash_=0xFFFF)], 0.5).wanted
    fresh = tracker.add(track, person(1), 0.5)
    assert fresh is not track
    assert len(fresh.frames) == 1
    [follows] = tracker.update([seen(hash_=0xFFFF0000)], 1.0).present
    assert follows is fresh


def test_two_faces_are_two_tracks_and_swap_nothing_when_they_come_near() -> None:
    tracker = Tracker()
    first = tracker.update([seen(100), seen(400)], 0.0).present
    second = tracker.update([seen(380), seen(120)], 0.1).present
    assert (second[0].id, second[1].id) == (first[1].id, first[0].id)


def test_track_ends_when_the_face_is_gone() -> None:
    tracker = Tracker()
    [track] = tracker.update([seen()], 0.0).present
    assert tracker.update([], 0.9).ended == ()
    assert tracker.update([], 1.1).ended == (track,)
    [again] = tracker.update([seen()], 1.2).present
    assert again.id != track.id


def test_patience_ends_with_what_there_is() -> None:
    tracker = Tracker()
    [track] = tracker.update([seen()], 0.0).wanted
    tracker.add(track, person(0), 0.0)
    assert not tracker.ready(track, 3.9)
    assert tracker.ready(track, 4.0)


def test_search_is_near_the_faces_and_everywhere_twice_a_second() -> None:
    tracker = Tracker()
    assert tracker.near(0.0) == ()
    tracker.update([seen(100)], 0.0)
    assert tracker.near(0.1) == (seen(100).face,)
    assert tracker.near(0.5) == ()
    assert tracker.near(0.6) == (seen(100).face,)


def test_decided_passage_asks_for_no_more_frames() -> None:
    tracker = Tracker()
    [track] = tracker.update([seen()], 0.0).wanted
    tracker.add(track, person(0), 0.0).decided = True
    assert tracker.update([seen(hash_=0xFFFF)], 0.5).wanted == ()


def test_overlap_of_boxes() -> None:
    assert overlap(seen(100).face, seen(100).face) == 1.0
    assert overlap(seen(100).face, seen(300).face) == 0.0
    assert overlap(seen(100).face, seen(150).face) == pytest.approx(1 / 3)


def test_motion_sees_a_step_and_not_the_noise() -> None:
    random = np.random.default_rng(2)
    hall = np.full((480, 640, 3), 120, dtype=np.uint8)
    noisy = np.clip(hall + random.normal(0, 4, hall.shape), 0, 255).astype(np.uint8)
    walker = hall.copy()
    walker[200:300, 300:360] = 30
    motion = Motion()
    assert motion.moved(hall)
    assert not motion.moved(noisy)
    assert motion.moved(walker)
    assert motion.moved(hall)


def test_pose_turns_with_the_nose_and_not_with_the_order_of_the_eyes() -> None:
    frontal = ((180, 100), (160, 100), (100, 100), (120, 100), (140, 146))
    turned = (*frontal[:4], (160, 146))
    assert pose_of(frontal).yaw == pytest.approx(0.0)
    assert pose_of(turned).yaw == pytest.approx(1 / 3, abs=0.01)
    assert pose_of(frontal) == pose_of((*frontal[2:4], *frontal[:2], frontal[4]))


def test_hash_stays_under_light_and_changes_with_the_picture() -> None:
    random = np.random.default_rng(4)
    coarse = random.integers(40, 200, (12, 12, 3), dtype=np.uint8)
    picture = np.repeat(np.repeat(coarse, 20, axis=0), 20, axis=1)
    lighter = np.clip(picture.astype(int) + 25, 0, 255).astype(np.uint8)
    assert bits_apart(picture_hash(picture), picture_hash(lighter)) <= 4
    assert bits_apart(picture_hash(picture), picture_hash(np.ascontiguousarray(picture[::-1]))) > 15
