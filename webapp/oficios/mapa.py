"""The map of Minas: a ground made of all câmaras' places, and on it one sign for each exemplar, by its group."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest

from processes.oficio_camaras.queries import Place
from webapp.oficios.groups import GROUPS, Group, group_of

WIDTH, MARGIN = 1000, 42
NEIGHBOURS, SPARSE = 11, 50
CALM = 5
"""So many groups, the first, ask nothing of anybody."""
_WEST, _EAST, _SOUTH, _NORTH = -51.05, -39.85, -22.93, -14.23
"""What holds every câmara of the register."""
_SQUEEZE = math.cos(math.radians((_SOUTH + _NORTH) / 2))
"""A degree of longitude is so much shorter than one of latitude in the middle of Minas."""
_SCALE = (WIDTH - 2 * MARGIN) / ((_EAST - _WEST) * _SQUEEZE)
HEIGHT = round((_NORTH - _SOUTH) * _SCALE + 2 * MARGIN)


@dataclass(frozen=True, slots=True)
class Mark:
    """An exemplar on the map."""

    x: int
    y: int
    words: str


@dataclass(frozen=True, slots=True)
class Layer:
    """The marks of one group."""

    group: Group
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Mapa:
    """What the template draws: size, the ground as one path of points, the layers from below to above."""

    width: int
    height: int
    ground: str
    layers: tuple[Layer, ...]


def drawn(places: Sequence[Place], positions: Iterable[tuple[float, float]]) -> Mapa:
    """The map of a campaign; what needs somebody is drawn last, above the rest."""
    marks: dict[str, list[Mark]] = {}
    for place in places:
        group = group_of(place.state, in_doubt=place.in_doubt)
        x, y = _at(place.latitude, place.longitude)
        marks.setdefault(group.key, []).append(Mark(x, y, f"{place.name}: {group.label.lower()}"))
    layers = tuple(Layer(group, tuple(marks.get(group.key, ()))) for group in reversed(GROUPS[:CALM])) + tuple(
        Layer(group, tuple(marks.get(group.key, ()))) for group in GROUPS[CALM:]
    )
    ground = _ground(tuple(_at(*position) for position in positions))
    return Mapa(WIDTH, HEIGHT, ground, tuple(layer for layer in layers if layer.marks))


@lru_cache(maxsize=2)
def _ground(points: tuple[tuple[int, int], ...]) -> str:
    """Every place as a dot of a broad round pen; where places lie far apart, the ring of the nearest closes the gaps."""
    path = []
    for x, y in points:
        path.append(f"M{x} {y}h0")
        near = nsmallest(NEIGHBOURS + 1, points, key=lambda other: (other[0] - x) ** 2 + (other[1] - y) ** 2)[1:]
        if near and math.hypot(near[-1][0] - x, near[-1][1] - y) > SPARSE:
            ring = sorted(near, key=lambda other: math.atan2(other[1] - y, other[0] - x))
            path.append("M" + "L".join(f"{a} {b}" for a, b in ring) + "Z")
    return "".join(path)


def _at(latitude: float, longitude: float) -> tuple[int, int]:
    x = MARGIN + (longitude - _WEST) * _SQUEEZE * _SCALE
    y = MARGIN + (_NORTH - latitude) * _SCALE
    return round(x), round(y)
