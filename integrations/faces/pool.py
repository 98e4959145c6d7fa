"""Recognition in processes of its own: one for each core, started when first needed, replaced when they die.

An embedding holds Python's global lock for its whole 60 to 200 ms, and a stranger's picture may be made to exhaust memory
or time; neither may touch the web server, nor the bridge's capture thread.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from integrations.faces import wire
from integrations.faces.analysis import FaceSeen, PictureReport
from integrations.faces.detection import Face
from integrations.faces.embedding import Vector, unit
from integrations.faces.pictures import MAX_BYTES, PictureError, Pixels, check
from integrations.faces.quality import Look, QualityReport

MEMORY_BYTES: Final = 1024 * 1024 * 1024
CALL_SECONDS: Final = 20.0
START_SECONDS: Final = 60.0
_ROOT: Final = Path(__file__).resolve().parents[2]

_MESSAGES: Final = {
    "tempo": "A foto demorou demais para ser analisada. Envie outra foto.",
    "memoria": "A imagem exige memória demais para ser aberta. Envie uma foto menor.",
    "falha": "A foto não pôde ser analisada. Tente de novo ou envie outra foto.",
    "ocupado": "O reconhecimento está ocupado. Tente de novo em alguns segundos.",
    "inicio": "O reconhecimento não pôde ser iniciado. Avise o suporte.",
    "fechado": "O reconhecimento está sendo encerrado.",
}


class RecognitionFailed(Exception):
    """A recognition process gave no answer; `code` is one of tempo, memoria, falha, ocupado, inicio, fechado."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_MESSAGES[code])
        self.code = code
        self.message = _MESSAGES[code]
        self.detail = detail


class RecognitionPool:
    """Up to `size` recognition processes; every method may be called from any thread."""

    def __init__(
        self, size: int | None = None, *, memory_bytes: int = MEMORY_BYTES, call_seconds: float = CALL_SECONDS
    ) -> None:
        self.size = size or len(os.sched_getaffinity(0))
        self._memory = memory_bytes
        self._seconds = call_seconds
        self._lock = threading.Lock()
        self._closed = False
        self._running: set[_Worker] = set()
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._free.put(None)

    def analyse(self, data: bytes, earlier: Sequence[Look] = ()) -> PictureReport:
        """A picture of the desk or an upload. Never raises for a bad one: `quality` says what is wrong."""
        return self._reported("analyse", data, tuple(earlier))

    def principal(self, data: bytes) -> PictureReport:
        """The same, with the principal face's vector whatever the quality: for measuring, never for enrolling."""
        return self._reported("principal", data)

    def clean(self, data: bytes) -> bytes:
        """JPEG without EXIF of a picture that shows no face (a document); PictureError or RecognitionFailed."""
        check(data)
        return bytes(self._call("clean", data))

    def locate(
        self, frame: Pixels | bytes, *, thorough: bool = False, near: Sequence[Face] = ()
    ) -> tuple[FaceSeen, ...]:
        """Faces of a frame (RGB pixels or a picture file), the principal one first; `near`: see Tracker.near."""
        if isinstance(frame, bytes):
            check(frame)
        return tuple(self._call("locate", frame, thorough, tuple(near)))

    def embed(self, chip: Pixels) -> Vector:
        """Vector of a chip that `locate` gave."""
        return unit(self._call("embed", chip))

    def warm(self) -> None:
        """Starts all processes now and waits until they are ready."""
        taken = [self._take(self._seconds) for _ in range(self.size)]
        try:
            ready = [worker or self._started() for worker in taken]
        except RecognitionFailed:
            for _ in taken:
                self._free.put(None)
            raise
        for worker in ready:
            self._free.put(worker)

    def pids(self) -> tuple[int, ...]:
        """Process ids of the running recognition processes."""
        with self._lock:
            return tuple(worker.pid for worker in self._running)

    def close(self) -> None:
        """Ends the processes; calls under way are answered with RecognitionFailed."""
        with self._lock:
            self._closed = True
            workers, self._running = self._running, set()
        for worker in workers:
            worker.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reported(self, operation: str, data: bytes, *more: Any) -> PictureReport:
        try:
            if len(data) > MAX_BYTES:
                check(data)
            report: PictureReport = self._call(operation, data, *more)
        except (PictureError, RecognitionFailed) as error:
            return PictureReport(QualityReport(error.code, error.message))
        return report

    def _call(self, operation: str, *arguments: Any) -> Any:
        worker = self._take(self._seconds)
        try:
            if worker is None or not worker.alive():
                self._drop(worker)
                worker = None  # a failed start must not give the dead one back
                worker = self._started()
            answer = worker.ask({"operation": operation, "arguments": arguments}, self._seconds)
        except TimeoutError:
            self._drop(worker)
            worker = None
            raise RecognitionFailed("tempo") from None
        except wire.WireBroken as error:
            self._drop(worker)
            worker = None
            raise RecognitionFailed("fechado" if self._closed else "falha", str(error)) from None
        finally:
            self._free.put(worker)
        return _value_of(answer)

    def _take(self, seconds: float) -> _Worker | None:
        if self._closed:
            raise RecognitionFailed("fechado")
        try:
            return self._free.get(timeout=seconds)
        except queue.Empty:
            raise RecognitionFailed("ocupado") from None

    def _started(self) -> _Worker:
        worker = _Worker(self._memory)
        with self._lock:
            closed = self._closed
            if not closed:
                self._running.add(worker)
        if closed:
            worker.stop()
            raise RecognitionFailed("fechado")
        try:
            worker.wait_until_ready()
        except RecognitionFailed:
            self._drop(worker)
            raise
        return worker

    def _drop(self, worker: _Worker | None) -> None:
        if worker is None:
            return
        with self._lock:
            self._running.discard(worker)
        worker.stop(kill=True)


class _Worker:
    """One recognition process and the socket to it; used by one thread at a time."""

    def __init__(self, memory_bytes: int) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "integrations.faces.worker", str(theirs.fileno()), str(memory_bytes)],
                pass_fds=(theirs.fileno(),),
                cwd=_ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self.pid = self._process.pid

    def wait_until_ready(self) -> None:
        try:
            first = wire.receive(self._channel, START_SECONDS)
        except (TimeoutError, wire.WireBroken) as error:
            raise RecognitionFailed("inicio", str(error)) from None
        if "ready" not in first:
            raise RecognitionFailed("inicio", str(first.get("message", "")))

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        self._channel.settimeout(seconds)
        wire.send(self._channel, request)
        answer = wire.receive(self._channel, max(until - time.monotonic(), 0.001))
        if not isinstance(answer, dict):
            raise wire.WireBroken("no answer")
        return answer

    def stop(self, *, kill: bool = False) -> None:
        if kill:
            self._process.kill()
        with contextlib.suppress(OSError):  # the process may be gone already
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._channel.close()


def _environment() -> dict[str, str]:
    """What a recognition process may know: nothing of the program's settings and secrets."""
    names = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | single | {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def _value_of(answer: dict[str, Any]) -> Any:
    if "value" in answer:
        return answer["value"]
    if answer.get("error") == "picture":
        raise PictureError(str(answer.get("code")), str(answer.get("message")))
    raise RecognitionFailed("memoria" if answer.get("error") == "memory" else "falha", str(answer.get("message", "")))
