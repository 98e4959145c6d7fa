"""The house of the tests of a processo's pages, and what they do over HTTP."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from documents.dossier.models import Dossier, DossierUnit
from integrations.postgres import EmbeddedPostgres
from tests.conftest import _copy as copy_database
from tests.webapp import processo_people as house
from tests.webapp.processo_people import House
from workflow import database
from workflow.database import transaction


@pytest.fixture(scope="module")
def template_database(postgres: EmbeddedPostgres, template_database: str) -> str:
    """A database in which the people are already: every test of this module begins with a copy of it."""
    name = copy_database(postgres, template_database)
    database.configure(postgres.url(name))
    house.people()
    database.dispose()
    return name


@pytest.fixture
def ours(app: Flask) -> House:
    """Two units, and a dossier of Ana's in the first."""
    return House(app, house.opened())


def asking_for(target: str) -> dict[str, str]:
    """What htmx says when it asks for a part of the page."""
    return {"HX-Request": "true", "HX-Target": target}


def live_address(page: str) -> str:
    """The address at which the page asks for what changed."""
    found = re.search(r'id="proc-vivo" hx-get="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def do(client: FlaskClient, dossier: UUID, act: str, **data: str) -> TestResponse:
    """An act of the processo, as its form sends it."""
    return house.post(client, f"/processo/{dossier}/{act}", **data)


def line_in(dossier: UUID, unit: str) -> DossierUnit:
    """The dossier's line in a unit."""
    with transaction() as session:
        return session.get_one(DossierUnit, (dossier, unit))


def number_of(dossier: UUID) -> str:
    """Its number."""
    with transaction() as session:
        return session.get_one(Dossier, dossier).number
