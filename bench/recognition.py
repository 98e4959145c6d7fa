"""Recognition: speed against face_recognition's own way, search, accuracy: `python -m bench.recognition [--json]`.

Speed uses the photographs of face_recognition's source archive, fetched once into `--samples`. Accuracy runs over
`--faces` (or CARIMBO_FACES, or ../shared/faces) when that folder is there. `--dlib` is where `carimbo faces accelerate`
keeps its wheel; when there is one, the embedding is measured with it too.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from bench import stock_recognition as stock  # first: it limits the threads of BLAS
from bench.report import Figure, arguments, progress, show
from integrations.faces import calibration, samples
from integrations.faces.accelerate import is_accelerated, kept_wheel
from integrations.faces.embedding import Vector, distances, unit
from integrations.faces.evaluate import evaluate
from integrations.faces.pictures import Pixels
from integrations.faces.pool import RecognitionPool
from integrations.faces.statistics import wilson
from integrations.faces.tracking import Tracker

ROOT = Path(__file__).resolve().parents[1]
SIZE = (640, 480)
RATE = 10.0
OWN_FRAMES = 60
STOCK_FRAMES = 6
ROUNDS = 5


def clip(photograph: Path, frames: int) -> list[Pixels]:
    """Somebody who walks to the camera: the photograph, growing and moving over a grey hall."""
    person = Image.open(photograph).convert("RGB")
    made = []
    for number in range(frames):
        height = 420 + 2 * (number % 60)
        size = (height * person.width // person.height, height)
        hall = Image.new("RGB", SIZE, (110, 115, 120))
        hall.paste(person.resize(size), (60 + 3 * (number % 60), 40))
        made.append(np.asarray(hall))
    return made


def milliseconds(times: Iterable[float]) -> float:
    return statistics.median(times) * 1000


def per_frame_and_face(frames: list[Pixels]) -> list[Figure]:
    """One process, one thread: locating and embedding, each way."""
    progress("per frame and per face…")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), stock.start) as process:
        theirs = [process.submit(stock.parts, frame).result() for frame in frames[:6]]
        ours = [process.submit(stock.own_parts, frame).result() for frame in frames[:13]][1:]
    stock_locate, stock_embed = (milliseconds(column) for column in zip(*theirs, strict=True))
    locate, once, mirrored = (milliseconds([each[column] for each in ours]) for column in range(3))
    return [
        Figure("per frame, face_recognition (face_locations)", stock_locate, "ms"),
        Figure("per frame, ours (locate, judge, cut)", locate, "ms"),
        Figure("per frame, times faster", stock_locate / locate, "x"),
        Figure("per face, face_recognition (face_encodings)", stock_embed, "ms"),
        Figure("per face, ours, one pass", once, "ms"),
        Figure("per face, ours, with its mirror image", mirrored, "ms", note="two passes: see docs/adr/0003-faces.md"),
    ]


def frames_per_second(frames: list[Pixels]) -> list[Figure]:
    """All cores: as many processes as cores each way, ours with a camera for each core, tracked; in turns."""
    cores = len(os.sched_getaffinity(0))
    progress(f"frames per second on {cores} cores…")
    theirs, ours, embedded = [], [], 0
    with (
        ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), stock.start) as processes,
        RecognitionPool(cores) as pool,
        ThreadPoolExecutor(cores) as cameras,
    ):
        pool.warm()
        list(processes.map(stock.frame, frames[:cores]))
        for _ in range(ROUNDS):
            started = time.perf_counter()
            list(processes.map(stock.frame, frames[: STOCK_FRAMES * cores]))
            middle = time.perf_counter()
            embedded += sum(cameras.map(lambda _: watch(pool, frames), range(cores)))
            theirs.append(STOCK_FRAMES * cores / (middle - started))
            ours.append(cores * len(frames) / (time.perf_counter() - middle))
    ratios = [own / other for own, other in zip(ours, theirs, strict=True)]
    kind = "OpenBLAS build" if is_accelerated() else "wheel"
    note = f"{embedded} of {ROUNDS * cores * len(frames)} frames embedded; {kind}; median of {ROUNDS} turns"
    return [
        Figure("frames per second, face_recognition", statistics.median(theirs), "1/s"),
        Figure("frames per second, ours with tracking", statistics.median(ours), "1/s", note=note),
        Figure("frames per second, times face_recognition", statistics.median(ratios), "x", 5.0, ">="),
    ]


def watch(pool: RecognitionPool, frames: list[Pixels]) -> int:
    """One camera's frames through the pool and the tracker, as the bridge does; how many were embedded."""
    tracker, embedded = Tracker(), 0
    for number, frame in enumerate(frames):
        at = number / RATE
        for track in tracker.update(pool.locate(frame, near=tracker.near(at)), at).wanted:
            track = tracker.add(track, pool.embed(track.seen.chip), at)
            track.decided = tracker.ready(track, at)
            embedded += 1
    return embedded


