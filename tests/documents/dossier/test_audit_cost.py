"""`carimbo audit verify` over many dossiers: by batches, with a fixed number of statements for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from documents.dossier import audit, operations
from documents.signatures.audit import verify_signatures
from documents.texts.operations import save
from workflow.actor import Actor


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def worked(session: Session, actor: Actor) -> None:
    """One more dossier with two texts, an entry and an external person's access."""
    dossier = operations.open_dossier(session, "contratacao", actor=actor, specification="Compra")
    for _ in range(2):
        letter = operations.add_document(session, dossier.id, "internal", "despacho", actor=actor)
        save(session, letter.id, "<p>Compre-se.</p>", actor=actor, based_on=0)
    operations.add_entry(session, dossier.id, "Telefonema", actor=actor)


def verified(session: Session) -> tuple[int, int]:
    """How many statements each of both verifications needs."""
    session.expunge_all()
    with statements(session) as sent:
        assert audit.verify_dossiers(session) == []
    with statements(session) as too:
        assert verify_signatures(session) == []
    return len(sent), len(too)


@pytest.mark.slow
def test_a_batch_needs_as_many_statements_for_one_dossier_as_for_many(session: Session, gri: Actor) -> None:
    worked(session, gri)
    few = verified(session)
    for _ in range(6):
        worked(session, gri)
    assert verified(session) == few
    assert sum(few) < 20


def test_batches_meet_without_gap_or_overlap_and_say_how_far_they_are(
    session: Session, gri: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        operations.open_dossier(session, "contratacao", actor=gri)
    monkeypatch.setattr(audit, "BATCH", 2)
    told: list[tuple[str, int]] = []
    assert audit.verify_dossiers(session, lambda what, done: told.append((what, done))) == []
    assert told == [("processos", 2), ("processos", 4), ("processos", 5)]
    seen = [one.id for batch in audit.dossier_batches(session) for one in batch]
    assert len(seen) == len(set(seen)) == 5
