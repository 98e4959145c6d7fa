"""The câmara's pages: by the e-mailed link and by its own account, every act over HTTP."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from people import queries as people
from people.throttle import Limit
from processes.oficio_camaras import operations
from processes.oficio_camaras.correspondence.models import Forward, Receipt, ReceiptLink, Reply
from processes.oficio_camaras.models import Exemplar
from tests.processes.oficio_camaras.conftest import team_of
from tests.webapp import scenario
from tests.webapp.oficio_house import (
    BELO_HORIZONTE,
    BETIM,
    CONTAGEM,
    House,
    dispatched,
    exemplar_of,
    house,
    number_of,
    oficio_database,
    state_of,
)
from webapp.camara import doors
from workflow.database import transaction

__all__ = ["house", "oficio_database"]
pytestmark = pytest.mark.slow

WHO = {"nome": "Vera Lúcia Alves", "cargo": "Secretária da Câmara"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@pytest.fixture(scope="module")
def campaign(house: House) -> UUID:
    """An ofício that asks for a reply, sent to three câmaras."""
    return dispatched(house, (BETIM, BELO_HORIZONTE, CONTAGEM), requires_reply=True)


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    """A POST with the client's token."""
    return client.post(path, data={**data, "csrf_token": scenario.token_of(client, "/validaDocumento")})


def slips(page: str) -> list[str]:
    """What a page says of files that wait."""
    return re.findall(r'name="anexo" value="([^"]+)"', page)


def test_EM7_the_link_reads_confirms_once_and_shows_the_stamp(house: House, campaign: UUID) -> None:
    client, path, exemplar = house.client(), house.link(BETIM), exemplar_of(campaign, BETIM)
    for address in (path, f"{path[:-3]}AAA"):  # a citizen's sign-in is of no use here, nor on the page of a wrong link
        page = client.get(address).text
        assert "Entrar na conta da câmara" in page
        assert "Cadastre-se" not in page
    assert "/entrar" in client.get("/camara").headers["Location"]
    for _ in range(2):  # a mail scanner opens links, too
        page = client.get(path)
        assert page.status_code == 200
        assert client.head(path).status_code == client.get(f"{path}/confirmar").status_code == 200
    assert state_of(exemplar) == "ENVIADO"
    assert number_of(campaign) in page.text
    assert "Faltam 30 dias" in page.text or "Faltam" in page.text
    assert "Câmara Municipal de Betim" in page.text
    assert "Contagem" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert client.get(f"{path}/oficio.pdf").data.startswith(b"%PDF")
    assert client.get(f"{path}/anexo.pdf").headers["Referrer-Policy"] == "no-referrer"
    assert client.get(f"{path}/carimbado.pdf").status_code == 409

    short = post(client, f"{path}/confirmar", nome="V", cargo="", passo="enviar")
    assert short.status_code == 422
    assert "Escreva o seu cargo." in short.text
    check = post(client, f"{path}/confirmar", **WHO, passo="conferir")
    assert "Vera Lúcia Alves, Secretária da Câmara" in check.text
    assert "001 (o próximo da sua câmara neste ano)" in check.text
    back = post(client, f"{path}/confirmar", **WHO, passo="alterar")
    assert 'value="Vera Lúcia Alves"' in back.text
    assert state_of(exemplar) == "ENVIADO"

    assert post(client, f"{path}/confirmar", **WHO, passo="enviar").status_code == 303
    again = post(client, f"{path}/confirmar", nome="Outra Pessoa", cargo="Outro", passo="enviar")
    assert again.status_code == 303
    with transaction() as session:
        receipt = session.scalars(select(Receipt).where(Receipt.exemplar_id == exemplar)).one()
        assert (receipt.number, receipt.received_by) == ("001", "Vera Lúcia Alves, Secretária da Câmara")
    assert client.get(f"{path}/carimbo").status_code == 304
    scenario.work(house.url)
    shown = client.get(f"{path}/carimbo").text
    assert "CÂMARA MUNICIPAL DE BETIM" in shown
    assert client.get(f"{path}/carimbado.pdf?baixar=1").headers["Content-Disposition"].startswith("attachment")
    assert "Falta responder" in client.get(path).text


def test_a_token_opens_its_own_exemplar_and_no_other(house: House, campaign: UUID) -> None:
    client, path = house.client(), house.link(CONTAGEM)
    token = path.rsplit("/", 1)[1]
    other = ("A" if token[0] != "A" else "B") + token[1:]
    assert client.get(f"/oficios/recebimento/{other}").status_code == 404
    assert client.get("/oficios/recebimento/x").status_code == 404
    with transaction() as session:
        reply = operations.answer_by_link(
            session, house.link(BELO_HORIZONTE).rsplit("/", 1)[1], "Resposta de outra."
        ).id
    assert client.get(f"{path}/respostas/{reply}").status_code == 404
    assert client.get(f"/camara/oficios/{exemplar_of(campaign, CONTAGEM)}").status_code == 302
    with transaction() as session:
        for row in session.scalars(
            select(ReceiptLink).where(ReceiptLink.exemplar_id == exemplar_of(campaign, CONTAGEM))
        ):
            row.expires_at = row.created_at
    gone = client.get(path)
    assert gone.status_code == 404
    assert "venceu" in gone.text


def test_requests_to_links_are_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = house.client()
    monkeypatch.setattr(doors, "VISITS", Limit(0, doors.VISITS.window, doors.VISITS.lock))
    address = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/oficios/recebimento/x", environ_base=address).status_code == 429


