"""`carimbo faces evaluate`: the limits in force, over photographs never seen, through the bridge's own decision."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from integrations.faces.calibration import Calibration
from integrations.faces.corpus import ENROL, Corpus, Progress, Subject, mean_of, read
from integrations.faces.decision import Decision, Gallery, decide_one_to_many, decide_one_to_one
from integrations.faces.embedding import Vector
from integrations.faces.pool import RecognitionPool
from integrations.faces.statistics import wilson

ONE_TO_ONE: Final = (
    "enrolled", "recognised", "doubtful", "unknown",
    "false_claims", "false_claims_recognised", "false_claims_doubtful",
)  # fmt: skip
ONE_TO_MANY: Final = (
    "enrolled", "recognised", "wrong", "doubtful", "unknown", "strangers", "strangers_recognised", "strangers_doubtful",
)  # fmt: skip

_LABELS: Final = {
    "enrolled": "Cadastrados",
    "recognised": "reconhecidos",
    "wrong": "reconhecidos como outra pessoa",
    "doubtful": "duvidosos (vão ao atendente)",
    "unknown": "desconhecidos (vão ao atendente)",
    "false_claims": "Alegações falsas",
    "false_claims_recognised": "aceitas",
    "false_claims_doubtful": "duvidosas (vão ao atendente)",
    "strangers": "Estranhos",
    "strangers_recognised": "reconhecidos como alguém",
    "strangers_doubtful": "duvidosos (vão ao atendente)",
}
_WHOLES: Final = {"enrolled", "false_claims", "strangers"}


@dataclass(frozen=True)
class Evaluation:
    """Counts by the issue's names, in its order; every person and every claim is counted, without a face as unknown."""

    one_to_one: dict[str, int]
    one_to_many: dict[str, int]
    calibration: str
    unread: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, dict[str, int]]:
        return {"one_to_one": dict(self.one_to_one), "one_to_many": dict(self.one_to_many)}

    def as_json(self) -> str:
        return json.dumps(self.as_dict())

    def as_table(self) -> str:
        """The counts in Portuguese, each with its share and 95 % interval."""
        lines = [f"Calibração {self.calibration}"]
        for title, counts in (("1:1 (quem diz quem é)", self.one_to_one), ("1:N (só o rosto)", self.one_to_many)):
            lines += ["", title, *_lines(counts)]
        lines += [f"Sem rosto utilizável: {name}: {why}" for name, why in self.unread]
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class _Probe:
    """Somebody before the camera: the averaged face and how many frames made it."""

    name: str | None
    face: Vector | None
    frames: int


def evaluate(
    folder: Path, calibration: Calibration, *, pool: RecognitionPool | None = None, progress: Progress | None = None
) -> Evaluation:
    """Pictures 1 to 3 enrol, 4 to 6 are frames; a stranger's pictures count as three frames."""
    return evaluate_corpus(read(folder, pool, progress), calibration)


def evaluate_corpus(corpus: Corpus, calibration: Calibration) -> Evaluation:
    """The same over a folder already embedded."""
    own = [_Probe(each.name, mean_of(each.frames()), len(each.frames())) for each in corpus.known]
    strangers = [_Probe(None, mean_of(each.found()), ENROL) for each in corpus.strangers]
    one = Counter[str](enrolled=len(own))
    for claimed in corpus.known:
        one.update(_claims(calibration, claimed, [*own, *strangers]))
    many = Counter[str](enrolled=len(own), strangers=len(strangers))
    many.update(_searches(calibration, corpus, [*own, *strangers]))
    return Evaluation(
        {name: one[name] for name in ONE_TO_ONE},
        {name: many[name] for name in ONE_TO_MANY},
        calibration.version,
        corpus.unread,
    )


def _claims(calibration: Calibration, claimed: Subject, probes: list[_Probe]) -> Iterator[str]:
    """Everybody in turn says to be `claimed`."""
    pictures = claimed.enrolled()
    enrolled = mean_of(pictures)
    for probe in probes:
        result = "unknown"
        if enrolled is not None and probe.face is not None:
            result = decide_one_to_one(
                calibration, person=claimed.name, enrolled=enrolled, pictures=len(pictures),
                face=probe.face, frames=probe.frames,
            ).result  # fmt: skip
        if probe.name == claimed.name:
            yield result
        else:
            yield "false_claims"
            yield f"false_claims_{result}"


def _searches(calibration: Calibration, corpus: Corpus, probes: list[_Probe]) -> Iterator[str]:
    """Everybody in turn says nothing."""
    averages = [(each.name, len(each.enrolled()), mean_of(each.enrolled())) for each in corpus.known]
    gallery = Gallery.of([(name, count, vector) for name, count, vector in averages if vector is not None])
    for probe in probes:
        decision = None
        if probe.face is not None:
            decision = decide_one_to_many(calibration, gallery=gallery, face=probe.face, frames=probe.frames)
        yield _outcome(decision, probe)


def _outcome(decision: Decision | None, probe: _Probe) -> str:
    result = decision.result if decision else "unknown"
    if probe.name is None:
        return f"strangers_{result}"
    return "wrong" if decision and result == "recognised" and decision.person != probe.name else result


def _lines(counts: dict[str, int]) -> list[str]:
    whole, lines = 0, []
    for name, count in counts.items():
        if name in _WHOLES:
            whole = count
            lines.append(f"  {_LABELS[name]}: {count}")
            continue
        low, high = wilson(count, whole)
        share = count / whole if whole else 0.0
        lines.append(f"    {_LABELS[name]:<36} {count:>7}  {share:8.3%}  [{low:.3%}; {high:.3%}]")
    return lines
