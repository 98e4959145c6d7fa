"""The pages of a processo over HTTP: what they show, to whom, by level and by unit; new ones."""

from __future__ import annotations

import json
import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier import operations
from documents.dossier.models import Dossier
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_house import asking_for, do, live_address, ours, template_database
from tests.webapp.processo_people import ANA, BIA, CAIO, House
from webapp.processo.acts import ACTS
from workflow.database import transaction
from workflow.models import EventRow

__all__ = ["ours", "template_database"]
pytestmark = pytest.mark.slow


def test_the_page_shows_tree_document_and_acts(ours: House) -> None:
    document = house.document(ours.dossier, title="Encaminhe-se")
    client = ours.client(ANA)
    page = client.get(f"/processo/{ours.dossier}").text
    for words in ("Compra de cadeiras", "Despacho: Encaminhe-se", "sem assinatura", "Processo aberto em GRPC."):
        assert words in page
    assert f'href="/processo/{ours.dossier}/enviar"' in page
    assert f"/processo/{ours.dossier}/documentos/novo" in page
    part = client.get(f"/processo/{ours.dossier}?documento={document}", headers=asking_for("proc-meio")).text
    assert f"/documento/{document}/ver" in part
    assert "<html" not in part
    whole = client.get(f"/processo/{ours.dossier}?documento={document}").text
    assert f"/documento/{document}/ver" in whole
    assert client.get(f"/processo/{ours.dossier}?documento={uuid4()}").status_code == 404
    assert client.get(f"/processo/{ours.dossier}?documento=nada").status_code == 200


def test_a_secret_answers_like_a_wrong_address_everywhere(ours: House) -> None:
    secret = house.opened(level="sigiloso")
    client, wrong = ours.client(CAIO), uuid4()
    token = scenario.token_of(client, "/processo/novo")
    for rule in ours.app.url_map.iter_rules():
        if not rule.endpoint.startswith("processo.") or "dossier_id" not in rule.arguments:
            continue
        others = {name: uuid4() for name in rule.arguments if name != "dossier_id"}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answers = [_ask(client, rule.endpoint, method, token, dossier_id=one, **others) for one in (secret, wrong)]
            if rule.endpoint == "processo.desanexar":  # of the administration alone: nobody else gets so far
                assert {answer.status_code for answer in answers} == {403}
                continue
            assert [answer.status_code for answer in answers] == [404, 404], (rule.rule, method)
            assert _plain(answers[0].text, secret) == _plain(answers[1].text, wrong)
    assert ours.client(ANA).get(f"/processo/{secret}").status_code == 200


def _ask(client: FlaskClient, endpoint: str, method: str, token: str, **values: UUID) -> TestResponse:
    with client.application.test_request_context():
        path = client.application.url_for(endpoint, **values)  # type: ignore[arg-type]  # the parameters of the address
    return client.open(path, method=method, data={"csrf_token": token})


def _plain(text: str, identifier: UUID) -> str:
    """Without what differs at each request."""
    return re.sub(
        r'nonce="[^"]+"|X-CSRFToken": "[^"]+"|value="[^"]+"|<code>[^<]+</code>|[0-9a-f]{12}',
        "",
        text.replace(str(identifier), ""),
    )


def test_a_restricted_one_is_of_the_units_through_which_it_passed(ours: House) -> None:
    restricted = house.opened(level="restrito")
    assert ours.client(CAIO).get(f"/processo/{restricted}").status_code == 200
    bia = ours.client(BIA)
    refused = bia.get(f"/processo/{restricted}")
    assert refused.status_code == 403
    assert "só as unidades por onde ele passou" in refused.text
    assert do(bia, restricted, "comentar", text="Olá").status_code == 403
    assert do(ours.client(ANA), restricted, "enviar", units="GRI").status_code == 303
    assert bia.get(f"/processo/{restricted}").status_code == 200


def test_a_restricted_document_raises_the_whole(ours: House) -> None:
    client = ours.client(ANA)
    document = house.document(ours.dossier)
    url = f"/processo/{ours.dossier}/documento/{document}/nivel"
    refused = house.post(client, url, level="restrito", hypothesis_id="")
    assert refused.status_code == 422
    assert "Escolha a hipótese legal do nível restrito." in refused.text
    assert house.post(client, url, level="restrito", hypothesis_id=str(house.hypothesis("restrito"))).status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "o processo é público, mas um documento dele é mais restrito" in page
    assert ours.client(BIA).get(f"/processo/{ours.dossier}").status_code == 403


def test_every_act_has_a_page_that_works_without_scripts(ours: House) -> None:
    document = house.document(ours.dossier)
    client = ours.client(ANA)
    for act in ACTS.values():
        if act.form is None or act.action == "dossier.detach":
            continue
        path = f"/processo/{ours.dossier}/" + (f"documento/{document}/" if act.on_document else "") + act.name
        page = client.get(path)
        assert page.status_code == 200, act.name
        assert "<html" in page.text
        assert 'method="post"' in page.text
        part = client.get(path, headers=asking_for("ato-corpo")).text
        assert "<html" not in part
        assert 'id="ato-titulo"' in part


