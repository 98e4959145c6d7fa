"""Recognition the way face_recognition's own examples do it (facerec_from_webcam.py), to be measured beside ours."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np  # noqa: E402  (after the thread limits, which BLAS reads while it loads)
import numpy.typing as npt  # noqa: E402

Pixels = npt.NDArray[np.uint8]
KNOWN = np.zeros((10, 128))


def package() -> Any:
    """face_recognition, without the warnings of its import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import face_recognition
    return face_recognition


def start() -> None:
    """Loads the library before anything is timed."""
    package()


def frame(pixels: Pixels) -> float:
    """Seconds for one frame: find every face, encode it, compare it with who is known."""
    stock = package()
    started = time.perf_counter()
    places = stock.face_locations(pixels)
    for encoding in stock.face_encodings(pixels, places):
        stock.compare_faces(list(KNOWN), encoding)
        np.argmin(stock.face_distance(KNOWN, encoding))
    return time.perf_counter() - started


def parts(pixels: Pixels) -> tuple[float, float]:
    """Seconds to find the faces, and to encode one that was found."""
    stock = package()
    started = time.perf_counter()
    places = stock.face_locations(pixels)
    found = time.perf_counter()
    stock.face_encodings(pixels, places[:1])
    return found - started, time.perf_counter() - found


def own_parts(pixels: Pixels) -> tuple[float, float, float, int]:
    """Ours in the same process, without the pool: seconds to locate, to embed once, with its mirror; faces."""
    from integrations.faces import analysis, embedding, networks

    started = time.perf_counter()
    seen = analysis.locate(pixels)
    located = time.perf_counter()
    networks.encoder().compute_face_descriptor(seen[0].chip)
    once = time.perf_counter()
    embedding.embed(seen[0].chip)
    return located - started, once - located, time.perf_counter() - once, len(seen)
