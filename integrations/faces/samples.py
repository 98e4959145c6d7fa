"""The photographs that ./run --once and the tests may use anywhere: those in face_recognition 1.3.0's source archive.

The archive (MIT, 3.2 MB) is fetched once by pip, against a pinned hash, into a folder of the caller's; nothing in it is
run or built, nothing is committed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ARCHIVE: Final = "face_recognition-1.3.0.tar.gz"
SHA256: Final = "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"
PICTURES: Final = {
    "obama.jpg": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
    "obama2.jpg": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
    "obama3.jpg": "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
    "biden.jpg": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
}
_INSIDE: Final = "face_recognition-1.3.0/tests/test_images/"
_SECONDS: Final = 180


class SamplesUnavailable(Exception):
    """The archive could not be fetched; the message says in Portuguese what to do."""


@dataclass(frozen=True)
class Samples:
    """Three photographs of one person and one of another."""

    same: tuple[Path, Path, Path]
    other: Path


def fetch(folder: Path) -> Samples:
    """The photographs in `folder`, fetched the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / name for name in PICTURES}
    if not all(_is(paths[name], digest) for name, digest in PICTURES.items()):
        _unpack(_archive(folder), folder)
    return Samples((paths["obama.jpg"], paths["obama2.jpg"], paths["obama3.jpg"]), paths["biden.jpg"])


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def _archive(folder: Path) -> Path:
    kept = folder / ARCHIVE
    if _is(kept, SHA256):
        return kept
    with tempfile.TemporaryDirectory(dir=folder) as work:
        wanted = Path(work) / "wanted.txt"
        wanted.write_text(f"face_recognition==1.3.0 --hash=sha256:{SHA256}\n", encoding="ascii")
        _pip(wanted, Path(work))
        fetched = Path(work) / ARCHIVE
        if not _is(fetched, SHA256):
            raise SamplesUnavailable("O arquivo baixado não é o esperado. Apague a pasta e tente de novo.")
        os.replace(fetched, kept)
    return kept


def _pip(wanted: Path, work: Path) -> None:
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
        "--no-binary", ":all:", "--no-build-isolation", "--require-hashes", "-r", str(wanted), "-d", str(work),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise SamplesUnavailable("O repositório de pacotes não respondeu. Verifique a rede e tente de novo.") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["pip falhou"]
        raise SamplesUnavailable(
            "Não foi possível baixar as fotos de demonstração. Verifique a rede, ou passe as suas com --photo, --frame "
            f"e --stranger. ({said[0]})"
        )


def _unpack(archive: Path, folder: Path) -> None:
    """The four pictures alone, by name, each checked and laid down whole."""
    with tarfile.open(archive, "r:gz") as tar:
        for name, digest in PICTURES.items():
            member = tar.extractfile(_INSIDE + name)
            data = member.read() if member else b""
            if hashlib.sha256(data).hexdigest() != digest:
                raise SamplesUnavailable(f"A foto {name} do arquivo baixado não é a esperada.")
            part = folder / f".{name}.part"
            part.write_bytes(data)
            os.replace(part, folder / name)
