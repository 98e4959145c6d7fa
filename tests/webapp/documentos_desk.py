"""Ana at her browser, for the tests of documents over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier.models import DocumentVersion, DossierDocument
from documents.texts import operations as texts
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_people import House
from tests.webapp.signing import Installation, installation
from workflow.database import transaction

__all__ = ["installation"]
HX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Desk:
    """The house, and Ana at her browser."""

    house: House
    url: str
    clients: dict[str, tuple[FlaskClient, str]]

    @property
    def dossier(self) -> UUID:
        return self.house.dossier

    @property
    def ana(self) -> FlaskClient:
        return self.at(house.ANA)[0]

    @property
    def token(self) -> str:
        return self.at(house.ANA)[1]

    def at(self, login: str) -> tuple[FlaskClient, str]:
        """Somebody's browser and its token."""
        if login not in self.clients:
            client = self.house.client(login)
            self.clients[login] = client, scenario.token_of(client, "/")
        return self.clients[login]

    def post(self, path: str, **data: object) -> TestResponse:
        """A POST of Ana's."""
        return self.ana.post(path, data={"csrf_token": self.token, **data})

    def written(self, html: str = "<p>Arquive-se.</p>", title: str = "") -> UUID:
        """A despacho of Ana's with a text."""
        document = house.document(self.dossier, title=title)
        with transaction() as session:
            texts.save(session, document, html, actor=house.actor_of(house.ANA), based_on=0)
        return document


@pytest.fixture(scope="module")
def desk(installation: Installation) -> Desk:
    """Two units, and a dossier of Ana's in the first; one house for the module, since each test writes its own documents."""
    house.people()
    return Desk(House(installation.app, house.opened()), installation.url, {})


def row(document: UUID) -> DossierDocument:
    """The document as it is now."""
    with transaction() as session:
        return session.get_one(DossierDocument, document)


def latest() -> UUID:
    """The document that was made last."""
    with transaction() as session:
        return session.scalars(select(DossierDocument.id).order_by(DossierDocument.number.desc())).first()  # type: ignore[return-value]  # the test has just made one


def html_of(document: UUID, version: int) -> str:
    """What one version says."""
    with transaction() as session:
        return session.get_one(DocumentVersion, (document, version)).html


def save(
    desk: Desk, document: UUID, html: str, based_on: int, client: FlaskClient | None = None, token: str = ""
) -> TestResponse:
    """A save of the editor's; Ana's unless somebody else's browser is given."""
    data = {"html": html, "based_on": str(based_on), "csrf_token": token or desk.token}
    return (client or desk.ana).post(f"/documento/{document}/salvar", data=data, headers=HX)


def put_signature(desk: Desk, *documents: UUID, password: str = scenario.PASSWORD, **data: object) -> TestResponse:
    """Ana signs what she has seen."""
    seen = {f"versao-{one}": str(row(one).version) for one in documents}
    facts = {"cargo": "Analista", "way": "senha", "password": password, **seen, **data}
    return desk.post("/documentos/assinar", documento=[str(one) for one in documents], **facts)
