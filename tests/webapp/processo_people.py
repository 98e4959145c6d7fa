"""A dossier and the people of two units, for the tests of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier import operations
from documents.dossier.models import LegalHypothesis
from people import units
from people.models import Account
from tests.webapp import scenario
from workflow.actor import Actor
from workflow.database import transaction

ANA, BIA, CAIO, ADMIN = "ana", "bia", "caio", "admin"
"""Ana and Caio work in the GRPC, Bia in the GRI."""


@dataclass(frozen=True)
class House:
    """Clients of the people, and the dossier of Ana."""

    app: Flask
    dossier: UUID

    def client(self, login: str) -> FlaskClient:
        """Somebody's browser, signed in (tests/webapp/test_core.py signs in with the password)."""
        client = self.app.test_client()
        scenario.enter(client, login)
        return client


def people() -> None:
    """The servants of both units and the administration; the basic types."""
    for login, unit, role in ((ANA, "GRPC", "servidor"), (CAIO, "GRPC", "servidor"), (BIA, "GRI", "servidor")):
        scenario.staff(role, unit, login)
    scenario.staff("admin", "DIR", ADMIN)
    with transaction() as session:
        operations.install_types(session)


def actor_of(login: str) -> Actor:
    """The actor behind a login."""
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        return units.actor_of(session, account.id)


def opened(login: str = ANA, level: str = "publico", type_key: str = "administrativo_geral", **named: object) -> UUID:
    """A dossier that somebody opened."""
    with transaction() as session:
        made = operations.open_dossier(
            session, type_key, actor=actor_of(login), level=level,
            hypothesis_id=hypothesis(level) if level != "publico" else None, **{"specification": "Compra de cadeiras", **named},  # type: ignore[arg-type]  # the test's own values
        )  # fmt: skip
        return made.id


def document(dossier_id: UUID, login: str = ANA, title: str = "", level: str = "publico") -> UUID:
    """A despacho in it, without text."""
    with transaction() as session:
        made = operations.add_document(
            session, dossier_id, "internal", "despacho", actor=actor_of(login), title=title, level=level,
            hypothesis_id=hypothesis(level) if level != "publico" else None,
        )  # fmt: skip
        return made.id


def hypothesis(level: str) -> UUID:
    """One of the law's, of that level."""
    with transaction() as session:
        return session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == level)).first()  # type: ignore[return-value]  # installed


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    """A POST with this client's CSRF token, which is asked for once."""
    tokens = client.__dict__.setdefault("tokens", [])
    if not tokens:
        tokens.append(scenario.token_of(client, "/processo/novo"))
    return client.post(path, data={**data, "csrf_token": tokens[0]})
