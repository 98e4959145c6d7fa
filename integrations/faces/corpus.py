"""Folders of photographs for measuring: `known/<name>/*.jpg` and `strangers/<name>/*.jpg`, embedded through the pool."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from integrations.faces.embedding import Vector, average
from integrations.faces.pool import RecognitionPool

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
ENROL: Final = 3
"""Pictures of a known person that enrol; the next three are frames."""

Progress = Callable[[int, int], None]


class FolderInvalid(Exception):
    """The folder has not the form that measuring needs; the message says so in Portuguese."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A person of the folder: a vector for each picture, None where no face was found."""

    name: str
    vectors: tuple[Vector | None, ...]

    def enrolled(self) -> tuple[Vector, ...]:
        """Vectors of pictures 1 to 3 (of two or three pictures, all but the last)."""
        return _present(self.vectors[: self._split()])

    def frames(self) -> tuple[Vector, ...]:
        """Vectors of pictures 4 to 6."""
        return _present(self.vectors[self._split() : self._split() + ENROL])

    def found(self) -> tuple[Vector, ...]:
        """Vectors of every picture that has a face."""
        return _present(self.vectors)

    def _split(self) -> int:
        return min(ENROL, max(len(self.vectors) - 1, 1))


@dataclass(frozen=True, eq=False)
class Corpus:
    """A folder embedded; nothing is dropped: `unread` names each picture without a face and why."""

    known: tuple[Subject, ...]
    strangers: tuple[Subject, ...]
    unread: tuple[tuple[str, str], ...] = ()


def read(folder: Path, pool: RecognitionPool | None = None, progress: Progress | None = None) -> Corpus:
    """Embeds every picture of the folder, each once, on all cores."""
    paths = {group: _people(folder / group) for group in ("known", "strangers")}
    if not paths["known"]:
        raise FolderInvalid(
            f"Em {folder} não há known/<nome>/*.jpg; para medir são precisas fotos de pessoas conhecidas."
        )
    files = [file for people in paths.values() for pictures in people.values() for file in pictures]
    own = None if pool else RecognitionPool()
    try:
        vectors, unread = _embedded(files, pool or own or RecognitionPool(), progress or _to_stderr)
    finally:
        if own:
            own.close()
    groups = {
        group: tuple(Subject(name, tuple(vectors[file] for file in pictures)) for name, pictures in people.items())
        for group, people in paths.items()
    }
    named = tuple((str(file.relative_to(folder)), why) for file, why in unread)
    return Corpus(groups["known"], groups["strangers"], named)


def mean_of(vectors: tuple[Vector, ...]) -> Vector | None:
    """Their average, None of none."""
    return average(vectors) if vectors else None


def _people(group: Path) -> dict[str, list[Path]]:
    if not group.is_dir():
        return {}
    people = {each.name: _pictures(each) for each in sorted(group.iterdir()) if each.is_dir()}
    return {name: files for name, files in people.items() if files}


def _pictures(person: Path) -> list[Path]:
    return sorted((each for each in person.iterdir() if each.suffix.lower() in SUFFIXES), key=_natural)


def _natural(file: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", file.name) if part]


def _embedded(
    files: list[Path], pool: RecognitionPool, progress: Progress
) -> tuple[dict[Path, Vector | None], list[tuple[Path, str]]]:
    vectors: dict[Path, Vector | None] = {}
    unread: list[tuple[Path, str]] = []
    with ThreadPoolExecutor(pool.size) as threads:
        reports = threads.map(lambda file: pool.principal(file.read_bytes()), files)
        for number, (file, report) in enumerate(zip(files, reports, strict=True), 1):
            vectors[file] = None if report.vector is None else np.asarray(report.vector)
            if report.vector is None:
                unread.append((file, report.quality.message))
            progress(number, len(files))
    return vectors, unread


def _present(vectors: tuple[Vector | None, ...]) -> tuple[Vector, ...]:
    return tuple(vector for vector in vectors if vector is not None)


def _to_stderr(number: int, total: int) -> None:
    if number % 20 == 0 or number == total:
        print(f"\r{number} de {total} fotos", end="" if number < total else "\n", file=sys.stderr, flush=True)  # noqa: T201
