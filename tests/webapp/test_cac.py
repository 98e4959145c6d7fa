"""The CAC desk: proof of a CPF, issue in its hours, a third party (art. 9º, § 1º)."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from people.models import Account
from people.rules import format_cpf
from tests.webapp import scenario
from webapp.cac.proof import told_apart
from workflow import clock
from workflow.database import transaction

DAY = date(2026, 11, 23)
pytestmark = pytest.mark.slow


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("cac"))
    return client


def at(text: str) -> None:
    """The legal clock reads this local time."""
    wanted = datetime.fromisoformat(text).replace(tzinfo=clock.TZ)
    clock.configure(wanted - clock.real_now())


def test_PO6_the_desk_proves_a_cpf_and_the_account_is_tied(app: Flask, desk: FlaskClient) -> None:
    scenario.citizen("maria@example.org")
    person = scenario.person("Maria", verified=False)
    found = scenario.post(desk, "/cac/comprovar", email="Maria@example.org")
    assert found.status_code == 303
    form = {"full_name": scenario.NAMES["Maria"], "cpf": "529.982.247-25"}
    refused = scenario.post(desk, found.location, **form)
    assert refused.status_code == 422, "the document was not marked as seen"
    assert 'href="#document_seen"' in refused.text
    assert 'value="529.982.247-25"' in refused.text
    answer = scenario.post(desk, found.location, **form, document_seen="y")
    assert answer.status_code == 302
    assert str(person) in answer.location
    citizen = app.test_client()
    scenario.sign_in(citizen, "maria@example.org")
    assert "Nenhum comparecimento ainda" in citizen.get("/area-do-usuario/certificados-e-declaracoes").text


def prove_page(desk: FlaskClient, claimed: str) -> str:
    """The address where the account of Maria, who declared `claimed`, is proved."""
    account = scenario.citizen("maria@example.org")
    with transaction() as session:
        session.get_one(Account, account).claimed_cpf = claimed
    page = f"/cac/comprovar/{account}"
    blank = desk.get(page).text
    assert claimed not in blank, "the CPF comes from the document"
    assert format_cpf(claimed) not in blank
    return page


def test_PO6_another_cpf_than_declared_is_looked_at_again(desk: FlaskClient) -> None:
    page = prove_page(desk, "11144477735")
    form = {"full_name": scenario.NAMES["Maria"], "cpf": "529.982.247-25", "document_seen": "y"}
    review = scenario.post(desk, page, **form)
    assert "***.982.247-**" in review.text
    assert "***.444.777-**" in review.text
    assert "111444" not in review.text
    unticked = scenario.post(desk, page, **form, step="do")
    assert unticked.status_code == 422
    assert 'href="#other_cpf"' in unticked.text
    assert scenario.recorded("cpf_comprovado") == 0
    back = scenario.post(desk, page, **form, other_cpf="y", step="change")
    assert 'value="529.982.247-25"' in back.text
    assert scenario.recorded("cpf_comprovado") == 0
    assert scenario.post(desk, page, **form, other_cpf="y", step="do").status_code == 302


def test_PO6_masks_that_hide_the_difference_show_it() -> None:
    assert told_apart("52998224725", "11144477735") == ("***.982.247-**", "***.444.777-**")
    assert told_apart("52998224725", "62998224706") == ("5**.982.247-25", "6**.982.247-06")


def test_a_name_that_differs_from_the_registered_one_is_asked_about(desk: FlaskClient) -> None:
    person = scenario.person("Maria")
    page = prove_page(desk, scenario.CPFS["Maria"])
    form = {"full_name": "Maria das Dores Ávila Prado", "cpf": scenario.CPFS["Maria"], "document_seen": "y"}
    review = scenario.post(desk, page, **form)
    assert scenario.NAMES["Maria"] in review.text
    assert "CPF que a conta declarou" not in review.text
    for bad in ({}, {"name_that_holds": "outro"}):
        assert scenario.post(desk, page, **form, step="do", **bad).status_code in (200, 422)
    assert scenario.recorded("cpf_comprovado") == 0
    done = scenario.post(desk, page, **form, step="do", name_that_holds="document")
    assert done.location == f"/cac/pessoa/{person}"
    assert "Maria das Dores Ávila Prado" in desk.get(done.location).text
    assert scenario.recorded("nome_corrigido") == 1


def test_a_proof_is_undone_with_its_reason(app: Flask, desk: FlaskClient, database_url: str) -> None:
    account = scenario.citizen("maria@example.org", proved="Maria")
    person = scenario.person("Maria")
    scenario.attend(person, DAY, database_url)
    citizen = app.test_client()
    scenario.sign_in(citizen, "maria@example.org")
    area = "/area-do-usuario/certificados-e-declaracoes"
    assert "23 de novembro" in citizen.get(area).text
    page = f"/cac/comprovar/{account}/desfazer"
    shown = desk.get(f"/cac/pessoa/{person}").text
    assert page in shown
    assert re.search(r'status-info">.*Disponível para emitir', shown), "no grey sign that reads as a no"
    assert "***.982.247-**" in desk.get(page).text
    refused = scenario.post(desk, page)
    assert refused.status_code == 422
    assert 'href="#reason"' in refused.text
    assert "Not a valid" not in refused.text
    assert scenario.post(desk, page, reason="conta_errada").status_code == 303
    assert scenario.post(desk, page, reason="conta_errada").status_code == 409
    assert "23 de novembro" not in citizen.get(area).text, "the session that is open loses the person at once"
    assert "None" not in citizen.get("/area-do-usuario").text
    assert "23 de novembro" in desk.get(f"/cac/pessoa/{person}").text
    assert scenario.recorded("comprovacao_desfeita") == 1
    assert scenario.chain_is_whole()


def test_R60_what_a_gabinete_opens_is_refused_with_the_article_and_recorded(app: Flask) -> None:
    person = scenario.person("Maria")
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("gabinete"))
    day = f"/cac/pessoa/{person}/{DAY}"
    pages = ("/cac", f"/cac/pessoa/{person}", day, f"{day}/declaracao.pdf")
    for number, path in enumerate(pages, start=1):
        refused = client.get(path)
        assert refused.status_code == 403
        assert "art. 9º" in refused.text
        assert scenario.recorded("declaracao_recusada") == number
    client.get("/")
    assert scenario.recorded("declaracao_recusada") == len(pages), "a menu asks without an attempt"
    assert scenario.chain_is_whole()


@pytest.mark.parametrize("role", ["gestor", "identificacao", "gabinete", "admin"])
def test_nobody_else_undoes_a_proof(app: Flask, role: str) -> None:
    account = scenario.citizen("maria@example.org", proved="Maria")
    client = app.test_client()
    scenario.sign_in(client, scenario.staff(role))
    assert scenario.post(client, f"/cac/comprovar/{account}/desfazer", reason="conta_errada").status_code == 403


def test_an_account_is_found_by_its_email_only(desk: FlaskClient) -> None:
    assert "Não há conta com este e-mail" in scenario.post(desk, "/cac/comprovar", email="ninguem@example.org").text
    assert scenario.post(desk, "/cac/comprovar", email="torto").status_code == 422


def test_D8_a_registration_without_verified_cpf_gets_it_first(desk: FlaskClient, database_url: str) -> None:
    person = scenario.person("Maria", verified=False)
    scenario.attend(person, DAY, database_url)
    assert "Antes, confira o CPF" in desk.get(f"/cac/pessoa/{person}").text
    answer = scenario.post(desk, f"/cac/pessoa/{person}/cpf", cpf=scenario.CPFS["Maria"], document_seen="y")
    assert answer.status_code == 302
    assert "Antes, confira o CPF" not in desk.get(f"/cac/pessoa/{person}").text


def test_R59_DE6_the_desk_issues_from_8_to_19_on_business_days(desk: FlaskClient, database_url: str) -> None:
    person = scenario.person("Maria")
    scenario.attend(person, DAY, database_url)
    path = f"/cac/pessoa/{person}/{DAY}"
    seen = {"who": "holder", "document_seen": "y"}
    for instant in ("2026-11-24T07:59:59", "2026-11-24T19:00:30", "2026-11-28T10:00", "2026-12-08T10:00"):
        at(instant)
        assert scenario.post(desk, path, **seen).status_code == 422, instant
        assert "O CAC emite declarações" in desk.get("/cac").text
    at("2026-11-24T08:00:00")
    assert scenario.post(desk, path, who="holder").status_code == 422, "no document seen"
    refused = scenario.post(desk, path, who="third_party", document_seen="y")
    assert "procuração" in refused.text
    assert refused.status_code == 422
    assert scenario.post(desk, path, **seen).status_code == 303
    scenario.work(database_url)
    page = desk.get(path).text
    assert "Declaração emitida" in page
    assert re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", page)
    assert desk.get(f"{path}/declaracao.pdf").data.startswith(b"%PDF-")
    assert "O CAC emite declarações" not in desk.get("/cac").text


def test_search_by_cpf_and_name(desk: FlaskClient) -> None:
    scenario.person("Maria")
    by_name, by_cpf = (scenario.post(desk, "/cac", q=text).text for text in ("avila das dores", "529.982.247-25"))
    for page in (by_name, by_cpf):
        assert scenario.NAMES["Maria"] in page
        assert "***.982.247-**" in page
        assert "529982" not in page.replace('value="529.982.247-25"', "")
    assert scenario.post(desk, "/cac", q="x").status_code == 422
    assert "Ninguém encontrado" in scenario.post(desk, "/cac", q="Fulano").text


def test_no_cpf_and_no_email_rests_in_an_address(desk: FlaskClient) -> None:
    scenario.citizen("maria@example.org")
    scenario.person("Maria")
    for path in ("/cac", "/cac/correcoes", "/cac/comprovar"):
        page = desk.get(path).text.split("<main")[1]
        assert 'method="get"' not in page
        assert 'method="post"' in page
    for address in ("/cac?q=maria", "/cac/correcoes?q=maria", "/cac/comprovar?email=maria@example.org"):
        answer = desk.get(address)
        assert answer.status_code == 200, "an address of before opens the empty form"
        assert scenario.NAMES["Maria"] not in answer.text
        assert "maria@example.org" not in answer.text
