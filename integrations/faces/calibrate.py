"""`carimbo faces calibrate`: error rates of a folder of photographs, and the limits that follow from them.

Forty people say little about one false claim in ten thousand. So the folder's own limits are extrapolated by an
exponential tail, and only move the ones in force, which stand for 5,749 people, as far as the number of persons allows.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from integrations.faces.calibration import PAIRS, Calibration, Limits, ShortList, load
from integrations.faces.corpus import Corpus, FolderInvalid, Progress, Subject, read
from integrations.faces.embedding import average
from integrations.faces.pool import RecognitionPool
from integrations.faces.statistics import Numbers, lower_quantile, wilson

FALSE_CLAIM_RATE: Final = 1e-4
FALSE_NAME_RATE: Final = 0.01
"""Share of strangers named by a full short list that its limit may expect."""
REPETITIONS: Final = 20
PRIOR_PERSONS: Final = 400
"""So many persons in the folder weigh as much as the limits in force."""
_STEP: Final = 0.005
_SHOWN: Final = ((1, 1), (1, 3), (3, 1), (3, 3))


@dataclass(frozen=True)
class Rates:
    """Errors for averages of `pictures` enrolled and `frames` seen. Limits are those computed here.

    FRR: the enrolled refused 1:1; FAR: false claims accepted; TPIR: the enrolled found and named among all; FPIR:
    strangers named. At a rate of the folder itself (`…_at_…`) or at the limit (`…_at_limit`, counted, with interval).
    """

    pictures: int
    frames: int
    frr_at_far_1e3: float
    frr_at_far_1e4: float
    tpir_at_fpir_5: float
    tpir_at_fpir_1: float
    limit: float
    frr_at_limit: float
    frr_interval: tuple[float, float]
    far_at_limit: float
    far_interval: tuple[float, float]
    tpir_at_limit: float
    fpir_at_limit: float
    fpir_interval: tuple[float, float]


@dataclass(frozen=True)
class CalibrationReport:
    """What was measured and the calibration that follows; `calibration.as_dict()` is the file to put in force."""

    known: int
    strangers: int
    pictures: int
    rates: tuple[Rates, ...]
    calibration: Calibration
    unread: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "known": self.known,
            "strangers": self.strangers,
            "pictures": self.pictures,
            "without_face": [name for name, _ in self.unread],
            "rates": [asdict(each) for each in self.rates],
            "calibration": self.calibration.as_dict(),
        }

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def as_table(self) -> str:
        """The table of gate.md for this folder, in Portuguese."""
        head = (
            f"{self.known} conhecidos, {self.strangers} estranhos, {self.pictures} fotos com rosto\n\n"
            "fotos × quadros | FRR a FAR 1e-3 | a 1e-4 | TPIR a FPIR 5 % | a 1 % | limite | FRR no limite | FAR | FPIR"
        )
        limits = self.calibration.one_to_many.limits
        foot = f"\n1:N: aceita até {limits.accept:.3f}; 1:1 com três e três: até {self.calibration.one_to_one[-1].accept:.3f}"
        missing = [f"Sem rosto utilizável: {name}: {why}" for name, why in self.unread]
        return "\n".join([head, *map(_row, self.rates), foot, *missing])


@dataclass(frozen=True, eq=False)
class _Distances:
    """Per repetition, persons enrolled in rows: own averages seen in the same order, then the strangers'."""

    own: list[Numbers]
    strangers: list[Numbers]

    def genuine(self) -> Numbers:
        return np.concatenate([np.diag(square) for square in self.own])

    def impostors(self) -> Numbers:
        others = [square[~np.eye(len(square), dtype=bool)] for square in self.own]
        return np.concatenate([*others, *(each.ravel() for each in self.strangers)])


def calibrate(
    folder: Path,
    *,
    prior: Calibration | None = None,
    pool: RecognitionPool | None = None,
    progress: Progress | None = None,
) -> CalibrationReport:
    """Rates and limits of a folder `known/<name>/*.jpg`, `strangers/<name>/*.jpg`."""
    return calibrate_corpus(read(folder, pool, progress), prior or load())


def calibrate_corpus(corpus: Corpus, prior: Calibration) -> CalibrationReport:
    """The same over a folder already embedded."""
    persons = sum(1 for each in (*corpus.known, *corpus.strangers) if each.found())
    if sum(1 for each in corpus.known if len(each.found()) >= 2) < 2:
        raise FolderInvalid("Para calibrar são precisas ao menos duas pessoas conhecidas com duas fotos cada.")
    measured = {pair: _measured(corpus, *map(int, pair.split("x"))) for pair in PAIRS}
    calibration = _calibration(measured, prior, persons)
    rates = [
        _rates(corpus, calibration, pictures, frames)
        for pictures, frames in _SHOWN
        if measured[f"{min(pictures, frames)}x{max(pictures, frames)}"].own
    ]
    found = sum(len(each.found()) for each in (*corpus.known, *corpus.strangers))
    return CalibrationReport(len(corpus.known), len(corpus.strangers), found, tuple(rates), calibration, corpus.unread)


def _measured(corpus: Corpus, pictures: int, frames: int) -> _Distances:
    people = [each for each in corpus.known if len(each.found()) >= pictures + frames]
    if len(people) < 2:
        return _Distances([], [])
    seen = np.array([average(each.found()[:frames]) for each in corpus.strangers if each.found()]).reshape(-1, 128)
    own, strangers = [], []
    for seed in range(REPETITIONS):
        chosen = [_chosen(each, pictures, frames, seed) for each in people]
        enrolled, faces = (np.array(list(column)) for column in zip(*chosen, strict=True))
        own.append(_apart(enrolled, faces))
        strangers.append(_apart(enrolled, seen))
    return _Distances(own, strangers)


