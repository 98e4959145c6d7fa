"""The real process, with its own settings and spool, before the real (small) server; real photographs where faces matter."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate_bridge.simulators.controlid import ControlIdTerminal
from integrations.faces.boxes import GalleryEntry, cpf_digest, open_crop, seal_entry, sign_token
from integrations.faces.embedding import average
from integrations.faces.pool import RecognitionPool
from tests.gate_bridge.conftest import CPF, FACES, KEY, SECRET
from tests.gate_bridge.gate_server import GateServer
from tests.gate_bridge.test_spool import wait_until

ROOT = Path(__file__).parents[2]
SECRET_PATH = "abcdefghijklmnop"
OTHER_CPF = "11144477735"
KNOWN, STRANGER = "Jacques_Rogge", "Kate_Hudson"
pytestmark = pytest.mark.slow


class Running:
    """One bridge process and its addresses."""

    def __init__(self, folder: Path, server_url: str, devices: list[dict[str, Any]], **more: str) -> None:
        self.folder = folder
        values = {
            "server_url": server_url,
            "bridge_id": "b1",
            "key_id": KEY.id,
            "secret": KEY.secret.decode(),
            "data_dir": str(folder / "dados"),
            "gallery_secret": base64.b64encode(SECRET).decode(),
            "live": "127.0.0.1:0",
            "sync_s": "0.2",
            "heartbeat_s": "0.2",
            "devices": json.dumps(devices),
            **more,
        }
        self._environment = {**os.environ, **{f"CARIMBO_BRIDGE_{key.upper()}": value for key, value in values.items()}}
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gate_bridge"],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        self.addresses = json.loads(self.process.stdout.readline())
        self.url = self.addresses["keypad"].rstrip("/")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def health(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/healthz", timeout=5).json()

    def claim(self, **fields: str) -> str:
        answer = requests.post(f"{self.url}/claim", json=fields, timeout=5)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def finished(self, claim: str) -> dict[str, Any]:
        state: dict[str, Any] = {}

        def done() -> bool:
            state.update(
                requests.get(f"{self.url}/claim/{claim}", headers={"Accept": "application/json"}, timeout=5).json()
            )
            return state["state"] in ("done", "unseen")

        wait_until(done, 30)
        return state


TERMINAL = {"name": "term", "kind": "controlid", "secret_path": SECRET_PATH, "allow": ["127.0.0.1"]}


def test_sigterm_stops_cleanly_and_a_second_bridge_on_the_same_data_is_refused(
    server: GateServer, tmp_path: Path
) -> None:
    bridge = Running(tmp_path, server.url, [TERMINAL])
    assert bridge.addresses["ready"] is True
    wait_until(lambda: bridge.health()["ok"])
    metrics = requests.get(bridge.addresses["metrics"], timeout=5).text
    assert "carimbo_bridge_spool_events 0.0" in metrics
    assert 'carimbo_bridge_device_silent{device="term",kind="controlid"} 0.0' in metrics
    second = subprocess.run(
        [sys.executable, "-m", "gate_bridge"],
        cwd=ROOT,
        env=bridge._environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 2
    assert "Outra ponte já usa a pasta" in second.stderr
    assert bridge.end() == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_killed_in_a_burst_what_was_acknowledged_is_stored_and_reaches_the_server_once(
    server: GateServer, tmp_path: Path
) -> None:
    bridge = Running(tmp_path, server.url, [TERMINAL])
    acknowledged: list[int] = []
    users = iter(range(10_000, 100_000))
    lock = threading.Lock()

    def burst() -> None:
        terminal = ControlIdTerminal(f"{bridge.url}/{SECRET_PATH}")
        while True:
            with lock:
                user = next(users)
            try:
                if terminal.identify(user, uuid=f"u{user}").status_code == 200:
                    acknowledged.append(user)
            except requests.RequestException:
                return

    threads = [threading.Thread(target=burst) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(acknowledged) >= 120, 30)
    bridge.end(signal.SIGKILL)
    for thread in threads:
        thread.join()
    stored = sqlite3.connect(tmp_path / "dados" / "spool.sqlite")
    known = {row[0].split(":")[-1] for row in stored.execute("SELECT origin FROM event")}
    waiting = b"".join(row[0] or b"" for row in stored.execute("SELECT body FROM raw WHERE state = 'new'")).decode()
    stored.close()
    assert {user for user in acknowledged if f"u{user}" not in known and f"uuid=u{user}&" not in waiting} == set()
    bridge.start()
    wait_until(lambda: len(server.events) >= len(acknowledged) and bridge.health()["spool"]["depth"] == 0, 30)
    assert bridge.end() == 0
    stored = sqlite3.connect(tmp_path / "dados" / "spool.sqlite")
    rows = stored.execute("SELECT id, origin, state FROM event").fetchall()
    stored.close()
    assert {row[2] for row in rows} == {"sent"}
    assert {row[0] for row in rows} == set(server.events)
    assert len({row[1] for row in rows}) == len(rows)
    assert {f"u{user}" for user in acknowledged} <= {row[1].split(":")[-1] for row in rows}
    sequences = [one["sequence"] for one in server.events.values()]
    assert len(set(sequences)) == len(sequences)


# With real photographs


@pytest.fixture(scope="module")
def entry() -> GalleryEntry:
    """Three pictures of one person, enrolled as the desk does it."""
    if not FACES.is_dir():
        pytest.skip("these tests need the photographs of CARIMBO_FACES (or ../shared/faces): known/<name>/1..6.jpg")
    with RecognitionPool(1) as pool:
        reports = [pool.principal((FACES / "known" / KNOWN / f"{number}.jpg").read_bytes()) for number in (1, 2, 3)]
    return GalleryEntry(
        average([one.vector for one in reports if one.vector is not None]), 3, "Fulana de Tal", cpf_digest(SECRET, CPF)
    )


@pytest.fixture
def gate(server: GateServer, tmp_path: Path, entry: GalleryEntry) -> Iterator[Gate]:
    made = Gate(server, tmp_path, entry)
    yield made
    made.bridge.end()


class Gate:
    """A gate with a camera that is a folder, one enrolled person, and the keypad."""

    def __init__(self, server: GateServer, tmp_path: Path, entry: GalleryEntry) -> None:
        self.server, self.frames, self.person = server, tmp_path / "quadros", str(uuid4())
        self.frames.mkdir()
        self._number = 0
        self.token_key = Ed25519PrivateKey.generate()
        server.default_result = "PENDENTE_VERIFICACAO"
        server.config["token_key"] = base64.b64encode(self.token_key.public_key().public_bytes_raw()).decode()
        server.gallery = [
            {
                "op": "put",
                "person": self.person,
                "box": seal_entry(SECRET, self.person, entry),
                "seen_at": datetime.now(UTC).isoformat(),
            }
        ]
        camera = {"name": "cam", "kind": "camera", "source": str(self.frames)}
        self.bridge = Running(tmp_path, server.url, [camera])
        wait_until(lambda: self.bridge.health()["gallery"]["people"] == 1)

    def show(self, *pictures: Path) -> None:
        for picture in pictures:
            self._number += 1
            target = self.frames / f"{self._number:04}.jpg"
            shutil.copy(picture, target.with_suffix(".part"))
            os.replace(target.with_suffix(".part"), target)

    def next_event(self, count: int) -> dict[str, Any]:
        wait_until(lambda: len(self.server.events) >= count, 30)
        return list(self.server.events.values())[count - 1]


def photographs(name: str, *numbers: int) -> list[Path]:
    return [FACES / "known" / name / f"{number}.jpg" for number in numbers]


def test_a_claim_of_cpf_and_the_right_face_is_recognised_1_to_1(gate: Gate) -> None:
    gate.server.default_result = "LIBERADO"
    claim = gate.bridge.claim(cpf=CPF)
    gate.show(*photographs(KNOWN, 4, 5, 6))
    state = gate.bridge.finished(claim)
    event = gate.next_event(1)
    assert (event["decision"], event["person"], event["way"], event["claim"]) == (
        "recognised",
        gate.person,
        "one_to_one",
        "cpf",
    )
    assert (event["frames"], event["device_kind"], event["crop"], event["post"]) == (3, "keypad", None, "P1")
    assert event["score"] <= event["limit"]
    assert (state["word"], state["event"]) == ("Entrada liberada", event["id"])
    again = gate.bridge.finished(gate.bridge.claim(cpf=CPF))
    assert (again["event"], len(gate.server.events)) == (event["id"], 1)


def test_another_face_and_an_unknown_cpf_end_alike_with_the_attendant_and_one_crop(gate: Gate) -> None:
    gate.server.default_result = "PENDENTE_VERIFICACAO"
    states, events = [], []
    for number, cpf in enumerate((CPF, OTHER_CPF), 1):
        claim = gate.bridge.claim(cpf=cpf)
        gate.show(*photographs((STRANGER, "Tom_Cruise")[number - 1], 1, 2, 3))
        states.append(gate.bridge.finished(claim))
        events.append(gate.next_event(number))
    assert {one["word"] for one in states} == {"Aguarde o atendente"}
    for event in events:
        assert (event["decision"] in ("doubtful", "unknown"), event["person"]) == (True, None)
        assert open_crop(SECRET, event["id"], event["crop"]).startswith(b"\xff\xd8")
    assert [one["person"] for one in events[0]["candidates"]] == [gate.person]
    assert events[1]["candidates"] == []


def test_without_a_claim_1_to_n_recognises_and_a_stranger_goes_to_the_attendant(gate: Gate) -> None:
    gate.server.config["one_to_many"] = True
    time.sleep(0.6)
    gate.show(*photographs(KNOWN, 4, 5, 6))
    first = gate.next_event(1)
    assert (first["way"], first["decision"], first["person"], first["frames"]) == (
        "one_to_many",
        "recognised",
        gate.person,
        3,
    )
    gate.show(FACES / "strangers" / sorted(path.name for path in (FACES / "strangers").iterdir())[0] / "1.jpg")
    second = gate.next_event(2)
    assert (second["decision"], second["person"], second["frames"]) == ("unknown", None, 1)
    assert second["crop"]
    counts = requests.get(gate.bridge.addresses["metrics"], timeout=5).text
    assert 'carimbo_bridge_decisions_total{decision="recognised"} 1.0' in counts
    assert requests.get(f"{gate.bridge.addresses['live']}frame/cam.jpg", timeout=5).content.startswith(b"\xff\xd8")


def test_the_visitors_qr_before_the_camera_is_a_claim(gate: Gate, tmp_path: Path) -> None:
    token = sign_token(gate.token_key, UUID(gate.person), time.time())
    code = tmp_path / "qr.png"
    segno.make(token).save(str(code), scale=6, border=6)
    os.replace(code, gate.frames / "0000.png")
    time.sleep(1.5)
    gate.show(*photographs(KNOWN, 4, 5))
    event = gate.next_event(1)
    assert (event["claim"], event["way"], event["decision"], event["person"]) == (
        "qr",
        "one_to_one",
        "recognised",
        gate.person,
    )
    assert event["frames"] == 2


def test_a_gate_works_through_an_outage_and_the_legal_clock_is_the_demonstrations(gate: Gate) -> None:
    gate.server.legal_offset = timedelta(days=3)
    time.sleep(0.6)
    gate.server.failing = 10_000
    claim = gate.bridge.claim(cpf=CPF)
    gate.show(*photographs(KNOWN, 4, 5, 6))
    assert gate.bridge.finished(claim)["word"] == "Aguarde o atendente"
    assert gate.bridge.health()["spool"]["depth"] == 1
    gate.server.failing = 0
    event = gate.next_event(1)
    assert event["decision"] == "recognised"
    shift = datetime.fromisoformat(event["instant"]) - datetime.fromisoformat(event["bridge_time"])
    assert shift.total_seconds() == pytest.approx(3 * 86400, abs=2)
