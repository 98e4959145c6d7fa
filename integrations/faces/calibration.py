"""The limits of recognition as data: read from a JSON file, checked, and named by their content.

Limits are distances of unit vectors and depend on how many pictures were enrolled and how many distinct frames were
averaged (`1x1` … `3x3`): averages come closer to one another, strangers' as well as one's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SHIPPED: Final = Path(__file__).with_name("calibration.json")
ENOUGH: Final = 3
"""From this many pictures, or frames, an average is treated alike."""
PAIRS: Final = ("1x1", "1x2", "1x3", "2x2", "2x3", "3x3")


class CalibrationInvalid(ValueError):
    """The calibration file cannot be used; the message says why in Portuguese."""


@dataclass(frozen=True)
class Limits:
    """Distances: up to `accept` recognised, up to `doubtful` a person decides, beyond it unknown."""

    accept: float
    doubtful: float

    def __post_init__(self) -> None:
        if not 0 < self.accept < self.doubtful < 2:
            raise CalibrationInvalid("Na calibração, os limites devem obedecer a 0 < accept < doubtful < 2.")


@dataclass(frozen=True)
class ShortList:
    """When the face alone may name somebody: limits, distance to the second, size of the list, pictures and frames."""

    limits: Limits
    margin: float
    most_persons: int
    least_pictures: int
    least_frames: int

    def __post_init__(self) -> None:
        if self.margin <= 0 or self.most_persons < 1 or min(self.least_pictures, self.least_frames) < 1:
            raise CalibrationInvalid("Na calibração, margem, tamanho da lista e quantidades devem ser positivos.")


@dataclass(frozen=True)
class Calibration:
    """All limits in force. `version` is the digest of the limits: an event tells by which it was decided."""

    one_to_one: tuple[Limits, ...]
    one_to_many: ShortList
    source: str = ""

    @property
    def version(self) -> str:
        """First 12 hex digits of the SHA-256 of the limits in canonical JSON."""
        canonical = json.dumps(self._limits_as_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def claim_limits(self, pictures: int, frames: int) -> Limits:
        """Limits of a 1:1 comparison of that many enrolled pictures with that many distinct frames."""
        few, many = sorted((_counted(pictures), _counted(frames)))
        return self.one_to_one[PAIRS.index(f"{few}x{many}")]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, `version` among them; `from_dict` reads them back."""
        return {"version": self.version, "source": self.source} | self._limits_as_dict()

    def _limits_as_dict(self) -> dict[str, Any]:
        listed = self.one_to_many
        claims = zip(PAIRS, self.one_to_one, strict=True)
        return {
            "one_to_one": {pair: {"accept": each.accept, "doubtful": each.doubtful} for pair, each in claims},
            "one_to_many": {
                "accept": listed.limits.accept,
                "doubtful": listed.limits.doubtful,
                "margin": listed.margin,
                "most_persons": listed.most_persons,
                "least_pictures": listed.least_pictures,
                "least_frames": listed.least_frames,
            },
        }


def from_dict(plain: Mapping[str, Any]) -> Calibration:
    """The calibration in JSON values, or CalibrationInvalid."""
    try:
        pairs = tuple(_limits(plain["one_to_one"][pair]) for pair in PAIRS)
        listed = plain["one_to_many"]
        short_list = ShortList(
            limits=_limits(listed),
            margin=float(listed["margin"]),
            most_persons=int(listed["most_persons"]),
            least_pictures=int(listed["least_pictures"]),
            least_frames=int(listed["least_frames"]),
        )
        return Calibration(pairs, short_list, str(plain.get("source", "")))
    except CalibrationInvalid:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalibrationInvalid(f"Calibração incompleta ou malformada: {error}.") from None


def load(path: Path = SHIPPED) -> Calibration:
    """The calibration in a file; the one shipped by default."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CalibrationInvalid(f"Não foi possível ler a calibração {path}: {error}.") from None
    if not isinstance(plain, dict):
        raise CalibrationInvalid(f"A calibração {path} não é um objeto JSON.")
    return from_dict(plain)


def _limits(plain: Mapping[str, Any]) -> Limits:
    return Limits(float(plain["accept"]), float(plain["doubtful"]))


def _counted(number: int) -> int:
    if number < 1:
        raise ValueError("at least one picture and one frame")
    return min(number, ENOUGH)
