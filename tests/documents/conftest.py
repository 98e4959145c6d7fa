"""A configured documents package: a storage folder, a sealer of this run, a keyring, a person who owns documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

import documents
import people
from documents import codes
from documents.development_ca import development_sealer
from documents.fields import written
from documents.kinds import get
from documents.rendering import Page, render_pdf
from documents.sealing import PadesSealer
from documents.settings import HOUSE
from integrations.mail import FolderMailbox
from people import crypto
from people.keyring import Keyring
from people.models import Person
from people.settings import PeopleSettings
from workflow import clock

KIND = "declaracao_comparecimento"
BASE = "https://www.almg.gov.br/validaDocumento"
FIELDS: Mapping[str, str] = {"name": "Maria Aparecida da Conceição", "cpf": "52998224725", "date": "2026-11-24"}


@pytest.fixture(scope="session")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> PadesSealer:
    return development_sealer(tmp_path_factory.mktemp("selo"), HOUSE)


@pytest.fixture
def storage(tmp_path: Path, sealer: PadesSealer) -> Path:
    """The folder of the storage in force."""
    folder = tmp_path / "documentos"
    documents.configure(str(folder), sealer, BASE)
    return folder


@pytest.fixture
def keyring(tmp_path: Path) -> None:
    people.configure(PeopleSettings(Keyring.new(), FolderMailbox(tmp_path / "correio"), "http://127.0.0.1"))


def make_person(session: Session) -> UUID:
    person = Person(full_name="Maria Aparecida da Conceição", name_folded="maria", created_at=clock.now())
    session.add(person)
    session.flush()
    crypto.create_key(session, person.id)
    return person.id


@pytest.fixture
def owner(session: Session, keyring: None) -> UUID:
    return make_person(session)


def page_for(**fields: str) -> Page:
    """A page of the declaração with the sample's data, some fields changed."""
    kind = get(KIND)
    sample = kind.sample()
    texts = written(kind, {**sample["fields"], **fields})
    qr_text = f"{sample['validation_base_url']}/{sample['token']}"
    return Page(KIND, texts, sample["code"], qr_text, datetime.fromisoformat(sample["issued_at"]))


@pytest.fixture(scope="session")
def sample_pdf() -> bytes:
    return render_pdf(page_for())


@pytest.fixture(scope="session")
def sealed_pdf(sample_pdf: bytes, sealer: PadesSealer) -> bytes:
    return sealer.seal(sample_pdf)


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def unknown_code() -> str:
    return codes.formatted(codes.new_code())
