"""Who finds what, under which filters; what was saved is found at once, what was taken away no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierCredential, DossierDocument
from documents.search import operations, queries
from documents.search.queries import Filters
from people.models import Account
from tests.documents.search.conftest import CLERK, Archive
from workflow import clock
from workflow.actor import PUBLIC, Actor
from workflow.database import transaction


def found(session: Session, query: str, actor: Actor = CLERK, filters: Filters | None = None) -> list[str]:
    """Titles, or numbers, of what is found; the count agrees."""
    results = queries.search(session, actor, query, filters)
    assert queries.count(session, actor, query, filters) == len(results.items)
    return [item.number for item in results.items]


@pytest.fixture
def document(archive: Archive) -> DossierDocument:
    return archive.document(archive.dossier(), "um texto com agulha")


def test_what_was_saved_is_found_at_once_and_its_old_words_no_more(session: Session, document: DossierDocument) -> None:
    operations.index_document(session, document, "agora com linha")
    assert found(session, "agulha") == []
    assert found(session, "linha") == [f"{document.number:07d}"]
    document.title = "Bordado"
    operations.index_document(session, document)
    assert found(session, "bordado && linha") == [f"{document.number:07d}"]
    operations.forget(session, document.id)
    assert found(session, "linha") == []


def test_what_files_hold_besides_text_does_no_harm(session: Session, document: DossierDocument) -> None:
    operations.index_document(
        session, document, "linha\x00fina \ud800 it's a \\ b: 'c' <-> | & !d ½ 漢字 " + "x" * 5_000
    )
    assert found(session, "linha && fina && 漢字") == [f"{document.number:07d}"]
    assert found(session, "x" * 200 + "x*") == [f"{document.number:07d}"]
    assert found(session, "it's") == [f"{document.number:07d}"]


def test_deleted_is_gone_cancelled_stays_for_staff(session: Session, document: DossierDocument) -> None:
    document.status, document.cancel_reason = "cancelled", "Engano"
    session.flush()
    assert found(session, "agulha") == [f"{document.number:07d}"]
    assert found(session, "agulha", PUBLIC) == []
    document.status, document.cancel_reason = "deleted", None
    session.flush()
    assert found(session, "agulha") == []


def test_restrito_is_for_the_units_through_which_it_passed(
    session: Session, archive: Archive, document: DossierDocument
) -> None:
    dossier = session.get_one(Dossier, document.dossier_id)
    dossier.level = dossier.effective_level = "restrito"
    dossier.hypothesis_id = archive.hypothesis.id
    session.flush()
    assert found(session, "agulha") == [f"{document.number:07d}"]
    assert found(session, "agulha", replace(CLERK, unit="CAC")) == []
    assert found(session, "agulha", PUBLIC) == []


def test_sigiloso_is_left_out_but_for_a_credential(
    session: Session, archive: Archive, document: DossierDocument
) -> None:
    dossier = session.get_one(Dossier, document.dossier_id)
    dossier.level = dossier.effective_level = "sigiloso"
    dossier.hypothesis_id = archive.hypothesis.id
    holder = Account(id=uuid4(), kind="staff", login="credenciada", created_at=clock.now())
    session.add(holder)
    session.flush()
    session.add(DossierCredential(dossier_id=dossier.id, account_id=holder.id, granted_at=clock.now()))
    session.flush()
    assert found(session, "agulha") == []
    assert found(session, dossier.number) == []
    assert queries.quick(session, CLERK, str(document.number)) == ()
    with_credential = replace(CLERK, id=holder.id, unit="CAC")
    assert found(session, "agulha", with_credential) == [f"{document.number:07d}"]
    assert found(session, "agulha", replace(with_credential, roles=frozenset({"cidadao"}))) == []


def test_the_public_finds_finished_documents_of_publico_processos(session: Session, archive: Archive) -> None:
    dossier = archive.dossier(specification="assunto com agulha")
    signed = archive.document(dossier, "agulha assinada")
    archive.document(dossier, "agulha em minuta", status="draft")
    assert found(session, "agulha", PUBLIC) == [f"{signed.number:07d}", dossier.number]
    assert len(found(session, "agulha")) == 3


@pytest.mark.slow
def test_filters(session: Session, archive: Archive) -> None:
    first = archive.dossier(parties=("João Abreu",))
    second = archive.dossier(parties=("Maria Borges",))
    one = archive.document(first, "agulha um")
    two = archive.document(second, "agulha dois", unit="CAC")
    author = Account(id=uuid4(), kind="staff", login="autora", display_name="Débora Coelho", created_at=clock.now())
    session.add(author)
    two.created_by = author.id
    session.flush()
    operations.index_document(session, two)
    cases: list[tuple[Filters, list[DossierDocument]]] = [
        (Filters(unit="CAC"), [two]),
        (Filters(type_key="peca"), [two, one]),
        (Filters(type_key="teste"), []),
        (Filters(kind="dossier"), []),
        (Filters(kind="internal"), [two, one]),
        (Filters(person="joão"), [one]),
        (Filters(person="Borges, Maria"), [two]),
        (Filters(person="debora coelho"), [two]),
        (Filters(person="%"), []),
        (Filters(author=author.id), [two]),
        (Filters(number=first.number), [one]),
        (Filters(number=first.number.replace(".", "")[:13]), [one]),
        (Filters(number=f" {two.number}"), [two]),
        (Filters(number="..."), []),
        (Filters(dossier_id=second.id), [two]),
        (Filters(since=clock.local(one.created_at).date(), until=clock.local(two.created_at).date()), [two, one]),
        (Filters(until=clock.local(one.created_at).date() - timedelta(days=1)), []),
        (Filters(since=clock.local(two.created_at).date() + timedelta(days=1)), []),
    ]
    for filters, expected in cases:
        assert (filters, found(session, "agulha", filters=filters)) == (
            filters,
            [f"{one.number:07d}" for one in expected],
        )
    assert found(session, "", filters=Filters(number=second.number)) == [f"{two.number:07d}", second.number]


def test_quick_by_numbers_then_by_words(session: Session, archive: Archive) -> None:
    dossier = archive.dossier(specification="Reforma do plenário")
    document = archive.document(dossier, "telhado do plenário")
    plain = "".join(char for char in dossier.number if char.isdigit())
    for typed in (dossier.number, plain, plain[:11], f" {dossier.number[:-3]} "):
        assert queries.quick(session, CLERK, typed)[0].id == dossier.id
    by_number = queries.quick(session, CLERK, str(document.number))
    assert [(line.kind, line.id, line.title) for line in by_number] == [
        ("document", document.id, f"Peça do teste {document.number}")
    ]
    assert [line.kind for line in queries.quick(session, CLERK, "plenário reform")] == ["dossier"]
    assert [line.id for line in queries.quick(session, CLERK, "do telhad")] == [document.id]
    for nothing in ("", "  ", "*", "-x", '"'):
        assert queries.quick(session, CLERK, nothing) == () or nothing == '"'
    for _ in range(10):
        archive.document(dossier, "telhado")
    assert len(queries.quick(session, CLERK, "telhado")) == 8


def test_the_vocabulary_keeps_a_word_once(session: Session, archive: Archive) -> None:
    dossier = archive.dossier()
    archive.document(dossier, "inconfundível")
    archive.document(dossier, "Inconfundivel INCONFUNDÍVEL")
    known = text("SELECT count(*) FROM search_word WHERE word = 'inconfundivel'")
    assert session.scalar(known) == 1


@pytest.mark.slow
def test_writers_of_the_same_new_words_never_wait_for_one_another(database_url: str) -> None:
    with transaction() as session:
        archive = Archive(session)
        first, second = (archive.document(archive.dossier(), "um") for _ in range(2))
    with transaction() as one, transaction() as other:
        other.execute(text("SET LOCAL lock_timeout = '1s'"))
        operations.index_document(one, first, "abacate zebra")
        operations.index_document(other, second, "zebra abacate")
    with transaction() as session:
        assert found(session, "abacate") == [str(second.number), str(first.number)]
        assert found(session, "z?bra && aba*") == [str(second.number), str(first.number)]


def test_highlights(session: Session, archive: Archive) -> None:
    before = "Texto que vem antes e não interessa a ninguém. " * 9
    archive.document(archive.dossier(), f"{before}A Comissão de Saúde e <b>a saúde</b> dos servidores. {before}")
    item = queries.search(session, CLERK, '"comissão de saúde" serv* && -ausente').items[0]
    assert [piece.text for piece in item.snippet if piece.marked] == ["Comissão de Saúde", "servidores"]
    whole = "".join(piece.text for piece in item.snippet)
    assert "<b>a saúde</b>" in whole
    assert whole.startswith("… ")
    assert whole.endswith(" …")
    assert len(whole) < 260
