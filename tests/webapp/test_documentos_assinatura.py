"""Documents over HTTP: signing, what it asks, what drops it, the sealed file, certificates."""

from __future__ import annotations

import io
import re

import pytest
from werkzeug.test import TestResponse

from documents.dossier import operations as dossiers
from documents.dossier.models import DocumentType
from documents.signatures import operations as signatures
from documents.texts import operations as texts
from tests.documents.signatures.own_certificates import own_certificate
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.documentos_desk import HX, Desk, desk, put_signature, row, save
from tests.webapp.signing import installation
from workflow.database import transaction

__all__ = ["desk", "installation"]
pytestmark = pytest.mark.slow


def test_signing_asks_password_and_cargo_and_remembers_the_cargo(desk: Desk) -> None:
    first, second = desk.written("<p>Um.</p>"), desk.written("<p>Dois.</p>")
    wrong = put_signature(desk, first, password="não é esta")
    assert wrong.status_code == 422
    assert "A senha não confere" in wrong.text
    assert 'value="Analista"' in wrong.text
    assert put_signature(desk, first, cargo="").status_code == 422
    assert row(first).status == "draft"
    assert put_signature(desk, first, second).status_code == 303
    assert (row(first).status, row(second).status) == ("signed", "signed")
    page = desk.ana.get(f"/documento/{first}").text
    assert "Assinatura registrada; o PDF está sendo preparado." in page
    assert "Servidora ana" in page
    third = desk.written("<p>Três.</p>")
    assert 'value="Analista"' in desk.ana.get(f"/documentos/assinar?documento={third}").text
    assert desk.ana.get("/documentos/assinar").status_code == 404
    assert desk.ana.get("/documentos/assinar?documento=x").status_code == 404


def test_a_text_that_changed_since_it_was_read_is_not_signed(desk: Desk) -> None:
    document = desk.written()
    save(desk, document, "<p>Mudou.</p>", 1)
    answer = desk.post(
        "/documentos/assinar", documento=str(document), cargo="Analista", way="senha", password=scenario.PASSWORD,
        **{f"versao-{document}": "1"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "mudou depois que você o abriu" in answer.text
    assert row(document).status == "draft"


def test_editing_again_drops_the_signature_and_says_so_first(desk: Desk) -> None:
    document = desk.written()
    put_signature(desk, document)
    assert "as assinaturas caem" in desk.ana.get(f"/documento/{document}/editar").text
    save(desk, document, "<p>Outro texto.</p>", 1)
    assert row(document).status == "draft"


def test_the_sealed_file_follows_with_its_conferencia(desk: Desk) -> None:
    document = desk.written()
    put_signature(desk, document)
    waiting = desk.ana.get(f"/documento/{document}/situacao", headers=HX)
    assert waiting.status_code == 304
    assert desk.ana.get(f"/documento/{document}/pdf").status_code == 409
    scenario.work(desk.url)
    part = desk.ana.get(f"/documento/{document}/situacao", headers=HX).text
    assert "Código verificador" in part
    assert "<svg" in part
    file = desk.ana.get(f"/documento/{document}/pdf?baixar=1")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"].startswith("attachment")
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", part)
    assert code is not None
    assert "AUTÊNTICO" in desk.house.app.test_client().get(f"/validaDocumento?codigo={code[0]}").text
    assert scenario.chain_is_whole()


def test_a_certificate_signs_where_the_type_asks_for_it(desk: Desk) -> None:
    with transaction() as session:
        session.get_one(DocumentType, "parecer").signature = "qualificada"
        made = dossiers.add_document(session, desk.dossier, "internal", "parecer", actor=house.actor_of(house.ANA))
        texts.save(session, made.id, "<p>Opino.</p>", actor=house.actor_of(house.ANA), based_on=0)
        document = made.id
    page = desk.ana.get(f"/documentos/assinar?documento={document}").text
    assert "exige assinatura com certificado digital" in page
    packed, certificate = own_certificate("Servidora ana")

    def sign(passphrase: str, password: str = scenario.PASSWORD) -> TestResponse:
        file = (io.BytesIO(packed), "ana.p12")
        return put_signature(
            desk, document, password=password, way="certificado", certificate=file, certificate_password=passphrase
        )

    for refused, words in (
        (sign("segredo"), "nem foi registrado"),
        (sign("errada"), "não abriu"),
        (sign("segredo", "x"), "não confere"),
    ):
        assert refused.status_code == 422
        assert words in refused.text
        assert 'value="Analista"' in refused.text
        assert "Arquivo do certificado" in refused.text
    assert "exige assinatura com certificado" in put_signature(desk, document).text
    assert put_signature(desk, document, way="certificado").status_code == 422
    with transaction() as session:
        admin = house.actor_of(house.ADMIN)
        signatures.register_certificate(session, house.actor_of(house.ANA).id, certificate, actor=admin)  # type: ignore[arg-type]  # an account
    assert sign("segredo").status_code == 303
    page = desk.ana.get(f"/documento/{document}").text
    assert "Assinou com certificado digital" in page
    assert "Código verificador" in page
