"""Files from outside before they are kept: size, extension, magic, and a real parse in a process with limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import puremagic

from documents.texts.errors import FileRefused

MAX_BYTES: Final = 100 * 1024 * 1024
SECONDS: Final = 90
_INSPECTOR = Path(__file__).with_name("inspector.py")
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "odt": f"{_OPEN}.text",
    "ods": f"{_OPEN}.spreadsheet",
    "odp": f"{_OPEN}.presentation",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}
"""What is accepted, by extension, and how it is served."""
_MAGIC = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept: its type by extension, its pages where it has any, its words for the search."""

    media_type: str
    pages: int | None
    text: str


def inspected(data: bytes, file_name: str) -> Inspected:
    """What the file is; FileRefused says why it can't be accepted and what to do."""
    if not data:
        raise FileRefused("O arquivo está vazio. Escolha outro.")
    if len(data) > MAX_BYTES:
        raise FileRefused(f"O arquivo passa de {MAX_BYTES // 1024**2} MB. Divida-o, ou reduza a resolução.")
    extension = file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ""
    if extension not in TYPES:
        accepted = ", ".join(sorted(TYPES))
        raise FileRefused(f"Este tipo de arquivo não é aceito. Envie um destes: {accepted}.", extension=extension[:10])
    _check_magic(extension, data)
    answer = _asked(extension, data)
    if "refused" in answer:
        raise FileRefused(str(answer["refused"]))
    pages = answer["pages"]
    return Inspected(TYPES[extension], None if pages is None else int(str(pages)), str(answer["text"]))


def _check_magic(extension: str, data: bytes) -> None:
    """The first bytes are those of the extension; text is what no known format begins like."""
    wrong = FileRefused("O conteúdo do arquivo não é o que o nome diz. Salve-o de novo no formato certo e envie-o.")
    if extension in _MAGIC:
        if not data.startswith(_MAGIC[extension]):
            raise wrong
    elif extension in ("txt", "csv"):
        if _known(data) in {".exe", ".zip", ".pdf", ".png", ".jpg", ".gif", ".elf", ".dll"}:
            raise wrong
    elif not data.startswith(b"PK\x03\x04"):
        raise wrong


def _known(data: bytes) -> str:
    try:
        return str(puremagic.from_stream(BytesIO(data[:65536])))
    except (puremagic.PureError, ValueError):
        return ""


def _asked(extension: str, data: bytes) -> dict[str, object]:
    """What the inspecting process answers; one that dies or takes too long refuses the file."""
    hard = "O arquivo é complexo demais para ser conferido. Simplifique-o, ou divida-o, e envie."
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_INSPECTOR), extension],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=kept | {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"},
            timeout=SECONDS,
            check=False,
        )
        answer: dict[str, object] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise FileRefused(hard) from None
    return answer
