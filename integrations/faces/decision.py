"""Recognised, doubtful or unknown: the one place where a distance becomes a decision.

The bridge, the desk and `carimbo faces evaluate` decide through these two functions and no other. Doubtful and unknown
both go to the attendant; nobody is refused on a score (Deliberação 2.716/2019, art. 3º; LGPD, art. 20).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from integrations.faces.calibration import Calibration
from integrations.faces.embedding import DIMENSIONS, Vector, distance, distances

MOST_CANDIDATES: Final = 5
_TIES: Final = 1e-6

Result = Literal["recognised", "doubtful", "unknown"]


@dataclass(frozen=True)
class Candidate:
    """Somebody it may be, and the distance."""

    person: str
    score: float


@dataclass(frozen=True)
class Decision:
    """What was decided. `person` only when recognised; `score` is the nearest distance and `limit` the one it was held to."""

    result: Result
    person: str | None
    score: float | None
    limit: float
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Gallery:
    """Who is on the list: persons, how many pictures made each average, and the averages (one row each, length one)."""

    persons: tuple[str, ...]
    pictures: tuple[int, ...]
    vectors: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        sizes = {len(self.persons), len(set(self.persons)), len(self.pictures), len(self.vectors)}
        if len(sizes) != 1:
            raise ValueError("one row and one count for each person, each once")

    @classmethod
    def of(cls, entries: Sequence[tuple[str, int, Vector]]) -> Gallery:
        """From (person, pictures, vector)."""
        rows = np.array([vector for _, _, vector in entries], dtype=np.float32).reshape(len(entries), DIMENSIONS)
        return cls(tuple(person for person, _, _ in entries), tuple(count for _, count, _ in entries), rows)


def decide_one_to_one(
    calibration: Calibration, *, person: str, enrolled: Vector, pictures: int, face: Vector, frames: int
) -> Decision:
    """Is it the claimed person? `pictures` made `enrolled`, `frames` distinct frames made `face`."""
    limits = calibration.claim_limits(pictures, frames)
    score = distance(enrolled, face)
    candidates = (Candidate(person, score),)
    if score <= limits.accept:
        return Decision("recognised", person, score, limits.accept, candidates)
    if score <= limits.doubtful:
        return Decision("doubtful", None, score, limits.accept, candidates, "acima_do_limite")
    return Decision("unknown", None, score, limits.accept, (), "distante")


def decide_one_to_many(calibration: Calibration, *, gallery: Gallery, face: Vector, frames: int) -> Decision:
    """Who of the short list is it? Recognised only with enough pictures and frames, a short list and a clear margin."""
    rule = calibration.one_to_many
    if not gallery.persons:
        return Decision("unknown", None, None, rule.limits.accept, (), "lista_vazia")
    if frames < 1:
        raise ValueError("at least one frame")
    apart = distances(gallery.vectors, face)
    order = np.argsort(apart, kind="stable")[: MOST_CANDIDATES + 1]
    best, score = int(order[0]), float(apart[order[0]])
    near = [index for index in order if apart[index] <= rule.limits.doubtful][:MOST_CANDIDATES]
    candidates = tuple(Candidate(gallery.persons[index], float(apart[index])) for index in near)
    if not candidates:
        return Decision("unknown", None, score, rule.limits.accept, (), "distante")
    second = float(apart[order[1]]) if len(order) > 1 else 2.0
    if reason := _closed(calibration, gallery, best, frames, score, second):
        return Decision("doubtful", None, score, rule.limits.accept, candidates, reason)
    return Decision("recognised", gallery.persons[best], score, rule.limits.accept, candidates)


def _closed(
    calibration: Calibration, gallery: Gallery, best: int, frames: int, score: float, second: float
) -> str | None:
    """Why the nearest person may not be named without a claim; None when they may."""
    rule = calibration.one_to_many
    checks = (
        (len(gallery.persons) > rule.most_persons, "lista_longa"),
        (gallery.pictures[best] < rule.least_pictures, "poucas_fotos"),
        (frames < rule.least_frames, "poucos_quadros"),
        (not score <= rule.limits.accept, "acima_do_limite"),
        (not second - score >= rule.margin - _TIES, "sem_margem"),
    )
    return next((reason for failed, reason in checks if failed), None)
