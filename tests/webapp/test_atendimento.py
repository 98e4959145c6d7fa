"""The desk through HTTP, as a plain client uses it: no script, no browser."""

from __future__ import annotations

import io
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from people import queries as people
from people.models import Account, DraftPicture, MinorDiscard, Person, RegistrationDraft
from processes.entrada import queries as gates
from tests.webapp import desk, scenario
from tests.webapp.desk import JSON
from workflow import clock
from workflow.database import transaction

pytestmark = pytest.mark.slow  # each has a database of its own

GREY = Image.new("RGB", (320, 240), (128, 128, 128))


@pytest.fixture
def attendant(app: Flask) -> FlaskClient:
    """Signed in as the GRPC's attendant, on a Tuesday at ten."""
    desk.open_the_house()
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("identificacao"))
    return client


def jpeg(image: Image.Image = GREY) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def send(
    client: FlaskClient, path: str, *, picture: bytes | None = None, name: str = "foto.jpg", **data: str
) -> TestResponse:
    """A POST as a plain client makes it, JSON wanted."""
    fields: dict[str, object] = {**data, "csrf_token": scenario.token_of(client, "/")}
    if picture is not None:
        fields["foto"] = (io.BytesIO(picture), name)
    return client.post(path, data=fields, headers=JSON, content_type="multipart/form-data")


def start(client: FlaskClient) -> dict[str, str]:
    answer = send(client, "/atendimento/cadastros")
    assert answer.status_code == 201, answer.text
    urls: dict[str, str] = answer.json  # type: ignore[assignment]  # the API's JSON
    return urls


def count(model: type) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_R5_search_by_name_shows_every_homonym_and_by_cpf_one(attendant: FlaskClient) -> None:
    desk.enrolled("Maria Silva Santos", "52998224725", jpeg())
    desk.enrolled("Maria da Silva", None, jpeg())
    both = scenario.post(attendant, "/atendimento/busca", q="maria silva")
    assert both.status_code == 200
    assert both.text.count("É esta pessoa") == 2
    assert "***.982.247-**" in both.text
    assert "529.982.247-25" not in both.text
    one = send(attendant, "/atendimento/busca", q="529.982.247-25")
    assert [found["name"] for found in one.json["people"]] == ["Maria Silva Santos"]  # type: ignore[index]


def test_search_with_a_wrong_cpf_says_so_and_keeps_what_was_typed(attendant: FlaskClient) -> None:
    answer = scenario.post(attendant, "/atendimento/busca", q="111.111.111-11")
    assert answer.status_code == 422
    assert "Confira o CPF" in answer.text
    assert 'value="111.111.111-11"' in answer.text


def test_an_empty_search_says_what_to_type(attendant: FlaskClient) -> None:
    answer = scenario.post(attendant, "/atendimento/busca", q="  ")
    assert answer.status_code == 422
    assert "Escreva ao menos um nome" in answer.text
    assert send(attendant, "/atendimento/busca", q="").json["fields"]["q"].startswith("Escreva ao menos um nome")  # type: ignore[index]


def test_a_name_that_is_markup_is_shown_as_text(attendant: FlaskClient) -> None:
    answer = scenario.post(attendant, "/atendimento/busca", q="<script>alert(1)</script>")
    assert "<script>alert" not in answer.text


def test_R4_details_without_cpf_go_on_and_a_wrong_cpf_is_told_at_its_field(attendant: FlaskClient) -> None:
    urls = start(attendant)
    wrong = send(attendant, urls["details_url"], nome="João Batista", cpf="123")
    assert wrong.status_code == 422
    assert "cpf" in wrong.json["fields"]  # type: ignore[index]
    assert send(attendant, urls["details_url"], nome="João Batista", cpf="").status_code == 200
    page = scenario.post(attendant, urls["details_url"], nome="João", cpf="")
    assert page.status_code == 422
    assert "nome completo" in page.text
    assert 'value="João"' in page.text


