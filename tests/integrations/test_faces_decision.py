"""Limits as data, and what becomes of a distance: the rules that keep a declaração out of a wrong person's name."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from integrations.faces import calibration as calibrations
from integrations.faces.calibrate import calibrate_corpus
from integrations.faces.calibration import CalibrationInvalid
from integrations.faces.corpus import Corpus, Subject
from integrations.faces.decision import Decision, Gallery, decide_one_to_many, decide_one_to_one
from integrations.faces.embedding import Vector, average, distance, from_bytes, to_bytes, unit
from integrations.faces.evaluate import evaluate_corpus
from integrations.faces.statistics import lower_quantile, wilson

CALIBRATION = calibrations.load()


def axis(number: int) -> Vector:
    return unit(np.eye(128)[number])


def away(from_: Vector, apart: float, towards: int = 127) -> Vector:
    """A unit vector at exactly that distance, in the direction of an axis."""
    cosine = 1 - apart**2 / 2
    return unit(cosine * from_.astype(float) + np.sqrt(1 - cosine**2) * np.eye(128)[towards])


def claim(apart: float, pictures: int = 3, frames: int = 3) -> Decision:
    return decide_one_to_one(
        CALIBRATION, person="p", enrolled=axis(0), pictures=pictures, face=away(axis(0), apart), frames=frames
    )


def search(
    apart: float, *, others: int = 20, pictures: int = 3, frames: int = 3, second: float | None = None
) -> Decision:
    entries = [("p", pictures, axis(0))] + [(f"other{n}", 3, axis(1 + n % 126)) for n in range(others)]
    face = away(axis(0), apart)
    if second is not None:
        entries.append(("double", 3, away(face, second, towards=126)))
    return decide_one_to_many(CALIBRATION, gallery=Gallery.of(entries), face=face, frames=frames)


def test_claim_near_doubtful_and_far() -> None:
    assert claim(0.20).result == "recognised"
    assert claim(0.20).person == "p"
    assert (claim(0.33).result, claim(0.33).person) == ("doubtful", None)
    assert [each.person for each in claim(0.33).candidates] == ["p"]
    assert (claim(0.60).result, claim(0.60).candidates) == ("unknown", ())


def test_fewer_pictures_or_frames_have_limits_of_their_own() -> None:
    accepts = {(k, m): CALIBRATION.claim_limits(k, m).accept for k in (1, 2, 3) for m in (1, 2, 3)}
    assert accepts[1, 3] == accepts[3, 1]
    assert accepts[1, 1] > accepts[2, 2] > accepts[3, 3]
    assert CALIBRATION.claim_limits(9, 9) == CALIBRATION.claim_limits(3, 3)
    with pytest.raises(ValueError, match="at least one"):
        CALIBRATION.claim_limits(0, 3)


def test_search_recognises_only_near_and_alone() -> None:
    assert search(0.20).person == "p"
    assert search(CALIBRATION.one_to_many.limits.accept + 0.01).reason == "acima_do_limite"
    assert search(0.60).result == "unknown"


def test_search_without_a_clear_margin_is_doubtful_with_both_candidates() -> None:
    decision = search(0.20, second=0.24)
    assert (decision.result, decision.person, decision.reason) == ("doubtful", None, "sem_margem")
    assert {each.person for each in decision.candidates} == {"p", "double"}
    assert search(0.20, second=0.26).result == "recognised"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"pictures": 2}, "poucas_fotos"), ({"frames": 2}, "poucos_quadros"), ({"others": 600}, "lista_longa")],
)
def test_search_opens_only_with_enough_pictures_frames_and_a_short_list(changes: dict[str, int], reason: str) -> None:
    decision = search(0.05, **changes)  # type: ignore[arg-type]  # the keys are those of `search`
    assert (decision.result, decision.person, decision.reason) == ("doubtful", None, reason)


def test_search_in_an_empty_list() -> None:
    assert decide_one_to_many(CALIBRATION, gallery=Gallery.of([]), face=axis(0), frames=3).result == "unknown"


def test_what_is_no_number_is_never_recognised() -> None:
    broken = np.full(128, np.nan, dtype=np.float32)
    one = decide_one_to_one(CALIBRATION, person="p", enrolled=axis(0), pictures=3, face=broken, frames=3)
    many = decide_one_to_many(CALIBRATION, gallery=Gallery.of([("p", 3, axis(0))]), face=broken, frames=3)
    assert (one.result, many.result) == ("unknown", "unknown")
    with pytest.raises(ValueError, match="not a face vector"):
        average([broken])


def test_nobody_is_twice_on_the_list() -> None:
    with pytest.raises(ValueError, match="each once"):
        Gallery.of([("p", 3, axis(0)), ("p", 3, axis(1))])


def test_vectors_travel_as_bytes_of_length_one() -> None:
    vector = unit(np.random.default_rng(3).normal(size=128))
    assert distance(from_bytes(to_bytes(vector)), vector) < 1e-6
    for bad in (b"", bytes(512), bytes(511), np.full(128, np.inf, dtype="<f4").tobytes()):
        with pytest.raises(ValueError, match="not a face vector"):
            from_bytes(bad)


def test_version_follows_the_limits_and_nothing_else() -> None:
    plain = CALIBRATION.as_dict()
    assert calibrations.from_dict(plain).version == CALIBRATION.version
    assert calibrations.from_dict(plain | {"source": "outra"}).version == CALIBRATION.version
    changed = copy.deepcopy(plain)
    changed["one_to_many"]["margin"] = 0.06
    assert calibrations.from_dict(changed).version != CALIBRATION.version


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain.pop("one_to_many"),
        lambda plain: plain["one_to_one"].pop("2x3"),
        lambda plain: plain["one_to_one"]["3x3"].update(accept=0.5),
        lambda plain: plain["one_to_one"]["3x3"].update(accept=float("nan")),
        lambda plain: plain["one_to_many"].update(margin=0),
        lambda plain: plain["one_to_many"].update(least_frames="many"),
        lambda plain: plain.update(one_to_one=[]),
    ],
)
def test_calibration_that_makes_no_sense_is_refused(spoil: Any) -> None:
    plain = CALIBRATION.as_dict()
    spoil(plain)
    with pytest.raises(CalibrationInvalid):
        calibrations.from_dict(plain)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_calibration_file_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "limites.json"
    file.write_text(text)
    with pytest.raises(CalibrationInvalid, match=r"limites\.json"):
        calibrations.load(file)
    with pytest.raises(CalibrationInvalid):
        calibrations.load(tmp_path / "nada.json")


def test_wilson_and_tail() -> None:
    low, high = wilson(0, 3960)
    assert low == 0
    assert high == pytest.approx(0.000969, abs=1e-5)
    assert wilson(0, 0) == (0.0, 1.0)
    values = 1.0 - np.random.default_rng(5).exponential(0.05, 200_000)
    assert lower_quantile(values, 1e-4) == pytest.approx(1.0 - 0.05 * np.log(1e4), abs=0.02)


def subject(name: str, centre: Vector, pictures: int, spread: float = 0.02, lost: tuple[int, ...] = ()) -> Subject:
    random = np.random.default_rng(list(name.encode()))
    made = [unit(centre + random.normal(0, spread, 128)) for _ in range(pictures)]
    return Subject(name, tuple(None if index in lost else vector for index, vector in enumerate(made)))


def test_evaluation_counts_everybody_and_drops_nobody() -> None:
    known = (
        subject("ana", axis(0), 6),
        subject("bia", axis(1), 6),
        subject("nunca", axis(2), 6, lost=(0, 1, 2, 3, 4, 5)),
        subject("sem_quadros", axis(3), 6, lost=(3, 4, 5)),
    )
    strangers = (subject("x", axis(9), 1), subject("y", axis(10), 1, lost=(0,)))
    found = evaluate_corpus(Corpus(known, strangers), CALIBRATION)
    assert found.as_dict() == json.loads(found.as_json())
    assert found.one_to_one == {
        "enrolled": 4, "recognised": 2, "doubtful": 0, "unknown": 2,
        "false_claims": 4 * 3 + 4 * 2, "false_claims_recognised": 0, "false_claims_doubtful": 0,
    }  # fmt: skip
    assert found.one_to_many == {
        "enrolled": 4, "recognised": 2, "wrong": 0, "doubtful": 0, "unknown": 2,
        "strangers": 2, "strangers_recognised": 0, "strangers_doubtful": 0,
    }  # fmt: skip
    assert "1:N" in found.as_table()


def test_evaluation_sees_a_wrong_name_and_a_false_claim() -> None:
    known = (subject("ana", axis(0), 6), subject("bia", axis(1), 6))
    swapped = Subject("ana", known[0].vectors[:3] + known[1].vectors[3:])
    double = subject("estranho", axis(1), 1)
    found = evaluate_corpus(Corpus((swapped, known[1]), (double,)), CALIBRATION)
    assert (found.one_to_one["recognised"], found.one_to_one["unknown"]) == (1, 1)
    assert found.one_to_one["false_claims_recognised"] == 2, "the exchanged frames, and the stranger, claim to be bia"
    assert (found.one_to_many["recognised"], found.one_to_many["wrong"]) == (1, 1)
    assert found.one_to_many["strangers_recognised"] == 1


def test_calibration_moves_little_on_few_persons_and_more_on_many() -> None:
    def of(persons: int) -> float:
        random = np.random.default_rng(1)
        known = tuple(subject(str(n), unit(random.normal(size=128)), 6) for n in range(persons))
        made = calibrate_corpus(Corpus(known, ()), CALIBRATION).calibration
        assert calibrations.from_dict(made.as_dict()) == made
        return made.claim_limits(3, 3).accept

    before = CALIBRATION.claim_limits(3, 3).accept
    assert before < of(4) <= of(60), "strangers in this made-up folder are far apart: the limit may rise, by its weight"
    assert of(4) < before + 0.02
