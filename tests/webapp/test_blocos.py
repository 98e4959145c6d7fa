"""Blocks over HTTP: made, filled, offered, received, signed in one go, given back, concluded; who sees them."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from documents.dossier.models import DossierDocument
from documents.signatures.models import Block
from documents.texts import operations as texts
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_people import House
from tests.webapp.signing import Installation, installation
from workflow.database import transaction

__all__ = ["installation"]
pytestmark = pytest.mark.slow


class Desk:
    """Ana (GRPC) makes blocks; Bia (GRI) receives them."""

    def __init__(self, ours: House) -> None:
        self.house = ours
        self.clients: dict[str, tuple[FlaskClient, str]] = {}

    def at(self, login: str) -> FlaskClient:
        """Somebody's browser."""
        if login not in self.clients:
            client = self.house.client(login)
            self.clients[login] = client, scenario.token_of(client, "/")
        return self.clients[login][0]

    def post(self, login: str, path: str, **data: object) -> tuple[int, str]:
        """Status and where it leads, or what it says."""
        client = self.at(login)
        answer = client.post(path, data={"csrf_token": self.clients[login][1], **data})
        return answer.status_code, answer.location or answer.text

    def written(self, html: str) -> UUID:
        """A despacho of Ana's."""
        document = house.document(self.house.dossier)
        with transaction() as session:
            texts.save(session, document, html, actor=house.actor_of(house.ANA), based_on=0)
        return document

    def block(self, *documents: UUID) -> str:
        """The path of a block of Ana's with these documents."""
        status, path = self.post(
            house.ANA, "/blocos", tipo="signature", descricao="Para assinar", documento=[str(one) for one in documents]
        )
        assert status == 303
        return path.partition("?")[0]


@pytest.fixture(scope="module")
def desk(installation: Installation) -> Desk:
    """One house for the module; each test makes its own blocks."""
    house.people()
    return Desk(House(installation.app, house.opened()))


def status_of(document: UUID) -> str:
    with transaction() as session:
        return session.get_one(DossierDocument, document).status


def block_status(path: str) -> str:
    with transaction() as session:
        return session.get_one(Block, UUID(path.rsplit("/", 1)[1])).status


def test_a_block_is_offered_received_signed_in_one_go_and_given_back(desk: Desk) -> None:
    documents = [desk.written(f"<p>Despacho {number}.</p>") for number in range(3)]
    path = desk.block(*documents)
    assert desk.at(house.BIA).get(path).status_code == 404
    assert desk.at(house.BIA).get("/blocos/novos").text == ""
    assert desk.post(house.ANA, f"{path}/disponibilizar", unidade="GRI")[0] == 303
    assert block_status(path) == "offered"
    assert "Um bloco de assinatura novo espera" in desk.at(house.BIA).get("/blocos/novos").text
    listed = desk.at(house.BIA).get("/blocos").text
    assert re.search(r'aria-current="page">Recebidos <span class="count count-new">1<', listed)
    page = desk.at(house.BIA).get(path).text
    assert "3 esperam a sua assinatura" in page
    assert desk.at(house.BIA).get("/blocos/novos").text == ""
    seen = {f"versao-{one}": "1" for one in documents}
    facts = {"cargo": "Gerente", "way": "senha", **seen}
    ids = [str(one) for one in documents]
    refused, told = desk.post(house.BIA, f"{path}/assinar", documento=ids[:2], password="errada", **facts)
    assert refused == 422
    assert "A senha não confere" in told
    assert len(re.findall(r'name="documento"[^>]* checked', told)) == 2
    assert desk.post(house.BIA, f"{path}/assinar", password=scenario.PASSWORD, **facts)[0] == 422
    assert desk.post(house.BIA, f"{path}/assinar", documento=ids, password=scenario.PASSWORD, **facts)[0] == 303
    assert [status_of(one) for one in documents] == ["signed"] * 3
    assert "nenhum espera a sua assinatura" in desk.at(house.BIA).get(path).text
    with transaction() as session:
        locked = session.scalars(select(DossierDocument.locked_at).where(DossierDocument.id.in_(documents))).all()
    assert locked == [None] * 3, "reading and signing in a block locks nothing"
    assert desk.post(house.BIA, f"{path}/devolver")[0] == 303
    assert desk.at(house.BIA).get(path).status_code == 404
    assert block_status(path) == "returned"
    assert desk.post(house.ANA, f"{path}/concluir")[0] == 303
    assert desk.post(house.ANA, f"{path}/reabrir")[0] == 303
    assert scenario.chain_is_whole()


