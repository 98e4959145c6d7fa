"""The pages of a processo over HTTP: every act, by level and by unit."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier import operations
from documents.dossier.annotations.models import Marker, Note
from documents.dossier.external.models import ExternalGrant
from documents.dossier.models import Dossier, DossierDocument, DossierType, DossierUnit
from integrations.postgres import EmbeddedPostgres
from tests.conftest import _copy as copy_database
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_people import ADMIN, ANA, BIA, CAIO, House
from webapp.processo.acts import ACTS
from workflow import clock, database
from workflow.database import transaction
from workflow.models import EventRow

pytestmark = pytest.mark.slow


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


def test_the_page_shows_tree_document_and_acts(ours: House) -> None:
    document = house.document(ours.dossier, title="Encaminhe-se")
    client = ours.client(ANA)
    page = client.get(f"/processo/{ours.dossier}").text
    for words in ("Compra de cadeiras", "Despacho: Encaminhe-se", "sem assinatura", "Processo aberto em GRPC."):
        assert words in page
    assert f'href="/processo/{ours.dossier}/enviar"' in page
    assert f"/processo/{ours.dossier}/documentos/novo" in page
    part = client.get(f"/processo/{ours.dossier}?documento={document}", headers=_part("proc-meio")).text
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
        path = client.application.url_for(endpoint, **values)
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
    assert _do(bia, restricted, "comentar", text="Olá").status_code == 403
    assert _do(ours.client(ANA), restricted, "enviar", units="GRI").status_code == 303
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
        part = client.get(path, headers=_part("ato-corpo")).text
        assert "<html" not in part
        assert 'id="ato-titulo"' in part


def test_send_says_what_is_unsigned_keeps_what_was_typed_and_asks_for_return(ours: House) -> None:
    client = ours.client(ANA)
    house.document(ours.dossier)
    assert "Falta assinar o documento 000000" in client.get(f"/processo/{ours.dossier}/enviar").text
    refused = _do(client, ours.dossier, "enviar", days="5", on="2030-01-01", notify="y")
    assert refused.status_code == 422
    for words in ("Marque ao menos uma unidade.", "não os dois", 'value="5"', 'value="2030-01-01"'):
        assert words in refused.text
    assert 'name="notify" type="checkbox" value="y"' in re.sub(r'(checked|id="notify") ?', "", refused.text)
    assert _do(client, ours.dossier, "enviar", units="GRI", days="2").status_code == 303
    line = _line(ours.dossier, "GRI")
    assert line.return_by is not None
    assert line.return_by >= clock.today() + timedelta(days=2)
    assert "pediu de volta até" in ours.client(BIA).get(f"/processo/{ours.dossier}").text
    assert _line(ours.dossier, "GRPC").status == "closed"
    later = line.return_by + timedelta(days=7)
    assert _do(client, ours.dossier, "prorrogar-retorno", unit="GRI", on=later.isoformat()).status_code == 303
    assert _line(ours.dossier, "GRI").return_by == later


def test_keep_open_then_program_a_return(ours: House) -> None:
    client = ours.client(ANA)
    _do(client, ours.dossier, "enviar", units="GRI", keep_open="y")
    assert _line(ours.dossier, "GRPC").status == "open"
    past = _do(client, ours.dossier, "retorno", unit="GRI", on="2020-01-01")
    assert past.status_code == 422
    assert "A data não pode estar no passado." in past.text
    day = clock.today() + timedelta(days=3)
    assert _do(client, ours.dossier, "retorno", unit="GRI", on=f"{day:%d/%m/%Y}").status_code == 303
    assert _line(ours.dossier, "GRI").return_by == day


def test_a_type_that_only_its_diagram_moves_is_not_sent(ours: House) -> None:
    with transaction() as session:
        session.get_one(DossierType, "administrativo_geral").free_routing = False
    client = ours.client(ANA)
    assert f"/processo/{ours.dossier}/enviar" not in client.get(f"/processo/{ours.dossier}").text
    assert _do(client, ours.dossier, "enviar", units="GRI").status_code == 403


def test_conclude_program_a_reopening_reopen(ours: House) -> None:
    client = ours.client(ANA)
    assert _do(client, ours.dossier, "concluir").status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Concluído em GRPC." in page
    assert f'action="/processo/{ours.dossier}/reabrir"' in page
    assert f"/processo/{ours.dossier}/enviar" not in page
    day = clock.today() + timedelta(days=9)
    assert _do(client, ours.dossier, "reabertura", on=day.isoformat()).status_code == 303
    assert _line(ours.dossier, "GRPC").reopen_on == day
    assert _do(client, ours.dossier, "reabrir").status_code == 303
    assert _line(ours.dossier, "GRPC").status == "open"
    assert _do(ours.client(BIA), ours.dossier, "reabrir").status_code == 409


def test_suspend_with_its_reason_and_resume(ours: House) -> None:
    client = ours.client(ANA)
    assert _do(client, ours.dossier, "sobrestar", reason="").status_code == 422
    assert _do(client, ours.dossier, "sobrestar", reason="Aguarda o orçamento").status_code == 303
    assert "Sobrestado: Aguarda o orçamento" in client.get(f"/processo/{ours.dossier}").text
    assert _do(client, ours.dossier, "retomar").status_code == 303
    assert _line(ours.dossier, "GRPC").status == "open"


def test_the_unit_controls_who_when_and_how_urgent(ours: House) -> None:
    client = ours.client(ANA)
    assert _do(client, ours.dossier, "assumir").status_code == 303
    assert "Está com você." in client.get(f"/processo/{ours.dossier}").text
    assert _do(client, ours.dossier, "atribuir", account_id=str(house.actor_of(CAIO).id)).status_code == 303
    assert "Está com Servidora caio." in client.get(f"/processo/{ours.dossier}").text
    stranger = _do(client, ours.dossier, "atribuir", account_id=str(house.actor_of(BIA).id))
    assert stranger.status_code == 422
    assert "Escolha uma das opções." in stranger.text
    assert _do(client, ours.dossier, "atribuir", account_id="").status_code == 303
    assert _do(client, ours.dossier, "prioridade", priority="2").status_code == 303
    assert _do(client, ours.dossier, "prazo").status_code == 422
    assert _do(client, ours.dossier, "prazo", days="3", business="y").status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Urgente" in page
    assert "Prazo da unidade:" in page
    assert "Prazo da unidade:" not in ours.client(BIA).get(f"/processo/{ours.dossier}").text
    assert _do(client, ours.dossier, "prazo-cumprido").status_code == 303
    assert _do(client, ours.dossier, "prazo", on="31/12/2099").status_code == 303
    assert _do(client, ours.dossier, "sem-prazo").status_code == 303
    assert _line(ours.dossier, "GRPC").due_at is None
    unread = _do(client, ours.dossier, "nao-lido")
    assert unread.location == "/controle"
    assert _line(ours.dossier, "GRPC").unread


def test_notes_markers_and_watch_are_of_the_unit(ours: House) -> None:
    ana, bia = ours.client(ANA), ours.client(BIA)
    assert _do(ana, ours.dossier, "anotar", text="Ligar para o fornecedor", urgent="y").status_code == 303
    nameless = _do(ana, ours.dossier, "marcar", marker_id="novo", colour="verde")
    assert nameless.status_code == 422
    assert "Escreva o nome do marcador novo." in nameless.text
    made = _do(ana, ours.dossier, "marcar", marker_id="novo", colour="verde", name="Compras", text="até maio")
    assert made.status_code == 303
    assert _do(ana, ours.dossier, "acompanhar", group="Contratos").status_code == 303
    page = ana.get(f"/processo/{ours.dossier}").text
    for words in ("Ligar para o fornecedor", "Compras: até maio", "Em acompanhamento especial."):
        assert words in page
        assert words not in bia.get(f"/processo/{ours.dossier}?andamento=total").text
    with transaction() as session:
        note, marker = session.scalars(select(Note.id)).one(), session.scalars(select(Marker.id)).one()
    assert house.post(bia, f"/processo/{ours.dossier}/anotacoes/{note}/retirar").status_code == 404
    assert house.post(ana, f"/processo/{ours.dossier}/anotacoes/{note}/retirar").status_code == 303
    both = _do(ana, ours.dossier, "marcar", marker_id=str(marker), colour="verde", name="Outro")
    assert "senão, apague o nome" in both.text
    assert _do(ana, ours.dossier, "desmarcar", marker_id=str(marker)).status_code == 303
    assert _do(ana, ours.dossier, "nao-acompanhar").status_code == 303
    page = ana.get(f"/processo/{ours.dossier}").text
    assert "Ligar para o fornecedor" not in page
    assert "Compras: até maio" not in page


def test_andamento_in_three_sizes_with_manual_entries_that_are_text_only(ours: House) -> None:
    client = ours.client(ANA)
    house.document(ours.dossier)
    assert _do(client, ours.dossier, "andamento", text="Aguarda <script>alert(1)</script>").status_code == 303
    _do(client, ours.dossier, "prioridade", priority="1")
    short, complete, whole = (
        client.get(f"/processo/{ours.dossier}?andamento={detail}").text for detail in ("resumido", "completo", "total")
    )
    assert "Aguarda &lt;script&gt;" in short
    assert "incluído por GRPC" not in short
    assert "incluído por GRPC" in complete
    assert "Prioridade alterada" not in complete
    assert "Prioridade alterada" in whole


def test_comments_are_read_by_all_and_taken_back_by_their_author(ours: House) -> None:
    ana, bia = ours.client(ANA), ours.client(BIA)
    document = house.document(ours.dossier)
    assert _do(ana, ours.dossier, "comentar", text="Falta a planilha").status_code == 303
    on_document = f"/processo/{ours.dossier}/documento/{document}/comentar-documento"
    assert house.post(ana, on_document, text="Rever o segundo parágrafo").status_code == 303
    assert "Falta a planilha" in bia.get(f"/processo/{ours.dossier}").text
    shown = ana.get(f"/processo/{ours.dossier}?documento={document}").text
    assert "Rever o segundo parágrafo" in shown
    remove = re.findall(rf"/processo/{ours.dossier}/comentarios/[0-9a-f-]+/retirar", shown)[0]
    assert house.post(bia, remove).status_code == 403
    assert house.post(ana, remove).status_code == 303
    assert "Rever o segundo parágrafo" not in ana.get(f"/processo/{ours.dossier}?documento={document}").text


def test_ciencia_asks_once_more(ours: House) -> None:
    client = ours.client(ANA)
    assert "ninguém pode desfazê-la" in client.get(f"/processo/{ours.dossier}/ciencia").text
    assert _do(client, ours.dossier, "ciencia").status_code == 422
    assert _do(client, ours.dossier, "ciencia", sure="y").status_code == 303
    assert "Ciência no processo." in client.get(f"/processo/{ours.dossier}").text


def test_relate_by_number_and_undo(ours: House) -> None:
    client = ours.client(ANA)
    other, secret = house.opened(specification="Mesas"), house.opened(CAIO, level="sigiloso")
    for number in ("0100.01.9999999/2026-00", _number(secret), _number(ours.dossier)):
        refused = _do(client, ours.dossier, "relacionar", number=number)
        assert refused.status_code == 422
        assert f'value="{number}"' in refused.text
    digits = re.sub(r"\D", "", _number(other))
    assert _do(client, ours.dossier, "relacionar", number=digits).status_code == 303
    assert _number(ours.dossier) in client.get(f"/processo/{other}").text
    assert _do(client, ours.dossier, "desfazer-relacao", other_id=str(other)).status_code == 303
    assert "Processos relacionados" not in client.get(f"/processo/{ours.dossier}").text


def test_attach_is_for_good_except_to_the_administration(ours: House) -> None:
    client = ours.client(ANA)
    main = house.opened(specification="Principal")
    document = house.document(ours.dossier, title="Do anexado")
    assert "definitiva" in client.get(f"/processo/{ours.dossier}/anexar").text
    assert _do(client, ours.dossier, "anexar", number=_number(main)).status_code == 422
    assert _do(client, ours.dossier, "anexar", number=_number(main), sure="y").status_code == 303
    page = client.get(f"/processo/{main}").text
    assert "Do anexado" in page
    assert f'id="no-{document}"' in page
    assert f"/processo/{ours.dossier}/documentos/novo" not in client.get(f"/processo/{ours.dossier}").text
    assert _do(client, ours.dossier, "desanexar", reason="Engano").status_code == 403
    admin = ours.client(ADMIN)
    assert _do(admin, ours.dossier, "desanexar", reason="Número trocado").status_code == 303
    assert "Do anexado" not in client.get(f"/processo/{main}").text


def test_cancel_what_others_saw_delete_what_they_did_not(ours: House) -> None:
    ana, bia = ours.client(ANA), ours.client(BIA)
    kept, gone = house.document(ours.dossier, title="Visto"), house.document(ours.dossier, title="Rascunho")
    bia.get(f"/processo/{ours.dossier}?documento={kept}")
    with transaction() as session:
        assert session.get_one(DossierDocument, kept).seen_at is not None
    base = f"/processo/{ours.dossier}/documento"
    assert "já viu este documento" in house.post(ana, f"{base}/{kept}/excluir").text
    page = ana.get(f"/processo/{ours.dossier}?documento={kept}").text
    assert f"{base}/{kept}/cancelar" in page
    assert f"{base}/{kept}/excluir" not in page
    assert house.post(ana, f"{base}/{kept}/cancelar", reason="Texto errado").status_code == 303
    assert "cancelado: Texto errado" in ana.get(f"/processo/{ours.dossier}").text
    deleted = house.post(ana, f"{base}/{gone}/excluir")
    assert deleted.location == f"/processo/{ours.dossier}"
    assert "Rascunho" not in ana.get(f"/processo/{ours.dossier}").text
    assert ana.get(f"/processo/{ours.dossier}?documento={gone}").status_code == 404


def test_specification_parties_and_level(ours: House) -> None:
    client = ours.client(ANA)
    assert _do(client, ours.dossier, "especificacao", specification="Compra de mesas").status_code == 303
    names = "Maria das Dores Ávila\n\nCâmara de Betim"
    assert _do(client, ours.dossier, "interessados", parties=names).status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Compra de mesas" in page
    assert "Câmara de Betim; Maria das Dores Ávila" in page
    secret = house.hypothesis("sigiloso")
    assert _do(client, ours.dossier, "acesso", level="sigiloso", hypothesis_id=str(secret)).status_code == 303
    assert ours.client(CAIO).get(f"/processo/{ours.dossier}").status_code == 404
    caio = str(house.actor_of(CAIO).id)
    assert _do(client, ours.dossier, "credencial", account_id=caio).status_code == 303
    assert ours.client(CAIO).get(f"/processo/{ours.dossier}").status_code == 200
    assert _do(client, ours.dossier, "retirar-credencial", account_id=caio).status_code == 303
    assert ours.client(CAIO).get(f"/processo/{ours.dossier}").status_code == 404


def test_external_access_is_given_listed_and_taken_back(ours: House) -> None:
    client = ours.client(ANA)
    document = house.document(ours.dossier)
    wrong = _do(client, ours.dossier, "acesso-externo", email="isto não é", days="900", scope="alguns")
    assert wrong.status_code == 422
    for words in ("Escreva um número de 1 a 365.", "Marque ao menos um documento", 'value="900"'):
        assert words in wrong.text
    given = _do(
        client, ours.dossier, "acesso-externo", email="fornecedor@example.org", days="10", scope="alguns",
        document_ids=str(document), may_sign="y",
    )  # fmt: skip
    assert given.status_code == 303
    listed = client.get(f"/processo/{ours.dossier}/acesso-externo").text
    assert "fornecedor@example.org" in listed
    assert "1 documento; pode assinar" in listed
    with transaction() as session:
        grant = session.scalars(select(ExternalGrant.id)).one()
    other = house.opened()
    assert house.post(client, f"/processo/{other}/acesso-externo/{grant}/retirar").status_code == 404
    assert house.post(client, f"/processo/{ours.dossier}/acesso-externo/{grant}/retirar").status_code == 303
    assert "Retirado" in client.get(f"/processo/{ours.dossier}/acesso-externo").text


def test_another_unit_reads_a_public_one_but_works_only_where_it_is_open(ours: House) -> None:
    bia = ours.client(BIA)
    page = bia.get(f"/processo/{ours.dossier}").text
    assert "Não passou por GRI." in page
    assert f"/processo/{ours.dossier}/enviar" not in page
    for name, data in (
        ("enviar", {"units": "DIR"}), ("especificacao", {"specification": "Outra"}), ("andamento", {"text": "Eu"}),
        ("sobrestar", {"reason": "Porque sim"}), ("prazo", {"days": "2"}), ("anotar", {"text": "Minha"}),
    ):  # fmt: skip
        refused = _do(bia, ours.dossier, name, **data)
        assert refused.status_code == 422, name
        assert "não está aberto na sua unidade" in refused.text or "nunca passou" in refused.text
    assert _do(bia, ours.dossier, "concluir").status_code == 409
    with transaction() as session:
        assert session.get_one(Dossier, ours.dossier).specification == "Compra de cadeiras"


def test_the_parts_renew_themselves(ours: House) -> None:
    client = ours.client(ANA)
    live = _live(client.get(f"/processo/{ours.dossier}").text)
    assert client.get(live).status_code == 304
    done = client.post(
        f"/processo/{ours.dossier}/prioridade",
        data={"priority": "1", "csrf_token": scenario.token_of(client, "/processo/novo")}, headers=_part("ato-corpo"),
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
    with_document = client.get(_live(renewed.text), headers={"HX-Current-URL": page}).text
    assert 'id="doc-topo"' in with_document
    assert 'id="doc-comentarios"' in with_document
    with transaction() as session:
        operations.delete_document(session, document, actor=house.actor_of(ANA))
    assert client.get(_live(with_document), headers={"HX-Current-URL": page}).status_code == 200


def test_a_refusal_in_the_dialog_comes_back_into_it(ours: House) -> None:
    client = ours.client(ANA)
    data = {"reason": "", "csrf_token": scenario.token_of(client, "/processo/novo")}
    refused = client.post(f"/processo/{ours.dossier}/sobrestar", data=data, headers=_part("ato-corpo"))
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


def test_zip_and_pdf_of_chosen_documents(ours: House, database_url: str) -> None:
    client = ours.client(ANA)
    first, second = house.document(ours.dossier, title="Um"), house.document(ours.dossier, title="Dois")
    form = client.get(f"/processo/{ours.dossier}/baixar").text
    assert "hx-post" not in form
    assert _do(client, ours.dossier, "baixar", way="zip").status_code == 422
    packed = _do(client, ours.dossier, "baixar", way="zip", document_ids=str(first))
    assert packed.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.data)) as opened:
        names = opened.namelist()
    assert any("Um" in name for name in names)
    assert not any("Dois" in name for name in names)
    foreign = house.document(house.opened())
    assert _do(client, ours.dossier, "baixar", way="zip", document_ids=str(foreign)).status_code == 422
    asked = _do(client, ours.dossier, "baixar", way="pdf", document_ids=str(second))
    assert asked.status_code == 303
    assert "Na fila" in client.get(asked.location).text
    assert client.get(f"{asked.location}/arquivo").status_code == 409
    scenario.work(database_url)
    assert "Pronto" in client.get(asked.location, headers=_part("")).text
    file = client.get(f"{asked.location}/arquivo")
    assert file.data.startswith(b"%PDF")
    assert ours.client(CAIO).get(f"{asked.location}/arquivo").status_code == 404


def test_every_act_left_its_event_and_the_chains_are_whole(ours: House) -> None:
    client = ours.client(ANA)
    for name, data in (("assumir", {}), ("prioridade", {"priority": "1"}), ("andamento", {"text": "Recebido"})):
        assert _do(client, ours.dossier, name, **data).status_code == 303
    with transaction() as session:
        kinds = session.scalars(select(EventRow.kind).where(EventRow.chain == f"dossier:{ours.dossier}")).all()
    assert {"dossier_assigned", "dossier_priority", "dossier_entry"} <= set(kinds)
    assert scenario.chain_is_whole()


def _part(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target}


def _live(page: str) -> str:
    found = re.search(r'id="proc-vivo" hx-get="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def _do(client: FlaskClient, dossier: UUID, act: str, **data: str) -> TestResponse:
    return house.post(client, f"/processo/{dossier}/{act}", **data)


def _line(dossier: UUID, unit: str) -> DossierUnit:
    with transaction() as session:
        return session.get_one(DossierUnit, (dossier, unit))


def _number(dossier: UUID) -> str:
    with transaction() as session:
        return session.get_one(Dossier, dossier).number