def test_another_unit_reads_a_public_one_but_works_only_where_it_is_open(ours: House) -> None:
    bia = ours.client(BIA)
    page = bia.get(f"/processo/{ours.dossier}").text
    assert "Não passou por GRI." in page
    assert f"/processo/{ours.dossier}/enviar" not in page
    for name, data in (
        ("enviar", {"units": "DIR"}), ("especificacao", {"specification": "Outra"}), ("andamento", {"text": "Eu"}),
        ("sobrestar", {"reason": "Porque sim"}), ("prazo", {"days": "2"}), ("anotar", {"text": "Minha"}),
    ):  # fmt: skip
        refused = do(bia, ours.dossier, name, **data)
        assert refused.status_code == 422, name
        assert "não está aberto na sua unidade" in refused.text or "nunca passou" in refused.text
    assert do(bia, ours.dossier, "concluir").status_code == 409
    with transaction() as session:
        assert session.get_one(Dossier, ours.dossier).specification == "Compra de cadeiras"


def test_the_parts_renew_themselves(ours: House) -> None:
    client = ours.client(ANA)
    live = live_address(client.get(f"/processo/{ours.dossier}").text)
    assert client.get(live).status_code == 304
    done = client.post(
        f"/processo/{ours.dossier}/prioridade",
        data={"priority": "1", "csrf_token": scenario.token_of(client, "/processo/novo")}, headers=asking_for("ato-corpo"),
    )  # fmt: skip
    assert done.status_code == 204
    told = json.loads(done.headers["HX-Trigger"])
    assert told == {"processo-feito": {"frase": "Prioridade: alta."}, "processo-mudou": {}}
    renewed = client.get(live)
    assert renewed.status_code == 200
    assert renewed.text.count('hx-swap-oob="true"') == 6
    assert "Prioridade alta" in renewed.text
    document = house.document(ours.dossier)
    page = f"http://localhost/processo/{ours.dossier}?documento={document}"
    with_document = client.get(live_address(renewed.text), headers={"HX-Current-URL": page}).text
    assert 'id="doc-topo"' in with_document
    assert 'id="doc-comentarios"' in with_document
    with transaction() as session:
        operations.delete_document(session, document, actor=house.actor_of(ANA))
    assert client.get(live_address(with_document), headers={"HX-Current-URL": page}).status_code == 200


def test_a_refusal_in_the_dialog_comes_back_into_it(ours: House) -> None:
    client = ours.client(ANA)
    data = {"reason": "", "csrf_token": scenario.token_of(client, "/processo/novo")}
    refused = client.post(f"/processo/{ours.dossier}/sobrestar", data=data, headers=asking_for("ato-corpo"))
    assert refused.status_code == 422
    assert "<html" not in refused.text
    assert "Escreva o motivo." in refused.text


def test_a_new_processo_by_type_with_favourites(ours: House) -> None:
    client = ours.client(ANA)
    page = client.get("/processo/novo").text
    assert "Mais usados em GRPC" in page
    assert page.index("Administrativo geral") < page.index("Contratação")
    found = client.get("/processo/novo?q=contratacao").text
    assert "Contratação" in found
    assert "Administrativo geral" not in found
    assert "Nenhum tipo encontrado" in client.get("/processo/novo?q=zzz").text
    assert client.get("/processo/novo/nao-existe").status_code == 404
    form = client.get("/processo/novo/contratacao").text
    assert "Hipótese legal" in form
    data = {
        "specification": "Papel A4",
        "parties": "Papelaria Central",
        "level": "restrito",
        "hypothesis_id": "",
        "numbering": "automatico",
    }
    refused = house.post(client, "/processo/novo/contratacao", **data)
    assert refused.status_code == 422
    assert "Escolha a hipótese legal" in refused.text
    assert "Papelaria Central" in refused.text
    data["hypothesis_id"] = str(house.hypothesis("restrito"))
    made = house.post(client, "/processo/novo/contratacao", **data)
    assert made.status_code == 303
    opened = client.get(made.location).text
    assert "Papel A4" in opened
    assert re.search(r"0100\.01\.0000002/\d{4}-\d\d", opened)


def test_a_received_number_with_a_wrong_digit_is_a_warning(ours: House) -> None:
    client = ours.client(ANA)
    data = {"specification": "", "parties": "", "level": "publico", "hypothesis_id": "", "numbering": "informado"}
    nameless = house.post(client, "/processo/novo/contratacao", number="", **data)
    assert "Escreva o número que o processo já tem." in nameless.text
    data["number"] = "23112.001054/2012-47"
    asked = house.post(client, "/processo/novo/contratacao", **data)
    assert asked.status_code == 422
    assert "pela regra, seria 72" in asked.text
    made = house.post(client, "/processo/novo/contratacao", wrong_digit_known="y", **data)
    assert made.status_code == 303
    assert "23112.001054/2012-47" in client.get(made.location).text
    other = {**data, "specification": "Outra coisa"}
    again = house.post(client, "/processo/novo/contratacao", wrong_digit_known="y", **other)
    assert again.status_code == 422
    assert "Já existe um processo com este número." in again.text
    own = house.post(client, "/processo/novo/contratacao", **{**data, "number": "0100.01.0000123/2024-00"})
    assert own.status_code == 422


def test_every_act_left_its_event_and_the_chains_are_whole(ours: House) -> None:
    client = ours.client(ANA)
    for name, data in (("assumir", {}), ("prioridade", {"priority": "1"}), ("andamento", {"text": "Recebido"})):
        assert do(client, ours.dossier, name, **data).status_code == 303
    with transaction() as session:
        kinds = session.scalars(select(EventRow.kind).where(EventRow.chain == f"dossier:{ours.dossier}")).all()
    assert {"dossier_assigned", "dossier_priority", "dossier_entry"} <= set(kinds)
    assert scenario.chain_is_whole()
