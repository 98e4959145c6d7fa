"""`carimbo faces accelerate`: dlib built here against OpenBLAS, kept as a wheel in the data folder and installed.

Embedding takes a third to a sixth of the time. Building takes some 18 minutes of one core, so nothing ever requires it;
the wheel dlib-bin is what everybody has. An interrupted build goes on where it stopped: sources and objects are kept.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = "20.0.1"
SHA256: Final = "7cb2a09467de032332c743bc967007f016598c66c9c9ebc54a5b66d3d9e46d54"
_SOURCE: Final = f"dlib-{VERSION}"
_PARTIAL: Final = "parcial-"
_PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")

Say = Callable[[str], None]


class AccelerationFailed(Exception):
    """Nothing was changed; the message says in Portuguese what is missing or went wrong."""


@dataclass(frozen=True)
class Acceleration:
    """The wheel kept, whether it was built now, and whether it is installed."""

    wheel: Path
    built: bool
    installed: bool
    seconds: float


def accelerate(folder: Path, *, say: Say = print, install: bool = True) -> Acceleration:
    """Builds (once), keeps and installs the faster dlib; `folder` is in the data folder."""
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = kept_wheel(folder)
    built = wheel is None
    if wheel is None:
        _require(missing_requirements())
        for left in folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(left, ignore_errors=True)
        source = _source(folder, say)
        say("Compilando a dlib com OpenBLAS: cerca de 10 minutos. Se for interrompido, continua de onde parou.")
        wheel = _build(source, folder, say)
    if install:
        _install(wheel, say)
    return Acceleration(wheel, built, install, time.monotonic() - started)


def kept_wheel(folder: Path) -> Path | None:
    """The wheel built earlier for this very Python, if there is one."""
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    return next(iter(sorted(folder.glob(f"{_SOURCE}-{tag}-*.whl"))), None)


def missing_requirements() -> tuple[str, ...]:
    """Debian packages that the build needs and this machine has not."""
    missing = [package for program, package in (("cmake", "cmake"), ("g++", "g++")) if shutil.which(program) is None]
    if "g++" not in missing and not _links_with_openblas():
        missing.append("libopenblas-dev")
    return tuple(missing)


def is_accelerated() -> bool:
    """Whether the installed dlib uses BLAS, asked of a fresh interpreter."""
    return _uses_blas(None)


def _require(missing: tuple[str, ...]) -> None:
    if missing:
        raise AccelerationFailed(
            f"Para compilar faltam: {', '.join(missing)}. No Debian e no Ubuntu: apt-get install {' '.join(missing)}. "
            "Sem isso o Carimbo funciona do mesmo jeito, com a dlib que já tem."
        )


def _links_with_openblas() -> bool:
    with tempfile.TemporaryDirectory() as work:
        probe = Path(work) / "probe.cpp"
        probe.write_text(
            "#include <cblas.h>\nint main() { return cblas_isamax(0, nullptr, 1) > 1; }\n", encoding="ascii"
        )
        include = [f"-I{path}" for path in Path("/usr/include").glob("*-linux-gnu/openblas*")]
        command = ["g++", *include, str(probe), "-o", str(Path(work) / "probe"), "-lopenblas"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _source(folder: Path, say: Say) -> Path:
    """The sources laid out, whole: fetched by pinned hash, unpacked aside and renamed."""
    source = folder / _SOURCE
    if source.is_dir():
        return source
    say("Baixando o código da dlib…")
    with tempfile.TemporaryDirectory(dir=folder, prefix=_PARTIAL) as work:
        archive = _downloaded(Path(work))
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(work, filter="data")
        os.replace(Path(work) / _SOURCE, source)
    return source


def _downloaded(work: Path) -> Path:
    wanted = work / "wanted.txt"
    wanted.write_text(f"dlib=={VERSION} --hash=sha256:{SHA256}\n", encoding="ascii")
    command = [
        *_PIP, "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes",
        "-r", str(wanted), "-d", str(work),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    archive = work / f"{_SOURCE}.tar.gz"
    if done.returncode or not archive.is_file():
        raise AccelerationFailed(f"Não foi possível baixar a dlib. Verifique a rede. ({_last_line(done.stderr)})")
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise AccelerationFailed("O código baixado da dlib não é o esperado.")
    return archive


def _build(source: Path, folder: Path, say: Say) -> Path:
    """pip builds a local folder in place, so that make's objects remain for the next attempt."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=_PARTIAL) as work:
        command = [*_PIP, "wheel", "-v", "--no-deps", "--no-build-isolation", "-w", work, str(source)]
        log = folder / "build.log"
        if _followed(command, log, say):
            raise AccelerationFailed(f"A compilação falhou; o registro está em {log}.")
        made = next(Path(work).glob("dlib-*.whl"), None)
        if made is None or not _uses_blas(made):
            raise AccelerationFailed(f"A dlib foi compilada, mas sem OpenBLAS; o registro está em {log}.")
        os.replace(made, folder / made.name)
    shutil.rmtree(source, ignore_errors=True)
    return folder / made.name


def _followed(command: list[str], log: Path, say: Say) -> int:
    """Runs the build, keeps what it says and tells make's percentage now and then."""
    told = -10
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | _compiler_flags()
        ) as process,
    ):
        for line in process.stdout or ():
            kept.write(line)
            kept.flush()
            found = re.search(r"\[\s*(\d+)%\]", line)
            if found and int(found[1]) >= told + 5:
                told = int(found[1])
                say(f"  {told} %")
        return process.wait()


def _compiler_flags() -> dict[str, str]:
    """AVX2 where the processor has it: with AVX alone, dlib's choice, its detector takes three times as long."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace") if sys.platform == "linux" else ""
    flags = set(re.findall(r"\w+", cpu))
    return {"CXXFLAGS": "-mavx2 -mfma"} if {"avx2", "fma"} <= flags else {}


def _uses_blas(wheel: Path | None) -> bool:
    """Asks dlib itself, in a fresh interpreter: the installed one, or that of a wheel unpacked aside."""
    with tempfile.TemporaryDirectory() as work:
        environment = dict(os.environ)
        if wheel is not None:
            shutil.unpack_archive(wheel, work, "zip")
            environment["PYTHONPATH"] = work
        command = [sys.executable, "-c", "import dlib, sys; sys.exit(0 if dlib.DLIB_USE_BLAS else 1)"]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def _install(wheel: Path, say: Say) -> None:
    """In place of dlib-bin, whose files have the same names; when it fails, dlib-bin comes back."""
    say("Instalando…")
    before = subprocess.run([*_PIP, "freeze"], capture_output=True, text=True, check=False).stdout
    pinned = next((line for line in before.splitlines() if line.startswith("dlib-bin==")), None)
    if pinned:
        subprocess.run([*_PIP, "uninstall", "-y", "dlib-bin"], capture_output=True, check=False)
    command = [*_PIP, "install", "--no-deps", "--force-reinstall", "--no-index", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not is_accelerated():
        if pinned:
            subprocess.run(
                [*_PIP, "install", "--no-deps", "--force-reinstall", pinned], capture_output=True, check=False
            )
        raise AccelerationFailed(f"A instalação falhou e a dlib anterior voltou. ({_last_line(done.stderr)})")
    say("Pronto. Reinicie o Carimbo para usar a dlib mais rápida.")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["sem mensagem"])[-1]
