"""Scheduling, changing, cancelling, publishing; what follows; what the chain and the audit say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.dossier import queries as dossier_queries
from documents.dossier.models import DocumentType
from documents.publication import operations, publishing
from documents.publication.audit import verify_publications
from documents.publication.models import Publication, PublicationEdition
from documents.publication.vehicles import save_vehicle
from documents.signatures.models import DocumentSignature
from tests.documents.dossier.conftest import hypothesis_of, make_account
from tests.documents.publication.conftest import (
    MONDAY,
    SUMMARY,
    TUESDAY,
    WEDNESDAY,
    at,
    opened,
    publish_due,
    published,
    scheduled,
    sealed,
    signed,
)
from workflow.actor import Actor
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound


def told(session: Session, row: Publication, actor: Actor) -> list[str]:
    entries = dossier_queries.andamento(session, row.dossier_id, actor=actor, detail="completo")
    return [one.sentence for one in entries]


def restrict(session: Session, row: Publication, actor: Actor, level: str = "restrito") -> None:
    dossiers.change_access(session, row.dossier_id, level, hypothesis_of(session, level), actor=actor)


def test_scheduled_it_is_published_on_its_day_and_only_once(session: Session, gri: Actor) -> None:
    document = signed(session, opened(session, gri), gri)
    at(MONDAY)
    row = scheduled(session, document, gri)
    assert publish_due(session) == []
    at(TUESDAY)
    assert publish_due(session) == ["published"]
    assert publishing.publish(session, row.id) == "published"
    edition = session.get_one(PublicationEdition, row.edition_id)
    assert (edition.day, edition.number, row.sealed_id) == (TUESDAY, 1, document.sealed_id)
    assert document.locked_at is not None
    sentences = told(session, row, gri)
    assert (
        f"Documento {document.number:07d} publicado em 24/11/2026: Diário do Legislativo, edição 1/2026." in sentences
    )
    assert len([one for one in sentences if "publicado" in one]) == 1


def test_an_edition_is_of_a_vehicle_and_a_day_and_its_number_of_the_year(session: Session, gri: Actor) -> None:
    dossier = opened(session, gri)
    at(MONDAY)
    for vehicle, day in (("diario", TUESDAY), ("diario", TUESDAY), ("portal", TUESDAY), ("diario", WEDNESDAY)):
        operations.schedule(session, signed(session, dossier, gri).id, vehicle, day, SUMMARY, actor=gri)
    at(TUESDAY)
    assert publish_due(session) == ["published"] * 3
    at(WEDNESDAY)
    assert publish_due(session) == ["published"]
    rows = session.execute(select(PublicationEdition.vehicle_key, PublicationEdition.day, PublicationEdition.number))
    assert sorted(tuple(row) for row in rows) == [
        ("diario", TUESDAY, 1), ("diario", WEDNESDAY, 2), ("portal", TUESDAY, 1),
    ]  # fmt: skip


def test_the_day_is_checked_against_the_calendar(session: Session, gri: Actor) -> None:
    document = signed(session, opened(session, gri), gri)
    at(MONDAY)
    for wrong in (date(2026, 11, 28), date(2026, 12, 8), date(2026, 11, 20), None):
        with pytest.raises(InvalidInput) as refusal:
            operations.schedule(session, document.id, "diario", wrong, SUMMARY, actor=gri)
        assert set(refusal.value.fields) == {"day"}


def test_what_may_not_be_published_is_refused(session: Session, gri: Actor, gti: Actor) -> None:
    dossier = opened(session, gri)
    at(MONDAY)
    document = signed(session, dossier, gri)
    draft = dossiers.add_document(session, dossier, "internal", "portaria", actor=gri)
    despacho = signed(session, dossier, gri, "despacho")
    visitor = make_account(session, "GRI", "seguranca")
    refusals: list[tuple[type[DomainError], Callable[[], object]]] = [
        (Conflict, lambda: scheduled(session, draft, gri)),
        (Conflict, lambda: scheduled(session, despacho, gri)),
        (Conflict, lambda: scheduled(session, document, gti)),
        (Forbidden, lambda: scheduled(session, document, visitor)),
        (InvalidInput, lambda: operations.schedule(session, document.id, "x", TUESDAY, SUMMARY, actor=gri)),
        (NotFound, lambda: operations.schedule(session, uuid4(), "diario", TUESDAY, SUMMARY, actor=gri)),
    ]
    for kind, act in refusals:
        with pytest.raises(kind):
            act()
    scheduled(session, document, gri)
    with pytest.raises(Conflict, match="já tem publicação"):
        scheduled(session, document, gri)


def test_a_restricted_or_secret_dossier_is_not_published(session: Session, gri: Actor, gti: Actor) -> None:
    document = signed(session, opened(session, gri), gri)
    at(MONDAY)
    row = scheduled(session, document, gri)
    restrict(session, row, gri)
    at(TUESDAY)
    assert publish_due(session) == ["held"]
    assert row.ended_reason == "O processo não é público."
    assert any("não feita em 24/11/2026: “O processo não é público.”" in one for one in told(session, row, gri))
    assert publish_due(session) == []
    with pytest.raises(Conflict):
        operations.change(session, row.id, "diario", WEDNESDAY, SUMMARY, actor=gri)
    dossiers.change_access(session, row.dossier_id, "publico", None, actor=gri)
    operations.change(session, row.id, "diario", WEDNESDAY, SUMMARY, actor=gri)
    restrict(session, row, gri, "sigiloso")
    with pytest.raises(NotFound):
        operations.cancel(session, row.id, "Não será mais publicado.", actor=gti)


def test_it_is_changed_and_cancelled_until_it_is_published(session: Session, gri: Actor) -> None:
    dossier = opened(session, gri)
    document = signed(session, dossier, gri)
    at(MONDAY)
    row = scheduled(session, document, gri)
    with pytest.raises(Conflict, match="está programada"):
        dossiers.cancel_document(session, document.id, "Saiu errado", actor=gri)
    operations.change(session, row.id, "portal", WEDNESDAY, "Outra ementa da portaria", actor=gri)
    assert (row.vehicle_key, row.day, row.summary) == ("portal", WEDNESDAY, "Outra ementa da portaria")
    with pytest.raises(InvalidInput):
        operations.cancel(session, row.id, "", actor=gri)
    operations.cancel(session, row.id, "O ato será refeito.", actor=gri)
    at(WEDNESDAY)
    assert publish_due(session) == []
    again = operations.schedule(session, document.id, "portal", WEDNESDAY, SUMMARY, actor=gri)
    assert publish_due(session) == ["published"]
    for act in (
        lambda: operations.change(session, again.id, "portal", WEDNESDAY, SUMMARY, actor=gri),
        lambda: operations.cancel(session, again.id, "Tarde demais para isto.", actor=gri),
        lambda: dossiers.cancel_document(session, document.id, "Saiu errado", actor=gri),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_text_that_changed_after_it_was_scheduled_is_held(session: Session, gri: Actor) -> None:
    document = signed(session, opened(session, gri), gri)
    at(MONDAY)
    row = scheduled(session, document, gri)
    document.version = 2
    at(TUESDAY)
    assert publish_due(session) == ["held"]
    assert "mudou depois" in (row.ended_reason or "")


def test_it_waits_for_the_file_that_shows_every_signature(session: Session, gri: Actor, gti: Actor) -> None:
    document = signed(session, opened(session, gri), gri)
    at(MONDAY)
    row = scheduled(session, document, gri)
    first = session.scalars(select(DocumentSignature).where(DocumentSignature.document_id == document.id)).one()
    session.add(DocumentSignature(
        document_id=document.id, version=1, position=2, account_id=gti.id, name="Tereza", cargo="Diretora", unit="GTI",
        signed_at=first.signed_at, content_sha256="0" * 64, content_crc32="0" * 8,
    ))  # fmt: skip
    at(TUESDAY)
    assert publish_due(session) == ["waiting"]
    file = sealed(session, document, 2)
    assert publish_due(session) == ["published"]
    assert row.sealed_id == file.id


def test_a_rectification_is_linked_both_ways_and_in_the_chain(session: Session, gri: Actor) -> None:
    dossier = opened(session, gri)
    first, second = signed(session, dossier, gri), signed(session, dossier, gri)
    row = published(session, first, gri)
    reason = "Onde se lê “cinco”, leia-se “seis”."
    made = operations.rectify(
        session, row.id, second.id, WEDNESDAY, "Corrige o art. 2º da portaria.", reason, actor=gri
    )
    with pytest.raises(Conflict, match="Já há"):
        operations.void(session, row.id, WEDNESDAY, "Publicada por engano.", actor=gri)
    at(WEDNESDAY)
    assert publish_due(session) == ["published"]
    assert (made.of_id, made.kind) == (row.id, "rectification")
    assert any(f"retificada em 25/11/2026 pelo documento {second.number:07d}" in one for one in told(session, row, gri))
    elsewhere = signed(session, opened(session, gri), gri)
    for wrong in (first, elsewhere):
        with pytest.raises(InvalidInput):
            operations.rectify(session, row.id, wrong.id, WEDNESDAY, SUMMARY, reason, actor=gri)


def test_without_effect_and_published_again(session: Session, gri: Actor) -> None:
    document = signed(session, opened(session, gri), gri)
    row = published(session, document, gri)
    restrict(session, row, gri)
    undone = operations.void(session, row.id, TUESDAY, "Publicada antes da hora.", actor=gri)
    assert publish_due(session) == ["published"]
    assert undone.sealed_id == row.sealed_id
    assert row.status == "published"
    with pytest.raises(Conflict, match="já está sem efeito"):
        operations.void(session, row.id, TUESDAY, "Mais uma vez, por engano.", actor=gri)
    dossiers.change_access(session, row.dossier_id, "publico", None, actor=gri)
    again = operations.republish(session, row.id, TUESDAY, "Agora no dia certo.", actor=gri)
    assert publish_due(session) == ["published"]
    assert (again.of_id, again.summary) == (row.id, SUMMARY)
    with pytest.raises(Conflict, match="está publicado"):
        dossiers.cancel_document(session, document.id, "Saiu errado", actor=gri)
    operations.void(session, again.id, TUESDAY, "De novo antes da hora.", actor=gri)
    assert publish_due(session) == ["published"]
    dossiers.cancel_document(session, document.id, "Saiu errado", actor=gri)


def test_the_administration_says_where_and_what_is_published(session: Session, gri: Actor) -> None:
    admin = make_account(session, "GTI", "admin")
    save_vehicle(session, "mural", name="Mural", active=True, new=True, actor=admin)
    save_vehicle(session, "mural", name="Mural", active=False, new=False, actor=admin)
    document = signed(session, opened(session, gri), gri)
    at(MONDAY)
    with pytest.raises(InvalidInput):
        operations.schedule(session, document.id, "mural", TUESDAY, SUMMARY, actor=gri)
    with pytest.raises(Forbidden):
        save_vehicle(session, "mural", name="Meu", active=True, new=False, actor=gri)
    row = scheduled(session, document, gri)
    session.get_one(DocumentType, "portaria").publishable = False
    at(TUESDAY)
    assert publish_due(session) == ["held"]
    assert "Portaria não são publicados" in (row.ended_reason or "")


def test_the_audit_notices_a_publication_that_was_changed(session: Session, gri: Actor) -> None:
    row = published(session, signed(session, opened(session, gri), gri), gri)
    assert verify_publications(session) == []
    row.summary = "Outra coisa, dita depois."
    session.flush()
    assert [one for one in verify_publications(session) if "foi alterada" in one]