def test_forwarding_asks_for_the_receipt_checks_addresses_and_is_recorded(house: House) -> None:
    campaign = dispatched(house, (BETIM,))
    client, path, exemplar = house.client(), house.link(BETIM), exemplar_of(campaign, BETIM)
    assert client.get(f"{path}/encaminhar").headers["Location"] == f"{path}/confirmar"
    post(client, f"{path}/confirmar", **WHO, passo="enviar")
    wrong = post(client, f"{path}/encaminhar", enderecos="ana@betim.example, bia@, caio", passo="conferir")
    assert wrong.status_code == 422
    assert "Confira estes endereços: bia@, caio" in wrong.text
    assert "ana@betim.example, bia@, caio" in wrong.text
    many = " ".join(f"v{number}@betim.example" for number in range(61))
    assert "há 61" in post(client, f"{path}/encaminhar", enderecos=many, passo="enviar").text
    two = "ana@betim.example\nbia@betim.example; ana@betim.example"
    assert "Confira os 2 endereços" in post(client, f"{path}/encaminhar", enderecos=two, passo="conferir").text
    assert post(client, f"{path}/encaminhar", enderecos=two, passo="enviar").status_code == 303
    scenario.work(house.url)
    with transaction() as session:
        sent = session.scalars(select(Forward).where(Forward.exemplar_id == exemplar).order_by(Forward.email)).all()
        assert [(one.email, one.sent_at is not None) for one in sent] == [
            ("ana@betim.example", True),
            ("bia@betim.example", True),
        ]
    assert len(house.messages("ana@betim.example")) == 1
    assert "bia@betim.example" in client.get(path).text


def test_an_answer_with_files_is_checked_then_sent_and_gives_a_receipt(house: House) -> None:
    campaign = dispatched(house, (CONTAGEM,), requires_reply=True)
    client, path, exemplar = house.client(), house.link(CONTAGEM), exemplar_of(campaign, CONTAGEM)
    empty = post(client, f"{path}/responder", texto=" ", passo="conferir")
    assert empty.status_code == 422
    assert "Escreva a resposta ou anexe um documento." in empty.text
    files = [(io.BytesIO(PDF), "resposta.pdf"), (io.BytesIO(b"MZ"), "virus.exe")]
    refused = post(client, f"{path}/responder", texto="Segue a resposta.", passo="conferir", arquivos=files)
    assert refused.status_code == 422
    assert "virus.exe: Este tipo de arquivo não é aceito" in refused.text
    assert "Segue a resposta." in refused.text
    kept = slips(refused.text)
    assert len(kept) == 1
    check = post(client, f"{path}/responder", texto="Segue a resposta.", passo="conferir", anexo=kept)
    assert "Confira a resposta antes de enviar" in check.text
    assert "resposta.pdf" in check.text
    assert state_of(exemplar) == "ENVIADO"
    stranger = post(client, f"{house.link(CONTAGEM)}/responder", texto="", passo="conferir", anexo=["x" + kept[0]])
    assert stranger.status_code == 422
    sent = post(client, f"{path}/responder", texto="Segue a resposta.", passo="enviar", anexo=slips(check.text))
    assert sent.status_code == 303
    receipt = client.get(sent.headers["Location"]).text
    assert "SHA-256" in receipt
    assert "Dentro do prazo" in receipt
    assert state_of(exemplar) == "RESPONDIDO"
    with transaction() as session:
        assert session.scalars(select(Reply.text).where(Reply.exemplar_id == exemplar)).one() == "Segue a resposta."


def test_a_slip_of_another_exemplar_is_worth_nothing(house: House) -> None:
    campaign = dispatched(house, (BETIM, CONTAGEM))
    client, mine, other = house.client(), house.link(BETIM), house.link(CONTAGEM)
    page = post(client, f"{mine}/responder", passo="anexar", arquivos=[(io.BytesIO(PDF), "a.pdf")]).text
    (slip,) = slips(page)
    assert slips(post(client, f"{other}/responder", passo="conferir", anexo=[slip]).text) == []
    removed = re.findall(r'name="retirar" value="([^"]+)"', page)
    assert slips(post(client, f"{mine}/responder", anexo=[slip], retirar=removed[0]).text) == []
    assert state_of(exemplar_of(campaign, BETIM)) == "ENVIADO"


def test_an_account_of_the_camara_sees_its_own_oficios_and_acts(house: House, campaign: UUID) -> None:
    login = scenario.external("vera@betim.example")
    client = house.client(login, scenario.PASSWORD)
    assert "Sua conta ainda não está ligada a uma câmara" in client.get("/camara").text
    with transaction() as session:
        account = people.external_account_of_email(session, "vera@betim.example")
        assert account is not None
        operations.link_account(session, account.id, BETIM, actor=team_of(session).chief)
    fresh = dispatched(house, (BETIM, CONTAGEM))
    listed = client.get("/camara").text
    assert number_of(fresh) in listed
    mine, other = exemplar_of(fresh, BETIM), exemplar_of(fresh, CONTAGEM)
    assert client.get(f"/camara/oficios/{other}").status_code == 404
    assert client.get(f"/camara/oficios/{other}/oficio.pdf").status_code == 404
    assert post(client, f"/camara/oficios/{other}/confirmar", **WHO, passo="enviar").status_code == 404
    assert client.get(f"/camara/oficios/{mine}").status_code == 200
    done = post(client, f"/camara/oficios/{mine}/confirmar", **WHO, passo="enviar")
    assert done.headers["Location"] == f"/camara/oficios/{mine}"
    with transaction() as session:
        assert session.scalars(select(Receipt.via).where(Receipt.exemplar_id == mine)).one() == "conta"
        assert session.get_one(Exemplar, mine).state == "DISPENSADA_RESPOSTA"  # RE1: no reply is due