def one_to_many() -> list[Figure]:
    """Exact search over random unit vectors, for time alone."""
    random = np.random.default_rng(1)
    rows = random.standard_normal((1_000_000, 128), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    query = unit(random.standard_normal(128))
    figures = []
    for count in (10_000, 100_000, 1_000_000):
        progress(f"1:N over {count:,}…")
        ours, theirs = (
            searched(rows[:count], query, distances),
            searched(rows[:count], query, stock.package().face_distance),
        )
        figures += [
            Figure(f"1:N over {count:,}, face_distance", theirs, "ms"),
            Figure(f"1:N over {count:,}, ours", ours, "ms"),
            Figure(f"1:N over {count:,}, times faster", theirs / ours, "x"),
        ]
    return figures


def searched(rows: Vector, query: Vector, search: Callable[[Vector, Vector], Vector]) -> float:
    """Median milliseconds of finding the nearest."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        int(np.argmin(search(rows, query)))
        times.append(time.perf_counter() - started)
    return milliseconds(times)


def accelerated(folder: Path, frame: Pixels) -> list[Figure]:
    """The embedding with the kept OpenBLAS build, laid aside for a process of its own; nothing without one."""
    wheel = kept_wheel(folder)
    if wheel is None:
        progress("no OpenBLAS build of dlib is kept: run `carimbo faces accelerate` to measure it too")
        return []
    program = (
        "import sys, statistics, numpy; from bench import stock_recognition as stock\n"
        "frame = numpy.load(sys.argv[1]); stock.own_parts(frame)\n"
        "print(statistics.median(stock.own_parts(frame)[1] for _ in range(9)) * 1000)"
    )
    with tempfile.TemporaryDirectory() as work:
        shutil.unpack_archive(wheel, work, "zip")
        np.save(Path(work) / "frame.npy", frame)
        done = subprocess.run(
            [sys.executable, "-c", program, str(Path(work) / "frame.npy")],
            env=os.environ | {"PYTHONPATH": f"{work}:{ROOT}"}, capture_output=True, text=True, check=True,
        )  # fmt: skip
    return [Figure("per face, ours, one pass, OpenBLAS build", float(done.stdout), "ms")]


def accuracy(folder: Path) -> list[Figure]:
    """The limits in force over photographs never seen, by the bridge's own decision, with 95 % intervals (Wilson)."""
    if not (folder / "known").is_dir():
        progress(f"no photographs in {folder}: accuracy is not measured (--faces)")
        return []
    progress(f"accuracy over {folder}…")
    found = evaluate(folder, calibration.load())
    one, many = found.one_to_one, found.one_to_many
    refused = one["enrolled"] - one["recognised"]
    return [
        share("1:1, enrolled not recognised", refused, one["enrolled"], 0.01),
        share("1:1, false claims recognised", one["false_claims_recognised"], one["false_claims"], 0.001),
        share("1:N, strangers recognised", many["strangers_recognised"], many["strangers"], 0.0),
        share("1:N, enrolled recognised as somebody else", many["wrong"], many["enrolled"], 0.0),
        share("1:N, enrolled sent to the attendant", many["doubtful"] + many["unknown"], many["enrolled"], None),
        Figure("photographs without a face", len(found.unread), "", note=", ".join(name for name, _ in found.unread)),
    ]


def share(name: str, count: int, whole: int, target: float | None) -> Figure:
    """A share with its interval in the note."""
    low, high = wilson(count, whole)
    return Figure(
        name, count / max(whole, 1), "share", target, note=f"{count} of {whole}, 95 % [{low:.3%}; {high:.3%}]"
    )


def main() -> int:
    """Everything; about a minute and a half on two cores."""

    def more(parser: ArgumentParser) -> None:
        faces = os.environ.get("CARIMBO_FACES") or str(ROOT.parent / "shared" / "faces")
        parser.add_argument("--faces", type=Path, default=Path(faces), help="folder with known/ and strangers/")
        parser.add_argument("--samples", type=Path, default=ROOT / "data" / "samples", help="where samples are kept")
        parser.add_argument("--dlib", type=Path, default=ROOT / "data" / "dlib", help="where the faster dlib is kept")

    options = arguments(__doc__ or "", more)
    frames = clip(samples.fetch(options.samples).same[0], OWN_FRAMES)
    figures = [
        *per_frame_and_face(frames),
        *accelerated(options.dlib, frames[0]),
        *frames_per_second(frames),
        *one_to_many(),
        *accuracy(options.faces),
    ]
    return show("Recognition", figures, options.json)


if __name__ == "__main__":
    raise SystemExit(main())