def test_what_has_just_come_into_a_block_stands_marked(desk: Desk) -> None:
    first, second = desk.written("<p>Um.</p>"), desk.written("<p>Dois.</p>")
    _, made = desk.post(house.ANA, "/blocos", tipo="signature", descricao="", documento=str(first))
    assert re.findall(r'value="([0-9a-f-]+)"[^>]* checked', desk.at(house.ANA).get(made).text) == [str(first)]
    block_id = made.partition("?")[0].rsplit("/", 1)[1]
    _, put = desk.post(house.ANA, "/blocos/incluir", bloco=block_id, documento=str(second))
    assert re.findall(r'value="([0-9a-f-]+)"[^>]* checked', desk.at(house.ANA).get(put).text) == [str(second)]


def test_documents_go_in_by_number_or_from_the_processo_and_come_out(desk: Desk) -> None:
    first, second = desk.written("<p>Um.</p>"), desk.written("<p>Dois.</p>")
    path = desk.block(first)
    with transaction() as session:
        number = session.get_one(DossierDocument, second).number
    assert desk.post(house.ANA, f"{path}/documentos", numero=f"{number:07d}")[0] == 303
    assert desk.post(house.ANA, f"{path}/documentos", numero="99999999")[0] == 422
    page = desk.at(house.ANA).get(path).text
    assert "2 documentos" in page
    item = re.search(r'formaction="(/blocos/[^"]+/retirar)"', page)
    assert item is not None
    assert desk.post(house.ANA, item[1].replace("retirar", "anotar"), nota="Urgente")[0] == 303
    assert "Urgente" in desk.at(house.ANA).get(path).text
    assert desk.post(house.ANA, item[1])[0] == 303
    assert desk.post(house.ANA, f"{path}/descricao", descricao="Outra")[0] == 303
    choosing = desk.at(house.ANA).get(f"/blocos/escolher?documento={first}&documento={second}").text
    block_id = path.rsplit("/", 1)[1]
    assert block_id in choosing
    assert desk.post(house.ANA, "/blocos/incluir", bloco=block_id, documento=[str(first), str(second)])[0] == 303
    page = desk.at(house.ANA).get(path).text
    assert "2 documentos" in page
    assert "Outra" in page
    assert desk.post(house.ANA, "/blocos/incluir", bloco="x", documento=str(first))[0] == 422
    assert desk.at(house.ANA).get("/blocos/escolher").status_code == 409


def test_a_block_taken_back_is_out_of_reach_and_a_text_edited_in_it_is_the_unit_s(desk: Desk) -> None:
    document = desk.written("<p>Proposta.</p>")
    path = desk.block(document)
    desk.post(house.ANA, f"{path}/disponibilizar", unidade="GRI")
    assert "data-editor" in desk.at(house.BIA).get(f"/documento/{document}/editar").text
    data = {"html": "<p>Proposta revista.</p>", "based_on": "1"}
    assert desk.post(house.BIA, f"/documento/{document}/salvar", **data)[0] == 200
    assert desk.post(house.ANA, f"{path}/cancelar-disponibilizacao")[0] == 303
    assert desk.at(house.BIA).get(f"/documento/{document}/editar").status_code == 403
    status, _ = desk.post(
        house.BIA, f"{path}/assinar", documento=str(document), cargo="Gerente", way="senha", password=scenario.PASSWORD
    )
    assert status == 404
    assert status_of(document) == "draft"


def test_only_the_unit_that_made_it_changes_a_block(desk: Desk) -> None:
    document = desk.written("<p>Um.</p>")
    path = desk.block(document)
    desk.post(house.ANA, f"{path}/disponibilizar", unidade="GRI")
    for act in ("documentos", "descricao", "disponibilizar", "cancelar-disponibilizacao", "concluir", "reabrir"):
        assert desk.post(house.BIA, f"{path}/{act}", unidade="GRI", numero="1")[0] in (403, 409, 422), act
    assert block_status(path) == "offered"
    for state in ("recebido", "aberto", "disponibilizado", "retornado", "concluído", "outra"):
        assert desk.at(house.ANA).get(f"/blocos?situacao={state}").status_code == 200
