"""Administration: what is kept in its lists, users and calendar; who may; every change recorded."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from documents.dossier.models import DocumentType, DossierType, LegalHypothesis
from documents.dossier.operations import install_types
from documents.signatures import certificates
from documents.signatures.models import AccountCertificate
from documents.texts.models import StandardText, TextModel
from people import queries, units
from people.models import Account, Unit
from tests.documents.signatures.own_certificates import own_certificate
from tests.webapp import scenario
from tests.webapp.browser import look
from webapp import Settings, wiring
from webapp.settings import SettingsError
from workflow import calendar
from workflow.actor import SYSTEM
from workflow.database import transaction


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """A client signed in as administrator."""
    client = app.test_client()
    scenario.enter(client, scenario.staff("admin"))
    return client


def test_a_unit_is_created_and_changed(admin: FlaskClient) -> None:
    given = {
        "sigla": "NOVA",
        "name": "Unidade nova",
        "organ": "",
        "parent": "DIR",
        "code": "07",
        "email": "nova@example.org",
    }
    assert scenario.post(admin, "/administracao/listas/unidades/novo", **given, active="sim").status_code == 303
    with transaction() as session:
        assert units.path(session, "NOVA") == ("DIR", "NOVA")
    changed = {**given, "name": "Outro nome", "active": "nao"}
    del changed["sigla"]
    assert scenario.post(admin, "/administracao/listas/unidades/NOVA", **changed).status_code == 303
    with transaction() as session:
        row = next(one for one in queries.unit_rows(session) if one.sigla == "NOVA")
        assert (row.name, row.active, row.code) == ("Outro nome", False, "07")
    assert "Outro nome" in admin.get("/administracao/listas/unidades").text


def test_what_is_refused_is_told_at_its_field_and_nothing_typed_is_lost(admin: FlaskClient) -> None:
    answer = scenario.post(admin, "/administracao/listas/unidades/novo", sigla="X Y", name="Com espaço", active="sim")
    assert answer.status_code == 422
    assert "letras, números ou hífens" in answer.text
    assert 'value="Com espaço"' in answer.text
    with transaction() as session:
        assert "X Y" not in dict(queries.units(session))


def test_everything_that_is_wrong_is_told_at_once(admin: FlaskClient) -> None:
    lists = "/administracao/listas"
    with transaction() as session:
        install_types(session)
        units.create_organ(session, "ALMG", "0100", "Assembleia", actor=SYSTEM)
    told = {
        f"{lists}/tipos-de-documento/novo": ({"key": "É mau", "mask": "{seq"}, ("letras minúsculas", "chaves { }", "Nome: ")),
        f"{lists}/tipos-de-processo/novo": ({"key": "oficio_camaras", "name": ""}, ("Já existe um com este", "Nome: ")),
        f"{lists}/unidades/novo": ({"sigla": "?", "code": "x", "email": "x"}, ("números ou hífens", "dois números", "Confira o e-mail", "Nome: ")),
        f"{lists}/numeracao/novo": ({"sigla": "ALMG", "code": "1", "mask": "x"}, ("já existe um órgão", "quatro números", "precisa de {seq}", "Nome: ")),
        f"{lists}/modelos/novo": ({"key": "9", "name": ""}, ("letras minúsculas", "Nome: ", "Texto: ")),
        f"{lists}/veiculos/novo": ({"key": "9", "name": ""}, ("letras minúsculas", "Nome: ")),
        "/administracao/usuarios/novo": ({"login": "admin", "email": "x"}, ("Já existe uma conta", "Confira o e-mail", "Nome: ")),
    }  # fmt: skip
    for path, (given, words) in told.items():
        answer = scenario.post(admin, path, **given)
        assert answer.status_code == 422, path
        summary = html.unescape(re.search(r'<div class="error-summary".*?</div>', answer.text, re.S)[0])  # type: ignore[index]  # there is one
        for word in words:
            assert word.casefold() in summary.casefold(), (path, word, summary)


def test_the_list_shows_a_number_and_not_its_mask(admin: FlaskClient) -> None:
    with transaction() as session:
        install_types(session)
    page = admin.get("/administracao/listas/tipos-de-documento").text
    assert "{seq" not in page
    assert re.search(r"Of\. 001/\d{4}/", page)
    assert re.search(
        r"Hoje o número sai como Of\. 001/\d{4}/", admin.get("/administracao/listas/tipos-de-documento/oficio").text
    )


def test_R_numbers_are_written_as_the_organ_says(admin: FlaskClient) -> None:
    with transaction() as session:
        units.create_organ(session, "ALMG", "0100", "Assembleia", actor=SYSTEM)
    page = admin.get("/administracao/listas/numeracao").text
    assert "0100.01.0000001/" in page
    wrong = {"code": "0100", "mask": "{seq.__class__}", "algorithm": "mod97"}
    assert scenario.post(admin, "/administracao/listas/numeracao/ALMG", **wrong).status_code == 422
    right = {"code": "12345", "mask": "{organ}.{seq:06d}/{year}-{dv}", "algorithm": "mod11_federal"}
    assert scenario.post(admin, "/administracao/listas/numeracao/ALMG", **right).status_code == 303
    assert "12345.000001/" in admin.get("/administracao/listas/numeracao").text


def test_a_restricted_type_needs_its_law(admin: FlaskClient) -> None:
    law = {
        "name": "Informação pessoal de teste",
        "law": "Lei 12.527/2011, art. 31",
        "level": "restrito",
        "active": "sim",
    }
    assert scenario.post(admin, "/administracao/listas/hipoteses/novo", **law).status_code == 303
    with transaction() as session:
        hypothesis = str(session.query(LegalHypothesis).filter_by(name=law["name"]).one().id)
    given = {
        "key": "pessoal", "name": "Processo pessoal", "process_key": "", "free_routing": "sim", "level": "restrito",
        "hypothesis_id": "", "subject_code": "020", "current_years": "5", "intermediate_years": "", "destination": "guarda",
        "active": "sim",
    }  # fmt: skip
    refused = scenario.post(admin, "/administracao/listas/tipos-de-processo/novo", **given)
    assert refused.status_code == 422
    assert "hipótese legal" in refused.text
    given["hypothesis_id"] = hypothesis
    assert scenario.post(admin, "/administracao/listas/tipos-de-processo/novo", **given).status_code == 303
    with transaction() as session:
        row = session.get(DossierType, "pessoal")
        assert row is not None
        assert (row.level, str(row.hypothesis_id), row.current_years) == ("restrito", hypothesis, 5)
    raised = scenario.post(admin, f"/administracao/listas/hipoteses/{hypothesis}", **{**law, "level": "sigiloso"})
    assert raised.status_code == 422


def test_a_form_is_described_line_by_line(admin: FlaskClient) -> None:
    given = {
        "key": "pedido", "name": "Pedido de teste", "applies_to": "form", "numbering": "unit", "mask": "Ped. {seq:03d}/{year}/{unit}",
        "model_key": "", "kind": "documento_interno", "signature": "avancada", "active": "sim",
        "fields": "Assunto | text\nMeio | choice | obrigatório | Correio",
    }  # fmt: skip
    refused = scenario.post(admin, "/administracao/listas/tipos-de-documento/novo", **given)
    assert refused.status_code == 422
    assert "linha 2" in refused.text
    given["fields"] = "Assunto | text\nMeio | choice | opcional | Correio; E-mail"
    assert scenario.post(admin, "/administracao/listas/tipos-de-documento/novo", **given).status_code == 303
    with transaction() as session:
        row = session.get(DocumentType, "pedido")
        assert row is not None
        assert [(one["label"], one["kind"], one["required"]) for one in row.fields] == [
            ("Assunto", "text", True), ("Meio", "choice", False),
        ]  # fmt: skip
    other = scenario.post(
        admin, "/administracao/listas/tipos-de-documento/pedido", **{**given, "kind": "declaracao_comparecimento"}
    )
    assert other.status_code == 422
    offered = re.findall(
        r'name="kind" value="(\w+)"[^>]* checked', admin.get("/administracao/listas/tipos-de-documento/novo").text
    )
    assert offered == ["documento_interno"]
    page = admin.get("/administracao/listas/tipos-de-documento/pedido").text
    assert "Meio | choice | opcional | Correio; E-mail" in page


def test_models_and_standard_texts_are_kept_clean(admin: FlaskClient) -> None:
    model = {
        "key": "bom_modelo",
        "name": "Bom modelo",
        "html": "<p>Oi «usuario.nome»</p><script>alert(1)</script>",
        "active": "sim",
    }
    assert scenario.post(admin, "/administracao/listas/modelos/novo", **model).status_code == 303
    text = {"name": "Fecho", "unit": "DIR", "html": "<p>Atenciosamente,</p>"}
    assert scenario.post(admin, "/administracao/listas/textos-padrao/novo", **text).status_code == 303
    with transaction() as session:
        kept = session.get(TextModel, "bom_modelo")
        assert kept is not None
        assert "script" not in kept.html
        assert "«usuario.nome»" in kept.html
        assert session.query(StandardText).filter_by(name="Fecho").one().unit == "DIR"


def test_a_model_without_javascript_is_html_in_a_textarea(admin: FlaskClient) -> None:
    page = admin.get("/administracao/listas/modelos/novo").text
    assert page.count("<textarea") == 1
    assert "<noscript>" in page
    assert "processo.especificacao" in page  # a variable, for the editor
    assert "data-editor" not in admin.get("/administracao/listas/tipos-de-documento/novo").text
    longer = {"key": "longo", "name": "Longo", "html": "<p>" + "a" * 200_000 + "</p>", "active": "sim"}
    refused = scenario.post(admin, "/administracao/listas/modelos/novo", **longer)
    assert refused.status_code == 422
    assert "a" * 200_000 in refused.text


def test_an_account_from_creation_to_blocking(admin: FlaskClient, app: Flask) -> None:
    given = {"login": "nova.pessoa", "display_name": "Nova Pessoa", "email": "", "chave": "a" * 32}
    for _ in range(2):  # a double click makes one account, and shows the password that opens it
        made = scenario.post(admin, "/administracao/usuarios/novo", **given)
        assert made.status_code == 303
    shown = re.search(r'<code id="senha-provisoria">([0-9A-Z-]{19})</code>', admin.get(made.location).text)
    assert shown is not None
    assert "senha-provisoria" not in admin.get(made.location).text  # once
    scenario.sign_in(app.test_client(), "nova.pessoa", shown[1])
    another = scenario.post(admin, "/administracao/usuarios/novo", **{**given, "chave": "b" * 32})
    assert another.status_code == 422
    assert "já existe uma conta" in another.text
    with transaction() as session:
        account = session.query(Account).filter_by(login="nova.pessoa").one().id
    page = f"/administracao/usuarios/{account}"
    assert scenario.post(admin, f"{page}/perfil", unit="DIR", role="servidor", ends_on="").status_code == 303
    assert scenario.actor_of("nova.pessoa").roles == {"servidor"}
    with transaction() as session:
        membership = str(queries.memberships(session, account)[0].id)
    assert scenario.post(admin, f"{page}/retirar", lotacao=membership).status_code == 303
    assert scenario.actor_of("nova.pessoa").roles == frozenset()
    assert scenario.post(admin, f"{page}/senha").status_code == 303
    assert scenario.recorded("senha_provisoria") == 1
    assert scenario.post(admin, f"{page}/bloquear").status_code == 303
    assert "Bloqueada" in admin.get("/administracao/usuarios?q=nova.pessoa").text
    assert scenario.post(admin, f"{page}/inventado").status_code == 404


def test_a_persons_certificate_is_registered_and_revoked(admin: FlaskClient) -> None:
    scenario.staff("servidor")
    account = scenario.actor_of("servidor").id
    page = f"/administracao/usuarios/{account}"
    packed, _ = own_certificate("Servidora servidor")

    def send(content: bytes, **data: str) -> TestResponse:
        token = scenario.token_of(admin, page)
        given = {"certificate": (io.BytesIO(content), "joana.p12"), "csrf_token": token, **data}
        return admin.post(f"{page}/certificado", data=given, content_type="multipart/form-data")

    refused = send(packed, passphrase="errada")
    assert refused.status_code == 422
    assert "confira a senha" in refused.text
    other = send(own_certificate("Outra Pessoa")[1])
    assert other.status_code == 422
    assert "não é o de quem tem a conta" in other.text
    assert scenario.post(admin, f"{page}/certificado").status_code == 422
    assert send(packed, passphrase="segredo").status_code == 303
    assert "Vale até" in admin.get(page).text
    assert send(packed, passphrase="segredo").status_code == 409
    with transaction() as session:
        kept = session.query(AccountCertificate).one()
    assert kept.account_id == account
    revoke = f"certificado/{kept.sha256}/revogar"
    own = scenario.actor_of("admin").id
    assert scenario.post(admin, f"/administracao/usuarios/{own}/{revoke}").status_code == 404
    assert scenario.post(admin, f"{page}/{revoke}").status_code == 303
    assert "Revogado em" in admin.get(page).text
    assert scenario.recorded("certificado_revogado") == 1


def test_the_authorities_of_signers_come_from_the_settings(settings: Settings, tmp_path: Path) -> None:
    root, der, wrong = tmp_path / "raiz.pem", tmp_path / "outra.der", tmp_path / "texto.pem"
    pems = [own_certificate(f"Autoridade {number}")[1] for number in range(3)]
    root.write_bytes(pems[0] + pems[1])
    der.write_bytes(certificates.public_part(pems[2]))
    wrong.write_text("nada")
    try:
        wiring.trust_signers(replace(settings, signer_roots=f"{root}:{der}"))
        assert len(certificates._roots) == 3
        for path in (wrong, tmp_path / "falta.pem"):
            with pytest.raises(SettingsError, match="CARIMBO_SIGNER_ROOTS"):
                wiring.trust_signers(replace(settings, signer_roots=f"{root}:{path}"))
    finally:
        wiring.trust_signers(settings)
    assert not certificates._roots


def test_nobody_blocks_their_own_account(admin: FlaskClient) -> None:
    own = scenario.actor_of("admin").id
    for act in ("bloquear", "senha"):
        assert scenario.post(admin, f"/administracao/usuarios/{own}/{act}").status_code == 422
    assert "Gerar senha" not in admin.get(f"/administracao/usuarios/{own}").text


def test_a_day_is_declared_and_withdrawn(admin: FlaskClient) -> None:
    day = date(2030, 3, 6)
    given = {"day": "2030-03-06", "business": "nao", "reason": "Cinzas"}
    assert scenario.post(admin, "/administracao/calendario", **given).status_code == 303
    with transaction() as session:
        assert not calendar.is_business_day(session, day)
    assert "Cinzas" in admin.get("/administracao/calendario").text
    assert scenario.post(admin, "/administracao/calendario/2030-03-06/retirar").status_code == 303
    with transaction() as session:
        assert calendar.is_business_day(session, day)
    assert scenario.recorded("dia_retirado") == 1
    assert "dia 06/03/2030" in admin.get("/administracao/atos").text


@pytest.mark.parametrize("role", ["servidor", "gestor"])
def test_only_the_administration_comes_in(app: Flask, role: str) -> None:
    client = app.test_client()
    scenario.enter(client, scenario.staff(role))
    assert client.get("/administracao").status_code == (200 if role == "gestor" else 403)
    assert client.get("/administracao/listas/modelos").status_code == (200 if role == "gestor" else 403)
    assert client.get("/administracao/listas/unidades").status_code == 403
    assert client.get("/administracao/usuarios").status_code == 403
    with transaction() as session:
        before = session.query(Unit).count()
    assert (
        scenario.post(client, "/administracao/listas/unidades/novo", sigla="XX", name="X", active="sim").status_code
        == 403
    )
    with transaction() as session:
        assert session.query(Unit).count() == before


@pytest.mark.slow
def test_every_page_looks_right(app: Flask, page: Page, server: str) -> None:
    login = scenario.staff("admin")
    with transaction() as session:
        units.create_organ(session, "ALMG", "0100", "Assembleia Legislativa", actor=SYSTEM)
        account = session.query(Account).filter_by(login=login).one().id
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill(login)
    page.get_by_label("Senha", exact=True).fill(scenario.PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(lambda url: "/entrar" not in url)
    for name, path in {
        "front": "", "lista": "/listas/unidades", "item": "/listas/tipos-de-documento/novo", "numeracao": "/listas/numeracao/ALMG",
        "usuarios": "/usuarios", "usuario": f"/usuarios/{account}", "calendario": "/calendario", "atos": "/atos",
    }.items():  # fmt: skip
        page.goto(f"{server}/administracao{path}")
        look(page, f"administracao-{name}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    scenario.staff("servidor")
    other = scenario.actor_of("servidor").id
    page.goto(f"{server}/administracao/usuarios/{other}")
    page.get_by_role("button", name="Gerar senha provisória").click()
    shown = page.locator("#senha-provisoria").inner_text()
    page.get_by_role("button", name="Copiar a senha").click()
    expect(page.get_by_text("Copiada.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    look(page, "administracao-senha")
    _write_a_model(page, server)


def _write_a_model(page: Page, server: str) -> None:
    """In the editor: what was typed and its variable are what the form sends; an empty text is told at the box."""
    page.goto(f"{server}/administracao/listas/modelos/novo")
    expect(page.locator("[data-editor-field][data-ready=yes]")).to_be_visible()
    page.get_by_label("Identificador").fill("com_editor")
    page.get_by_label("Nome", exact=True).fill("Com editor")
    page.get_by_label("Sim").check()
    page.get_by_role("button", name="Salvar").click()
    page.get_by_role("link", name="Texto:").click()
    expect(page.get_by_role("textbox", name="Texto", exact=True)).to_be_focused()
    page.keyboard.type("No processo ")
    page.get_by_role("button", name="Variável", exact=True).click()
    page.get_by_role("button", name="Número do processo").click()
    page.keyboard.type(" decido ")
    page.keyboard.press("Control+b")
    page.keyboard.type("deferir")
    look(page, "administracao-modelo")
    page.get_by_role("button", name="Salvar").click()
    page.get_by_role("link", name="Com editor").click()
    expect(page.locator(".variavel")).to_have_text("«processo.numero»")
    with transaction() as session:
        kept = session.get_one(TextModel, "com_editor").html
    assert kept == "<p>No processo «processo.numero» decido <strong>deferir</strong></p>"
