"""Accuracy on photographs never seen, through the decision functions of the bridge (issue's figures)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.faces import calibration
from integrations.faces.calibrate import calibrate_corpus
from integrations.faces.corpus import Corpus, FolderInvalid, Subject, read
from integrations.faces.evaluate import evaluate_corpus

FACES = Path(os.environ.get("CARIMBO_FACES") or Path(__file__).parents[3] / "shared" / "faces")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    if not (FACES / "known").is_dir():
        pytest.skip("no folder of face photographs: set CARIMBO_FACES to one with known/ and strangers/")
    return read(FACES, progress=lambda number, total: None)


def turned(person: Subject, by: int) -> Subject:
    """The same person with other pictures enrolled."""
    return Subject(person.name, person.vectors[by:] + person.vectors[:by])


def test_no_photograph_is_dropped(corpus: Corpus) -> None:
    assert corpus.unread == ()


@pytest.mark.parametrize("by", range(6))
def test_enrolled_are_recognised_false_claims_and_strangers_are_not(corpus: Corpus, by: int) -> None:
    known = tuple(turned(person, by) for person in corpus.known)
    found = evaluate_corpus(Corpus(known, corpus.strangers), calibration.load())
    one, many = found.one_to_one, found.one_to_many
    assert one["enrolled"] - one["recognised"] <= 0.01 * one["enrolled"]
    assert one["false_claims_recognised"] <= one["false_claims"] / 1000
    assert (many["wrong"], many["strangers_recognised"]) == (0, 0)
    assert many["recognised"] >= 0.95 * many["enrolled"]


def test_limits_computed_from_one_half_hold_on_the_other(corpus: Corpus) -> None:
    learnt = calibrate_corpus(Corpus(corpus.known[::2], corpus.strangers[::2]), calibration.load())
    found = evaluate_corpus(Corpus(corpus.known[1::2], corpus.strangers[1::2]), learnt.calibration)
    assert found.one_to_one["recognised"] == found.one_to_one["enrolled"]
    assert found.one_to_one["false_claims_recognised"] == 0
    assert (found.one_to_many["wrong"], found.one_to_many["strangers_recognised"]) == (0, 0)


def test_single_pictures_are_weak_and_averages_of_three_are_not(corpus: Corpus) -> None:
    rates = {(each.pictures, each.frames): each for each in calibrate_corpus(corpus, calibration.load()).rates}
    assert rates[1, 1].frr_at_far_1e4 > 0.05
    assert rates[3, 3].frr_at_far_1e4 < 0.01
    assert rates[3, 3].tpir_at_fpir_1 >= 0.99


def test_folder_without_known_people_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FolderInvalid, match="known"):
        read(tmp_path)
