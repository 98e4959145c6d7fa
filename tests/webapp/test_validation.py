"""`/validaDocumento` (VA1 to VA5)."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from documents import operations
from documents.models import Document
from documents.operations import read_bytes
from tests.webapp import scenario
from workflow.actor import SYSTEM
from workflow.database import transaction


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def document(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> tuple[Document, str, bytes]:
    """An issued declaration, the token of its QR, its bytes."""
    tokens: list[str] = []
    new_token = operations.codes.new_token
    monkeypatch.setattr(operations.codes, "new_token", lambda: tokens.append(new_token()) or tokens[-1])
    person = scenario.person("Maria")
    with transaction() as session:
        fields = {"name": scenario.NAMES["Maria"], "cpf": scenario.CPFS["Maria"], "date": date(2026, 11, 24)}
        made = operations.issue(
            session, "declaracao_comparecimento", fields, case_id=None, owner_person_id=person, actor=SYSTEM
        )
        content = read_bytes(session, made.id)
    return made, tokens[-1], content


def result(client: FlaskClient, **query: str) -> str:
    answer = client.get("/validaDocumento", query_string=query)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    return answer.text


def test_VA1_VA3_a_typed_code_shows_the_masked_result_and_never_the_file(
    client: FlaskClient, document: tuple[Document, str, bytes]
) -> None:
    made, token, _ = document
    page = result(client, codigo=made.code.lower().replace("0", "O"))
    assert 'data-result="AUTENTICO"' in page
    assert "AUTÊNTICO" in page
    assert "***.982.247-**" in page
    assert scenario.NAMES["Maria"] in page
    assert "24/11/2026" in page
    assert scenario.CPFS["Maria"] not in page
    assert "529.982.247-25" not in page
    assert ".pdf" not in page
    assert token not in page


def test_VA2_cancelled_unknown_and_malformed(client: FlaskClient, document: tuple[Document, str, bytes]) -> None:
    made, token, _ = document
    with transaction() as session:
        operations.cancel(session, made.id, "entrada de outra pessoa", actor=SYSTEM)
    page = result(client, codigo=made.code)
    assert "CANCELADO" in page
    assert "entrada de outra pessoa" in page
    copy = client.get(f"/validaDocumento/{token}")
    assert copy.mimetype == "text/html"
    assert "CANCELADO" in copy.text
    for typed in ("0000-0000-0000-0000", "isto não é um código", "1"):
        assert "NÃO ENCONTRADO" in result(client, codigo=typed)


def test_VA2_DE9_a_dropped_file_with_one_byte_changed_is_divergente(
    client: FlaskClient, document: tuple[Document, str, bytes]
) -> None:
    made, _, content = document
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    assert "AUTÊNTICO" in result(client, codigo=made.code, sha256=hashlib.sha256(content).hexdigest())
    page = result(client, codigo=made.code, sha256=hashlib.sha256(changed).hexdigest())
    assert "DIVERGENTE" in page
    assert scenario.NAMES["Maria"] not in page


def test_VA4_the_qr_opens_the_copy_and_keeps_it_private(
    client: FlaskClient, document: tuple[Document, str, bytes]
) -> None:
    _, token, content = document
    answer = client.get(f"/validaDocumento/{token}")
    assert answer.data == content
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
