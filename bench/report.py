"""What every benchmark prints: figures as a table for people, or as one JSON object."""

from __future__ import annotations

import argparse
import json
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Comparison = Literal["<=", ">=", "=="]

_HOLDS: dict[Comparison, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


@dataclass(frozen=True)
class Figure:
    """One measured value. `target` is None where there is none; `compare` says how the value must stand to it."""

    name: str
    value: float
    unit: str
    target: float | None = None
    compare: Comparison = "<="
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """True when the value meets its target; None where there is no target."""
        return None if self.target is None else _HOLDS[self.compare](self.value, self.target)

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints for this figure."""
        return {"name": self.name, "value": self.value, "unit": self.unit, "target": self.target, "holds": self.holds}


def arguments(description: str, more: Callable[[argparse.ArgumentParser], None] | None = None) -> argparse.Namespace:
    """The command line of a benchmark: `--json`, and what `more` adds."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    if more is not None:
        more(parser)
    return parser.parse_args()


def progress(text: str) -> None:
    """Say on stderr what is being measured, so that stdout stays clean."""
    print(text, file=sys.stderr, flush=True)


def show(title: str, figures: Sequence[Figure], as_json: bool) -> int:
    """Print the figures; the exit code: 0 when every target holds, 1 otherwise."""
    if as_json:
        print(json.dumps({"figures": [figure.as_json() for figure in figures]}, ensure_ascii=False))
    else:
        print(table(title, figures))
    return 1 if any(figure.holds is False for figure in figures) else 0


def table(title: str, figures: Iterable[Figure]) -> str:
    """The figures as lines of a table."""
    rows = [("figure", "value", "unit", "target", "holds")]
    rows += [(one.name, number(one.value), one.unit, _target(one), _holds(one)) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [title, ""]
    for index, row in enumerate(rows):
        name, value, unit, target, holds = row
        w = widths
        lines.append(f"{name:<{w[0]}}  {value:>{w[1]}}  {unit:<{w[2]}}  {target:>{w[3]}}  {holds:<{w[4]}}".rstrip())
        if index == 0:
            lines.append("  ".join("-" * width for width in widths))
    notes = [f"{one.name}: {one.note}" for one in figures if one.note]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def number(value: float) -> str:
    """A value with as many digits as say something."""
    if value == int(value) and abs(value) < 1e12:
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"


def _target(figure: Figure) -> str:
    return "" if figure.target is None else f"{figure.compare} {number(figure.target)}"


def _holds(figure: Figure) -> str:
    return "" if figure.holds is None else ("yes" if figure.holds else "NO")