def _chosen(person: Subject, pictures: int, frames: int, seed: int) -> tuple[Numbers, Numbers]:
    order = np.random.default_rng([seed, len(person.name), *person.name.encode()]).permutation(len(person.found()))
    drawn = [person.found()[index] for index in order]
    return (
        np.asarray(average(drawn[:pictures]), dtype=np.float64),
        np.asarray(average(drawn[pictures : pictures + frames]), dtype=np.float64),
    )


def _apart(rows: Numbers, columns: Numbers) -> Numbers:
    distances: Numbers = np.sqrt(np.maximum(2.0 - 2.0 * rows @ np.asarray(columns, dtype=np.float64).T, 0.0))
    return distances


def _calibration(measured: dict[str, _Distances], prior: Calibration, persons: int) -> Calibration:
    weight = persons / (persons + PRIOR_PERSONS)
    pairs = tuple(
        _limits(measured[pair], before, FALSE_CLAIM_RATE, weight)
        for pair, before in zip(PAIRS, prior.one_to_one, strict=True)
    )
    listed = prior.one_to_many
    rate = FALSE_NAME_RATE / listed.most_persons
    limits = _limits(measured["3x3"], listed.limits, rate, weight)
    short_list = ShortList(limits, listed.margin, listed.most_persons, listed.least_pictures, listed.least_frames)
    source = f"carimbo faces calibrate: {persons} pessoas, peso {weight:.2f} sobre a calibração {prior.version}"
    return Calibration(pairs, short_list, source)


def _limits(measured: _Distances, before: Limits, rate: float, weight: float) -> Limits:
    """Before moved towards the folder's own by `weight`, rounded down."""
    if not measured.own:
        return before
    own = lower_quantile(measured.impostors(), rate)
    accept = _rounded(before.accept + weight * (own - before.accept))
    genuine = measured.genuine()
    wide = float(genuine.mean() + 4 * genuine.std())
    doubtful = _rounded(before.doubtful + weight * (max(wide, accept + 0.06) - before.doubtful))
    return Limits(max(accept, _STEP), max(doubtful, accept + 0.06))


def _rounded(value: float) -> float:
    return round(math.floor(value / _STEP + 1e-9) * _STEP, 4)


def _rates(corpus: Corpus, calibration: Calibration, pictures: int, frames: int) -> Rates:
    measured = _measured(corpus, pictures, frames)
    genuine, impostors = measured.genuine(), measured.impostors()
    limit = calibration.claim_limits(pictures, frames).accept
    refused, accepted = int((genuine > limit).sum()), int((impostors <= limit).sum())
    searches = _searches(measured)
    many = calibration.one_to_many.limits.accept
    named = int((searches.unknown <= many).sum())
    return Rates(
        pictures=pictures,
        frames=frames,
        frr_at_far_1e3=float((genuine > np.quantile(impostors, 1e-3)).mean()),
        frr_at_far_1e4=float((genuine > np.quantile(impostors, 1e-4)).mean()),
        tpir_at_fpir_5=searches.found_at(0.05),
        tpir_at_fpir_1=searches.found_at(0.01),
        limit=limit,
        frr_at_limit=refused / len(genuine),
        frr_interval=wilson(refused, len(genuine)),
        far_at_limit=accepted / len(impostors),
        far_interval=wilson(accepted, len(impostors)),
        tpir_at_limit=float((searches.known <= many).mean()),
        fpir_at_limit=named / len(searches.unknown),
        fpir_interval=wilson(named, len(searches.unknown)),
    )


@dataclass(frozen=True, eq=False)
class _Searches:
    """Nearest distances over galleries of half of the known: of the enrolled (infinite when somebody else is nearer)
    and of those who are not enrolled (the other half, and the strangers)."""

    known: Numbers
    unknown: Numbers

    def found_at(self, fpir: float) -> float:
        return float((self.known < np.quantile(self.unknown, fpir)).mean())


def _searches(measured: _Distances) -> _Searches:
    known, unknown = [], []
    for seed, (square, strangers) in enumerate(zip(measured.own, measured.strangers, strict=True)):
        order = np.random.default_rng(seed).permutation(len(square))
        inside, outside = order[: len(order) // 2], order[len(order) // 2 :]
        among = square[np.ix_(inside, inside)]
        own = np.diag(among)
        known.append(np.where(own <= among.min(axis=0), own, np.inf))
        unknown += [square[np.ix_(inside, outside)].min(axis=0), strangers[inside].min(axis=0)]
    return _Searches(np.concatenate(known), np.concatenate(unknown))


def _row(rates: Rates) -> str:
    return (
        f"{rates.pictures} × {rates.frames} | {rates.frr_at_far_1e3:.4f} | {rates.frr_at_far_1e4:.4f} | "
        f"{rates.tpir_at_fpir_5:.4f} | {rates.tpir_at_fpir_1:.4f} | {rates.limit:.3f} | "
        f"{rates.frr_at_limit:.4f} {_shown(rates.frr_interval)} | {rates.far_at_limit:.6f} {_shown(rates.far_interval)} | "
        f"{rates.fpir_at_limit:.4f} {_shown(rates.fpir_interval)}"
    )


def _shown(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.5f}; {interval[1]:.5f}]"
