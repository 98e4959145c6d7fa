"""The supervisor: starts, notices deaths, starts again, stops everything."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.cli.supervisor import Child, Supervisor

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_child_is_started_again_and_the_status_says_its_pid(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, None, {"url": "http://127.0.0.1:1"})
    child = Child("sleeper", SLEEPER, dict(os.environ))
    supervisor.add(child)
    assert child.process is not None
    first = child.process.pid
    try:
        os.kill(first, signal.SIGKILL)
        child.process.wait()

        def again() -> bool:
            supervisor.tend()
            return child.process is not None and child.process.pid != first and child.process.poll() is None

        until(again)
        status = json.loads((tmp_path / "running.json").read_text())
        assert status == {"url": "http://127.0.0.1:1", "pids": {"sleeper": child.process.pid}}
    finally:
        supervisor.stop()
    assert child.process.poll() is not None
    assert not (tmp_path / "running.json").exists()


def test_a_child_that_never_becomes_ready_is_reported_with_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, None)
    command = [sys.executable, "-c", "raise SystemExit('porta ocupada')"]
    supervisor.add(Child("web", command, dict(os.environ), ready=lambda: False))
    with pytest.raises(RuntimeError, match="porta ocupada"):
        supervisor.wait_ready(timeout_s=5)
