"""Uploaded pictures: checked before any decoder sees them, turned upright, stripped of EXIF and written again as JPEG.

The order matters: size, then magic, then the header's dimensions, and only then pixels. A PNG of 107 kB can ask OpenCV
for 5 GB, and libwebp allocates its canvas while opening; both are refused from the header alone.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import puremagic
from PIL import Image, ImageFile, UnidentifiedImageError

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 2000
"""Longer side, in pixels, of what is kept and analysed; larger pictures are reduced."""
MIN_SIDE: Final = 80
JPEG_QUALITY: Final = 92

Pixels = npt.NDArray[np.uint8]

_FORMATS: Final = {".jpg": "JPEG", ".jpeg": "JPEG", ".jfif": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation → the turn that puts the picture upright (CIPA DC-008, tag 0x0112)."""
_ADVICE: Final = "Envie uma foto em JPEG, PNG ou WebP."


class PictureError(Exception):
    """The file cannot be used as a picture; `message` says in Portuguese what to do, `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture, upright: RGB pixels (height × width × 3) and the JPEG that may be kept."""

    pixels: Pixels
    jpeg: bytes


def decode(data: bytes) -> Picture:
    """The picture in `data`, or a PictureError. Call it in a process with limits (pool.py) when the data are a stranger's."""
    kind = check(data)
    try:
        image = _load(data, kind)
    except PictureError:
        raise
    except MemoryError:
        raise PictureError("bomba", f"A imagem exige memória demais para ser aberta. {_ADVICE}") from None
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, TypeError):
        raise PictureError(
            "truncada", f"O arquivo está incompleto ou danificado. Tire a foto de novo ou envie outra cópia. {_ADVICE}"
        ) from None
    return Picture(np.asarray(image, dtype=np.uint8), to_jpeg(image))


def check(data: bytes) -> str:
    """Size, magic and dimensions from the header, without decoding a pixel; returns Pillow's name of the format."""
    if not data:
        raise PictureError("vazia", f"O arquivo está vazio. {_ADVICE}")
    if len(data) > MAX_BYTES:
        raise PictureError("grande_demais", "O arquivo passa de 10 MB. Envie uma foto menor.")
    kind = _magic(data)
    size = _webp_size(data) if kind == "WEBP" else _header_size(data, kind)
    if size[0] * size[1] > MAX_PIXELS:
        raise PictureError("bomba", "A imagem tem mais de 40 milhões de pixels. Envie uma foto menor.")
    if min(size) < MIN_SIDE:
        shown = f"{size[0]} × {size[1]} pixels"
        raise PictureError("pequena_demais", f"A imagem é pequena demais ({shown}). Envie uma foto maior.")
    return kind


def to_jpeg(image: Image.Image | Pixels) -> bytes:
    """JPEG bytes without metadata."""
    plain = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"")
    return out.getvalue()


def _magic(data: bytes) -> str:
    try:
        found = puremagic.from_string(data[:4096]).lower()
    except (puremagic.PureError, ValueError, IndexError):
        found = ""
    if found in _FORMATS:
        return _FORMATS[found]
    if data[:1024].lstrip().startswith(b"%PDF") or found == ".pdf":
        raise PictureError("pdf", f"O arquivo é um PDF, não uma foto, seja qual for o nome que tem. {_ADVICE}")
    if found in {".heic", ".heif", ".avif"}:
        raise PictureError("formato", f"Fotos {found[1:].upper()} não são aceitas. {_ADVICE}")
    raise PictureError("nao_e_foto", f"O arquivo não é uma foto. {_ADVICE}")


def _open(data: bytes, kind: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own size warning: the limit here is lower and is an error
        return Image.open(io.BytesIO(data), formats=[kind])


def _header_size(data: bytes, kind: str) -> tuple[int, int]:
    try:
        with _open(data, kind) as image:
            return image.size
    except Image.DecompressionBombError:
        raise PictureError("bomba", "A imagem tem mais de 40 milhões de pixels. Envie uma foto menor.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, TypeError):
        raise PictureError("truncada", f"O arquivo está incompleto ou danificado. {_ADVICE}") from None


def _webp_size(data: bytes) -> tuple[int, int]:
    """Canvas of a WebP from its first chunk (RFC 9649, sections 2.5 to 2.7)."""
    chunk, body = data[12:16], data[20:30]
    if len(body) == 10:
        if chunk == b"VP8X":
            return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
        if chunk == b"VP8L":
            bits = int.from_bytes(body[1:5], "little")
            return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        if chunk == b"VP8 ":
            width, height = struct.unpack("<HH", body[6:10])
            return width & 0x3FFF, height & 0x3FFF
    raise PictureError("truncada", f"O arquivo está incompleto ou danificado. {_ADVICE}")


def _load(data: bytes, kind: str) -> Image.Image:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # face_recognition sets it for the whole process when something imports it
    with _open(data, kind) as checked:
        if kind == "PNG":
            checked.verify()
    with _open(data, kind) as image:
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        image.load()
        return _upright(_opaque(_reduced(image)), image)


def _reduced(image: Image.Image) -> Image.Image:
    """At most MAX_SIDE on its longer side, before any copy of the whole picture is made; 16-bit grey is scaled, not cut."""
    if image.mode.startswith("I"):
        small: Image.Image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in {"RGB", "RGBA", "L"} and "transparency" not in image.info:
        small = image.copy() if max(image.size) <= MAX_SIDE else image
    else:
        small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return small


def _opaque(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _upright(plain: Image.Image, source: Image.Image) -> Image.Image:
    """EXIF orientation applied; a damaged EXIF block is ignored rather than believed."""
    try:
        orientation = source.getexif().get(0x0112, 1)
    except (OSError, SyntaxError, ValueError, struct.error):
        orientation = 1
    turn = _TURNS.get(orientation)
    turned = plain.copy() if turn is None else plain.transpose(turn)
    turned.info = {}
    return turned
