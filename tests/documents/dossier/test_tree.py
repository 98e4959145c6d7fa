"""The tree, what people write beside it, the andamento, and the verification of it all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents.dossier import operations, queries
from documents.dossier.audit import verify_dossiers
from documents.dossier.errors import DossierDocumentNotFound
from documents.dossier.models import Dossier
from documents.texts.operations import save, upload
from tests.documents.dossier.conftest import hypothesis_of, make_account
from workflow import history
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound


@pytest.fixture
def dossier(session: Session, gri: Actor) -> Dossier:
    parties = ["Câmara Municipal de Betim", operations.Party("Maria Conceição"), " "]
    return operations.open_dossier(session, "contratacao", actor=gri, specification="Compra de papel", parties=parties)


def test_the_view_shows_what_the_page_needs(session: Session, dossier: Dossier, gri: Actor) -> None:
    operations.add_document(session, dossier.id, "internal", "oficio", actor=gri, title="Pedido")
    operations.add_document(session, dossier.id, "external", "anexo", actor=gri)
    view = queries.dossier_view(session, dossier.id, gri)
    assert [party.name for party in view.parties] == ["Câmara Municipal de Betim", "Maria Conceição"]
    assert [item.position for item in view.tree] == [1, 2]
    assert view.tree[0].label == f"Ofício Pedido ({view.tree[0].number:07d})"
    story = queries.andamento(session, dossier.id, actor=gri, detail="completo")
    assert story[1].sentence == f"Documento {view.tree[0].number:07d} incluído por GRI."
    assert view.tree[0].editable
    assert view.open_units == ("GRI",)
    assert queries.by_number(session, dossier.number.replace(".", ""), gri).id == dossier.id


def test_a_type_fits_the_way_of_adding(session: Session, dossier: Dossier, gri: Actor) -> None:
    for kind, type_key in (
        ("external", "despacho"),
        ("internal", "anexo"),
        ("form", "despacho"),
        ("outro", "despacho"),
    ):
        with pytest.raises(InvalidInput):
            operations.add_document(session, dossier.id, kind, type_key, actor=gri)
    with pytest.raises(NotFound):
        operations.add_document(session, dossier.id, "internal", "nada", actor=gri)
    assert queries.tree(session, dossier.id, gri) == ()


def test_deleted_before_others_saw_it_cancelled_after(
    session: Session, dossier: Dossier, gri: Actor, gti: Actor
) -> None:
    operations.send(session, dossier.id, ["GTI"], actor=gri, keep_open=True)
    unseen = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    seen = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    with pytest.raises(Forbidden):
        operations.delete_document(session, unseen.id, actor=gti)
    with pytest.raises(Conflict):
        operations.cancel_document(session, unseen.id, "Engano meu", actor=gri)
    operations.note_seen(session, seen.id, actor=gri)
    assert seen.seen_at is None
    operations.note_seen(session, seen.id, actor=gti)
    assert (seen.seen_at is not None, seen.locked_at) == (True, None)
    seen.status = "signed"
    operations.note_seen(session, seen.id, actor=gti)
    assert seen.locked_at is not None
    operations.delete_document(session, unseen.id, actor=gri)
    with pytest.raises(DossierDocumentNotFound):
        operations.delete_document(session, unseen.id, actor=gri)
    with pytest.raises(Conflict, match="cancelado"):
        operations.delete_document(session, seen.id, actor=gri)
    with pytest.raises(InvalidInput):
        operations.cancel_document(session, seen.id, "x", actor=gri)
    operations.cancel_document(session, seen.id, "Texto errado", actor=gri)
    (item,) = queries.tree(session, dossier.id, gti)
    assert (item.status, item.cancel_reason) == ("cancelled", "Texto errado")
    numbers = {unseen.number, seen.number}
    assert operations.add_document(session, dossier.id, "internal", "despacho", actor=gri).number not in numbers


def test_the_andamento_in_three_details_and_what_is_private(
    session: Session, dossier: Dossier, gri: Actor, gti: Actor
) -> None:
    operations.send(session, dossier.id, ["GTI"], actor=gri, keep_open=True)
    operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    operations.add_entry(session, dossier.id, "Telefonema com o fornecedor.", actor=gri)
    operations.add_note(session, dossier.id, "Só nosso", actor=gri, urgent=True)

    def told(actor: Actor, detail: str) -> list[str]:
        entries = queries.andamento(session, dossier.id, actor=actor, detail=detail)  # type: ignore[arg-type]
        return [entry.sentence for entry in entries]

    assert told(gti, "resumido") == [
        "Telefonema com o fornecedor.",
        "Processo enviado por GRI a GTI.",
        "Processo aberto em GRI.",
    ]
    assert any(one.startswith("Documento") for one in told(gti, "completo"))
    assert "Anotação incluída em GRI." in told(gri, "total")
    assert "Anotação incluída em GRI." not in told(gti, "total")


def test_notes_and_markers_are_of_the_unit(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    note = operations.add_note(session, dossier.id, "Ligar", actor=gri)
    marker = operations.create_marker(session, "Urgente", "vermelho", actor=gri)
    first = operations.mark(session, dossier.id, marker.id, "Prazo do TCE", actor=gri)
    second = operations.mark(session, dossier.id, marker.id, "Prazo do TCE prorrogado", actor=gri)
    assert first.removed_at is not None
    assert operations.mark(session, dossier.id, marker.id, "Prazo do TCE prorrogado", actor=gri).id == second.id
    for verb in (
        lambda: operations.remove_note(session, note.id, actor=gti),
        lambda: operations.mark(session, dossier.id, marker.id, actor=gti),
        lambda: operations.unmark(session, dossier.id, marker.id, actor=gti),
    ):
        with pytest.raises(NotFound):
            verb()
    with pytest.raises(Conflict):
        operations.create_marker(session, "Urgente", "azul", actor=gri)
    with pytest.raises(InvalidInput):
        operations.create_marker(session, "Outro", "#ff0000", actor=gri)
    operations.unmark(session, dossier.id, marker.id, actor=gri)
    operations.remove_note(session, note.id, actor=make_account(session, "GRI", "servidor"))


def test_ciencia_is_irrevocable_and_once(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    document = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    first = operations.acknowledge(session, dossier.id, document.id, actor=gti)
    assert operations.acknowledge(session, dossier.id, document.id, actor=gti).id == first.id
    operations.acknowledge(session, dossier.id, actor=gti)
    assert queries.tree(session, dossier.id, gti)[0].acknowledgements == 1
    other = operations.open_dossier(session, "contratacao", actor=gri)
    with pytest.raises(NotFound):
        operations.acknowledge(session, other.id, document.id, actor=gti)


def test_watch_in_groups_and_comments(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    operations.watch(session, dossier.id, "Contratos", actor=gti)
    assert operations.watch(session, dossier.id, "Contratos", actor=gti).group_name == "Contratos"
    operations.watch(session, dossier.id, actor=gti)
    operations.unwatch(session, dossier.id, "Contratos", actor=gti)
    said = operations.comment(session, dossier.id, "Falta o termo de referência", actor=gti)
    with pytest.raises(Forbidden):
        operations.remove_comment(session, said.id, actor=gri)
    operations.remove_comment(session, said.id, actor=gti)


def _altered(session: Session, statement: str) -> list[str]:
    with session.begin_nested() as nested:
        session.execute(text(statement))
        session.expire_all()
        problems = verify_dossiers(session)
        nested.rollback()
    session.expire_all()
    return problems


@pytest.mark.slow
def test_the_verification_finds_what_was_altered_by_hand(
    session: Session, storage: Path, dossier: Dossier, gri: Actor, gti: Actor
) -> None:
    letter = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    save(session, letter.id, "<p>Compre-se.</p>", actor=gri, based_on=0)
    save(session, letter.id, "<p>Compre-se já.</p>", actor=gri, based_on=1)
    file = operations.add_document(
        session, dossier.id, "external", "anexo", actor=gri, level="restrito",
        hypothesis_id=hypothesis_of(session, "restrito"),
    )  # fmt: skip
    upload(session, file.id, b"nome;valor\npapel;10\n", "lista.csv", actor=gri)
    operations.add_entry(session, dossier.id, "Telefonema", actor=gri)
    operations.send(session, dossier.id, ["GTI"], actor=gri, keep_open=True)
    operations.note_seen(session, letter.id, actor=gti)
    operations.cancel_document(session, letter.id, "Texto errado", actor=gri)
    operations.conclude(session, dossier.id, actor=gti)
    operations.suspend(session, dossier.id, "Aguarda a Mesa", actor=gri)
    assert verify_dossiers(session) == []
    assert history.verify(session).ok
    for statement in (
        "UPDATE dossier SET number = '0100.08.9999999/2026-00'",
        "UPDATE dossier SET effective_level = 'publico'",
        "UPDATE dossier SET passed_units = passed_units || '{GRPC}'",
        "UPDATE dossier SET status = 'running'",
        "UPDATE dossier SET status_reason = 'Outro motivo'",
        "UPDATE dossier SET specification = 'Compra de carro'",
        "UPDATE dossier_document SET position = position + 7",
        "UPDATE dossier_document SET number = number + 7000",
        "UPDATE dossier_document SET cancel_reason = 'Outro' WHERE cancel_reason IS NOT NULL",
        "UPDATE dossier_document SET status = 'filed', cancel_reason = NULL WHERE status = 'cancelled'",
        "UPDATE dossier_document SET status = 'deleted' WHERE status = 'filed'",
        "UPDATE dossier_document SET sha256 = repeat('0', 64) WHERE kind = 'external'",
        "UPDATE document_version SET html = '<p>Compre-se carro.</p>' WHERE version = 1",
        "DELETE FROM document_version WHERE version = 1",
        "UPDATE dossier_entry SET text = 'Reunião'",
        "DELETE FROM dossier_entry",
    ):
        assert _altered(session, statement), statement
    assert verify_dossiers(session) == []
