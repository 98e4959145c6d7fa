"""A file from outside, really parsed: `python -P inspector.py EXTENSION`, started by inspection.py and nobody else.

Reads the bytes from standard input, writes one JSON object: {"pages", "text"} or {"refused": why}. It limits its own
memory and time, writes no file, holds no secret and imports nothing of the program, so it starts at once.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

MEMORY = 2 * 1024**3
SECONDS = 60
TEXT_SECONDS = 20.0
MAX_TEXT = 20_000_000
MAX_PIXELS = 120_000_000
MAX_ENTRIES = 5_000
MAX_UNPACKED = 500_000_000
_ACTIVE = ("/JavaScript", "/JS", "/Launch", "/RichMedia", "/ImportData", "/XFA")
_WORDS = {
    "odt": ("content.xml",),
    "ods": ("content.xml",),
    "odp": ("content.xml",),
    "docx": ("word/document.xml",),
    "xlsx": ("xl/sharedStrings.xml",),
    "pptx": ("ppt/slides/",),
}
_BREAKS = re.compile(rb"</(?:text:p|text:h|w:p|a:p|si|table:table-cell)>|<(?:text:tab|text:s|w:tab|w:br)[ />]")
_TAGS = re.compile(rb"<[^>]*>")


class Refused(Exception):
    """The file can't be accepted; the text is for the person."""


def inspect(extension: str, data: bytes) -> dict[str, Any]:
    """Pages (null where there are none) and words of a file, or Refused."""
    pages, text = _READERS[extension](extension, data)
    return {"pages": pages, "text": text[:MAX_TEXT]}


def _pdf(_extension: str, data: bytes) -> tuple[int, str]:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise Refused("O PDF está protegido. Salve uma cópia sem proteção e envie-a.")
            _passive(pdf)
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused("O PDF pede senha. Salve uma cópia sem senha e envie-a.") from None
    except pikepdf.PdfError:
        raise Refused("O PDF está danificado e não abre. Gere-o de novo e envie-o.") from None
    if not pages:
        raise Refused("O PDF não tem páginas.")
    return pages, _pdf_text(data, pages)


def _passive(pdf: Any) -> None:
    """Nothing in the file runs, launches or hides another program (ISO 32000-1, 12.6.4)."""
    import pikepdf

    for item in pdf.objects:
        held = item.stream_dict if isinstance(item, pikepdf.Stream) else item
        for dictionary in _dictionaries(held):
            if any(key in dictionary for key in _ACTIVE) or str(dictionary.get("/S")) in _ACTIVE:
                raise Refused("O PDF traz programas (JavaScript ou ações). Imprima-o em PDF e envie essa cópia.")
    for name in pdf.attachments:
        if name.rsplit(".", 1)[-1].lower() not in {"xml", "pdf", "txt", "csv", "json", "p7s", *_WORDS}:
            raise Refused("O PDF traz anexado um arquivo que não é aceito. Envie os anexos como documentos à parte.")


def _dictionaries(item: Any, depth: int = 0) -> Iterator[Any]:
    """The dictionary and those directly inside it; indirect ones come by themselves."""
    import pikepdf

    if depth > 40:
        raise Refused("O PDF está danificado e não abre. Gere-o de novo e envie-o.")
    if isinstance(item, pikepdf.Dictionary):
        yield item
        inside: Any = [item[key] for key in item.keys()]  # noqa: SIM118 - pikepdf's dictionaries iterate otherwise
    elif isinstance(item, pikepdf.Array):
        inside = list(item)
    else:
        return
    for value in inside:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _pdf_text(data: bytes, pages: int) -> str:
    """The words of as many pages as the time allows; a page that can't be read has none."""
    import pypdfium2  # type: ignore[import-untyped]  # ships no types

    until = time.monotonic() + TEXT_SECONDS
    found: list[str] = []
    try:
        with pypdfium2.PdfDocument(data) as document:
            for number in range(min(pages, len(document))):
                if time.monotonic() > until or sum(map(len, found)) > MAX_TEXT:
                    break
                page = document[number].get_textpage()
                found.append(page.get_text_bounded())
    except pypdfium2.PdfiumError:
        pass
    return "\n".join(found)


def _image(extension: str, data: bytes) -> tuple[int, str]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    formats = {"png": ("PNG",), "jpg": ("JPEG",), "jpeg": ("JPEG",)}[extension]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=formats) as picture:
                exif = picture.getexif()
                located = bool(exif.get_ifd(0x8825))
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("A imagem é grande demais (mais de 120 megapixels). Reduza-a e envie de novo.") from None
    except Exception:
        raise Refused("A imagem está danificada e não abre. Gere-a de novo e envie-a.") from None
    if located:
        raise Refused("A foto traz gravado o lugar em que foi tirada. Envie-a sem a localização, ou em PDF.")
    return 1, ""


def _office(extension: str, data: bytes) -> tuple[None, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            if len(entries) > MAX_ENTRIES or sum(one.file_size for one in entries) > MAX_UNPACKED:
                raise Refused("O arquivo descompactado é grande demais.")
            names = [one.filename for one in entries]
            _without_macros(names)
            wanted = [name for name in names if name.startswith(_WORDS[extension]) and name.endswith(".xml")]
            if not wanted and extension != "xlsx":
                raise Refused("O arquivo não é o que o nome diz. Salve-o de novo no formato certo e envie-o.")
            return None, "\n".join(_words_of(packed.read(name)) for name in wanted)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError):
        raise Refused("O arquivo está danificado ou protegido por senha e não abre.") from None


def _without_macros(names: list[str]) -> None:
    for name in names:
        low = name.lower()
        if low.endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) or low.startswith(("basic/", "scripts/")):
            raise Refused("O arquivo traz macros ou programas. Salve-o sem macros, ou em PDF, e envie essa cópia.")


def _words_of(xml: bytes) -> str:
    """The text of a part, by its tags alone: no XML parser, so no entity is ever expanded."""
    return unescape(_TAGS.sub(b"", _BREAKS.sub(b"\n", xml[:MAX_TEXT])).decode("utf-8", "replace"))


def _plain(_extension: str, data: bytes) -> tuple[None, str]:
    if b"\x00" in data:
        raise Refused("O arquivo não é texto. Salve-o de novo e envie-o.")
    try:
        return None, data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, data.decode("cp1252", "replace")


_READERS: dict[str, Callable[[str, bytes], tuple[int | None, str]]] = {
    "pdf": _pdf,
    **dict.fromkeys(("png", "jpg", "jpeg"), _image),
    **dict.fromkeys(_WORDS, _office),
    **dict.fromkeys(("txt", "csv"), _plain),
}


def main() -> None:
    """One file from standard input, one answer on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer = inspect(sys.argv[1], sys.stdin.buffer.read())
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (MemoryError, RecursionError):
        answer = {"refused": "O arquivo é complexo demais para ser conferido. Simplifique-o, ou divida-o, e envie."}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
