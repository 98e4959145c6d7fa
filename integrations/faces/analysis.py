"""What a recognition process does with a picture: decode, find, judge, cut, embed. Pure functions; pool.py runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from integrations.faces import pictures
from integrations.faces.detection import Face, chip, find_faces, find_near
from integrations.faces.embedding import Vector, embed
from integrations.faces.pictures import Pixels
from integrations.faces.quality import Look, QualityReport, judge, look, usable

CROP_SIDE: Final = 320
_CROP_MARGIN: Final = 0.6


@dataclass(frozen=True, eq=False)
class PictureReport:
    """A still picture analysed: the judgement, the vector (None when it may not be enrolled) and what may be kept.

    `jpeg` is the whole picture, upright and without EXIF; `face_jpeg` the principal face with a margin. Both are empty
    when the file could not be read.
    """

    quality: QualityReport
    vector: Vector | None = None
    jpeg: bytes = b""
    face_jpeg: bytes = b""


@dataclass(frozen=True, eq=False)
class FaceSeen:
    """A face of a camera's frame: where, how it looks, whether it is worth embedding, its chip and its crop (JPEG)."""

    face: Face
    look: Look
    usable: bool
    chip: Pixels
    crop: bytes


def analyse(data: bytes, earlier: Sequence[Look] = ()) -> PictureReport:
    """A picture of the desk, judged against the earlier ones of its burst; the vector only when it is good."""
    return _report(data, earlier, always=False)


def principal(data: bytes) -> PictureReport:
    """The same with the vector of the principal face whatever the quality: for measuring, never for enrolling."""
    return _report(data, (), always=True)


def clean(data: bytes) -> bytes:
    """A picture that is not of a face (a document): decoded, upright, without EXIF, as JPEG; or PictureError."""
    return pictures.decode(data).jpeg


def locate(frame: Pixels | bytes, thorough: bool = False, near: Sequence[Face] = ()) -> list[FaceSeen]:
    """Faces of a frame (RGB pixels, or a picture file), the principal one first.

    With `near`, only around those faces; everywhere as well when one of them is not found again.
    """
    pixels = pictures.decode(frame).pixels if isinstance(frame, bytes) else frame
    faces = find_near(pixels, near) if near else ()
    if not near or len(faces) < len(near):
        faces = find_faces(pixels, thorough=thorough)
    return [_seen(pixels, face) for face in faces]


def face_crop(pixels: Pixels, face: Face, margin: float = _CROP_MARGIN) -> bytes:
    """JPEG of the face with a margin, at most 320 pixels a side: what an attendant needs to compare, and no more."""
    extra = round(face.width * margin)
    top, left = max(face.top - extra, 0), max(face.left - extra, 0)
    part = pixels[top : max(face.bottom + extra, top + 1), left : max(face.right + extra, left + 1)]
    if not part.size:
        return b""
    scale = CROP_SIDE / max(part.shape[:2])
    if scale < 1:
        part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return pictures.to_jpeg(np.ascontiguousarray(part))


def _report(data: bytes, earlier: Sequence[Look], *, always: bool) -> PictureReport:
    picture = pictures.decode(data)
    faces = find_faces(picture.pixels, thorough=True)
    quality = judge(picture.pixels, faces, earlier)
    if not faces:
        return PictureReport(quality, None, picture.jpeg)
    wanted = quality.ok or always
    vector = embed(chip(picture.pixels, faces[0])) if wanted else None
    return PictureReport(quality, vector, picture.jpeg, face_crop(picture.pixels, faces[0]))


def _seen(pixels: Pixels, face: Face) -> FaceSeen:
    cut = chip(pixels, face)
    measured = look(pixels, face, cut)
    return FaceSeen(face, measured, usable(face, measured), cut, face_crop(pixels, face))
