"""A desk for the tests: Tuesday at ten, posts, a bridge, enrolled faces, doubtful entries."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from playwright.sync_api import Page, expect
from sqlalchemy import select

from integrations.faces import boxes
from integrations.faces.quality import QualityReport
from people import faces, registration
from people.persons import create_person
from processes.entrada import operations
from processes.entrada.bridges import KnownBridge
from processes.entrada.jobs import open_case
from processes.entrada.models import Bridge, GateEvent
from processes.entrada.received import Candidate, ReceivedEvent
from tests.webapp.scenario import PASSWORD, actor_of
from workflow import clock, queries
from workflow import operations as engine
from workflow.actor import Actor
from workflow.database import transaction

JSON = {"Accept": "application/json"}


def open_the_house(hour: str = "10:00") -> None:
    """Tuesday 24/11/2026 at that hour; diagrams deployed, posts installed."""
    clock.configure(
        datetime.fromisoformat(f"2026-11-24T{hour}").replace(tzinfo=clock.TZ).astimezone(UTC) - clock.real_now()
    )
    with transaction() as session:
        engine.deploy(session)
        operations.install_posts(session)
    faces.forget_cache()


def enrolled(name: str, cpf: str | None, jpeg: bytes, vector: np.ndarray | None = None) -> UUID:
    """Somebody registered with a face; without `vector` one at random."""
    drawn = np.random.default_rng(7).normal(size=128) if vector is None else vector
    with transaction() as session:
        made = create_person(session, name, cpf, verified=True)
        faces.enrol(session, made.id, vectors=[drawn], face_jpeg=jpeg, document_jpeg=None)
    return made.id


def bridge() -> KnownBridge:
    """An enrolled bridge at the main hall."""
    with transaction() as session:
        credentials = operations.enrol_bridge(session, operations.post_by_code(session, "PI-HALL"))
        row = session.get_one(Bridge, credentials.bridge_id)
        return KnownBridge(row.id, row.post_id, base64.b64decode(credentials.gallery_secret))


def doubt(gate: KnownBridge, candidates: list[UUID], crop: bytes | None = None) -> UUID:
    """A face that the gate was not sure of; the id of the task that waits for the attendant."""
    event_id, now = uuid4(), clock.now()
    sealed = None if crop is None else boxes.seal_crop(gate.gallery_secret, event_id, crop)
    event = ReceivedEvent(
        id=event_id, sequence=1, post="PI-HALL", device="camera-1", device_kind="camera", device_time=None,
        bridge_time=now, instant=now, skew_s=0.0, way="one_to_many", claim=None,
        decision="doubtful" if candidates else "unknown", person=None, score=0.33, limit=0.27,
        candidates=tuple(Candidate(person, 0.33 + 0.01 * number) for number, person in enumerate(candidates)),
        frames=3, calibration="teste", crop=sealed,
    )  # fmt: skip
    with transaction() as session:
        done = operations.accept_events(session, gate, [event])
        assert done.accepted == (event_id,)
        row = session.scalars(select(GateEvent).where(GateEvent.id == event_id)).one()
        open_case(session, row, actor=Actor("bridge", id=gate.id))
        assert row.case_id is not None
        (task,) = queries.case_view(session, row.case_id).tasks
    return task.id


@dataclass(frozen=True, eq=False)
class _Taken:
    """A good picture, as the recognition processes tell it."""

    jpeg: bytes
    vector: np.ndarray
    quality: QualityReport

    @property
    def face_jpeg(self) -> bytes:
        return self.jpeg


def photographed(draft_id: UUID, login: str, jpeg: bytes) -> None:
    """A good picture of the face is in the attendant's draft, without a camera."""
    taken = _Taken(jpeg, np.random.default_rng(5).normal(size=128), QualityReport("ok", "Foto boa."))
    with transaction() as session:
        registration.add_face(session, draft_id, taken, actor=actor_of(login))


def photographs(folder: Path, name: str) -> list[Path]:
    """The pictures of one person of the folder, in order."""
    return sorted((folder / "known" / name).glob("*.jpg"))


def sign_in(page: Page, server: str, login: str) -> None:
    """Signs a browser in through the page."""
    page.goto(server + "/entrar")
    page.get_by_label("E-mail ou usuário").fill(login)
    page.get_by_label("Senha", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("button", name="Sair")).to_be_visible()
