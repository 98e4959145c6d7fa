"""Keeps the processes of one installation running: the database, the web server, the workers, a gate bridge.

A child that dies is started again (at once, then with growing pauses); stopping takes them down in reverse order.
"""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

from integrations.postgres import EmbeddedPostgres, PostgresError

STOP_TIMEOUT_S = 20
LONGEST_PAUSE_S = 30.0


@dataclass
class Child:
    """One process of the installation; `ready` answers True once it serves."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    next_start: float = field(default=0.0)

    def start(self, logs: Path) -> None:
        """Start the process, its output appended to `logs/<name>.log`."""
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(logs / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_stop_with_parent,
            )  # fmt: skip
        self.started = time.monotonic()

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for who does not listen."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Starts the children in order, waits until each is ready, and keeps them and the database up."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres | None, facts: Mapping[str, str] | None = None,
                 held: TextIO | None = None) -> None:  # fmt: skip
        """`folder` is the data folder: logs go to its `logs/`, process ids and `facts` to its `running.json`.

        `held` is the lock of the folder, let go at the end of `stop`.
        """
        self._held = held
        self._logs = folder / "logs"
        self._status = folder / "running.json"
        self._facts = dict(facts or {})
        self._postgres = postgres
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def add(self, child: Child) -> None:
        """Start a child; `wait_ready` waits for it."""
        self._children.append(child)
        self._launch(child)

    def wait_ready(self, timeout_s: float = 60) -> None:
        """Wait until every child serves; RuntimeError, with the end of its log, when one ends or does not come up."""
        deadline = time.monotonic() + timeout_s
        for child in self._children:
            while not child.ready():
                ended = child.process is not None and child.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    tail = (self._logs / f"{child.name}.log").read_text(errors="replace")[-3000:]
                    raise RuntimeError(f"{child.name} não começou a responder. Fim do registro:\n{tail}")
                time.sleep(0.05)

    def run(self) -> None:
        """Watch until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        while not self._stopping.wait(0.3):
            self.tend()
        _tell(f"\nEncerrando; o trabalho em curso termina antes (até {STOP_TIMEOUT_S} s).")

    def tend(self) -> None:
        """Start again whatever died since the last look."""
        if self._postgres is not None and not self._postgres.alive():
            _tell("banco de dados caiu; iniciando de novo")
            try:
                self._postgres.start()
            except PostgresError as error:
                _tell(str(error))
                return
            self._write_status()
        for child in self._children:
            self._tend_child(child)

    def _tend_child(self, child: Child) -> None:
        if child.process is None or child.process.poll() is None:
            return
        now = time.monotonic()
        if child.next_start < child.started:  # just noticed
            child.failures = 0 if now - child.started > LONGEST_PAUSE_S else child.failures + 1
            child.next_start = now + min(0.2 * 2**child.failures, LONGEST_PAUSE_S)
            _tell(f"{child.name} terminou com {child.process.returncode}; iniciando de novo")
        if now >= child.next_start:
            self._launch(child)

    def stop(self) -> None:
        """Stop the children, all at once, then the database."""
        for child in reversed(self._children):
            child.ask_to_stop()
        for child in reversed(self._children):
            child.stop()
        if self._postgres is not None:
            self._postgres.stop()
        self._status.unlink(missing_ok=True)
        if self._held is not None:
            self._held.close()

    def tell(self, **facts: str) -> None:
        """Add to what `running.json` says, such as the addresses."""
        self._facts.update(facts)
        self._write_status()

    def _launch(self, child: Child) -> None:
        child.start(self._logs)
        self._write_status()

    def _write_status(self) -> None:
        pids = {child.name: child.process.pid for child in self._children if child.process is not None}
        if self._postgres is not None and self._postgres.pid is not None:
            pids["postgres"] = self._postgres.pid
        partial = self._status.with_suffix(".partial")
        partial.write_text(json.dumps({**self._facts, "pids": pids}, indent=1))
        partial.rename(self._status)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stop_with_parent() -> None:
    """In the child: SIGTERM when the parent dies (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
