"""The chain proves itself, and whatever is altered by hand is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.workflow.conftest import CAC, Declare
from tests.workflow.diagrams import end, path, start, user
from workflow import clock, history, operations, queries
from workflow.actor import SYSTEM

TWO = start() + user("a") + user("b") + end() + path("start", "a", "b", "end")
KEY = Ed25519PrivateKey.generate()


def _signed(key_id: str, digest: bytes, signature: bytes) -> bool:
    try:
        KEY.public_key().verify(signature, digest)
    except Exception:
        return False
    return key_id == "k1"


@pytest.fixture
def case(session: Session, declare: Declare) -> UUID:
    """A case with a task done, an act of the day, and a checkpoint over both."""
    declare("dois", TWO, session)
    started = operations.start_case(session, "dois", {"x": 1}, actor=CAC)
    operations.complete_task(session, started.tasks[0].id, {}, actor=CAC)
    history.record(session, "incident_resolved", {"node": "n"}, actor=SYSTEM)
    signed = history.checkpoint(session, KEY.sign, key_id="k1")
    assert signed is not None
    assert signed.seq == 1
    return started.id


def test_an_untouched_history_verifies(session: Session, case: UUID) -> None:
    assert history.checkpoint(session, KEY.sign, key_id="k1") is None, "nothing moved"
    operations.complete_task(session, queries.inbox(session, CAC)[0].id, {}, actor=CAC)
    second = history.checkpoint(session, KEY.sign, key_id="k1")
    assert second is not None
    noted = {second.seq: second.digest}
    assert history.verify(session, anchors=noted).ok
    assert not history.verify(session, anchors={**noted, 3: second.digest}).ok, "cut back to before the third"
    assert not history.verify(session, anchors={1: second.digest}).ok
    report = history.verify(session, _signed)
    assert (report.ok, report.chains, report.checkpoints) == (True, 2, 2)
    assert report.events == len(queries.timeline(session, case)) + 1


ALTERED = {
    "an event's data": "UPDATE event SET data = replace(data, '\"a\"', '\"b\"') WHERE chain = :case AND kind = 'task_completed'",
    "an event's instant": "UPDATE event SET at = at + interval '1 second' WHERE chain = :case AND seq = 1",
    "an event's actor": "UPDATE event SET actor_id = gen_random_uuid() WHERE chain = :case AND seq = 1",
    "an event's kind": "UPDATE event SET kind = 'case_cancelled' WHERE chain = :case AND seq = 2",
    "an event's unit": "UPDATE event SET unit = 'GAB-01' WHERE chain = :case AND seq = 1",
    "an event in the middle removed": "DELETE FROM event WHERE chain = :case AND seq = 2",
    "the tail removed": "DELETE FROM event WHERE chain = :case AND seq = (SELECT max(seq) FROM event WHERE chain = :case)",
    "the tail and the head removed": (
        "WITH gone AS (DELETE FROM event WHERE chain = :case AND seq > 2) UPDATE chain SET length = 2,"
        " head = (SELECT hash FROM event WHERE chain = :case AND seq = 2) WHERE name = :case"
    ),
    "a whole chain removed": "WITH gone AS (DELETE FROM event WHERE chain LIKE 'day:%') DELETE FROM chain WHERE name LIKE 'day:%'",
    "the head's hash": "UPDATE chain SET head = '\\x00' WHERE name = :case",
    "the head's length": "UPDATE chain SET length = length + 1 WHERE name = :case",
    "the case's status": "UPDATE workflow_case SET status = 'completed'",
    "the case's revision": "UPDATE workflow_case SET revision = revision + 1",
    "the case's state": "UPDATE workflow_case SET state = state || '\\x00'",
    "the case's data": "UPDATE workflow_case SET data = state",
    "a checkpoint's heads": "UPDATE checkpoint SET heads = '\\x789c' WHERE seq = 1",
    "a checkpoint's signature": "UPDATE checkpoint SET signature = '\\x00' WHERE seq = 1",
    "a checkpoint's key": "UPDATE checkpoint SET key_id = 'k2' WHERE seq = 1",
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_is_altered_by_hand_is_found(session: Session, case: UUID, what: str) -> None:
    statement = ALTERED[what]
    assert session.execute(text(statement), {"case": f"case:{case}"} if ":case" in statement else {}).rowcount == 1  # type: ignore[attr-defined]  # a cursor's
    assert not history.verify(session, _signed).ok


def test_a_removed_case_is_found(session: Session, case: UUID) -> None:
    session.execute(text("DELETE FROM task"))
    session.execute(text("DELETE FROM workflow_case"))
    assert any("removido" in problem.what for problem in history.verify(session).problems)


def test_rewritten_events_with_right_hashes_do_not_match_the_signed_checkpoint(session: Session, case: UUID) -> None:
    """Somebody who can compute hashes rewrites the day from its first event on: the checkpoint remembers."""
    name = history.day_chain(clock.today())
    session.execute(text("DELETE FROM event WHERE chain = :name"), {"name": name})
    session.execute(
        text("UPDATE chain SET length = 0, head = :zero WHERE name = :name"), {"name": name, "zero": b"\0" * 32}
    )
    history.append(session, name, "incident_resolved", {"node": "other"}, actor=SYSTEM)
    problems = history.verify(session, _signed).problems
    assert [problem.where for problem in problems] == [f"{name} #1"]


def test_events_hold_only_plain_facts(session: Session) -> None:
    with pytest.raises(TypeError):
        history.record(session, "incident_resolved", {"node": object()}, actor=SYSTEM)


def test_a_chain_is_the_same_whatever_the_clock_shows(session: Session) -> None:
    from datetime import timedelta

    append: Callable[..., Any] = history.append
    for days in (0, 40, -3):
        clock.configure(timedelta(days=days))
        append(session, "day:2026-11-23", "incident_resolved", {"node": f"n{days}"}, actor=CAC)
    assert history.verify(session).ok
