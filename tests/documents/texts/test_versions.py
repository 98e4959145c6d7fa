"""Versions: nobody's text is lost; comparing and restoring; forms; what a document begins with."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.dossier.models import DocumentVersion, DossierDocument
from documents.search.models import SearchEntry
from documents.signatures import operations as signatures
from documents.signatures import standing
from documents.texts import operations as texts
from documents.texts.comparing import compared
from documents.texts.models import TextModel
from tests.documents.signatures.conftest import PASSWORD, House, written
from workflow import clock
from workflow.database import transaction
from workflow.errors import InvalidInput


def texts_of(session: Session, document: DossierDocument) -> dict[int, str]:
    rows = session.scalars(select(DocumentVersion).where(DocumentVersion.document_id == document.id))
    return {row.version: row.html for row in rows}


def test_each_save_is_a_version_and_the_same_text_again_is_none(session: Session, house: House) -> None:
    document = written(session, house, html="<p>um</p>")
    assert texts.save(session, document.id, "<p>dois</p>", actor=house.gri, based_on=1).version == 2
    assert texts.save(session, document.id, "<p>dois</p>", actor=house.gri, based_on=2).version == 2
    assert texts_of(session, document) == {1: "<p>um</p>", 2: "<p>dois</p>"}


def test_two_people_editing_both_texts_stay_and_the_second_is_told(session: Session, house: House) -> None:
    document = written(session, house, html="<p>um</p>")
    texts.save(session, document.id, "<p>dela</p>", actor=house.gri, based_on=1)
    saved = texts.save(session, document.id, "<p>dele</p>", actor=house.colleague, based_on=1)
    assert (saved.version, saved.conflict, saved.other_version, saved.other_author) == (3, True, 2, house.gri.id)
    assert "Outra pessoa salvou a versão 2" in saved.message
    assert texts_of(session, document) == {1: "<p>um</p>", 2: "<p>dela</p>", 3: "<p>dele</p>"}


def test_a_text_saved_over_a_signed_one_is_kept_apart_and_the_signature_stands(session: Session, house: House) -> None:
    document = written(session, house, html="<p>um</p>")
    texts.save(session, document.id, "<p>dela</p>", actor=house.gri, based_on=1)
    signatures.sign(session, [document.id], password=PASSWORD, cargo="Gerente", actor=house.gri)
    saved = texts.save(session, document.id, "<p>dele</p>", actor=house.colleague, based_on=1)
    assert saved.conflict
    assert not saved.in_force
    assert document.version == 2
    assert standing.signed(session, document.id)
    restored = texts.restore(session, document.id, saved.version, actor=house.colleague)
    assert texts_of(session, document)[restored.version] == "<p>dele</p>"
    assert not standing.signed(session, document.id)


@pytest.mark.slow
def test_ten_people_saving_at_once_lose_nothing(real_house: House) -> None:
    with transaction() as session:
        document = written(session, real_house, html="<p>começo</p>")

    def save(number: int) -> None:
        with transaction() as session:
            texts.save(session, document.id, f"<p>texto {number}</p>", actor=real_house.gri, based_on=1)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction() as session:
        kept = texts_of(session, document)
    assert sorted(kept) == list(range(1, 12))
    assert {f"<p>texto {number}</p>" for number in range(10)} <= set(kept.values())


def test_what_is_stored_is_clean_and_found_at_once(session: Session, house: House) -> None:
    document = written(session, house, html="<p onclick=x>Inexigibilidade</p><script>alert(1)</script>")
    assert texts_of(session, document)[1] == "<p>Inexigibilidade</p>"
    entry = session.scalars(select(SearchEntry).where(SearchEntry.subject == document.id)).one()
    assert entry.body == "Inexigibilidade"


def test_the_comparison_marks_words_inside_blocks_and_is_safe() -> None:
    html = compared(
        "<h1>Título</h1><p>O prazo é de <b>dez</b> dias.</p>", "<h1>Título</h1><p>O prazo é de cinco &lt;dias&gt;.</p>"
    )
    assert html == "<h2>Título</h2>\n<p>O prazo é de <del>dez dias.</del> <ins>cinco &lt;dias&gt;.</ins></p>"


def test_a_version_that_does_not_exist_is_no_base(session: Session, house: House) -> None:
    document = written(session, house)
    with pytest.raises(InvalidInput):
        texts.save(session, document.id, "<p>x</p>", actor=house.gri, based_on=7)


def test_a_document_begins_with_the_model_of_its_type_and_its_fields_filled(session: Session, house: House) -> None:
    html = (
        "<p>«documento.numero»</p><p>Processo «processo.numero», de «interessados»: «unidade.nome», «usuario.nome».</p>"
    )
    session.merge(TextModel(key="despacho", name="Despacho", html=html, updated_at=clock.now()))
    document = dossiers.add_document(session, house.dossier, "internal", "despacho", actor=house.gri)
    texts.begin(session, document.id, actor=house.gri)
    begun = texts_of(session, document)[1]
    assert begun.startswith("<p>«documento.numero»</p><p>Processo 0100.08.0000001/")
    assert begun.endswith(
        "de Câmara Municipal de Betim: Gerência de Relações Institucionais, Joana Ferreira Lopes.</p>"
    )


def test_a_form_keeps_its_answers_and_names_the_fields_that_are_wrong(session: Session, house: House) -> None:
    document = dossiers.add_document(session, house.dossier, "form", "requerimento", actor=house.gri)
    answers = {
        "nome": "Ana <b>",
        "contato": "31 2108-7800",
        "assunto": "Acervo",
        "pedido": "Um\nDois",
        "resposta_por": "email",
    }
    with pytest.raises(InvalidInput) as refused:
        texts.save_form(
            session, document.id, answers | {"resposta_por": "pombo", "nome": ""}, actor=house.gri, based_on=0
        )
    assert set(refused.value.fields) == {"resposta_por", "nome"}
    texts.save_form(session, document.id, answers, actor=house.gri, based_on=0)
    row = session.get_one(DocumentVersion, (document.id, 1))
    assert row.answers == answers
    assert "Ana &lt;b&gt;" in row.html
    assert "Um<br>Dois" in row.html
    assert "E-mail" in row.html
