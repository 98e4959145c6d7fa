"""Ofícios on the web: every act over HTTP, from the new ofício to the report."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.models import Document
from processes.oficio_camaras import closing, operations
from processes.oficio_camaras.camaras import DATA
from processes.oficio_camaras.correspondence.models import CamaraAccount, DispatchAttempt, TriageMessage
from processes.oficio_camaras.models import Camara, Campaign, CampaignState, ExemplarState
from processes.oficio_camaras.queries import Progress
from processes.oficio_camaras.states import locked
from tests.processes.oficio_camaras.conftest import TEXT, approved, drafted, task_of, team_of
from tests.webapp import scenario
from tests.webapp.oficio_house import (
    BELO_HORIZONTE,
    BETIM,
    CONTAGEM,
    LINK,
    PASSWORD,
    House,
    dispatched,
    exemplar_of,
    house,
    number_of,
    oficio_database,
    state_of,
)
from webapp.oficios import groups, mapa
from webapp.oficios.drafting import _code_of
from webapp.oficios.reports import safe
from workflow import clock
from workflow.database import transaction

__all__ = ["house", "oficio_database"]
slow = pytest.mark.slow
S = ExemplarState


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    """A POST with the client's token."""
    return client.post(path, data={**data, "csrf_token": scenario.token_of(client, "/validaDocumento")})


def seen(campaign_id: UUID) -> Campaign:
    """The campaign as it is in the database."""
    with transaction() as session:
        return session.get_one(Campaign, campaign_id)


def of(states: dict[str, int], in_doubt: int = 0) -> Progress:
    total = sum(states.values())
    return Progress(total, total, states, in_doubt, 0)


def test_RE5_groups_count_each_exemplar_once() -> None:
    counts = {group.key: count for group, count in groups.counted(of({"NA_FILA": 5, "ENVIADO": 2, "RECEBIDO": 1}, 2))}
    assert (counts["fila"], counts["duv"], counts["env"], counts["rec"]) == (3, 2, 2, 1)
    assert sum(counts.values()) == 8
    assert {state for group in groups.GROUPS for state in group.states} == set(S)


def test_RE5_the_title_says_the_finding() -> None:
    asks = Campaign(state=CampaignState.DISPATCHED, requires_reply=True)
    tells = Campaign(state=CampaignState.DISPATCHED, requires_reply=False)
    done = of({"RESPONDIDO": 1, "RECEBIDO": 3, "ENVIADO": 4})
    assert groups.finding(asks, done) == "1 das 8 câmaras (12%) respondeu"
    assert groups.finding(tells, done) == "4 das 8 câmaras (50%) confirmaram o recebimento"
    assert groups.finding(tells, of({"NA_FILA": 3, "ENVIADO": 5})) == "Enviando: faltam 3 de 8 mensagens"
    assert groups.finding(tells, of({"GERADO": 1, "ENVIADO": 3})) == "0 das 4 câmaras (0%) confirmaram o recebimento"
    regions = {"DDD 35": {"RESPONDIDO": 2}, "DDD 33": {"RESPONDIDO": 1, "ENVIADO": 3}}
    assert groups.weakest(regions, requires_reply=True) == "Menor retorno no DDD 33: 1 de 4."
    assert groups.weakest({"DDD 35": {"ENVIADO": 2}, "DDD 33": {"ENVIADO": 1}}, requires_reply=True) == ""


def test_the_map_holds_every_camara() -> None:
    lines = list(csv.DictReader(io.StringIO(DATA.read_text("utf-8"))))
    drawn = [mapa._at(float(line["latitude"]), float(line["longitude"])) for line in lines]
    assert len(drawn) == 853
    assert all(30 < x < mapa.WIDTH - 30 and 30 < y < mapa.HEIGHT - 30 for x, y in drawn)