def test_R6_a_name_in_one_case_is_offered_with_capitals_and_the_attendant_decides(attendant: FlaskClient) -> None:
    path = start(attendant)["details_url"]
    offered = scenario.post(attendant, path, nome="maria aparecida de souza", cpf="529.982.247-25")
    assert offered.status_code == 200
    for kept in (
        'value="Maria Aparecida de Souza"',
        'value="529.982.247-25"',
        'name="sugerido" type="hidden" value="sim"',
    ):
        assert kept in offered.text
    assert "iniciais maiúsculas" in offered.text
    taken = scenario.post(attendant, path, nome="Maria Aparecida de Souza", cpf="", sugerido="sim")
    assert taken.status_code == 303
    assert 'value="Maria Aparecida de Souza"' in attendant.get(path).text
    assert scenario.post(attendant, path, nome="MARIA DE SOUZA", cpf="", sugerido="sim").status_code == 303


def test_R6_a_field_beyond_the_four_is_not_kept(attendant: FlaskClient) -> None:
    urls = start(attendant)
    send(attendant, urls["details_url"], nome="João Batista", cpf="", endereco="Rua A", motivo="visita")
    page = attendant.get(urls["details_url"]).text
    assert "Rua A" not in page
    columns = {column.name for column in Person.__table__.columns}
    assert not columns & {"endereco", "motivo", "finalidade", "destino", "visitado"}


def test_nobody_is_registered_before_the_candidates_were_seen(attendant: FlaskClient) -> None:
    urls = start(attendant)
    send(attendant, urls["details_url"], nome="João Batista", cpf="")
    answer = send(attendant, urls["finish_url"])
    assert answer.status_code == 409
    assert answer.json["error"] == "candidatos_nao_vistos"  # type: ignore[index]
    assert count(Person) == 0


def test_going_back_to_a_finished_registration_says_so(app: Flask, attendant: FlaskClient) -> None:
    urls = start(attendant)
    send(attendant, urls["details_url"], nome="João Batista", cpf="")
    send(attendant, urls["document_url"], picture=jpeg())
    with transaction() as session:
        (login,) = session.scalars(select(Account.login).where(Account.kind == "staff"))
    desk.photographed(UUID(urls["draft"]), login or "", jpeg())
    attendant.get(urls["candidates_url"])
    person = send(attendant, urls["finish_url"]).json["person"]  # type: ignore[index]
    back = attendant.get(urls["review_url"])
    assert back.status_code == 410
    assert "Este cadastro já foi concluído" in back.text
    assert f"/atendimento/pessoas/{person}" in back.text
    again = send(attendant, urls["finish_url"])
    assert (again.status_code, again.json["message"]) == (409, "Este cadastro já foi concluído.")  # type: ignore[index]
    assert count(Person) == 1
    assert app.test_client().get(urls["review_url"]).status_code == 302, "who is not signed in learns nothing"


def test_R8_R10_a_minor_leaves_nothing_and_is_counted(attendant: FlaskClient) -> None:
    urls = start(attendant)
    send(attendant, urls["details_url"], nome="Criança Pequena", cpf="")
    answer = send(attendant, f"/atendimento/cadastros/{urls['draft']}/menor")
    assert answer.status_code == 200
    assert count(RegistrationDraft) == count(DraftPicture) == count(Person) == 0
    with transaction() as session:
        assert session.scalars(select(MinorDiscard.discarded)).one() == 1
    assert scenario.recorded("menor_descartado") == 1
    assert scenario.chain_is_whole()


def test_R9_an_adolescent_enters_without_any_personal_data(attendant: FlaskClient) -> None:
    with transaction() as session:
        post = gates.active_posts(session)[0]
    answer = send(
        attendant, "/atendimento/menor", faixa="adolescente", documento="sim", verificacao="sim", posto=str(post.id)
    )
    assert answer.status_code == 200
    with transaction() as session:
        (entry,) = gates.entries_on(session, clock.today())
    assert (entry.kind, entry.person_id) == ("adolescente", None)


