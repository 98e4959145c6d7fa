"""An installation with the 853 câmaras and people who write, approve and sign; ofícios made as in the house."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.postgres import EmbeddedPostgres
from processes.oficio_camaras import operations
from processes.oficio_camaras.models import Campaign, Exemplar
from tests.conftest import _copy
from tests.processes.oficio_camaras.conftest import PASSWORD, TEXT, approved, oficio_database, task_of, team_of
from tests.webapp import scenario
from webapp import Settings, create_app
from workflow import database
from workflow.database import transaction

__all__ = ["PASSWORD", "House", "dispatched", "house", "oficio_database"]

BETIM, BELO_HORIZONTE, CONTAGEM = "3106705", "3106200", "3118601"
LINK = re.compile(r"https?://[^\s]+(/oficios/recebimento/[\w-]+)")


@dataclass(frozen=True)
class House:
    """An application over a database of the module's own; messages rest as files."""

    app: Flask
    url: str
    data: Path

    def client(self, login: str | None = None, password: str = PASSWORD) -> FlaskClient:
        """A client, signed in as one of the team where a login is given."""
        made = self.app.test_client()
        if login:
            scenario.sign_in(made, login, password)
        return made

    def messages(self, to: str = "") -> list[EmailMessage]:
        """What was sent, in order, to an address."""
        files = sorted((self.data / "correio").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        read = [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]
        return [one for one in read if to in str(one["To"])]

    def link(self, ibge: str) -> str:
        """The path of the last link that this câmara received."""
        body = self.messages(f"camara.{ibge}@")[-1].get_body(("plain",))
        assert body is not None
        found = LINK.search(body.get_content())
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def house(
    postgres: EmbeddedPostgres, oficio_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One for a module, since its tests use ofícios or câmaras of their own."""
    url = postgres.url(_copy(postgres, oficio_database))
    data = tmp_path_factory.mktemp("oficios")
    app = create_app(Settings(url, data, "a secret of this module only", public_url="http://carimbo.test", mail_rate=0))
    app.testing = True
    yield House(app, url, data)
    database.dispose()


def dispatched(house: House, recipients: Sequence[str], **changes: Any) -> UUID:
    """A signed ofício whose exemplars left by e-mail."""
    with transaction() as session:
        campaign = approved(session, recipients, **{"body": TEXT, **changes})
        task = task_of(session, campaign, "assinar")
        operations.sign(session, task, password=PASSWORD, cargo="Gerente", actor=team_of(session).chief)
        campaign_id = campaign.id
    scenario.work(house.url)
    return campaign_id


def exemplar_of(campaign_id: UUID, ibge: str) -> UUID:
    """The exemplar of a câmara."""
    with transaction() as session:
        return session.scalars(
            select(Exemplar.id).where(Exemplar.campaign_id == campaign_id, Exemplar.ibge == ibge)
        ).one()


def state_of(exemplar_id: UUID) -> str:
    """Where an exemplar stands."""
    with transaction() as session:
        return session.get_one(Exemplar, exemplar_id).state


def number_of(campaign_id: UUID) -> str:
    """The number of an ofício."""
    with transaction() as session:
        return session.get_one(Campaign, campaign_id).number or ""
