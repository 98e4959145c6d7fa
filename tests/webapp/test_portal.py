"""The citizen's account: sign-up, cadastro completo, declarations, own data."""

from __future__ import annotations

import email
import hashlib
import io
import json
import re
import zipfile
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient

from documents.qr import qr_svg
from integrations.faces import boxes
from people import visitor
from tests.webapp import scenario
from workflow import clock
from workflow.database import transaction

LIST = "/area-do-usuario/certificados-e-declaracoes"
DAY = date(2026, 11, 23)
pytestmark = pytest.mark.slow


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def maria(client: FlaskClient, database_url: str) -> FlaskClient:
    """Signed in, CPF proved, one day of attendance."""
    scenario.citizen("maria@example.org", proved="Maria")
    scenario.attend(scenario.person("Maria"), DAY, database_url)
    scenario.sign_in(client, "maria@example.org")
    return client


def mails(folder: Path) -> list[EmailMessage]:
    """What left, oldest first."""
    files = sorted((folder / "correio").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]


def attendance_path(client: FlaskClient) -> str:
    found = re.search(rf"{LIST}/[0-9a-f-]{{36}}", client.get(LIST).text)
    assert found is not None
    return found[0]


def issued(client: FlaskClient, database_url: str) -> str:
    """Issues the one day's declaration; the page of the day."""
    path = attendance_path(client)
    assert scenario.post(client, f"{path}/emitir").status_code == 303
    scenario.work(database_url)
    return path


def test_PO1_PO2_PO4_sign_up_is_confirmed_by_the_message_and_once(
    client: FlaskClient, database_url: str, tmp_path: Path
) -> None:
    answer = scenario.post(client, "/cadastre-se", email="Nova@Example.org", password=scenario.PASSWORD)
    assert answer.status_code == 302
    assert "Falta confirmar seu e-mail" in client.get(answer.location).text
    scenario.work(database_url)
    (message,) = mails(tmp_path)
    assert message["Subject"] == "Confirme seu cadastro no Portal da Assembleia"
    link = re.search(r"http://carimbo\.test(/confirmar-cadastro/\S+)", message.get_content())
    assert link is not None
    refused = scenario.post(client, "/entrar", login="nova@example.org", password=scenario.PASSWORD)
    assert refused.status_code == 422, "before the click the account is inactive"
    assert "Confirmar meu cadastro" in client.get(link[1]).text, "opening the link confirms nothing"
    stranger = scenario.post(client, link[1], password="de outra pessoa")
    assert stranger.status_code == 422, "only who chose the password confirms"
    assert "não é a que foi escolhida" in stranger.text
    assert "Cadastro confirmado" in scenario.post(client, link[1], password=scenario.PASSWORD).text
    assert "já está confirmado" in scenario.post(client, link[1], password=scenario.PASSWORD).text
    scenario.sign_in(client, "nova@example.org")
    assert "preencha o cadastro completo" in client.get("/area-do-usuario").text


