"""The gates on a real installation: `python -m bench.gate [--quick] [--json]`.

A PostgreSQL with its ordinary durability, the web server and the workers as processes of their own, requests signed as a
bridge signs them. How many events a second are accepted in batches; how long a backlog takes that grew while no worker
ran; and, at twenty entries a second, how long after its acceptance an entry is listed for its declaração.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import requests
from sqlalchemy import text

import migrations
from bench.report import Figure, arguments, progress, show
from gate_bridge.settings import Key
from gate_bridge.signing import headers
from integrations.postgres import EmbeddedPostgres
from processes.entrada import operations
from processes.entrada.bridges import Credentials
from webapp import Settings, wiring
from workflow import clock, database
from workflow import operations as engine

ROOT = Path(__file__).resolve().parents[1]
OPENED = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
WORKERS = 2
BATCH = 500
RATE = 20
PEOPLE = text("""
INSERT INTO person (id, full_name, name_folded, name_tokens, cpf, cpf_verified_at, without_document, created_at)
SELECT gen_random_uuid(), 'Pessoa ' || n, 'pessoa ' || n, '{pessoa}', lpad(n::text, 11, '0'), :now, false, :now
FROM generate_series(1, :count) n
""")
FACES = text("""
INSERT INTO face_record (person_id, vector, pictures, updated_at, seen_at)
SELECT id, '\\x00', 3, :before, :before FROM person
""")
STATE = text("""
SELECT count(*), count(*) FILTER (WHERE case_id IS NOT NULL), count(DISTINCT case_id) FROM gate_event
WHERE id = ANY(:ids)
""")
ENTRIES = text("SELECT count(*), count(DISTINCT event_id) FROM entry WHERE event_id = ANY(:ids)")
LISTED = text("""
SELECT extract(epoch FROM attendance.listed_at - event.accepted_at)
FROM gate_event event JOIN entry ON entry.event_id = event.id
JOIN attendance ON attendance.person_id = entry.person_id AND attendance.date = entry.date
WHERE event.id = ANY(:ids)
""")


@dataclass
class Bridge:
    """A bridge as the server sees it."""

    url: str
    credentials: Credentials
    session: requests.Session = field(default_factory=requests.Session)
    sequence: int = 0

    def send(self, people: Sequence[UUID], at: datetime) -> list[str]:
        """One signed batch of recognised passages; the ids that the server accepted."""
        events = [self._event(person, at) for person in people]
        body = json.dumps({"events": events}).encode()
        key = Key(self.credentials.key_id, self.credentials.secret.encode())
        target = "/api/v1/gate/events"
        signed = headers(str(self.credentials.bridge_id), key, "POST", target, time.time(), body)
        answer = self.session.post(self.url + target, data=body, headers=signed, timeout=60)
        answer.raise_for_status()
        accepted: list[str] = answer.json()["accepted"]
        return accepted

    def _event(self, person: UUID, at: datetime) -> dict[str, object]:
        self.sequence += 1
        return {
            "id": str(uuid4()), "sequence": self.sequence, "post": self.credentials.post, "device": "camera-1",
            "device_kind": "camera", "bridge_time": at.isoformat(), "instant": at.isoformat(), "skew_s": 0.0,
            "way": "one_to_one", "claim": "cpf", "decision": "recognised", "person": str(person), "score": 0.2,
            "limit": 0.29, "frames": 3, "calibration": "bench",
        }  # fmt: skip


@dataclass(frozen=True)
class Installation:
    """A seeded installation: its environment and its people."""

    environment: dict[str, str]
    url: str
    credentials: Credentials
    people: list[UUID]


def main() -> int:
    """Measure and print."""
    options = arguments(__doc__ or "", _options)
    backlog, seconds = (1_000, 10) if options.quick else (10_000, 60)
    with tempfile.TemporaryDirectory(prefix="carimbo-bench-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder)) as server:
            made = _seed(Path(folder), server.ensure_database(), backlog + RATE * seconds)
            figures = _measure(made, backlog, seconds)
            database.dispose()
    return show("Gate: events, entries, attendances", figures, options.json)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="a tenth of the events")


def _measure(made: Installation, backlog: int, seconds: int) -> list[Figure]:
    bridge = Bridge(made.url, made.credentials)
    with _running(made, ["serve", "--port", made.url.rpartition(":")[2]]):
        _wait_for(made.url)
        bridge.send([], clock.now())
        progress(f"accepting {backlog} events in batches of {BATCH}, no worker running")
        start = time.perf_counter()
        sent = _send_all(bridge, made.people[:backlog])
        accepting = time.perf_counter() - start
        progress(f"draining {backlog} events with {WORKERS} workers")
        with _workers(made) as workers:
            _wait_until_done(sent, 60, some=1)  # the workers' own start is not the backlog's
            start, before = time.perf_counter(), _cpu(workers)
            _wait_until_done(sent, 900)
            draining, used = time.perf_counter() - start, _cpu(workers) - before
            progress(f"{RATE} entries a second for {seconds} s")
            live = _at_rate(bridge, made.people[backlog:])
            _wait_until_done(live, 60)
    return [*_backlog_figures(sent, accepting, draining, used), *_live_figures(live)]


def _backlog_figures(sent: list[str], accepting: float, draining: float, used: float) -> list[Figure]:
    share = len(sent) / 10_000
    return [
        Figure("events accepted, batches of 500", len(sent) / accepting, "events/s", 1000, ">="),
        Figure(f"backlog of {len(sent)} drained", draining, "s", 240 * share, note=f"{WORKERS} workers"),
        Figure("events handled while draining", len(sent) / draining, "events/s"),
        Figure(
            "workers' CPU per event",
            used / len(sent) * 1000,
            "ms",
            note="does not depend on what else the machine does",
        ),
        *_whole("backlog", sent),
    ]


def _live_figures(sent: list[str]) -> list[Figure]:
    waits = sorted(float(row) for row in _all(LISTED, sent))
    return [
        Figure(f"acceptance to listed, {RATE}/s, p50", waits[len(waits) // 2], "s"),
        Figure(f"acceptance to listed, {RATE}/s, p99", waits[int(len(waits) * 0.99)], "s", 2.0),
        Figure(f"acceptance to listed, {RATE}/s, longest", waits[-1], "s"),
        *_whole("live", sent),
    ]


def _whole(name: str, sent: list[str]) -> list[Figure]:
    stored, handled, cases = _one(STATE, sent)
    entries, events = _one(ENTRIES, sent)
    lost = len(sent) - min(stored, handled, entries, len(_all(LISTED, sent)))
    doubled = (entries - events) + (handled - cases)
    return [Figure(f"lost ({name})", lost, "events", 0, "=="), Figure(f"doubled ({name})", doubled, "events", 0, "==")]


def _send_all(bridge: Bridge, people: list[UUID]) -> list[str]:
    sent: list[str] = []
    for start in range(0, len(people), BATCH):
        sent += bridge.send(people[start : start + BATCH], clock.now() - timedelta(minutes=30))
    return sent


def _at_rate(bridge: Bridge, people: list[UUID]) -> list[str]:
    """One entry each twentieth of a second, whatever the answers take."""
    sent: list[str] = []
    start = time.perf_counter()
    for number, person in enumerate(people):
        time.sleep(max(0.0, start + number / RATE - time.perf_counter()))
        sent += bridge.send([person], clock.now())
    return sent


def _wait_until_done(sent: list[str], limit: float, *, some: int | None = None) -> None:
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if _one(STATE, sent)[1] >= (some or len(sent)):
            return
        time.sleep(0.2)
    progress("some events were not handled in time")


def _one(query: object, ids: list[str]) -> Sequence[int]:
    with database.transaction() as session:
        return tuple(session.execute(query, {"ids": [UUID(key) for key in ids]}).one())  # type: ignore[call-overload]  # text


def _all(query: object, ids: list[str]) -> list[float]:
    with database.transaction() as session:
        return list(session.scalars(query, {"ids": [UUID(key) for key in ids]}))  # type: ignore[call-overload]  # text


def _seed(folder: Path, url: str, people: int) -> Installation:
    progress(f"seeding {people} people")
    settings = Settings(url, folder, "benchmark", clock_offset=OPENED - clock.real_now())
    migrations.upgrade(url)
    wiring.wire(settings)
    now = clock.now()
    with database.transaction() as session:
        engine.deploy(session)
        operations.install_posts(session)
        credentials = operations.enrol_bridge(session, operations.post_by_code(session, "PI-HALL"))
        session.execute(PEOPLE, {"now": now, "count": people})
        session.execute(FACES, {"before": now - timedelta(days=1)})
        ids = list(session.scalars(text("SELECT id FROM person")))
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "CARIMBO_DATA": str(folder),
        "CARIMBO_CLOCK_OFFSET": str(settings.clock_offset.total_seconds()),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    return Installation(environment, f"http://127.0.0.1:{_free_port()}", credentials, ids)


@contextmanager
def _workers(made: Installation) -> Iterator[list[int]]:
    line = ["worker", "--concurrency", "1"]
    with ExitStack() as stack:
        yield [stack.enter_context(_running(made, line)) for _ in range(WORKERS)]


def _cpu(workers: list[int]) -> float:
    """Seconds of CPU that the processes have used."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in workers)


@contextmanager
def _running(made: Installation, command: list[str]) -> Iterator[int]:
    """A `carimbo` command as a process of its own, ended at the end; what it logs goes to a file of the data folder."""
    log = Path(made.environment["CARIMBO_DATA"]) / f"{command[0]}.log"
    with log.open("ab") as output:
        line = [sys.executable, "-c", "from webapp.cli import main; main()", *command]
        process = subprocess.Popen(line, env=made.environment, cwd=ROOT, stdout=output, stderr=output)
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise SystemExit("the web server did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
