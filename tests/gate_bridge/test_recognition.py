"""One camera's recognition with the real recognition process and real photographs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from gate_bridge import recognition
from gate_bridge.claims import ClaimDesk
from gate_bridge.clock import BridgeClock
from gate_bridge.devices.camera import Camera, Frame
from gate_bridge.gallery import Gallery
from gate_bridge.health import Counts
from gate_bridge.live import LiveBoard
from gate_bridge.recognition import GateWatch
from gate_bridge.settings import DeviceSettings
from gate_bridge.spool import GalleryRow, Spool
from gate_bridge.status import GateConfig
from integrations.faces import pictures
from integrations.faces.boxes import GalleryEntry, cpf_digest, seal_entry
from integrations.faces.embedding import average
from integrations.faces.pool import RecognitionPool
from tests.gate_bridge.conftest import CPF, FACES, SECRET, put

OTHER_CPF = "11144477735"
KNOWN, STRANGER = "Jacques_Rogge", "Kate_Hudson"
pytestmark = pytest.mark.slow
Watch = Callable[[GateConfig], GateWatch]


@pytest.fixture(scope="module")
def pool() -> Iterator[RecognitionPool]:
    if not FACES.is_dir():
        pytest.skip("these tests need the photographs of CARIMBO_FACES (or ../shared/faces): known/<name>/1..6.jpg")
    with RecognitionPool(1) as running:
        yield running


@pytest.fixture(scope="module")
def box(pool: RecognitionPool) -> tuple[str, str]:
    """Somebody's id and gallery box, of three pictures."""
    person = str(uuid4())
    vectors = [pool.principal((FACES / "known" / KNOWN / f"{number}.jpg").read_bytes()).vector for number in (1, 2, 3)]
    entry = GalleryEntry(average([one for one in vectors if one is not None]), 3, "Fulana", cpf_digest(SECRET, CPF))
    return person, seal_entry(SECRET, person, entry)


@pytest.fixture
def desk(gallery: Gallery, clock: BridgeClock, box: tuple[str, str]) -> ClaimDesk:
    gallery.update([GalleryRow(*box, datetime.now(UTC).isoformat())], (), ())
    gallery.refreshed()
    return ClaimDesk(gallery, clock, GateConfig)


@pytest.fixture
def watch(
    pool: RecognitionPool,
    spool: Spool,
    clock: BridgeClock,
    gallery: Gallery,
    desk: ClaimDesk,
    monkeypatch: pytest.MonkeyPatch,
) -> Watch:
    monkeypatch.setattr(recognition, "CLAIM_GRACE_S", 0.3)
    monkeypatch.setattr(recognition, "WINDOW_S", 0.2)
    camera = Camera(DeviceSettings("cam", "camera", source="/nada"), spool, clock)
    return lambda config: GateWatch(
        camera,
        pool,
        gallery=gallery,
        claims=desk,
        spool=spool,
        clock=clock,
        config=lambda: config,
        secret=SECRET,
        board=LiveBoard(),
        counts=Counts(),
        on_event=lambda: None,
    )


def show(watch: GateWatch, name: str, *numbers: int) -> None:
    for number in numbers:
        picture = pictures.decode((FACES / "known" / name / f"{number}.jpg").read_bytes())
        watch.look(Frame(picture.pixels, datetime.now(UTC), time.monotonic(), number))


