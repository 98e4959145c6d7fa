"""Cameras: USB index, RTSP address, video file, or a watched folder of pictures; one capture thread each.

A live camera gives its newest frame, whatever the recognition missed; a folder's pictures are each shown, in name order.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import structlog

from gate_bridge.clock import BridgeClock
from gate_bridge.devices import DeviceStatus
from gate_bridge.errors import SpoolFull
from gate_bridge.settings import DeviceSettings
from gate_bridge.spool import Spool
from integrations.faces import pictures
from integrations.faces.pictures import PictureError, Pixels

_log = structlog.get_logger("gate_bridge.camera")
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}
_VIDEOS = {".mp4", ".avi", ".mkv", ".mov", ".webm", ".mjpeg"}
_FOLDER_POLL_S = 0.1
_PICTURE_S = (
    0.45  # pictures of a folder are shown apart, as frames worth comparing must be (integrations.faces.tracking)
)
_RETRY_S = 3.0
_REMEMBERED = 3000
_UNREADABLE_TRIES = 10


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a camera: RGB, when it was taken by this machine's clock, and its number."""

    pixels: Pixels
    captured: datetime
    monotonic: float
    number: int


class NewestFrame:
    """A queue of one: a newer frame replaces the one that nobody took."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._frame: Frame | None = None
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Offer a frame."""
        with self._condition:
            self.dropped += self._frame is not None
            self._frame = frame
            self._condition.notify_all()

    def take(self, timeout: float) -> Frame | None:
        """The newest frame, or None when none came in time."""
        with self._condition:
            self._condition.wait_for(lambda: self._frame is not None, timeout)
            frame, self._frame = self._frame, None
            self._condition.notify_all()
            return frame

    def wait_taken(self, timeout: float) -> bool:
        """Whether somebody took the frame in time."""
        with self._condition:
            return self._condition.wait_for(lambda: self._frame is None, timeout)


class Camera:
    """One camera and its capture thread; ``newest`` is where the recognition takes frames from."""

    kind = "camera"

    def __init__(self, settings: DeviceSettings, spool: Spool, clock: BridgeClock) -> None:
        self.settings = settings
        self.name = settings.name
        self.stills = not _is_video(settings.source)
        self.newest = NewestFrame()
        self.frames = 0
        self._spool = spool
        self._clock = clock
        self._started = clock.now()
        self._seen: datetime | None = None
        self._detail = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{self.name}", daemon=True)

    def start(self) -> None:
        """Begin to capture."""
        self._thread.start()

    def stop(self) -> None:
        """End the capture."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def status(self) -> DeviceStatus:
        """Silent when no frame came for a while; a folder is never silent while it can be read."""
        last = self._seen or self._started
        silent = (self._clock.now() - last).total_seconds() > self.settings.silence_s
        return DeviceStatus(self.name, self.kind, self._seen, 0.0, silent, self._detail)

    def _run(self) -> None:
        source = self.settings.source
        while not self._stopping.is_set():
            try:
                if self.stills:
                    self._watch(Path(source))
                else:
                    self._capture(source)
            except (OSError, cv2.error) as error:
                self._trouble(f"{type(error).__name__}")
            self._stopping.wait(_RETRY_S)

    def _capture(self, source: str) -> None:
        """Read a device, an address or a file until it ends; a file is played at its own speed."""
        capture = cv2.VideoCapture(int(source) if source.isdigit() else source)
        try:
            if not capture.isOpened():
                self._trouble("a câmera não abriu")
                return
            is_file = Path(source).suffix.lower() in _VIDEOS and Path(source).is_file()
            rate = (capture.get(cv2.CAP_PROP_FPS) or 25.0) if is_file else 0.0
            for image in self._images(capture, rate):
                self._show(np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8))
            self._trouble("o vídeo terminou" if is_file else "a câmera parou de responder")
            if is_file:
                self._stopping.wait()
        finally:
            capture.release()

    def _images(self, capture: Any, rate: float) -> Iterator[Any]:
        """Frames, at most as many a second as the settings want."""
        start, number, last = time.monotonic(), 0, 0.0
        while not self._stopping.is_set():
            grabbed = capture.grab()
            if not grabbed:
                return
            number += 1
            if rate and self._stopping.wait(max(0.0, start + number / rate - time.monotonic())):
                return
            now = time.monotonic()
            if now - last >= 1 / self.settings.frames_per_second:
                last = now
                decoded, image = capture.retrieve()
                if decoded:
                    yield image

    def _watch(self, folder: Path) -> None:
        """Show each new picture once, in name order, each only when the one before was taken."""
        key = f"shown:{self.name}"
        shown: dict[str, None] = dict.fromkeys(self._spool.recall(key, []))
        unreadable: dict[str, int] = {}
        while not self._stopping.is_set() and folder.is_dir():
            self._seen = self._clock.now()
            fresh = [(mark, path) for mark, path in _pictures(folder) if mark not in shown]
            for mark, path in fresh:
                if not self._show_file(path) and unreadable.get(mark, 0) < _UNREADABLE_TRIES:
                    unreadable[mark] = unreadable.get(mark, 0) + 1
                    break
                shown[mark] = None
                with suppress(SpoolFull):
                    self._spool.remember(key, list(shown)[-_REMEMBERED:])
            self._stopping.wait(_FOLDER_POLL_S)
        self._trouble("a pasta não existe")

    def _show_file(self, path: Path) -> bool:
        """Show one picture; False when it cannot be read (yet)."""
        try:
            if path.stat().st_size > pictures.MAX_BYTES:
                raise PictureError("grande", "")
            pixels = pictures.decode(path.read_bytes()).pixels
        except (OSError, PictureError) as error:
            self._trouble(f"foto ilegível: {type(error).__name__}")
            return False
        self._show(pixels)
        while not self._stopping.is_set() and not self.newest.wait_taken(0.2):
            pass
        self._stopping.wait(max(_PICTURE_S, 1 / self.settings.frames_per_second))
        return True

    def _show(self, pixels: Pixels) -> None:
        self.frames += 1
        self._seen, self._detail = self._clock.now(), ""
        self.newest.put(Frame(pixels, self._seen, time.monotonic(), self.frames))

    def _trouble(self, detail: str) -> None:
        if detail != self._detail:
            _log.warning("camera_trouble", device=self.name, detail=detail)
        self._detail = detail


def _is_video(source: str) -> bool:
    """A device's index, an address or a video file; anything else is a folder of pictures."""
    return source.isdigit() or "://" in source or Path(source).suffix.lower() in _VIDEOS


def _pictures(folder: Path) -> list[tuple[str, Path]]:
    """Pictures of the folder by name, each with a mark that changes when the file does; hidden files are not shown."""
    rows = []
    for entry in os.scandir(folder):
        if Path(entry.name).suffix.lower() in _PICTURES and not entry.name.startswith(".") and entry.is_file():
            rows.append((f"{entry.name}:{entry.stat().st_mtime_ns}", Path(entry.path)))
    return sorted(rows)
