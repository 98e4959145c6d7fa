"""People with real keys, a mailbox that is a folder, units and accounts of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy.orm import Session

import people
from integrations.mail import FolderMailbox
from people import faces
from people.keyring import Keyring
from people.models import Account, Membership, Unit
from workflow import clock
from workflow.actor import Actor

CPF, OTHER_CPF, THIRD_CPF = "52998224725", "11144477735", "12345678909"
_KEYRING = Keyring.new()


@pytest.fixture(autouse=True)
def mailbox(tmp_path: Path) -> Iterator[FolderMailbox]:
    """The part configured as the wiring does it."""
    box = FolderMailbox(tmp_path / "correio")
    people.configure(people.PeopleSettings(_KEYRING, box, "https://portal.example"))
    faces.forget_cache()
    yield box
    faces.forget_cache()


def staff(session: Session, role: str, sigla: str = "GRPC", login: str | None = None) -> Actor:
    """A servant with one role in one unit; the password is not one that verifies."""
    unit = session.query(Unit).filter_by(sigla=sigla).one_or_none()
    if unit is None:
        unit = Unit(sigla=sigla, name=sigla)
        session.add(unit)
    account = Account(
        kind="staff",
        login=login or f"{role}-{uuid4().hex[:8]}",
        display_name="Servidora Pública",
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )
    session.add(account)
    session.flush()
    session.add(Membership(account_id=account.id, unit_id=unit.id, role=role, starts_on=clock.today()))
    session.flush()
    return Actor("account", account.id, None, frozenset({role}), sigla)


def citizen(session: Session, email: str, person_id: UUID | None = None) -> Actor:
    """A confirmed account of the portal."""
    account = Account(
        kind="citizen",
        login=email,
        email=email,
        person_id=person_id,
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )
    session.add(account)
    session.flush()
    return Actor("account", account.id, person_id, frozenset({"cidadao"}))


Make = Callable[[str], Actor]


@pytest.fixture
def desk(session: Session) -> Actor:
    """An attendant of the GRPC."""
    return staff(session, "identificacao")


@pytest.fixture
def gpol(session: Session) -> Actor:
    """An officer of the Gpol."""
    return staff(session, "gpol", "GPOL")


@pytest.fixture
def cac(session: Session) -> Actor:
    """An attendant of the CAC."""
    return staff(session, "cac", "CAC")


def face(seed: int, spread: float = 0.0, shot: int = 0) -> npt.NDArray[np.float32]:
    """A unit vector for the person `seed`, moved by `spread` in picture `shot`."""
    base = np.random.default_rng(seed).normal(size=128)
    noise = np.random.default_rng((seed, shot, 7)).normal(size=128)
    base /= np.linalg.norm(base)
    moved = base + spread * noise / np.linalg.norm(noise)
    return np.asarray(moved / np.linalg.norm(moved), dtype=np.float32)
