from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from gate_bridge import writer
from gate_bridge.clock import BridgeClock, Timing
from gate_bridge.devices import camera
from gate_bridge.events import Event, new_id
from gate_bridge.gallery import Gallery
from gate_bridge.link import ServerLink
from gate_bridge.sender import Sender
from gate_bridge.settings import Key
from gate_bridge.spool import Spool
from integrations.faces.boxes import GalleryEntry, cpf_digest, new_secret, seal_entry
from integrations.faces.embedding import Vector, unit
from tests.gate_bridge.gate_server import GateServer

FACES = Path(os.environ.get("CARIMBO_FACES") or Path(__file__).parents[3] / "shared" / "faces")
KEY = Key("k1", b"segredo-da-ponte")
SECRET = new_secret()
CPF = "52998224725"


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).normal(size=128))


def event(person: str | None = None, *, post: str = "P1", at: float = 0.0, decision: str = "recognised") -> Event:
    moment = datetime.fromtimestamp(1_790_000_000 + at, UTC)
    person = (person or str(uuid4())) if decision == "recognised" else None
    return Event(
        id=new_id(),
        post=post,
        device="cam",
        device_kind="camera",
        timing=Timing(None, moment, moment, 0.0),
        way="one_to_one",
        claim="cpf",
        decision=decision,
        person=person,
        score=0.2,
        limit=0.3,
        frames=3,
    )  # type: ignore[arg-type]


def put(
    person: str, seed: int, *, cpf: str | None = None, seen_at: datetime | None = None, name: str = "Ana Lúcia"
) -> dict[str, str]:
    entry = GalleryEntry(vector(seed), 3, name, cpf_digest(SECRET, cpf) if cpf else None)
    return {
        "op": "put",
        "person": person,
        "box": seal_entry(SECRET, person, entry),
        "seen_at": (seen_at or datetime.now(UTC)).isoformat(),
    }


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses that people and devices need, tests do not."""
    monkeypatch.setattr(writer, "_PROBE_S", 0.1)
    monkeypatch.setattr(camera, "_PICTURE_S", 0.02)
    monkeypatch.setattr(camera, "_FOLDER_POLL_S", 0.02)


def dumped(spool: Spool) -> str:
    """Everything in the file, as SQL."""
    with closing(spool._connect()) as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool.sqlite", reserve_bytes=0)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> BridgeClock:
    return BridgeClock()


@pytest.fixture
def server() -> Iterator[GateServer]:
    running = GateServer({KEY.id: KEY.secret})
    yield running
    running.close()


@pytest.fixture
def link(server: GateServer, clock: BridgeClock) -> ServerLink:
    return ServerLink(server.url, "b1", (KEY,), clock)


@pytest.fixture
def sender(spool: Spool, link: ServerLink) -> Sender:
    return Sender(spool, link)


@pytest.fixture
def gallery(spool: Spool, clock: BridgeClock) -> Gallery:
    return Gallery(spool, SECRET, clock)


@pytest.fixture
def connect(clock: BridgeClock) -> Callable[[GateServer, tuple[Key, ...]], ServerLink]:
    return lambda running, keys: ServerLink(running.url, "b1", keys, clock)
