from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from PIL import Image

from gate_bridge.clock import BridgeClock
from gate_bridge.devices.camera import Camera, Frame, NewestFrame
from gate_bridge.http_server import HttpServer
from gate_bridge.live import LiveBoard, LiveSite, Mark
from gate_bridge.settings import Address, DeviceSettings
from gate_bridge.spool import Spool
from tests.gate_bridge.test_spool import wait_until


def picture(path: Path, shade: int) -> None:
    Image.new("RGB", (120, 100), (shade, shade, shade)).save(path.with_suffix(".part"), "JPEG")
    os.replace(path.with_suffix(".part"), path)


def frame(number: int) -> Frame:
    return Frame(np.zeros((8, 8, 3), np.uint8), datetime.now(UTC), float(number), number)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "quadros"
    made.mkdir()
    return made


@pytest.fixture
def camera(folder: Path, spool: Spool, clock: BridgeClock) -> Iterator[Camera]:
    made = Camera(DeviceSettings("cam", "camera", source=str(folder), frames_per_second=50), spool, clock)
    yield made
    made.stop()


def shades(camera: Camera, count: int) -> list[int]:
    seen = []
    for _ in range(count):
        shown = camera.newest.take(5.0)
        assert shown is not None
        seen.append(round(float(shown.pixels.mean()) / 10) * 10)
    return seen


def test_the_newest_frame_wins() -> None:
    newest = NewestFrame()
    for number in range(5):
        newest.put(frame(number))
    taken = newest.take(0.1)
    assert taken is not None
    assert (taken.number, newest.dropped) == (4, 4)
    assert newest.take(0.01) is None


def test_each_new_picture_of_a_folder_is_shown_once_in_name_order(camera: Camera, folder: Path) -> None:
    picture(folder / "b.jpg", 100)
    picture(folder / "a.jpg", 50)
    (folder / "notes.txt").write_text("x")
    camera.start()
    time.sleep(0.3)
    assert shades(camera, 2) == [50, 100]
    picture(folder / "0.jpg", 150)
    assert shades(camera, 1) == [150]
    assert camera.newest.take(0.2) is None


def test_pictures_shown_before_a_restart_are_not_shown_again(
    camera: Camera, folder: Path, spool: Spool, clock: BridgeClock
) -> None:
    picture(folder / "a.jpg", 50)
    camera.start()
    assert shades(camera, 1) == [50]
    wait_until(lambda: len(spool.recall("shown:cam", [])) == 1)
    camera.stop()
    again = Camera(camera.settings, spool, clock)
    again.start()
    picture(folder / "c.jpg", 200)
    assert shades(again, 1) == [200]
    again.stop()


def test_a_picture_that_cannot_be_read_is_said_and_passed_over(camera: Camera, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"%PDF-1.7 not a picture")
    picture(folder / "b.jpg", 100)
    camera.start()
    wait_until(lambda: "ilegível" in camera.status().detail)
    assert shades(camera, 1) == [100]


def test_a_video_file_is_played(tmp_path: Path, spool: Spool, clock: BridgeClock) -> None:
    path = tmp_path / "v.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 50, (64, 48))
    for shade in range(0, 250, 10):
        writer.write(np.full((48, 64, 3), shade, np.uint8))
    writer.release()
    video = Camera(DeviceSettings("v", "camera", source=str(path), frames_per_second=50), spool, clock)
    video.start()
    wait_until(lambda: video.status().detail == "o vídeo terminou")
    assert 5 <= video.frames <= 25
    assert video.newest.dropped >= video.frames - 1
    video.stop()


def test_a_camera_that_is_not_there_is_said_and_becomes_silent(
    spool: Spool, clock: BridgeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = Camera(DeviceSettings("cam", "camera", source="/nada/video.mp4"), spool, clock)
    camera.start()
    wait_until(lambda: camera.status().detail == "a câmera não abriu")
    monkeypatch.setattr(clock, "_own_error", 91.0)
    assert camera.status().silent
    camera.stop()


def test_the_live_view_shows_boxes_to_this_computer_only() -> None:
    board = LiveBoard()
    server = HttpServer(LiveSite(board, ["cam"]), Address("127.0.0.1", 0))
    server.start()
    page = requests.get(server.url, timeout=5)
    assert 'src="/frame/cam.jpg"' in page.text
    assert requests.get(f"{server.url}/frame/cam.jpg", timeout=5).content.startswith(b"\xff\xd8")
    board.show("cam", np.zeros((200, 300, 3), np.uint8), [Mark((50, 50, 120, 120), "recognised", "João Ação")])
    pixels = cv2.imdecode(
        np.frombuffer(requests.get(f"{server.url}/frame/cam.jpg", timeout=5).content, np.uint8), cv2.IMREAD_COLOR
    )
    assert pixels[50, 85, 1] > 100
    assert pixels[125:150, 50:150].max() > 100
    foreign = requests.get(server.url, headers={"Host": "rebound.example"}, timeout=5)
    assert foreign.status_code == 403
    assert requests.get(f"{server.url}/frame/..%2fx.jpg", timeout=5).headers["Content-Security-Policy"]
    server.stop()
