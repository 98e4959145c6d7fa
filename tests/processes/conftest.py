"""The processes deployed over real tables, with people of real keys, a sealer, posts and a bridge."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import documents
import people
import processes
from documents.development_ca import development_sealer
from documents.sealing import PadesSealer
from documents.settings import HOUSE
from integrations.mail import FolderMailbox
from integrations.postgres import EmbeddedPostgres
from people.keyring import Keyring
from people.models import Account, Person
from people.persons import create_person
from processes.entrada import operations
from processes.entrada.bridges import KnownBridge
from processes.entrada.jobs import open_case
from processes.entrada.models import Bridge, GateEvent
from processes.entrada.received import ReceivedEvent
from tests.conftest import _copy
from workflow import clock, database, queries
from workflow import operations as engine
from workflow.actor import Actor

_KEYRING = Keyring.new()
TUESDAY = "2026-11-24"


def at(clock_time: str, day: str = TUESDAY) -> datetime:
    """An instant of America/Sao_Paulo, as UTC."""
    return datetime.fromisoformat(f"{day}T{clock_time}").replace(tzinfo=clock.TZ).astimezone(UTC)


def now_is(instant: datetime) -> None:
    """Shift the legal clock so that it reads `instant`."""
    clock.configure(instant - clock.real_now())


@pytest.fixture(scope="session")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> PadesSealer:
    return development_sealer(tmp_path_factory.mktemp("selo"), HOUSE)


@pytest.fixture(scope="session")
def rollback_url(postgres: EmbeddedPostgres, template_database: str) -> str:
    """A database with the diagrams deployed and the posts installed, which every test leaves as it was."""
    processes.discover()
    url = postgres.url(_copy(postgres, template_database))
    engine_ = create_engine(database.driver_url(url))
    with Session(engine_) as session, session.begin():
        engine.deploy(session)
        operations.install_posts(session)
    engine_.dispose()
    return url


@pytest.fixture
def configured(tmp_path: Path, sealer: PadesSealer) -> None:
    """People, documents and processes as the wiring does it; the legal clock reads Tuesday, 10h."""
    people.configure(people.PeopleSettings(_KEYRING, FolderMailbox(tmp_path / "correio"), "http://portal.example"))
    documents.configure(str(tmp_path / "documentos"), sealer, "http://portal.example/validaDocumento")
    processes.discover()
    now_is(at("10:00"))


@pytest.fixture
def db(session: Session, configured: None) -> Session:
    """A session over deployed diagrams and installed posts; rolled back at the end."""
    return session


@pytest.fixture
def bridge(db: Session) -> KnownBridge:
    return enrolled(db)


def enrolled(session: Session, code: str = "PI-HALL") -> KnownBridge:
    """A bridge of that post."""
    credentials = operations.enrol_bridge(session, operations.post_by_code(session, code))
    row = session.get_one(Bridge, credentials.bridge_id)
    return KnownBridge(row.id, row.post_id, base64.b64decode(credentials.gallery_secret))


def person(session: Session, name: str = "Maria Aparecida", cpf: str | None = "52998224725") -> Person:
    """Somebody registered with a proved CPF."""
    return create_person(session, name, cpf, verified=True)


def account_of(session: Session, who: Person) -> Actor:
    """The citizen's account of a person."""
    email = f"{uuid4().hex}@example.org"
    account = Account(
        kind="citizen", login=email, email=email, person_id=who.id, created_at=clock.now(), confirmed_at=clock.now()
    )
    session.add(account)
    session.flush()
    return Actor("account", account.id, who.id, frozenset({"cidadao"}))


def staff(role: str, unit: str) -> Actor:
    """Somebody of the house in one role."""
    return Actor("account", uuid4(), None, frozenset({role}), unit)


GRPC = staff("identificacao", "GRPC")
GPOL = staff("gpol", "GPOL")
CAC = staff("cac", "CAC")
GABINETE = staff("gabinete", "GAB-01")


def received(who: UUID | None = None, **changes: Any) -> ReceivedEvent:
    """An event as a healthy bridge sends it."""
    instant = changes.pop("instant", at("10:00"))
    values: dict[str, Any] = {
        "id": uuid4(), "sequence": 1, "post": "PI-HALL", "device": "camera-1", "device_kind": "camera",
        "device_time": None, "bridge_time": instant, "instant": instant, "skew_s": 0.0, "way": "one_to_one",
        "claim": "cpf", "decision": "recognised" if who else "unknown", "person": who, "score": 0.2, "limit": 0.29,
        "frames": 3, "calibration": "c1",
    }  # fmt: skip
    return ReceivedEvent(**{**values, **changes})


def pass_gate(session: Session, bridge: KnownBridge, who: UUID | None = None, **changes: Any) -> GateEvent:
    """One event accepted and its case started, as the job does it."""
    event = received(who, **changes)
    done = operations.accept_events(session, bridge, [event])
    assert done.accepted == (event.id,)
    row = session.scalars(select(GateEvent).where(GateEvent.id == event.id)).one()
    open_case(session, row, actor=bridge.actor)
    return row


def open_node(session: Session, case_id: UUID | None) -> str | None:
    """The node of the one open task of a case; None when there is none."""
    assert case_id is not None
    nodes = [task.node for task in queries.case_view(session, case_id).tasks]
    assert len(nodes) <= 1
    return nodes[0] if nodes else None


def answer(session: Session, case_id: UUID | None, actor: Actor, **data: Any) -> None:
    """Complete the one open task of a case."""
    assert case_id is not None
    (task,) = queries.case_view(session, case_id).tasks
    engine.complete_task(session, task.id, data, actor=actor)