def test_R9_without_band_or_post_the_form_says_what_to_do(attendant: FlaskClient) -> None:
    answer = scenario.post(attendant, "/atendimento/menor")
    assert answer.status_code == 422
    assert "Escolha uma das situações" in answer.text
    assert "Escolha o posto" in answer.text


def test_R11_the_grpc_alone_is_refused_and_the_gpol_authorises(app: Flask, attendant: FlaskClient) -> None:
    urls = start(attendant)
    path = f"/atendimento/cadastros/{urls['draft']}/sem-documento"
    assert "Só a Polícia Legislativa" in attendant.get(path).text
    assert send(attendant, f"{path}/pedido").status_code == 422  # no face to decide by
    desk.photographed(UUID(urls["draft"]), "identificacao", jpeg())
    officer = app.test_client()
    scenario.sign_in(officer, scenario.staff("gpol"))
    assert officer.get(path).status_code == 403
    assert "Nenhum pedido agora" in officer.get("/controle").text
    assert send(attendant, f"{path}/pedido").json["state"] == "asked"  # type: ignore[index]
    alone = send(attendant, path, justificativa="Documentos roubados hoje")
    assert alone.status_code == 403
    assert attendant.get(path + "/resposta", headers=JSON).json == {"authorized": False, "state": "asked"}
    assert send(officer, path, justificativa="curta").status_code == 422
    assert send(officer, path, justificativa="Documentos roubados hoje, boletim registrado.").status_code == 200
    assert attendant.get(path + "/resposta", headers=JSON).json == {"authorized": True, "state": "granted"}
    assert send(officer, path, autorizada="nao").status_code == 409


def test_R11_the_request_is_in_the_inbox_of_the_gpol_with_the_face_and_in_no_other(
    app: Flask, attendant: FlaskClient
) -> None:
    urls = start(attendant)
    path = f"/atendimento/cadastros/{urls['draft']}/sem-documento"
    desk.photographed(UUID(urls["draft"]), "identificacao", jpeg())
    officer = app.test_client()
    scenario.sign_in(officer, scenario.staff("gpol"))
    listed = re.search(r'hx-get="(/tarefas/sem-documento\?versao=[0-9a-f]+)"', officer.get("/controle").text)
    assert listed is not None
    assert officer.get(listed[1]).status_code == 304
    scenario.post(attendant, f"{path}/pedido")
    for page in ("/controle", "/atendimento/", listed[1]):
        text = officer.get(page).text
        assert "1 pessoa espera" in text
        assert f'href="{path}"' in text
        assert "Servidora identificacao pediu agora" in text
        pictures = re.findall(rf'src="({path}/fotos/[0-9a-f-]+)"', text)
        assert [officer.get(one).data[:2] for one in pictures] == [b"\xff\xd8"]
    for page in ("/controle", "/atendimento/"):
        assert path not in attendant.get(page).text
    assert attendant.get(pictures[0]).status_code == 403
    assert attendant.get("/tarefas/sem-documento").status_code == 403
    assert send(officer, path, autorizada="nao").status_code == 200
    assert "A Gpol não autorizou" in attendant.get(f"{path}/resposta").text
    assert "Nenhum pedido agora" in officer.get("/controle").text


def test_another_attendants_draft_is_closed(app: Flask, attendant: FlaskClient) -> None:
    urls = start(attendant)
    other = app.test_client()
    scenario.sign_in(other, scenario.staff("identificacao", login="outra"))
    assert other.get(urls["details_url"]).status_code == 403
    assert other.get(f"/atendimento/cadastros/{uuid4()}/dados").status_code == 404


def test_R5_the_desk_lets_in_whom_it_identified(attendant: FlaskClient) -> None:
    person = desk.enrolled("Maria Silva Santos", "52998224725", jpeg())
    with transaction() as session:
        post = gates.active_posts(session)[0]
    assert send(attendant, f"/atendimento/pessoas/{person}/entrada").status_code == 422
    answer = send(attendant, f"/atendimento/pessoas/{person}/entrada", posto=str(post.id), criancas="2")
    assert answer.json["result"] == "LIBERADO"  # type: ignore[index]
    assert "Maria Silva Santos" in answer.json["message"]  # type: ignore[index]
    with transaction() as session:
        (entry,) = gates.entries_of(session, person)
    assert entry.accompanied_minors == 2


