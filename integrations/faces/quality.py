"""Whether a picture is good enough to enrol or to compare, said at once and in words.

The limits were set on press photographs of 250 × 250 pixels: at least 95 of 100 pass each of them, and a blur of 2.5 %
of the face's width, half the light or a head turned by about 30° does not (docs/adr/0003-faces.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from integrations.faces.detection import Face, Pose, chip
from integrations.faces.pictures import Pixels

SMALLEST_FACE: Final = 70
"""Width of the detector's box in pixels; the eyes are then about 30 pixels apart."""
DARKEST: Final = 60.0
BRIGHTEST: Final = 205.0
BLURRED: Final = 10.0
MOST_YAW: Final = 0.28
PITCH: Final = (0.48, 1.12)
MOST_ROLL: Final = 25.0
SURE_FACE: Final = 0.0
SURE_SECOND_FACE: Final = 0.2
SECOND_FACE_SHARE: Final = 0.4
"""A second face counts from this share of the first one's width; smaller ones are people in the background."""
CUT_SHARE: Final = 0.04
SAME_BITS: Final = 8
"""Of 64, between hashes of aligned chips: variants of one picture differ by at most 7, 99 % of a person's pictures by 14."""
SAME_POSE: Final = 0.08
FROZEN_BITS: Final = 1
FROZEN_POSE: Final = 0.02

MESSAGES: Final = {
    "ok": "Foto boa.",
    "sem_rosto": "Não há rosto visível na foto. Fique de frente para a câmera, com o rosto descoberto.",
    "escura": "A foto está muito escura. Acenda a luz ou vire-se para a janela e tire outra.",
    "clara": "A foto está clara demais. Evite luz direta no rosto e tire outra.",
    "dois_rostos": "Há duas pessoas na foto. Só a pessoa que se cadastra deve aparecer; tire outra.",
    "varios_rostos": "Há {n} pessoas na foto. Só a pessoa que se cadastra deve aparecer; tire outra.",
    "rosto_pequeno": "O rosto está pequeno na foto. Aproxime-se da câmera e tire outra.",
    "rosto_cortado": "O rosto está cortado pela borda da foto. Centralize o rosto e tire outra.",
    "borrada": "A foto está borrada. Fique parado por um instante e tire outra.",
    "de_lado": "O rosto não está de frente. Olhe para a câmera e tire outra.",
    "repetida": "Esta foto é igual a uma anterior. Mude um pouco a posição da cabeça e tire outra.",
}


@dataclass(frozen=True)
class Look:
    """What is measured of one face: enough to judge it and to tell it from the next picture of the burst."""

    width: int
    brightness: float
    sharpness: float
    pose: Pose
    hash: int

    def same_picture(self, other: Look) -> bool:
        """The same picture, or the same pose with the same face: it adds nothing to an average."""
        return bits_apart(self.hash, other.hash) <= SAME_BITS and self.pose.distance(other.pose) <= SAME_POSE

    def frozen(self, other: Look) -> bool:
        """Not even a still person's small movements between the two: one frame seen twice."""
        return bits_apart(self.hash, other.hash) <= FROZEN_BITS and self.pose.distance(other.pose) <= FROZEN_POSE


@dataclass(frozen=True)
class QualityReport:
    """The judgement: `code` is stable ("ok" when good), `message` says in Portuguese what to do."""

    code: str
    message: str
    faces: int = 0
    look: Look | None = None

    @property
    def ok(self) -> bool:
        return self.code == "ok"


def judge(pixels: Pixels, faces: Sequence[Face], earlier: Sequence[Look] = ()) -> QualityReport:
    """The first thing wrong with the picture, the most useful to hear first; `faces` come from a thorough search."""
    if not faces:
        code = _light(float(pixels.mean()), dark=45.0, bright=225.0) or "sem_rosto"
        return QualityReport(code, MESSAGES[code])
    measured = look(pixels, faces[0])
    people = _people(faces)
    code = _verdict(pixels, faces[0], measured, people, earlier)
    return QualityReport(code, MESSAGES[code].format(n=people), people, measured)


def look(pixels: Pixels, face: Face, cut: Pixels | None = None) -> Look:
    """Measures one face; `cut` is its chip when it was made already."""
    aligned = chip(pixels, face) if cut is None else cut
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY)
    inner = grey[20:130, 20:130].astype(np.float32)
    brightness = float(inner.mean())
    gain = min(max(120.0 / max(brightness, 1.0), 0.7), 2.0)
    sharpness = float(cv2.Laplacian(inner, cv2.CV_32F).var()) * gain**2
    return Look(face.width, brightness, sharpness, face.pose, picture_hash(aligned))


def picture_hash(pixels: Pixels) -> int:
    """Perceptual hash of 64 bits: signs of the lowest frequencies (DCT) of the picture at 32 × 32."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].flatten()
    low[0] = 0.0
    bits = low > np.median(low[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def bits_apart(one: int, other: int) -> int:
    """In how many bits two hashes differ."""
    return (one ^ other).bit_count()


def usable(face: Face, measured: Look) -> bool:
    """Whether a frame of the gate's camera is worth comparing: the same limits, without those of a posed picture."""
    return (
        face.score >= SURE_FACE
        and measured.width >= SMALLEST_FACE
        and _light(measured.brightness, DARKEST, BRIGHTEST) is None
        and measured.sharpness >= BLURRED
        and _frontal(measured.pose)
    )


def _verdict(pixels: Pixels, face: Face, measured: Look, people: int, earlier: Sequence[Look]) -> str:
    if people > 1:
        return "dois_rostos" if people == 2 else "varios_rostos"
    if light := _light(measured.brightness, DARKEST, BRIGHTEST):
        return light
    if measured.width < SMALLEST_FACE:
        return "rosto_pequeno"
    if _cut(pixels, face):
        return "rosto_cortado"
    if measured.sharpness < BLURRED:
        return "borrada"
    if not _frontal(measured.pose) or face.score < SURE_FACE:
        return "de_lado"
    return "repetida" if any(measured.same_picture(other) for other in earlier) else "ok"


def _people(faces: Sequence[Face]) -> int:
    """Persons in the picture: the principal one and whoever is nearly as large."""
    widest = max(face.width for face in faces)
    others = [f for f in faces[1:] if f.width >= SECOND_FACE_SHARE * widest and f.score >= SURE_SECOND_FACE]
    return 1 + len(others)


def _light(brightness: float, dark: float, bright: float) -> str | None:
    return "escura" if brightness < dark else "clara" if brightness > bright else None


def _frontal(pose: Pose) -> bool:
    return abs(pose.yaw) <= MOST_YAW and PITCH[0] <= pose.pitch <= PITCH[1] and abs(pose.roll) <= MOST_ROLL


def _cut(pixels: Pixels, face: Face) -> bool:
    height, width = pixels.shape[:2]
    slack = CUT_SHARE * face.width
    return face.left < -slack or face.top < -slack or face.right > width + slack or face.bottom > height + slack
