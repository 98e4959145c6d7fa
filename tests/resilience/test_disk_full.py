"""Disk full on the bridge: the device is told to try again, nothing acknowledged is lost, health says it, it recovers.

The spool by itself (its page limit, and a real tiny filesystem): tests/gate_bridge/test_spool. Here a whole bridge as a
process on a filesystem of a few megabytes, which needs the right to mount; where there is none the test says so.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gate_bridge.simulators.controlid import ControlIdTerminal
from tests.gate_bridge.conftest import KEY
from tests.gate_bridge.gate_server import GateServer
from tests.gate_bridge.test_bridge_process import SECRET_PATH, TERMINAL, Running
from tests.gate_bridge.test_spool import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disco"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("montar um tmpfs pequeno exige privilégio; tests/gate_bridge/test_spool prova o mesmo no spool")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_disk_full_on_the_bridge(small_disk: Path) -> None:
    server = GateServer({KEY.id: KEY.secret})
    bridge = Running(small_disk, server.url, [TERMINAL])
    try:
        terminal = ControlIdTerminal(f"{bridge.url}/{SECRET_PATH}")
        wait_until(lambda: bool(server.heartbeats))
        server.close()  # an outage, in which the spool grows
        acknowledged = {number for number in range(20) if identify(terminal, number).status_code == 200}
        assert len(acknowledged) == 20
        ballast = small_disk / "lastro"
        fill(ballast)
        for number in range(20, 300):
            answer = identify(terminal, number)
            if answer.status_code == 200:
                acknowledged.add(number)
            else:
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert len(acknowledged) < 300
        assert any("DISCO CHEIO" in alarm for alarm in bridge.health()["alarms"])
        ballast.unlink()
        wait_until(lambda: not bridge.health()["spool"]["full"], 30)
        assert identify(terminal, 999).status_code == 200
        back = GateServer({KEY.id: KEY.secret}, port=server.port)
        wait_until(lambda: bridge.health()["spool"]["depth"] == 0 and len(back.events) > len(acknowledged), 90)
        assert len(back.events) == len(acknowledged) + 1
        back.close()
    finally:
        bridge.end()


def identify(terminal: ControlIdTerminal, number: int) -> requests.Response:
    return terminal.identify(20_000 + number, uuid=f"cheio-{number}")


def fill(ballast: Path) -> None:
    """Until not one more page fits."""
    with open(ballast, "wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                time.sleep(0)
