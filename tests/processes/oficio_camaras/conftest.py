"""A signed ofício without servers: câmaras imported, types installed, people who write, review, approve and sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import documents
import people
import processes
from documents.dossier.operations import install_types
from documents.sealing import PadesSealer
from integrations.mail import FolderMailbox
from integrations.postgres import EmbeddedPostgres
from people import accounts, units
from people.keyring import Keyring
from people.models import Account
from processes.oficio_camaras import audit, operations, settings
from processes.oficio_camaras.models import Camara, Campaign
from processes.oficio_camaras.settings import OficioSettings
from tests.conftest import _copy
from tests.processes.conftest import at, now_is
from workflow import clock, database, queries
from workflow import operations as engine
from workflow.actor import SYSTEM, Actor

PASSWORD = "uma senha bem comprida de teste"
KEYRING = Keyring.new()
SIX = ("3106705", "3106200", "3118601", "3136702", "3143302", "3170206")
"""Betim, Belo Horizonte, Contagem, Juiz de Fora, Montes Claros, Uberlândia."""
TEXT = "<p>Encaminhamos a «camara.nome» o novo serviço.</p><p>Contamos com Vossa Excelência.</p>"
REPLY_TO = "ceac@almg.example"


@dataclass(frozen=True)
class Team:
    """Who acts."""

    writer: Actor
    chief: Actor
    director: Actor


@pytest.fixture(scope="session")
def oficio_database(postgres: EmbeddedPostgres, template_database: str) -> str:
    """The name of a database with diagrams, types, units, people and the 853 câmaras; tests copy it."""
    processes.discover()
    name = _copy(postgres, template_database)
    bound = create_engine(database.driver_url(postgres.url(name)))
    with Session(bound) as session, session.begin():
        people.configure(people.PeopleSettings(KEYRING, FolderMailbox(Path("/nonexistent")), "http://portal.example"))
        engine.deploy(session)
        install_types(session)
        units.create_unit(session, "GRPC", "Gerência-Geral de Relações Públicas e Cerimonial", actor=SYSTEM)
        units.create_unit(session, "GRI", "Gerência de Relações Institucionais", actor=SYSTEM, parent="GRPC")
        for login, role, unit in (
            ("redatora", "servidor", "GRI"),
            ("chefe", "chefia", "GRI"),
            ("diretor", "chefia", "GRPC"),
        ):
            account = accounts.create_staff_account(
                session, login, f"{login.title()} Ferreira Lopes", PASSWORD, actor=SYSTEM
            )
            units.add_membership(session, account.id, unit, role, actor=SYSTEM, starts_on=date(2018, 1, 2))
        operations.import_camaras(session)
        for camara in session.scalars(select(Camara)):
            camara.email, camara.email_valid = f"camara.{camara.ibge}@municipio.example", True
    bound.dispose()
    return name


@pytest.fixture
def configured(tmp_path: Path, sealer: PadesSealer) -> OficioSettings:
    """The packages as the wiring does it; messages rest in a folder; the legal clock reads 14/12/2018, 10 h."""
    mailbox = FolderMailbox(tmp_path / "correio", "portal@almg.example")
    people.configure(people.PeopleSettings(KEYRING, mailbox, "http://portal.example"))
    documents.configure(str(tmp_path / "documentos"), sealer, "http://portal.example/validaDocumento")
    chosen = OficioSettings(mailbox, "http://portal.example", REPLY_TO, rate_per_minute=0)
    settings.configure(chosen)
    now_is(at("10:00", "2018-12-14"))
    return chosen


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, oficio_database: str, configured: OficioSettings) -> Any:
    """A copy of that database, bound to `workflow.database`; what a test did there agrees with the chains at its end."""
    name = _copy(postgres, oficio_database)
    url = postgres.url(name)
    database.configure(url)
    yield url
    with database.transaction() as session:
        told = audit.verify(session)
    database.dispose()
    assert told == []
    import psycopg

    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def rollback_url(postgres: EmbeddedPostgres, oficio_database: str) -> str:
    """The same for tests that roll back."""
    return postgres.url(_copy(postgres, oficio_database))


@pytest.fixture
def db(session: Session, configured: OficioSettings) -> Session:
    """A session that is rolled back at the end."""
    return session


def team_of(session: Session) -> Team:
    def actor(login: str) -> Actor:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        return units.actor_of(session, account.id)

    return Team(actor("redatora"), actor("chefe"), actor("diretor"))


def begin(session: Session, **data: Any) -> Campaign:
    """A case that starts by itself, with its empty draft."""
    case = engine.start_case(session, "oficio_camaras", {"dossier": None, **data}, actor=team_of(session).writer)
    return session.scalars(select(Campaign).where(Campaign.case_id == case.id)).one()


def task_of(session: Session, campaign: Campaign, node: str) -> UUID:
    """The one open task at this node."""
    (found,) = [task.id for task in queries.case_view(session, campaign.case_id).tasks if task.node == node]
    return found


def do(session: Session, campaign: Campaign, node: str, actor: Actor, **data: Any) -> None:
    engine.complete_task(session, task_of(session, campaign, node), data, actor=actor)


def drafted(session: Session, recipients: Sequence[str] | None = SIX, **changes: Any) -> Campaign:
    """A draft with text, ready for the review."""
    campaign = begin(session)
    values: dict[str, Any] = {"subject": "Declaração de comparecimento", "body": TEXT, "recipients": recipients}
    draft = operations.Draft(**{**values, **changes})
    operations.save_draft(session, campaign.id, draft, actor=team_of(session).writer)
    return campaign


def approved(session: Session, recipients: Sequence[str] | None = SIX, **changes: Any) -> Campaign:
    """An ofício that waits for its signature."""
    campaign, team = drafted(session, recipients, **changes), team_of(session)
    do(session, campaign, "redigir", team.writer)
    do(session, campaign, "revisar", team.chief, revisao="aprovar")
    if len(campaign.recipients) > 1:
        do(session, campaign, "aprovar", team.director, aprovacao="aprovar")
    return campaign


def signed(session: Session, recipients: Sequence[str] | None = SIX, **changes: Any) -> Campaign:
    """A signed ofício whose exemplars are to be made."""
    campaign = approved(session, recipients, **changes)
    operations.sign(
        session, task_of(session, campaign, "assinar"), password=PASSWORD, cargo="Gerente", actor=team_of(session).chief
    )
    return campaign


def run_jobs(url: str) -> None:
    """Work off the queue until nothing is left."""
    from workflow import jobs

    jobs.run_worker(url, concurrency=1, wait=False, install_signal_handlers=False)


def later(**elapsed: float) -> None:
    """Move the legal clock on."""
    from datetime import timedelta

    clock.configure(clock.now() + timedelta(**elapsed) - clock.real_now())
