"""Uploads: what is refused before any decoder runs, what is mended, what is kept."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from integrations.faces.pictures import MAX_BYTES, MAX_SIDE, PictureError, check, decode


def picture(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """Upper half dark, lower half light, so that turns show."""
    image = Image.new(mode, size, "black")
    image.paste("white", (0, size[1] // 2, size[0], size[1]))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def webp_header(width: int, height: int) -> bytes:
    body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def refused(data: bytes) -> PictureError:
    with pytest.raises(PictureError) as caught:
        decode(data)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_formats_that_are_taken_become_plain_jpeg(kind: str) -> None:
    made = decode(encoded(picture(), kind))
    assert made.pixels.shape == (240, 320, 3)
    again = Image.open(io.BytesIO(made.jpeg))
    assert again.format == "JPEG"
    assert again.size == (320, 240)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "1"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    made = decode(encoded(picture().convert(mode), kind))
    assert made.pixels[20].mean() < 60
    assert made.pixels[220].mean() > 200


def test_grey_of_16_bits_is_scaled_not_cut() -> None:
    deep = Image.fromarray(np.full((100, 100), 32768, dtype=np.uint16))
    assert abs(float(decode(encoded(deep, "PNG")).pixels.mean()) - 128) < 2


def test_transparent_becomes_white() -> None:
    assert decode(encoded(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG")).pixels.min() == 255


def test_exif_turns_the_picture_and_is_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    exif[0x010F] = "Fabricante"
    made = decode(encoded(picture(), exif=exif.tobytes()))
    assert made.pixels[20].mean() > 200, "turned by 180 degrees"
    assert b"Fabricante" not in made.jpeg
    assert not Image.open(io.BytesIO(made.jpeg)).getexif()


@pytest.mark.parametrize(("orientation", "size"), [(6, (240, 320)), (8, (240, 320)), (1, (320, 240)), (99, (320, 240))])
def test_exif_orientation_decides_the_sides(orientation: int, size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = decode(encoded(picture(), exif=exif.tobytes()))
    assert made.pixels.shape[1::-1] == size


def test_damaged_exif_is_ignored() -> None:
    made = decode(encoded(picture(), exif=b"Exif\0\0MM\0*\0\0\xff\xff garbage"))
    assert made.pixels.shape == (240, 320, 3)


def test_large_picture_is_reduced() -> None:
    assert max(decode(encoded(picture((4000, 3000)))).pixels.shape) == MAX_SIDE


def test_picture_of_50_mb_is_refused_by_size_alone() -> None:
    assert refused(b"\xff\xd8\xff" + bytes(50 * 1024 * 1024)).code == "grande_demais"
    assert refused(bytes(MAX_BYTES + 1)).code == "grande_demais"


@pytest.mark.parametrize("bomb", [png_header(30_000, 30_000), png_header(7_000, 7_000), webp_header(16_383, 16_383)])
def test_image_bomb_is_refused_from_its_header(bomb: bytes) -> None:
    tracemalloc.start()
    assert refused(bomb).code == "bomba"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_pdf_called_jpg_is_named_for_what_it_is() -> None:
    assert refused(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + b"x" * 500).code == "pdf"


@pytest.mark.parametrize(
    "data", [b"hello world" * 20, b"GIF89a" + bytes(50), b"<svg xmlns='x'/>", b"\0" * 100, b"PK\x03\x04" * 9]
)
def test_what_is_no_picture_of_the_three_formats_is_refused(data: bytes) -> None:
    assert refused(data).code in {"nao_e_foto", "formato"}


def test_empty_file() -> None:
    assert refused(b"").code == "vazia"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated_picture_is_refused_whatever_was_loaded_before(
    kind: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)  # as importing face_recognition does
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    assert refused(data[: int(len(data) * share)]).code in {"truncada", "nao_e_foto"}


def test_too_small_a_picture() -> None:
    assert refused(encoded(picture((60, 60)))).code == "pequena_demais"


def test_noise_after_a_valid_header_never_escapes_as_another_error() -> None:
    random = np.random.default_rng(7)
    for kind in ("JPEG", "PNG", "WEBP"):
        good = bytearray(encoded(picture((100, 100)), kind))
        for _ in range(60):
            bad = bytearray(good)
            for place in random.integers(12, len(bad), 8):
                bad[place] = int(random.integers(0, 256))
            with contextlib.suppress(PictureError):
                assert decode(bytes(bad)).jpeg


def test_header_check_alone_names_the_format() -> None:
    assert check(encoded(picture(), "WEBP")) == "WEBP"
