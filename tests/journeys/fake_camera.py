"""A film for Chromium's fake camera, made from photographs: each one is held for a while, then the next, over and over.

Launch with `chromium_flags(film)`; a film is a launch flag, so one browser a scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SIZE = (640, 480)
RATE = 5
"""Frames a second of the film."""


def film(target: Path, photographs: Sequence[Path | None], seconds_each: float = 2.0) -> Path:
    """Writes `target` (YUV4MPEG2, 4:2:0); None among the photographs is an empty, grey scene."""
    header = f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()
    with target.open("wb") as out:
        out.write(header)
        for photograph in photographs:
            frame = b"FRAME\n" + _planes(_scene(photograph))
            for _ in range(max(1, round(seconds_each * RATE))):
                out.write(frame)
    return target


def chromium_flags(path: Path) -> list[str]:
    """The launch flags: a camera that shows the film, permission given without a question."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]


def _scene(photograph: Path | None) -> Image.Image:
    if photograph is None:
        return Image.new("RGB", SIZE, (128, 128, 128))
    with Image.open(photograph) as image:
        return ImageOps.pad(image.convert("RGB"), SIZE, color=(90, 90, 90))


def _planes(image: Image.Image) -> bytes:
    """Y, then Cb and Cr at half the size, as 4:2:0 asks."""
    y, cb, cr = image.convert("YCbCr").split()
    half = (SIZE[0] // 2, SIZE[1] // 2)
    parts = [y, cb.resize(half, Image.Resampling.BOX), cr.resize(half, Image.Resampling.BOX)]
    return b"".join(np.asarray(part, dtype=np.uint8).tobytes() for part in parts)