def test_the_sixth_wrong_password_waits(client: FlaskClient) -> None:
    scenario.citizen("maria@example.org")
    codes = [
        scenario.post(client, "/entrar", login="maria@example.org", password="errada").status_code for _ in "12345"
    ]
    assert codes == [422] * 5
    answer = scenario.post(client, "/entrar", login="maria@example.org", password=scenario.PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert 'value="maria@example.org"' in answer.text


def test_an_ended_session_is_told_and_comes_back_to_the_page(client: FlaskClient) -> None:
    profile = "/area-do-usuario/cadastro-completo"
    scenario.citizen("maria@example.org")
    scenario.sign_in(client, "maria@example.org")
    scenario.revoke("maria@example.org")
    assert client.get(profile).location == "/entrar"
    client.get("/area-do-usuario/foto", headers={"Sec-Fetch-Dest": "image", "Referer": f"http://localhost{profile}"})
    assert "Sua sessão terminou. Entre de novo." in client.get("/entrar").text
    assert "Sua sessão terminou" not in client.get("/entrar").text, "once"
    answer = client.post(
        "/entrar",
        data={"login": "maria@example.org", "password": scenario.PASSWORD, "csrf_token": scenario.token_of(client)},
    )
    assert answer.location == profile
    assert "não foi gravado" not in client.get(profile).text


@pytest.mark.parametrize(
    ("sent_from", "back"),
    [
        ("http://localhost/area-do-usuario/cadastro-completo?a=1", "/area-do-usuario/cadastro-completo?a=1"),
        ("http://localhost/sair", "/"),
        ("https://mau.example/area-do-usuario", "/"),
        ("", "/"),
    ],
)
def test_what_was_sent_after_the_end_comes_back_with_the_reason(client: FlaskClient, sent_from: str, back: str) -> None:
    scenario.citizen("maria@example.org")
    scenario.sign_in(client, "maria@example.org")
    scenario.revoke("maria@example.org")
    answer = client.post(
        "/area-do-usuario/cadastro-completo", data={"full_name": "Maria Ávila"}, headers={"Referer": sent_from}
    )
    assert answer.location == "/entrar"
    assert "O que você enviou não foi gravado" in client.get("/entrar").text
    login = {"login": "maria@example.org", "password": scenario.PASSWORD, "csrf_token": scenario.token_of(client)}
    answer = client.post("/entrar", data=login)
    assert answer.location == back
    assert "o que você enviou não foi gravado" in client.get(back).text


def test_sign_up_errors_link_to_their_fields_and_lose_nothing(client: FlaskClient) -> None:
    answer = scenario.post(client, "/cadastre-se", email="sem-arroba", password="curta")
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert 'href="#password"' in answer.text, "both at once"
    assert 'value="sem-arroba"' in answer.text
    answer = scenario.post(client, "/cadastre-se", email="", password="curta")
    assert "no formato nome@exemplo.com" in answer.text
    assert "pelo menos 10 caracteres." in answer.text
    answer = scenario.post(client, "/cadastre-se", email="comprido@example.org", password="comprido@example.org")
    assert answer.text.count("fácil de adivinhar. Escolha outra") == 2, "in the summary and at the field, once each"
    answer = scenario.post(client, "/cadastre-se", email="a@example.org", password="curta")
    assert 'href="#password"' in answer.text
    assert 'value="a@example.org"' in answer.text


def test_PO5_PO6_a_typed_cpf_shows_nothing(client: FlaskClient, database_url: str) -> None:
    scenario.attend(scenario.person("Maria"), DAY, database_url)
    scenario.citizen("esperto@example.org")
    scenario.sign_in(client, "esperto@example.org")
    page = client.get(LIST).text
    assert "Certificados e declarações" in page
    for path in (LIST, "/area-do-usuario/qr"):
        page = client.get(path).text.split("<main")[1]
        assert "Primeiro, preencha o cadastro completo" in page, "the first step first"
        assert 'class="button" href="/area-do-usuario/cadastro-completo"' in page
    form = {"full_name": scenario.NAMES["Maria"], "cpf": "529.982.247-25"}
    assert scenario.post(client, "/area-do-usuario/cadastro-completo", **form).status_code == 302
    page = client.get(LIST).text
    assert "ainda não foi comprovado" in page
    assert "Emitir declaração" not in page
    assert client.get("/area-do-usuario/qr").text.count("comprove seu CPF") == 1
    assert "Entrada" not in client.get("/area-do-usuario/historico").text


def test_PO5_every_field_of_the_cadastro_completo_is_told_at_once(client: FlaskClient) -> None:
    scenario.citizen("maria@example.org")
    scenario.sign_in(client, "maria@example.org")
    answer = scenario.post(client, "/area-do-usuario/cadastro-completo", full_name="Maria", cpf="529.982.247-26")
    assert answer.status_code == 422
    assert "Escreva o nome completo" in answer.text
    assert "algum dos 11 números está errado" in answer.text
    assert 'value="Maria"' in answer.text


def test_PO5_a_wrong_cpf_is_told_at_its_field(client: FlaskClient) -> None:
    scenario.citizen("maria@example.org")
    scenario.sign_in(client, "maria@example.org")
    answer = scenario.post(client, "/area-do-usuario/cadastro-completo", full_name="Maria Ávila", cpf="111.111.111-11")
    assert answer.status_code == 422
    assert 'href="#cpf"' in answer.text
    assert 'value="Maria Ávila"' in answer.text


def test_PO7_PO9_exact_labels(client: FlaskClient) -> None:
    scenario.citizen("maria@example.org")
    assert "Em caso de dúvida, sugestão ou reclamação, entre em contato com a equipe do CAC: (31) 2108-7800" in re.sub(
        r"<[^>]+>", "", client.get("/").text
    )
    assert '<span class="nowrap">(31) 2108-7800</span>' in client.get("/").text, "the number stays on one line"
    scenario.sign_in(client, "maria@example.org")
    assert ">Certificados e declarações</a>" in client.get("/area-do-usuario").text


def test_PO8_DE10_DE11_issue_twice_is_one_declaration_and_the_same_bytes(maria: FlaskClient, database_url: str) -> None:
    path = attendance_path(maria)
    waiting = scenario.post(maria, f"{path}/emitir")
    assert waiting.status_code == 303
    assert 'hx-trigger="every 1s"' in maria.get(path).text
    assert scenario.post(maria, f"{path}/emitir").status_code == 303
    scenario.work(database_url)
    assert "Declaração emitida" in maria.get(f"{path}/andamento").text
    first, second = maria.get(f"{path}/declaracao.pdf"), maria.get(f"{path}/declaracao.pdf")
    assert first.data.startswith(b"%PDF-")
    assert hashlib.sha256(first.data).digest() == hashlib.sha256(second.data).digest()
    assert first.headers["Cache-Control"] == "no-store"
    assert scenario.recorded("document_issued") == 1
    assert "Declaração emitida (dia 23/11/2026)" in maria.get("/area-do-usuario/historico").text


def test_somebody_elses_day_does_not_exist(app: Flask, maria: FlaskClient, database_url: str) -> None:
    path = issued(maria, database_url)
    other = app.test_client()
    scenario.citizen("joao@example.org", proved="João")
    scenario.sign_in(other, "joao@example.org")
    for suffix in ("", "/andamento", "/declaracao.pdf"):
        assert other.get(path + suffix).status_code == 404
    assert scenario.post(other, f"{path}/emitir").status_code == 403


def test_RT4_the_holder_takes_everything_along(maria: FlaskClient, database_url: str) -> None:
    issued(maria, database_url)
    answer = scenario.post(maria, "/area-do-usuario/meus-dados/copia")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        data = json.loads(archive.read("dados.json"))
        (pdf,) = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert archive.read(pdf).startswith(b"%PDF-")
    assert data["person"]["cpf"] == scenario.CPFS["Maria"]
    assert data["declaracoes"][0]["date"] == DAY.isoformat()
    assert "João" not in json.dumps(data, ensure_ascii=False)


def test_the_qr_is_the_holders_and_verifies_offline_for_60_s(maria: FlaskClient) -> None:
    drawn: list[str] = []

    def draw(text: str, title: str) -> bytes:
        drawn.append(text)
        return qr_svg(text, title)

    with mock.patch("webapp.portal.area.qr_svg", draw):
        answer = maria.get("/area-do-usuario/qr/imagem")
    assert "<svg" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    now = clock.real_now().timestamp()
    assert boxes.verify_token(visitor.token_key(), drawn[0], now) == scenario.person("Maria")
    with pytest.raises(boxes.TokenInvalid):
        boxes.verify_token(visitor.token_key(), drawn[0], now + 61)


def test_erasure_is_asked_for_answered_and_leaves_nothing(app: Flask, maria: FlaskClient, database_url: str) -> None:
    path = issued(maria, database_url)
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", maria.get(path).text)
    assert code is not None
    assert scenario.post(maria, "/area-do-usuario/meus-dados/eliminar").status_code == 422
    assert scenario.post(maria, "/area-do-usuario/meus-dados/eliminar", understood="y").status_code == 303
    assert scenario.post(maria, "/area-do-usuario/meus-dados/eliminar", understood="y").status_code == 303
    assert scenario.recorded("eliminacao_pedida") == 1
    boss = app.test_client()
    scenario.sign_in(boss, scenario.staff("gestor"))
    page = boss.get("/titulares").text
    assert scenario.NAMES["Maria"] in page
    target = re.search(r"/titulares/conta/[0-9a-f-]{36}", page)
    assert target is not None
    assert scenario.post(boss, target[0]).status_code == 422
    assert scenario.post(boss, target[0], understood="1").status_code == 303
    assert "Nenhum pedido à espera" in boss.get("/titulares").text
    assert maria.get("/area-do-usuario").status_code == 302, "the session ended with the account"
    assert 'data-result="CANCELADO"' in maria.get("/validaDocumento", query_string={"codigo": code[0]}).text
    assert scenario.chain_is_whole()
    with transaction() as session:
        left = scenario.rows_with(session, [scenario.NAMES["Maria"], scenario.CPFS["Maria"], "maria@example.org"])
    assert left == []