def test_R3_a_doubt_waits_with_candidates_and_is_answered_once(app: Flask, attendant: FlaskClient) -> None:
    person = desk.enrolled("Maria Silva Santos", "52998224725", jpeg())
    task = desk.doubt(desk.bridge(), [person], jpeg())
    page = attendant.get(f"/atendimento/verificar/{task}")
    assert "Maria Silva Santos" in page.text
    assert "0,33" not in page.text
    assert attendant.get(f"/atendimento/verificar/{task}/imagem").mimetype == "image/jpeg"
    answer = send(attendant, f"/atendimento/verificar/{task}", pessoa_id=str(person))
    assert "Entrada liberada: Maria Silva Santos" in answer.json["message"]  # type: ignore[index]
    assert attendant.get(f"/atendimento/verificar/{task}/imagem").status_code == 404
    second = app.test_client()
    scenario.sign_in(second, scenario.staff("identificacao", login="outra"))
    late = send(second, f"/atendimento/verificar/{task}", pessoa_id=str(person))
    assert late.status_code == 409
    assert "Servidora identificacao concluiu" in late.json["message"]  # type: ignore[index]
    assert "Servidora identificacao concluiu" in second.get(f"/atendimento/verificar/{task}").text
    with transaction() as session:
        assert len(gates.entries_of(session, person)) == 1


@pytest.mark.parametrize("answer", ["ninguem", "gpol"])
def test_R3_nobody_enters_in_a_name_that_nobody_confirmed(attendant: FlaskClient, answer: str) -> None:
    person = desk.enrolled("Maria Silva Santos", "52998224725", jpeg())
    task = desk.doubt(desk.bridge(), [person], jpeg())
    assert send(attendant, f"/atendimento/verificar/{task}", resposta="confirmada").status_code == 422
    assert send(attendant, f"/atendimento/verificar/{task}", resposta=answer, pessoa_id=str(person)).status_code == 200
    with transaction() as session:
        assert gates.entries_of(session, person) == []


def test_R10_a_minors_picture_goes_at_once(attendant: FlaskClient) -> None:
    task = desk.doubt(desk.bridge(), [], jpeg())
    assert send(attendant, f"/atendimento/verificar/{task}", acao="menor").status_code == 200
    with transaction() as session:
        assert gates.minors_on(session, clock.today()) == {"descartado": 1}


def test_the_list_of_doubts_answers_304_until_something_changes(attendant: FlaskClient) -> None:
    gate = desk.bridge()
    desk.doubt(gate, [], None)
    page = attendant.get("/atendimento/").text
    assert "chegou agora" in page
    found = re.search(r'hx-get="(/atendimento/duvidas\?versao=[0-9a-f]+)"', page)
    assert found is not None
    assert attendant.get(found[1]).status_code == 304
    desk.doubt(gate, [], None)
    fresh = attendant.get(found[1])
    assert fresh.status_code == 200
    assert "2 pessoas esperam" in fresh.text
    desk.open_the_house("10:03")
    later = attendant.get(found[1])
    assert (later.status_code, later.text.count("espera há 2 minutos")) == (200, 2)


def test_a_question_of_another_unit_is_refused(app: Flask, attendant: FlaskClient) -> None:
    task = desk.doubt(desk.bridge(), [], None)
    stranger = app.test_client()
    scenario.sign_in(stranger, scenario.staff("cac"))
    assert stranger.get(f"/atendimento/verificar/{task}").status_code == 403
    assert stranger.get("/atendimento/").status_code == 403