def test_EM2_a_pasted_name_of_another_state_is_not_taken() -> None:
    names, codes = {"bonfim": "3108107", "sao joao del-rei": "3162500"}, {"3108107", "3162500"}
    for typed in ("Bonfim", "Bonfim/MG", "Bonfim - mg", "Câmara Municipal de Bonfim", "3108107"):
        assert _code_of(typed, names, codes) == "3108107", typed
    assert _code_of("Bonfim/GO", names, codes) is None
    assert _code_of("5203559", names, codes) is None


def test_a_cell_of_the_report_is_never_a_formula() -> None:
    assert safe("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert safe("Betim") == "Betim"


@slow
def test_from_the_new_oficio_to_the_signature(house: House) -> None:
    writer, chief, director = house.client("redatora"), house.client("chefe"), house.client("diretor")
    assert "Ofícios às câmaras" in writer.get("/oficios").text
    facts = {"subject": "Encontro regional", "template": "almg_seed", "beginning": "frase", "deadline_kind": "business",
             "deadline_days": "10", "requires_reply": "y", "rectifies": "", "earlier": ""}  # fmt: skip
    refused = post(writer, "/oficios/novo", **{**facts, "deadline_days": "900", "subject": ""})
    assert refused.status_code == 422
    assert "Escreva um número de 1 a 365." in refused.text
    assert post(director, "/oficios/novo", **facts).status_code == 422  # the GRI writes
    opened = post(writer, "/oficios/novo", **facts)
    assert opened.status_code == 303, opened.text
    chosen = opened.headers["Location"]
    path = chosen.removesuffix("/destinatarios")
    campaign_id = UUID(path.rsplit("/", 1)[1])

    with transaction() as session:
        task = task_of(session, session.get_one(Campaign, campaign_id), "redigir")
    missing = post(writer, f"/oficios/tarefas/{task}/redigir")
    assert missing.status_code == 422
    assert "Escolha ao menos uma câmara." in missing.text
    wrong = post(writer, chosen, quem="lista", lista="Betim\nBonfim/GO\nXyz", como="trocar")
    assert wrong.status_code == 422
    assert "Não encontramos no cadastro de Minas: Bonfim/GO; Xyz." in wrong.text
    assert "Bonfim/GO\nXyz" in wrong.text
    assert post(writer, chosen, quem="lista", lista="Betim/MG\n3106200\nContagem", como="trocar").status_code == 303
    assert post(writer, chosen, quem="nomes", camara=[CONTAGEM], como="tirar").status_code == 303
    assert sorted(seen(campaign_id).recipients) == [BELO_HORIZONTE, BETIM]
    assert "já está no ofício" in writer.get(f"{chosen}?nome=betim").text
    assert post(writer, chosen, quem="regioes", regiao="DDD 33", como="juntar").status_code == 303
    assert len(seen(campaign_id).recipients) > 50
    assert post(writer, chosen, quem="todas", como="trocar").status_code == 303
    assert len(seen(campaign_id).recipients) == 853
    assert post(writer, chosen, quem="lista", lista="Betim\nContagem", como="trocar").status_code == 303
    changed = {**facts, "subject": "Encontro regional de vereadores", "template": "mrpr3"}
    assert post(writer, f"{path}/dados", **changed).status_code == 303
    assert writer.get(f"{path}/previa.pdf").data.startswith(b"%PDF")
    assert "Câmara Municipal de Betim" in writer.get(path).text
    editor = writer.get(f"/documento/{seen(campaign_id).document_id}/editar").text
    assert "camara.vocativo" in editor  # offered under “Variável”
    assert "cada exemplar recebe o seu" in editor

    assert post(writer, f"/oficios/tarefas/{task}/redigir").headers["Location"] == path
    with transaction() as session:
        review = task_of(session, session.get_one(Campaign, campaign_id), "revisar")
    assert writer.get(f"/oficios/tarefas/{review}/decidir").status_code == 200  # reads, but it is not hers
    assert chief.get(f"/tarefas/{review}").status_code == 200
    page = chief.get(f"/oficios/tarefas/{review}/decidir").text
    assert "dirige-se à Câmara Municipal de Betim" in page
    empty = post(chief, f"/oficios/tarefas/{review}/decidir", revisao="devolver", revisao_motivo="")
    assert empty.status_code == 422
    assert "escreva o que precisa ser corrigido." in empty.text
    assert post(chief, f"/oficios/tarefas/{review}/decidir", revisao="aprovar").status_code == 303
    with transaction() as session:
        second = task_of(session, session.get_one(Campaign, campaign_id), "aprovar")
    assert post(director, f"/oficios/tarefas/{second}/decidir", aprovacao="aprovar").status_code == 303
    with transaction() as session:
        last = task_of(session, session.get_one(Campaign, campaign_id), "assinar")
    bad = post(chief, f"/oficios/tarefas/{last}/assinar", cargo="Gerente", password="errada mesmo")
    assert bad.status_code == 422
    assert seen(campaign_id).number is None
    done = post(chief, f"/oficios/tarefas/{last}/assinar", cargo="Gerente", password=PASSWORD)
    assert done.headers["Location"] == path
    number = seen(campaign_id).number or ""
    assert re.fullmatch(r"Of\. \d{3}/\d{4}/GRPC/GRI", number)
    assert "Gerando os exemplares: 0 de 2 prontos" in chief.get(path).text
    scenario.work(house.url)
    assert "0 das 2 câmaras (0%) responderam" in chief.get(path).text
    assert "Você concluiu esta tarefa" in chief.get(f"/oficios/tarefas/{last}/assinar").text


@slow
def test_who_wrote_does_not_approve(house: House) -> None:
    with transaction() as session:
        campaign = drafted(session, (BETIM,))
        task = task_of(session, campaign, "redigir")
        campaign.written_by = team_of(session).chief.id
        campaign_id = campaign.id
    post(house.client("redatora"), f"/oficios/tarefas/{task}/redigir")
    with transaction() as session:
        review = task_of(session, session.get_one(Campaign, campaign_id), "revisar")
    chief = house.client("chefe")
    assert "Você escreveu a última versão" in chief.get(f"/oficios/tarefas/{review}/decidir").text
    refused = post(chief, f"/oficios/tarefas/{review}/decidir", revisao="aprovar")
    assert refused.status_code == 422
    assert "outra chefia precisa decidir" in refused.text


@slow
def test_the_dashboard_keeps_itself_up_to_date_and_lists(house: House) -> None:
    campaign_id = dispatched(house, (BETIM, BELO_HORIZONTE, CONTAGEM), requires_reply=True)
    client, path = house.client("redatora"), f"/oficios/{campaign_id}"
    page = client.get(path).text
    version = re.search(r"versao=([^\"&]+)", page)
    assert version is not None
    again = f"{path}/painel?versao={version[1]}"
    assert client.get(again).status_code == 304
    with transaction() as session:
        operations.answer_by_link(session, house.link(BETIM).rsplit("/", 1)[1], "Estaremos lá.")
    part = client.get(again)
    assert part.status_code == 200
    assert "1 das 3 câmaras (33%) respondeu" in part.text
    assert "<title>Betim: responderam</title>" in part.text
    assert "<html" not in part.text
    assert "Betim" in client.get(f"{path}/exemplares?situacao=resp").text
    listed = client.get(f"{path}/exemplares?situacao=env&nome=contag").text
    assert "Contagem" in listed
    assert "Belo Horizonte" not in listed
    assert "Nenhum exemplar aqui" in client.get(f"{path}/exemplares?regiao=DDD+35").text
    rows = list(csv.reader(io.StringIO(client.get(f"{path}/relatorio.csv").text.lstrip("\ufeff")), delimiter=";"))
    assert [row[2] for row in rows[1:]] == ["Belo Horizonte", "Betim", "Contagem"]
    assert "Respondido" in client.get(f"{path}/relatorio").text
    exemplar = client.get(f"/oficios/exemplares/{exemplar_of(campaign_id, BETIM)}").text
    assert "Estaremos lá." in exemplar
    assert "Mensagem aceita pelo servidor de e-mail" in exemplar


@slow
def test_EM8_an_exemplar_without_address_gets_one_or_goes_by_post(house: House) -> None:
    codes = ("3100104", "3100203")
    with transaction() as session:
        for code in codes:
            session.get_one(Camara, code).email_valid = False
    campaign_id = dispatched(house, codes)
    first, second = (exemplar_of(campaign_id, code) for code in codes)
    client = house.client("redatora")
    page = client.get(f"/oficios/exemplares/{first}").text
    assert "Atualizar cadastro da câmara" in page
    assert "2 esperam uma decisão" in client.get(f"/oficios/{campaign_id}").text
    wrong = post(client, f"/oficios/exemplares/{first}/pendencia", providencia="reenviar", email="sem arroba")
    assert wrong.status_code == 422
    assert 'value="sem arroba"' in wrong.text
    assert house.client("diretor").get(f"/oficios/exemplares/{first}").status_code == 200
    answer = post(client, f"/oficios/exemplares/{first}/pendencia", providencia="reenviar", email="nova@abadia.example")
    assert answer.status_code == 303
    assert post(client, f"/oficios/exemplares/{second}/pendencia", providencia="postal").status_code == 303
    assert post(client, f"/oficios/exemplares/{second}/pendencia", providencia="postal").status_code == 409
    scenario.work(house.url)
    assert (state_of(first), state_of(second)) == ("ENVIADO", "VIA_POSTAL")
    assert len(house.messages("nova@abadia.example")) == 1
    early = post(
        client, f"/oficios/exemplares/{second}/carimbo", carimbo="CÂMARA MUNICIPAL RECEBIDO 18/01/2019 10:01 092 1/2"
    )
    assert early.status_code == 422
    assert "é anterior à da assinatura" in early.text  # ST4
    now = clock.local(clock.now())
    stamp = f"CÂMARA MUNICIPAL RECEBIDO {now:%d/%m/%Y} {now:%H:%M} 092 1/2"
    with transaction() as session:
        session.get_one(Campaign, campaign_id).signed_at = clock.now() - timedelta(days=1)
    assert post(client, f"/oficios/exemplares/{second}/carimbo", carimbo=stamp).status_code == 303
    assert "092" in client.get(f"/oficios/exemplares/{second}").text


@slow
def test_an_exemplar_is_sent_to_another_address_after_a_look_at_what_will_happen(house: House) -> None:
    campaign_id, other = dispatched(house, ("3100302",)), dispatched(house, ("3100302",), subject="Outro ofício")
    exemplar_id, client = exemplar_of(campaign_id, "3100302"), house.client("redatora")
    old, path = house.link("3100302"), f"/oficios/exemplares/{exemplar_id}/redirecionar"
    assert path in client.get(f"/oficios/exemplares/{exemplar_id}").text
    wrong = post(client, path, passo="conferir", email="sem arroba", motivo="")
    assert wrong.status_code == 422
    assert "endereço de e-mail completo" in wrong.text
    assert "Escreva por que o endereço muda." in wrong.text  # all at once
    typed = {"email": " Nova@AbreCampo.example ", "motivo": "A secretaria avisou por telefone.", "cadastro": "y"}
    look = post(client, path, passo="conferir", **typed)
    assert look.status_code == 200
    for told in (
        "nova@abrecampo.example",
        "deixa de valer",
        "não pode ser recolhida",
        "Outro ofício",
        "cadastro da câmara passa",
    ):
        assert told in look.text, told
    assert state_of(exemplar_id) == "ENVIADO"  # a look changes nothing
    assert 'value="A secretaria' in post(client, path, passo="alterar", **typed).text
    sent = {**typed, "email": "nova@abrecampo.example", "passo": "enviar", "versao": "1"}
    assert post(client, path, **sent).status_code == 303
    assert post(client, path, **sent).status_code == 303
    assert post(client, path, **{**sent, "email": "terceira@abrecampo.example"}).status_code == 409
    scenario.work(house.url)
    assert len(house.messages("nova@abrecampo.example")) == 1
    told = client.get(f"/oficios/exemplares/{exemplar_id}").text
    assert "Redirecionado de camara.3100302@municipio.example para nova@abrecampo.example" in told
    assert "e-mail, para camara.3100302@municipio.example" in told
    first = [one for one in house.messages("camara.3100302@") if number_of(campaign_id) in str(one["Subject"])]
    assert len(first) == 1
    by_other = house.client().get(old)
    assert by_other.status_code == 200  # the other ofício's link still holds
    assert state_of(exemplar_of(other, "3100302")) == "ENVIADO"
    replaced = LINK.search(first[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]  # it has one
    assert replaced is not None
    gone = house.client().get(replaced[1])
    assert gone.status_code == 404
    assert "foi substituído" in gone.text
    assert house.client(scenario.external("curiosa@example.org"), scenario.PASSWORD).get(path).status_code == 403
    assert house.client().get(path).status_code == 302


@slow
def test_the_closing_report_is_a_sealed_pdf(house: House) -> None:
    campaign_id = dispatched(house, ("3170206",))
    client, path = house.client("redatora"), f"/oficios/{campaign_id}/relatorio"
    assert "Relatório" in client.get(path).text
    assert client.get(f"{path}.pdf").status_code == 404
    assert post(client, f"{path}/arquivo").status_code == 409  # not closed yet
    with transaction() as session:
        operations.confirm_by_link(session, house.link("3170206").rsplit("/", 1)[1], "Vera Alves, Secretária")
    scenario.work(house.url)
    page = client.get(path).text
    assert f"{path}.pdf" in page
    assert "pelo sistema, com todos os exemplares concluídos" in page
    assert "Confirmado pelo link da mensagem" in page
    assert client.get(f"{path}.pdf").data.startswith(b"%PDF")
    assert client.get(f"{path}/arquivo").status_code == 200
    assert post(client, f"{path}/arquivo").status_code == 303
    scenario.work(house.url)
    with transaction() as session:
        assert len(session.scalars(select(Document.id).where(Document.kind == closing.KIND)).all()) == 1
    assert house.client().get(f"{path}.pdf").status_code == 302


@slow
def test_EM6_a_doubt_is_decided_by_a_person_and_a_reply_dispensed(house: House) -> None:
    from processes.oficio_camaras.correspondence.dispatch import doubt

    campaign_id = dispatched(house, (BETIM,), requires_reply=True)
    exemplar_id = exemplar_of(campaign_id, BETIM)
    with transaction() as session:
        exemplar = locked(session, exemplar_id)
        exemplar.state = S.NA_FILA
        doubt(session, session.scalars(select(DispatchAttempt).where(DispatchAttempt.exemplar_id == exemplar_id)).one())
    client = house.client("redatora")
    assert "Envio em dúvida" in client.get(f"/oficios/exemplares/{exemplar_id}").text
    assert "Betim" in client.get(f"/oficios/{campaign_id}/exemplares?situacao=duv").text
    assert post(client, f"/oficios/exemplares/{exemplar_id}/pendencia", envio="recebido").status_code == 303
    assert state_of(exemplar_id) == "ENVIADO"
    assert post(client, f"/oficios/exemplares/{exemplar_id}/dispensar").status_code == 409
    with transaction() as session:
        operations.confirm_by_link(session, house.link(BETIM).rsplit("/", 1)[1], "Vera Alves, Secretária")
    assert post(client, f"/oficios/exemplares/{exemplar_id}/dispensar").status_code == 303
    assert state_of(exemplar_id) == "DISPENSADA_RESPOSTA"
    assert client.get(f"/oficios/exemplares/{exemplar_id}/oficio.pdf").data.startswith(b"%PDF")


@slow
def test_RE3_the_triage_box_attaches_or_discards(house: House) -> None:
    campaign_id = dispatched(house, (CONTAGEM,), requires_reply=True)
    raw = b"From: camara@contagem.example\r\nTo: ceac@almg.example\r\nSubject: Resposta\r\nMessage-ID: <a@b>\r\n\r\nSegue.\r\n"
    with transaction() as session:
        rows = [
            TriageMessage(
                sender="camara@contagem.example", subject=subject, text="Segue.", raw=raw, arrived_at=clock.now()
            )
            for subject in ("Resposta ao ofício", "Promoção imperdível")
        ]
        session.add_all(rows)
        session.flush()
        reply, junk = (row.id for row in rows)
    client, exemplar_id = house.client("redatora"), exemplar_of(campaign_id, CONTAGEM)
    assert "Promoção imperdível" in client.get("/oficios/triagem").text
    assert str(exemplar_id) in client.get(f"/oficios/triagem/{reply}?nome=contagem").text
    assert post(client, f"/oficios/triagem/{reply}/juntar").status_code == 422
    assert post(client, f"/oficios/triagem/{reply}/juntar", exemplar=str(exemplar_id)).status_code == 303
    assert state_of(exemplar_id) == "RESPONDIDO"
    assert post(client, f"/oficios/triagem/{junk}/descartar").status_code == 303
    assert "já foi tratada" in client.get(f"/oficios/triagem/{junk}").text
    assert "Nada a triar" in client.get("/oficios/triagem").text


@slow
def test_the_register_is_edited_linked_and_imported_whole(house: House) -> None:
    client, ibge = house.client("redatora"), "3100302"
    path = f"/oficios/camaras/{ibge}"
    assert "Abre Campo" in client.get("/oficios/camaras?nome=abre+campo").text
    refused = post(client, path, email="torto", phone="(31) 3872-1234", president="", president_gender="")
    assert refused.status_code == 422
    assert "endereço de e-mail completo" in refused.text
    saved = {
        "email": "Camara@AbreCampo.example",
        "phone": "(31) 3872-1234",
        "president": "Ana Lima",
        "president_gender": "F",
    }
    assert post(client, path, **saved).status_code == 303
    with transaction() as session:
        row = session.get_one(Camara, ibge)
        assert (row.email, row.president, row.president_gender) == ("camara@abrecampo.example", "Ana Lima", "F")
    nobody = post(client, f"{path}/contas", account_email="ninguem@abrecampo.example")
    assert nobody.status_code == 422
    assert "Não há conta confirmada" in nobody.text
    scenario.external("bia@abrecampo.example", "Bia Souza")
    assert post(client, f"{path}/contas", account_email="bia@abrecampo.example").status_code == 303
    assert "Bia Souza" in client.get(path).text
    with transaction() as session:
        account = session.scalars(select(CamaraAccount.account_id).where(CamaraAccount.ibge == ibge)).one()
    assert post(client, f"{path}/contas/{account}/desligar").status_code == 303
    assert "Nenhuma conta ligada" in client.get(path).text
    short = io.BytesIO("\n".join(DATA.read_text("utf-8").splitlines()[:853]).encode())
    em1 = post(client, "/oficios/camaras/importar", arquivo=(short, "camaras.csv"))
    assert em1.status_code == 422
    assert "São 853 câmaras, e o arquivo traz 852. Nada foi importado." in em1.text
    latin = post(client, "/oficios/camaras/importar", arquivo=(io.BytesIO("código".encode("latin-1")), "camaras.csv"))
    assert "não está em UTF-8" in latin.text
    whole = post(client, "/oficios/camaras/importar", arquivo=(io.BytesIO(DATA.read_bytes()), "camaras.csv"))
    assert whole.status_code == 303
    assert client.get("/oficios/camaras/9999999").status_code == 404


@slow
def test_pages_of_oficios_are_not_for_others(house: House) -> None:
    with transaction() as session:
        campaign_id = approved(session, (BETIM,), body=TEXT).id
    nobody = house.client()
    assert nobody.get(f"/oficios/{campaign_id}").status_code == 302
    outsider = house.client(scenario.external("fora@example.org"), scenario.PASSWORD)
    for path in (
        "/oficios",
        f"/oficios/{campaign_id}",
        f"/oficios/{campaign_id}/previa.pdf",
        "/oficios/camaras",
        "/oficios/triagem",
    ):
        assert outsider.get(path).status_code == 403, path