def test_where_1_to_n_is_closed_a_face_that_claims_nothing_is_forgotten(
    watch: Watch, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = watch(GateConfig(post="P1", one_to_many=False))
    show(here, KNOWN, 4)
    time.sleep(0.5)
    here.decide()
    assert spool.depth() == 0
    assert len(here._follower.passages) == 1
    monkeypatch.setattr("gate_bridge.following.FORGET_S", 0.1)
    here.decide()
    assert here._follower.passages == []


def test_with_fewer_frames_the_decision_waits_for_its_window_and_says_how_many(
    watch: Watch, spool: Spool, desk: ClaimDesk
) -> None:
    here = watch(GateConfig(post="P1"))
    desk.open_cpf(CPF, "x")
    show(here, KNOWN, 4)
    here.decide()
    assert spool.depth() == 0
    time.sleep(0.3)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (event["frames"], event["decision"], event["way"]) == (1, "recognised", "one_to_one")
    assert event["calibration"]


def test_1_to_n_does_not_name_anybody_by_one_frame(watch: Watch, spool: Spool, box: tuple[str, str]) -> None:
    here = watch(GateConfig(post="P1", one_to_many=True))
    show(here, KNOWN, 4)
    time.sleep(0.5)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (event["frames"], event["decision"], event["person"]) == (1, "doubtful", None)
    assert [one["person"] for one in event["candidates"]] == [box[0]]


def test_a_mistyped_cpf_brings_the_attendant_who_looks_alike_and_recognises_nobody(
    watch: Watch, spool: Spool, desk: ClaimDesk, box: tuple[str, str]
) -> None:
    here = watch(GateConfig(post="P1"))
    claim = desk.open_cpf(OTHER_CPF, "x")
    assert claim.person is None
    show(here, KNOWN, 4, 5, 6)
    time.sleep(0.3)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (event["decision"], event["person"], event["score"]) == ("doubtful", None, None)
    assert [one["person"] for one in event["candidates"]] == [box[0]]
    assert 0 < event["candidates"][0]["score"] <= 0.37
    assert event["crop"]


def test_somebody_elses_cpf_brings_the_claimed_person_first_and_then_who_looks_alike(
    watch: Watch, spool: Spool, desk: ClaimDesk, gallery: Gallery, box: tuple[str, str]
) -> None:
    other = put(str(uuid4()), 7, cpf=OTHER_CPF)
    gallery.update([GalleryRow(other["person"], other["box"], other["seen_at"])], (), ())
    here = watch(GateConfig(post="P1"))
    desk.open_cpf(OTHER_CPF, "x")
    show(here, KNOWN, 4, 5, 6)
    time.sleep(0.3)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (event["decision"], event["person"]) == ("unknown", None)
    assert [one["person"] for one in event["candidates"]] == [other["person"], box[0]]
    assert event["candidates"][0]["score"] == event["score"] > event["candidates"][1]["score"]


def test_at_most_five_candidates_go_to_the_attendant(
    watch: Watch, spool: Spool, desk: ClaimDesk, gallery: Gallery, box: tuple[str, str]
) -> None:
    known = gallery.person(box[0])
    assert known is not None
    for _ in range(7):
        twin = str(uuid4())
        sealed = seal_entry(SECRET, twin, GalleryEntry(known.vector, 3, "Outra", None))
        gallery.update([GalleryRow(twin, sealed, datetime.now(UTC).isoformat())], (), ())
    here = watch(GateConfig(post="P1"))
    desk.open_cpf(OTHER_CPF, "x")
    show(here, KNOWN, 4, 5, 6)
    time.sleep(0.3)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (len(event["candidates"]), event["person"]) == (5, None)


def test_a_stranger_with_an_unknown_cpf_has_no_candidates(watch: Watch, spool: Spool, desk: ClaimDesk) -> None:
    here = watch(GateConfig(post="P1"))
    desk.open_cpf(OTHER_CPF, "x")
    show(here, STRANGER, 1)
    time.sleep(0.3)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (event["decision"], event["candidates"]) == ("unknown", [])


def test_after_the_gallery_lapsed_even_the_right_face_goes_to_the_attendant(
    watch: Watch, spool: Spool, desk: ClaimDesk, gallery: Gallery, clock: BridgeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = watch(GateConfig(post="P1", one_to_many=True))
    monkeypatch.setattr(clock, "_own_error", 24 * 3600.0 + 1)
    claim = desk.open_cpf(CPF, "x")
    show(here, KNOWN, 4, 5, 6)
    time.sleep(0.3)
    here.decide()
    (event,) = [one.document for one in spool.batch()]
    assert (event["decision"], event["person"], event["candidates"]) == ("unknown", None, [])
    assert event["crop"]
    assert claim.person is None


def test_unmatched_vectors_are_never_stored(watch: Watch, spool: Spool) -> None:
    here = watch(GateConfig(post="P1", one_to_many=True))
    show(here, STRANGER, 1)
    vector = here._follower.passages[0].vector
    time.sleep(0.5)
    here.decide()
    assert spool.batch()[0].document["decision"] == "unknown"
    kept = b"".join(path.read_bytes() for path in spool._path.parent.iterdir() if path.is_file())
    assert vector.tobytes() not in kept
