"""Signing with a password: numbers, several signers, edits afterwards, refusals."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.dossier.models import DocumentType, DocumentVersion, DossierDocument
from documents.models import Document
from documents.operations import read_bytes
from documents.settings import current
from documents.signatures import content, operations, sealing, standing
from documents.signatures.errors import NotSignable, WrongPassword
from documents.signatures.models import DocumentSignature
from documents.texts import merge
from documents.texts import operations as texts
from documents.texts.errors import NotEditable
from documents.verification import verify_seal
from tests.documents.signatures.conftest import PASSWORD, House, person, seal, written
from workflow import clock, history
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import Forbidden, InvalidInput

pytestmark = pytest.mark.slow


def sign(
    session: Session, document: DossierDocument, actor: Actor, cargo: str = "Gerente", **more: Any
) -> list[DocumentSignature]:
    return operations.sign(session, [document.id], password=PASSWORD, cargo=cargo, actor=actor, **more)


def test_OF3_twenty_signatures_at_once_take_twenty_consecutive_numbers(real_house: House) -> None:
    with transaction() as session:
        ids = [written(session, real_house, "oficio", f"<p>Texto {n}</p>").id for n in range(20)]
        signers = [person(session, f"gri{n}", f"Servidora {n}", "GRI") for n in range(20)]
    failures: list[BaseException] = []

    def one(document_id: UUID, signer: Actor) -> None:
        try:
            with transaction() as session:
                operations.sign(session, [document_id], password=PASSWORD, cargo="Gerente", actor=signer)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=pair) for pair in zip(ids, signers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with transaction() as session:
        numbers = session.scalars(select(DossierDocument.type_number).order_by(DossierDocument.type_number)).all()
        assert numbers == [f"Of. {n:03d}/{clock.today().year}/GRPC/GRI" for n in range(1, 21)]
        assert history.verify(session).ok


def test_OF3_a_draft_has_no_number_and_a_refused_signature_gives_it_back(session: Session, house: House) -> None:
    document = written(session, house, "oficio")
    assert document.type_number is None
    with pytest.raises(WrongPassword), session.begin_nested():
        operations.sign(session, [document.id], password="errada demais", cargo="Gerente", actor=house.gri)
    session.refresh(document)
    assert document.type_number is None
    sign(session, document, house.gri)
    assert document.type_number == f"Of. 001/{clock.today().year}/GRPC/GRI"


def test_the_number_and_the_date_are_written_into_the_text_that_is_signed(session: Session, house: House) -> None:
    document = written(session, house, "oficio", "<p>«documento.numero»</p><p>Em «data.extenso».</p>")
    (signature,) = sign(session, document, house.gri)
    html = session.get_one(DocumentVersion, (document.id, document.version)).html
    assert html == f"<p>{document.type_number}</p><p>Em {merge.in_words(clock.today())}.</p>"
    assert signature.content_sha256 == content.digest(operations.canonical(session, document)).sha256
    assert signature.version == document.version == 2


def test_an_open_field_keeps_a_document_from_being_signed(session: Session, house: House) -> None:
    document = written(session, house, html="<p>Ao «<strong>destinatario</strong>.nome», em «data.extenso»</p>")
    with pytest.raises(NotSignable, match=r"«destinatario\.nome»"):
        sign(session, document, house.gri)
    assert not standing.signed(session, document.id)


def test_a_type_may_leave_fields_to_each_exemplar(session: Session, house: House) -> None:
    merge.fill_later("oficio", ("camara.",))
    document = written(session, house, "oficio", "<p>À «camara.nome»</p>")
    sign(session, document, house.gri)
    assert document.status == "signed"


def test_several_people_sign_the_same_content_and_the_last_file_shows_them_all(session: Session, house: House) -> None:
    document = written(session, house)
    sign(session, document, house.gri)
    seal(session, document)
    first = document.sealed_id
    (second,) = sign(session, document, house.colleague, "Analista")
    assert sealing.pending(session, document)
    seal(session, document)
    assert document.sealed_id != first
    assert second.position == 2
    assert len({row.content_sha256 for row in standing.signatures_of(session, document.id)}) == 1
    assert not sealing.pending(session, document)
    made = session.get_one(Document, document.sealed_id)
    assert verify_seal(read_bytes(session, made.id), current().sealer.roots).ok
    with pytest.raises(NotSignable, match="já assinou"):
        sign(session, document, house.gri)


def test_sealing_twice_makes_one_file(session: Session, house: House) -> None:
    document = written(session, house)
    sign(session, document, house.gri)
    seal(session, document)
    first = document.sealed_id
    seal(session, document)
    assert document.sealed_id == first
    assert session.scalar(select(func.count()).select_from(Document)) == 1


def test_an_edit_before_another_unit_saw_it_drops_the_signatures_and_keeps_the_number(
    session: Session, house: House
) -> None:
    document = written(session, house, "oficio")
    sign(session, document, house.gri)
    seal(session, document)
    sealed, number = document.sealed_id, document.type_number
    texts.save(session, document.id, "<p>Outro texto.</p>", actor=house.colleague, based_on=document.version)
    assert not standing.signed(session, document.id)
    assert (document.status, document.sealed_id, document.type_number) == ("draft", None, number)
    assert session.get_one(Document, sealed).status == "cancelled"
    sign(session, document, house.gri)
    assert document.type_number == number


def test_once_another_unit_saw_it_the_text_never_changes(session: Session, house: House) -> None:
    document = written(session, house)
    sign(session, document, house.gri)
    dossiers.note_seen(session, document.id, actor=house.gti)
    with pytest.raises(NotEditable, match="Outra unidade já viu"):
        texts.save(session, document.id, "<p>Outro.</p>", actor=house.gri, based_on=1)
    sign(session, document, house.colleague, "Analista")
    assert len(standing.signatures_of(session, document.id)) == 2


def test_a_cancelled_document_is_neither_edited_nor_signed(session: Session, house: House) -> None:
    document = written(session, house)
    sign(session, document, house.gri)
    dossiers.cancel_document(session, document.id, "Emitido por engano", actor=house.gri)
    with pytest.raises(NotSignable, match="cancelado"):
        sign(session, document, house.colleague)
    with pytest.raises(NotEditable, match="cancelado"):
        texts.save(session, document.id, "<p>x</p>", actor=house.gri, based_on=1)


def test_another_unit_does_not_sign_what_was_not_offered_to_it(session: Session, house: House) -> None:
    document = written(session, house)
    with pytest.raises(Forbidden, match="bloco de assinatura"):
        sign(session, document, house.gti)


def test_a_text_that_changed_since_it_was_read_is_not_signed(session: Session, house: House) -> None:
    document = written(session, house)
    texts.save(session, document.id, "<p>Mudou.</p>", actor=house.colleague, based_on=1)
    with pytest.raises(NotSignable, match="mudou depois que você o abriu"):
        sign(session, document, house.gri, versions_seen={document.id: 1})


def test_a_qualified_type_refuses_the_password(session: Session, house: House) -> None:
    session.get_one(DocumentType, "parecer").signature = "qualificada"
    document = written(session, house, "parecer")
    with pytest.raises(NotSignable, match="certificado digital"):
        sign(session, document, house.gri)
    assert document.type_number is None


def test_letters_that_the_file_could_not_write_are_named_before_signing(session: Session, house: House) -> None:
    document = written(session, house, html="<p>Parabéns 🎉</p>")
    with pytest.raises(NotSignable, match="🎉"):
        sign(session, document, house.gri)


def test_all_or_none_of_a_batch_is_signed(session: Session, house: House) -> None:
    good, bad = written(session, house), written(session, house, html="<p>«falta»</p>")
    with pytest.raises(NotSignable):
        operations.sign(session, [good.id, bad.id], password=PASSWORD, cargo="Gerente", actor=house.gri)
    assert session.scalar(select(func.count()).select_from(DocumentSignature)) == 0


@pytest.mark.parametrize("cargo", ["", " ", "x" * 121])
def test_the_cargo_is_asked_for(session: Session, house: House, cargo: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        sign(session, written(session, house), house.gri, cargo)
    assert "cargo" in refused.value.fields
