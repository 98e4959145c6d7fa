"""What is changed after a signature is found out: text, row, event, bytes on disk; and the public conferência."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents import codes, validation
from documents.dossier import operations as dossiers
from documents.dossier.models import Dossier, DossierDocument, LegalHypothesis
from documents.fields import written as printed
from documents.kinds import FOLDER, get
from documents.models import Document
from documents.operations import verify_documents
from documents.rendering import Page, render_html
from documents.signatures import content, operations
from documents.validation import Result
from tests.documents.conftest import files_of
from tests.documents.signatures.conftest import PASSWORD, House, seal, written
from workflow.models import EventRow

pytestmark = pytest.mark.slow


@pytest.fixture
def signed(session: Session, house: House) -> DossierDocument:
    document = written(session, house, "oficio")
    operations.sign(session, [document.id], password=PASSWORD, cargo="Gerente", actor=house.gri)
    return document


@pytest.fixture
def sealed(session: Session, signed: DossierDocument) -> DossierDocument:
    seal(session, signed)
    return signed


def code_of(session: Session, document: DossierDocument) -> str:
    return codes.formatted(session.get_one(Document, document.sealed_id).code)


def test_the_canonical_content_has_the_documented_form(session: Session, signed: DossierDocument, house: House) -> None:
    number = session.get_one(Dossier, house.dossier).number
    expected = (
        f'["carimbo-documento-1","{number}",{signed.number},"oficio","{signed.type_number}","",1,'
        '"<p>Senhora Gerente,</p><p>Encaminhamos o pedido para análise.</p>",""]'
    )
    assert operations.canonical(session, signed).decode() == expected
    assert content.digest(b"123456789").crc32 == "CBF43926"


def test_before_the_file_is_there_the_signature_holds_already(session: Session, signed: DossierDocument) -> None:
    report = operations.verify(session, signed.id)
    assert (report.ok, report.content_intact, report.file, report.problems) == (True, True, "pending", ())


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE document_version SET html = '<p>Outro.</p>'", "o conteúdo não é o que"),
        ("UPDATE dossier_document SET title = 'Outro'", "o conteúdo não é o que"),
        ("UPDATE document_signature SET name = 'Outra Pessoa'", "foi alterado"),
        ("UPDATE document_signature SET signed_at = signed_at - interval '1 day'", "foi alterado"),
        ("UPDATE event SET kind = 'texto_salvo' WHERE kind = 'documento_assinado'", "não está na cadeia"),
    ],
)
def test_whatever_is_changed_in_the_database_is_reported(
    session: Session, signed: DossierDocument, statement: str, why: str
) -> None:
    session.execute(text(statement))
    session.expire_all()
    report = operations.verify(session, signed.id)
    assert not report.ok
    assert why in report.problems[0]
    assert verify_documents(session) != []


def test_signed_bytes_changed_on_disk_are_reported(session: Session, sealed: DossierDocument, storage: Path) -> None:
    assert operations.verify(session, sealed.id).file == "intact"
    assert verify_documents(session) == []
    (stored,) = files_of(storage)
    stored.write_bytes(stored.read_bytes().replace(b"/Type", b"/Tipo", 1))
    report = operations.verify(session, sealed.id)
    assert (report.ok, report.file) == (False, "damaged")
    assert any("bytes" in problem for problem in verify_documents(session))
    assert validation.by_code(session, code_of(session, sealed)).result is Result.DIVERGENTE


def test_a_signature_taken_out_of_the_table_is_missed(session: Session, signed: DossierDocument) -> None:
    session.execute(text("DELETE FROM document_signature"))
    assert any("sumiu da tabela" in problem for problem in verify_documents(session))


def test_VA2_the_code_shows_signers_digests_and_level_but_never_the_file(
    session: Session, sealed: DossierDocument
) -> None:
    found = validation.by_code(session, code_of(session, sealed))
    shown = dict(found.details)
    assert (found.result, found.kind_title) == (Result.AUTENTICO, "Ofício")
    assert shown["Número"] == sealed.type_number
    assert shown["Assinado por"].startswith("Joana Ferreira Lopes, Gerente, em ")
    digest = content.digest(operations.canonical(session, sealed))
    assert (shown["Código CRC"], shown["SHA-256 do conteúdo"]) == (digest.crc32, digest.sha256)
    assert shown["Nível de acesso"] == "Público"


def _hypothesis(session: Session, level: str) -> UUID:
    return session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == level).limit(1)).one()


def _token(monkeypatch: pytest.MonkeyPatch) -> str:
    token = "AAECAwQFBgcICQoLDA0ODw"
    monkeypatch.setattr(codes, "new_token", lambda: token)
    return token


@pytest.mark.parametrize("level", ["publico", "restrito", "sigiloso"])
def test_VA4_the_qr_opens_the_file_only_of_a_public_document(
    session: Session, house: House, signed: DossierDocument, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _token(monkeypatch)
    seal(session, signed)
    if level != "publico":
        dossiers.change_access(session, house.dossier, level, _hypothesis(session, level), actor=house.gri)
    found, copy = validation.open_copy(session, token)
    assert found.result is Result.AUTENTICO
    assert (copy is not None) == (level == "publico")
    named = "Joana" in str(found) or (signed.type_number or "") in str(found)
    assert named == (level != "sigiloso")


def test_a_cancelled_document_answers_cancelado_with_every_file_it_had(
    session: Session, house: House, sealed: DossierDocument
) -> None:
    first = code_of(session, sealed)
    operations.sign(session, [sealed.id], password=PASSWORD, cargo="Analista", actor=house.colleague)
    seal(session, sealed)
    earlier = validation.by_code(session, first)
    assert earlier.result is Result.AUTENTICO
    assert "outras assinaturas" in dict(earlier.details)["Observação"]
    dossiers.cancel_document(session, sealed.id, "Emitido por engano", actor=house.gri)
    for code in (first, code_of(session, sealed)):
        found = validation.by_code(session, code)
        assert (found.result, found.reason) == (Result.CANCELADO, "Emitido por engano")


def test_the_golden_page_is_what_the_template_gives() -> None:
    kind = get("documento_interno")
    sample = kind.sample()
    qr_text = f"{sample['validation_base_url']}/{sample['token']}"
    page = Page(
        kind.key, printed(kind, sample["fields"]), sample["code"], qr_text, datetime.fromisoformat(sample["issued_at"])
    )
    assert render_html(page) == (FOLDER / kind.key / "golden.html").read_text("utf-8")


def test_the_events_name_no_person(session: Session, sealed: DossierDocument) -> None:
    told = " ".join(session.scalars(select(EventRow.data)))
    assert "Joana" not in told
    assert "Gerente" not in told
