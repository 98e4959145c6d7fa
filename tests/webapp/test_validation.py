"""`/validaDocumento` (VA1 to VA5)."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient

from documents import operations
from tests.webapp import scenario
from workflow.actor import SYSTEM
from workflow.database import transaction


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def document(client: FlaskClient) -> scenario.Issued:
    """An issued declaration."""
    return scenario.issued()


def result(client: FlaskClient, **query: str) -> str:
    answer = client.get("/validaDocumento", query_string=query)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    return answer.text


def test_VA1_VA3_a_typed_code_shows_the_masked_result_and_never_the_file(
    client: FlaskClient, document: scenario.Issued
) -> None:
    page = result(client, codigo=document.code.lower().replace("0", "O"))
    assert 'data-result="AUTENTICO"' in page
    assert "AUTÊNTICO" in page
    assert "***.982.247-**" in page
    assert scenario.NAMES["Maria"] in page
    assert "24/11/2026" in page
    assert scenario.CPFS["Maria"] not in page
    assert "529.982.247-25" not in page
    assert ".pdf" not in page
    assert document.token not in page


def test_VA2_cancelled_unknown_and_malformed(client: FlaskClient, document: scenario.Issued) -> None:
    with transaction() as session:
        operations.cancel(session, document.id, "entrada de outra pessoa", actor=SYSTEM)
    page = result(client, codigo=document.code)
    assert "CANCELADO" in page
    assert "entrada de outra pessoa" in page
    copy = client.get(f"/validaDocumento/{document.token}")
    assert copy.mimetype == "text/html"
    assert "CANCELADO" in copy.text
    for typed in ("0000-0000-0000-0000", "isto não é um código", "1"):
        assert "NÃO ENCONTRADO" in result(client, codigo=typed)


def test_VA2_DE9_a_dropped_file_with_one_byte_changed_is_divergente(
    client: FlaskClient, document: scenario.Issued
) -> None:
    changed = bytearray(document.content)
    changed[len(changed) // 2] ^= 1
    assert "AUTÊNTICO" in result(client, codigo=document.code, sha256=hashlib.sha256(document.content).hexdigest())
    page = result(client, codigo=document.code, sha256=hashlib.sha256(changed).hexdigest())
    assert "DIVERGENTE" in page
    assert scenario.NAMES["Maria"] not in page


def test_VA2_the_file_alone_is_found_by_its_hash(client: FlaskClient, document: scenario.Issued) -> None:
    known = hashlib.sha256(document.content).hexdigest()
    page = result(client, codigo="", sha256=known)
    assert 'data-result="AUTENTICO"' in page
    assert "O arquivo que você escolheu é exatamente o que a Assembleia emitiu." in page
    assert scenario.CPFS["Maria"] not in page
    assert document.token not in page
    changed = result(client, codigo="", sha256=hashlib.sha256(document.content + b" ").hexdigest())
    assert 'data-result="NAO_ENCONTRADO"' in changed
    assert "Uma cópia alterada também aparece assim" in changed
    assert "Digitar o código" in changed
    assert "DIVERGENTE" in result(client, codigo=document.code, sha256="0" * 64), "code and hash that disagree"


def test_VA2_not_found_shows_what_was_typed_and_how_to_correct_it(client: FlaskClient) -> None:
    for typed in ("7K3M-Q2XA", "0000-0000-0000-0000"):
        page = result(client, codigo=typed)
        assert f"Não há documento com o código <strong>{typed}</strong>" in page
        assert "16 letras e números em quatro grupos de quatro" in page
        assert f'href="/validaDocumento?corrigir={typed}">Corrigir o código' in page
    form = client.get("/validaDocumento?corrigir=7K3M-Q2XA")
    assert form.status_code == 200
    assert 'value="7K3M-Q2XA"' in form.text
    assert "field-bad" not in form.text
    assert "<script>" not in result(client, codigo="<script>")


def test_VA4_the_qr_opens_the_copy_and_keeps_it_private(client: FlaskClient, document: scenario.Issued) -> None:
    answer = client.get(f"/validaDocumento/{document.token}")
    assert answer.data == document.content
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/validaDocumento/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_VA5_the_eleventh_attempt_in_a_minute_waits(client: FlaskClient) -> None:
    for _ in range(10):
        result(client, codigo="0000-0000-0000-0000")
    answer = client.get("/validaDocumento", query_string={"codigo": "7K3M-Q2XA-9TZ4-HB6W"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "7K3M-Q2XA-9TZ4-HB6W" in answer.text, "what was typed stays"
    elsewhere = client.get(
        "/validaDocumento",
        query_string={"codigo": "0000-0000-0000-0000"},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert elsewhere.status_code == 200


def test_an_empty_code_is_told_at_its_field(client: FlaskClient) -> None:
    answer = client.get("/validaDocumento?codigo=")
    assert answer.status_code == 422
    assert 'href="#codigo"' in answer.text
