"""A house with units, people who sign with a password, a dossier of the unit GRI, a storage and a sealer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

import people
from documents.dossier import operations as dossiers
from documents.dossier.models import DossierDocument
from documents.signatures import sealing
from documents.texts import operations as texts
from integrations.mail import FolderMailbox
from people.keyring import Keyring
from people.models import Account
from people.passwords import hash_password
from people.settings import PeopleSettings
from people.units import add_membership
from tests.documents.dossier.conftest import install
from workflow import clock, database
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction

PASSWORD = "uma senha bem comprida"
TEXT = "<p>Senhora Gerente,</p><p>Encaminhamos o pedido para análise.</p>"


@dataclass(frozen=True)
class House:
    """Who works where, and a dossier of the GRI."""

    gri: Actor
    colleague: Actor
    gti: Actor
    dossier: UUID


def person(session: Session, login: str, name: str, unit: str, *roles: str) -> Actor:
    """A servant who signs with PASSWORD."""
    account = Account(kind="staff", login=login, display_name=name, password_hash=_hash(), created_at=clock.now())
    account.confirmed_at = clock.now()
    session.add(account)
    session.flush()
    for role in roles or ("servidor",):
        add_membership(session, account.id, unit, role, actor=SYSTEM)
    return Actor("account", account.id, None, frozenset(roles or ("servidor",)), unit)


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def build(session: Session) -> House:
    """The units, three people, one dossier."""
    install(session)
    gri = person(session, "joana", "Joana Ferreira Lopes", "GRI")
    colleague = person(session, "pedro", "Pedro Álvares Dias", "GRI")
    gti = person(session, "tereza", "Tereza Nunes", "GTI", "servidor", "protocolo")
    dossier = dossiers.open_dossier(session, "administrativo_geral", actor=gri, parties=["Câmara Municipal de Betim"])
    return House(gri, colleague, gti, dossier.id)


@pytest.fixture
def keys(tmp_path: Path, storage: Path) -> Path:
    """Keyring and mailbox of this test, with the documents' storage."""
    people.configure(PeopleSettings(Keyring.new(), FolderMailbox(tmp_path / "correio"), "http://127.0.0.1"))
    return storage


@pytest.fixture
def house(session: Session, keys: Path) -> House:
    """A house that the test's end takes away."""
    return build(session)


@pytest.fixture
def real_house(database_url: str, keys: Path) -> House:
    """A house that is committed, for whatever runs at once; connections as of several server processes."""
    database.configure(database_url, max_overflow=40)
    with transaction() as session:
        return build(session)


def written(session: Session, house: House, type_key: str = "despacho", html: str = TEXT) -> DossierDocument:
    """A document of the GRI with a text."""
    document = dossiers.add_document(session, house.dossier, "internal", type_key, actor=house.gri)
    texts.save(session, document.id, html, actor=house.gri, based_on=0)
    return document


def seal(session: Session, document: DossierDocument) -> None:
    """What the worker does."""
    sealing.seal_signed(session, document.id)
    session.refresh(document)


def account_of(session: Session, actor: Actor) -> Account:
    assert actor.id is not None
    return session.get_one(Account, actor.id)
