"""The three networks of dlib that face_recognition ships, loaded once per process and only when first asked for.

The files are found through `face_recognition_models` without importing it: its import pulls in pkg_resources, which
warns, needs an old setuptools and costs a third of a second. Of the landmark models only the five-point one is used: the
68-point model was trained on data that exclude commercial use.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # threads in one process collapse, processes scale (docs/adr/0003-faces.md)

import dlib  # noqa: E402  (after the thread limits, which BLAS reads while it loads)


class ModelsMissing(RuntimeError):
    """The package with the networks' files is not installed."""


def model_file(name: str) -> Path:
    """Path of one of face_recognition_models' files."""
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise ModelsMissing("Falta o pacote face_recognition_models. Rode ./run para instalar tudo.")
    return Path(spec.submodule_search_locations[0]) / "models" / name


@cache
def detector() -> Any:
    """HOG detector of frontal faces, about 80 × 80 pixels and larger."""
    return dlib.get_frontal_face_detector()


@cache
def five_points() -> Any:
    """Corners of the eyes and base of the nose inside a box."""
    return dlib.shape_predictor(str(model_file("shape_predictor_5_face_landmarks.dat")))


@cache
def encoder() -> Any:
    """ResNet that turns a chip of 150 × 150 pixels into 128 numbers."""
    return dlib.face_recognition_model_v1(str(model_file("dlib_face_recognition_resnet_model_v1.dat")))


def load_all() -> None:
    """Loads everything now, so that the first picture does not wait."""
    detector(), five_points(), encoder()
