"""Minha conta and the two-step sign-in, over HTTP: what must be enrolled first, what a ticket opens, external users."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import people
from people import notices, queries, terms
from people.models import OutgoingMail
from tests.webapp import scenario
from webapp.settings import Settings, SettingsError
from webapp.wiring import directory_of, directory_roles_of
from workflow import clock
from workflow.database import transaction

EXTERNAL = {
    "full_name": "Vera Lúcia Alves",
    "cpf": "529.982.247-25",
    "email": "vera@camara.example",
    "password": scenario.PASSWORD,
    "version": terms.VERSION,
    "accepted": "y",
}


def enrol(client: FlaskClient, path: str = "/conta/duas-etapas") -> pyotp.TOTP:
    found = re.search(r'class="secret-key">([A-Z2-7 ]+)<', client.get(path).text)
    assert found is not None
    return pyotp.TOTP(found[1].replace(" ", ""))


def post(client: FlaskClient, path: str, page: str = "/conta/duas-etapas", **data: str) -> tuple[int, str, str]:
    """Status, text and where it leads, of a POST with the token of `page`."""
    answer = client.post(path, data={**data, "csrf_token": scenario.token_of(client, page)})
    return answer.status_code, answer.text, answer.headers.get("Location", "")


def test_with_totp_required_nothing_opens_before_the_second_factor(app: Flask) -> None:
    people.configure(replace(people.settings(), totp_required=True))
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("cac"))
    for path in ("/", "/cac", "/conta", "/unidade", "/conta/substituicao"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/conta/duas-etapas"), path
    assert client.get("/cac", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/conta/duas-etapas"
    totp = enrol(client)
    wrong = post(client, "/conta/duas-etapas", code="000000")
    assert (wrong[0], "O código não confere" in wrong[1]) == (422, True)
    assert enrol(client).secret == totp.secret
    status, text, _ = post(client, "/conta/duas-etapas", code=totp.now())
    assert status == 200
    assert len(re.findall(r"<li><code>[a-z2-9]{5}-[a-z2-9]{5}</code></li>", text)) == 10
    assert client.get("/cac").status_code == 200


def test_the_second_step_opens_only_with_the_ticket_of_the_first(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    scenario.sign_in(client, scenario.staff("cac"))
    totp = enrol(client)
    code = totp.now()
    codes = re.findall(r"<code>([a-z2-9-]{11})</code>", post(client, "/conta/duas-etapas", code=code)[1])
    assert other.get("/entrar/codigo").headers["Location"] == "/entrar"
    first = post(other, "/entrar", "/entrar", login="cac", password=scenario.PASSWORD)
    assert first[2] == "/entrar/codigo"
    assert other.get("/cac").status_code == 302
    refused = post(other, "/entrar/codigo", "/entrar/codigo", code=code)  # of the enrolment, again
    assert refused[0] == 422
    assert post(other, "/entrar/codigo", "/entrar/codigo", code=codes[3])[2] == "/cac"
    assert other.get("/cac").status_code == 200
    assert "9 códigos" in other.get("/conta").text
    assert scenario.chain_is_whole()


def test_a_substitute_is_appointed_acts_and_is_taken_back(app: Flask) -> None:
    chefe, colega = app.test_client(), app.test_client()
    scenario.staff("chefia", "GRI", "chefe")
    scenario.staff("servidor", "CAC", "colega")
    scenario.sign_in(chefe, "chefe")
    scenario.sign_in(colega, "colega")
    with transaction() as db:
        ids = {row.login: str(row.id) for row in queries.staff_accounts(db)}
    last = (clock.today() + timedelta(days=3)).isoformat()
    page, data = "/conta/substituicao", {"substituted": ids["chefe"], "substitute": ids["colega"]}
    past = post(chefe, page, page, **data, starts_on="2020-01-01", ends_on=last)
    assert (past[0], "começa hoje ou depois" in past[1]) == (422, True)
    assert post(chefe, page, page, **data, starts_on=clock.today().isoformat(), ends_on=last)[0] == 302
    assert post(colega, "/unidade", "/conta", seat=f"GRI|{ids['chefe']}")[0] == 302
    shown = colega.get("/conta").text
    assert "GRI, por Servidora chefe" in shown
    with transaction() as db:
        row = queries.substitutions(db)[0]
    assert post(chefe, f"{page}/{row.id}/encerrar", page)[0] == 302
    assert "por Servidora chefe" not in colega.get("/conta").text
    kinds = ("substituicao_designada", "substituicao_assumida", "substituicao_encerrada")
    assert [scenario.recorded(kind) for kind in kinds] == [1, 1, 1]


def test_an_external_user_opens_an_account_and_enters(app: Flask) -> None:
    client = app.test_client()
    page = "/externo/cadastro"
    unread = post(client, page, page, **{**EXTERNAL, "accepted": ""})
    assert (unread[0], "ler e aceitar o termo" in unread[1]) == (422, True)
    older = post(client, page, page, **{**EXTERNAL, "version": "2019-1"})
    assert (older[0], "O termo mudou" in older[1]) == (422, True)
    assert post(client, page, page, **EXTERNAL)[2] == "/externo/cadastro/confirme"
    with transaction() as db:
        body = notices.opened(db.scalars(select(OutgoingMail)).one())[2]
    found = re.search(r"/externo/confirmar/\S+", body)
    assert found is not None
    assert client.get(found[0]).headers["Referrer-Policy"] == "no-referrer"
    assert post(client, found[0], found[0], password="outra senha qualquer")[0] == 422
    assert "Conta confirmada" in post(client, found[0], found[0], password=scenario.PASSWORD)[1]
    entered = post(
        client, "/externo/entrar", "/externo/entrar", email="VERA@camara.example", password=scenario.PASSWORD
    )
    assert entered[0] == 302
    assert "Vera Lúcia Alves" in client.get("/conta").text
    for path in ("/conta/substituicao", "/conta/duas-etapas", "/cac", "/area-do-usuario/exportar"):
        assert client.get(path).status_code in {403, 404}, path


def test_settings_of_the_directory_are_refused_with_what_to_do(settings: Settings) -> None:
    assert directory_of(settings) is None
    bare = replace(settings, ldap_url="ldap://servidor", ldap_base="dc=x", ldap_bind_dn="cn=x", ldap_bind_password="x")
    with pytest.raises(SettingsError, match="ldaps://"):
        directory_of(bare)
    for text in ("[", '{"cn=a,dc=x": "GRI"}', '{"cn=a,dc=x": [["GRI", "rei"]]}', '["cn=a"]'):
        with pytest.raises(SettingsError, match="CARIMBO_LDAP_GROUPS"):
            directory_roles_of(replace(settings, ldap_groups=text))
    read = directory_roles_of(replace(settings, ldap_groups='{"CN=A, DC=x": [["GRI", "chefia"]]}'))
    assert read == {"cn=a,dc=x": frozenset({("GRI", "chefia")})}
    with pytest.raises(SettingsError, match="CARIMBO_TOTP"):
        Settings.from_environment({"CARIMBO_DATA": str(settings.data), "CARIMBO_TOTP": "talvez"})