def test_registration_through_plain_http(attendant: FlaskClient, faces_folder: Path) -> None:
    """The steps that the docstring of webapp.atendimento.cadastro promises, on real photographs."""
    pictures = [path.read_bytes() for path in desk.photographs(faces_folder, "Tom_Cruise")]
    urls = start(attendant)
    face = urls["face_url"]
    assert send(attendant, face, picture=pictures[0]).json["good"] == 1  # type: ignore[index]
    again = send(attendant, face, picture=pictures[0])
    assert (again.status_code, again.json["code"]) == (422, "repetida")  # type: ignore[index]
    assert send(attendant, face, picture=pictures[1]).json["good"] == 2  # type: ignore[index]
    for bad, code in ((jpeg(), "sem_rosto"), (b"%PDF-1.7 nada", "pdf"), (b"", "vazia")):
        refused = send(attendant, face, picture=bad)
        assert (refused.status_code, refused.json["code"]) == (422, code)  # type: ignore[index]
        assert refused.json["message"]  # type: ignore[index]
    assert send(attendant, urls["document_url"], picture=b"%PDF-1.7 nada").status_code == 422
    assert send(attendant, urls["document_url"], picture=jpeg()).json["accepted"] is True  # type: ignore[index]
    assert send(attendant, urls["details_url"], nome="Tomás Cruzeiro", cpf="52998224725").status_code == 200
    assert attendant.get(urls["candidates_url"], headers=JSON).json == {"candidates": []}
    made = send(attendant, urls["finish_url"])
    assert (made.status_code, made.json["created"]) == (201, True)  # type: ignore[index]
    person = UUID(made.json["person"])  # type: ignore[index]
    assert attendant.get(f"/atendimento/pessoas/{person}/rosto").data.startswith(b"\xff\xd8")
    near = send(attendant, "/atendimento/busca/rosto", picture=pictures[2])
    assert near.json["people"] == [str(person)]  # type: ignore[index]
    _second_visit_finds_the_first(attendant, pictures[3], person)


def test_R4_the_photograph_of_the_document_is_whole_and_in_the_review(attendant: FlaskClient) -> None:
    urls = start(attendant)
    (picture,) = send(attendant, urls["document_url"], picture=jpeg()).json["pictures"]  # type: ignore[index]
    send(attendant, urls["details_url"], nome="João Batista", cpf="")
    attendant.get(urls["candidates_url"])
    for page in (urls["document_url"], urls["review_url"]):
        assert re.search(
            f'<a class="desk-whole" href="{picture}"[^>]*><img src="{picture}"', attendant.get(page).text
        ), page


def test_R6_the_picture_of_another_person_is_refused_at_once(attendant: FlaskClient, faces_folder: Path) -> None:
    one, other = (desk.photographs(faces_folder, name)[0].read_bytes() for name in ("Tom_Cruise", "George_Clooney"))
    urls = start(attendant)
    assert send(attendant, urls["face_url"], picture=one).json["good"] == 1  # type: ignore[index]
    refused = send(attendant, urls["face_url"], picture=other)
    assert (refused.status_code, refused.json["code"]) == (422, "outra_pessoa")  # type: ignore[index]
    assert (refused.json["accepted"], refused.json["good"]) == (False, 1)  # type: ignore[index]
    assert refused.json["message"].startswith("Esta foto parece ser de outra pessoa.")  # type: ignore[index]


def _second_visit_finds_the_first(client: FlaskClient, picture: bytes, person: UUID) -> None:
    """The same face under another name: the candidate must be seen, and taking it makes nobody new."""
    urls = start(client)
    send(client, urls["face_url"], picture=picture)
    send(client, urls["details_url"], nome="Outro Nome", cpf="")
    (found,) = client.get(urls["candidates_url"], headers=JSON).json["candidates"]  # type: ignore[index]
    assert (found["person"], found["reasons"]) == (str(person), ["rosto"])
    taken = send(client, urls["candidates_url"], decisao="esta", pessoa=str(person))
    assert (taken.status_code, taken.json["created"]) == (200, False)  # type: ignore[index]
    assert count(Person) == 1
    with transaction() as session:
        row = people.person(session, person)
    assert row is not None
    assert row.full_name == "Tomás Cruzeiro"
