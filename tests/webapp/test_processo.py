"""The pages of a processo over HTTP: every act, by level and by unit."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_people import House


@pytest.fixture
def ours(app: Flask) -> House:
    """Two units, and a dossier of Ana's in the first."""
    house.people()
    return House(app, house.opened())


def test_the_page_shows_the_processo(ours: House) -> None:
    document = house.document(ours.dossier, title="Encaminhe-se")
    client = ours.client(house.ANA)
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Compra de cadeiras" in page
    assert "Despacho: Encaminhe-se" in page
    assert "Processo aberto em GRPC." in page
    part = client.get(
        f"/processo/{ours.dossier}?documento={document}", headers={"HX-Request": "true", "HX-Target": "proc-meio"}
    )
    assert f"/documento/{document}/ver" in part.text
    assert scenario.chain_is_whole()
