"""Intervals and tails: how far a count on a few people can be trusted."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

Z95: Final = 1.959964
TAIL: Final = 0.02

Numbers = npt.NDArray[np.float64]


def wilson(count: int, whole: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 % by default; (0, 1) of nothing."""
    if whole <= 0:
        return 0.0, 1.0
    share = count / whole
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    middle, scale = share + z * z / (2 * whole), 1 + z * z / whole
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def lower_quantile(values: Numbers, share: float) -> float:
    """The value below which `share` of `values` lies; beyond what was counted, by an exponential tail.

    Peaks under a threshold: the lowest 2 % are taken as exponentially distributed below their border, which for
    distances of faces is on the cautious side (the measured tail falls faster).
    """
    border = float(np.quantile(values, TAIL))
    if share >= TAIL:
        return float(np.quantile(values, share))
    below = border - values[values <= border]
    return border - float(below.mean()) * math.log(TAIL / share)
