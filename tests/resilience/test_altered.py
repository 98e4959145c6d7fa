"""`carimbo audit verify` passes before, and fails after any one event, document or head is altered by hand.

The history is that of the running installation; each alteration is made in a transaction of its own, verified from
inside it and rolled back. One is committed, for the command itself.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents import operations as documents
from people.persons import create_person
from tests.resilience.house import House, cpf
from webapp import integrity, upkeep
from workflow import clock, history
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.database import transaction

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(running_house: House) -> Iterator[House]:
    """A case with a sealed document, one cancelled, the heads signed, and events after that."""
    running_house.wait_up()
    with running_house.inside():
        with transaction() as session:
            who = create_person(session, "Visitante Da Auditoria", cpf(844_444_444), verified=True)
            data = {"pessoa_id": str(who.id), "dia": clock.today()}
            made = engine.deliver_message(
                session, "comparecimento_registrado", "auditoria", data, message_id="auditoria", actor=SYSTEM
            )
            assert made.case_id is not None
            fields = {"name": "Visitante Da Auditoria", "cpf": cpf(844_444_444), "date": clock.today()}
            for _ in range(2):
                issued = documents.issue(
                    session,
                    "declaracao_comparecimento",
                    fields,
                    case_id=made.case_id,
                    owner_person_id=who.id,
                    actor=SYSTEM,
                )
            documents.cancel(session, issued.id, "engano", actor=SYSTEM)
        upkeep.checkpoint()
        with transaction() as session:
            history.record(session, "menor_descartado", {}, actor=SYSTEM)
        upkeep.checkpoint()
        with transaction() as session:
            history.record(session, "menor_descartado", {}, actor=SYSTEM)
        yield running_house


def problems(session: Session) -> list[str]:
    """What the command looks at."""
    session.expire_all()
    return integrity.verify(session)[1]


CASE = "(SELECT chain FROM event WHERE kind = 'document_issued' ORDER BY at DESC LIMIT 1)"
LAST_DAY = "(SELECT max(name) FROM chain WHERE name LIKE 'day:%')"
EVENT = f"chain = {CASE} AND seq = 2"
DOCUMENT = "id = (SELECT id FROM document WHERE status = 'issued' ORDER BY issued_at DESC LIMIT 1)"
CANCELLED = "id = (SELECT id FROM document WHERE status = 'cancelled' ORDER BY issued_at DESC LIMIT 1)"
ROW = f"'case:' || id = {CASE}"
BY_HAND = [
    *(f"UPDATE event SET {change} WHERE {EVENT}" for change in (
        "seq = 9999", "at = at + interval '1 second'", "kind = 'case_cancelled'", "data = replace(data, '{', '{ ')",
        "data = '{}'", "actor_kind = 'public'", "actor_id = gen_random_uuid()", "acting_for = gen_random_uuid()",
        "unit = 'XX'", "hash = sha256('x')", "chain = 'day:2020-01-01'",
    )),
    f"DELETE FROM event WHERE {EVENT}",
    f"DELETE FROM event WHERE chain = {CASE} AND seq = (SELECT max(seq) FROM event WHERE chain = {CASE})",
    f"""INSERT INTO event (chain, seq, at, kind, data, actor_kind, hash)
        SELECT chain, max(seq) + 1, max(at), 'case_cancelled', '{{}}', 'system', sha256('x') FROM event
        WHERE chain = {CASE} GROUP BY chain""",
    # the end cut off and the head moved back to it: only the signed checkpoint knows
    f"""WITH cut AS (DELETE FROM event WHERE chain = {LAST_DAY} AND seq >= (SELECT sealed FROM chain WHERE name = {LAST_DAY})
            RETURNING seq),
        kept AS (SELECT seq, hash FROM event WHERE chain = {LAST_DAY} AND seq = (SELECT min(seq) - 1 FROM cut))
        UPDATE chain SET length = kept.seq, head = kept.hash, sealed = kept.seq FROM kept WHERE name = {LAST_DAY}""",
    *(f"UPDATE document SET {change} WHERE {DOCUMENT}" for change in (
        "id = gen_random_uuid()", "kind = 'outro'", "template_version = 'x'", "owner_person_id = NULL",
        "case_id = gen_random_uuid()", "issuer_account_id = gen_random_uuid()", "idempotency_key = 'x'",
        "code = '0000000000000000'", "token_digest = sha256('x')", "sha256 = repeat('0', 64)", "size = size + 1",
        "address = repeat('0', 64)", "summary = sha256('x')", "issued_at = issued_at + interval '1 day'",
        "status = 'cancelled', cancelled_at = now(), cancel_reason = 'x'",
        "status = 'erased', cancelled_at = now(), cancel_reason = 'x', address = NULL, summary = NULL",
    )),
    *(f"UPDATE document SET {change} WHERE {CANCELLED}" for change in (
        "status = 'issued', cancelled_at = NULL, cancel_reason = NULL", "cancel_reason = 'outro'", "cancelled_at = now()",
    )),
    f"UPDATE person_key SET wrapped_key = sha256('x') WHERE person_id = (SELECT owner_person_id FROM document WHERE {DOCUMENT})",
    f"UPDATE chain SET length = length + 1 WHERE name = {CASE}",
    f"UPDATE chain SET length = length - 1 WHERE name = {CASE}",
    f"UPDATE chain SET head = sha256('x') WHERE name = {CASE}",
    f"UPDATE chain SET name = 'day:2020-01-01' WHERE name = {CASE}",
    f"UPDATE chain SET sealed = length WHERE name = {LAST_DAY}",
    f"UPDATE chain SET sealed = 0 WHERE name = {CASE}",
    f"DELETE FROM chain WHERE name = {CASE}",
    *(f"UPDATE checkpoint SET {change} WHERE seq = (SELECT max(seq) FROM checkpoint)" for change in (
        "seq = seq + 1", "at = at + interval '1 second'", "heads = sha256('x')", "digest = sha256('x')",
        "signature = sha256('x')", "key_id = 'outra'",
    )),
    "DELETE FROM checkpoint WHERE seq = 1",
    "DELETE FROM checkpoint WHERE seq = (SELECT max(seq) FROM checkpoint)",
    "DELETE FROM checkpoint",
    *(f"UPDATE workflow_case SET {change} WHERE {ROW}" for change in (
        "status = 'cancelled'", "revision = revision + 1", "state = state || 'x'", "data = data || 'x'",
        "process_key = 'entrada'",
    )),
]  # fmt: skip


def test_before_anything_is_altered_the_command_passes(told: House) -> None:
    with transaction() as session:
        assert problems(session) == []
    verdict = told.audit()
    assert (verdict.returncode, json.loads(verdict.stdout)["problems"]) == (0, [])


@pytest.mark.parametrize("change", BY_HAND, ids=lambda change: " ".join(change.split())[:70])
def test_after_any_one_thing_is_altered_by_hand_it_fails(told: House, change: str) -> None:
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # who alters by hand minds no foreign key
        altered = session.execute(
            text(change.replace(":2", r"\:2").replace(":%", r"\:%").replace("case:'", r"case\:'"))
        )
        assert altered.rowcount >= 1  # type: ignore[attr-defined]  # a CursorResult
        assert problems(session) != []
        session.rollback()


def test_after_the_bytes_of_a_document_are_altered_the_command_fails(told: House) -> None:
    address = told.one(f"SELECT address FROM document WHERE {DOCUMENT}")
    (file,) = [
        path
        for path in (told.data / "documentos").rglob("*")
        if path.is_file() and address in str(path).replace("/", "")
    ]
    whole = file.read_bytes()
    file.chmod(0o600)
    for damaged in (bytes([whole[0] ^ 1]) + whole[1:], whole[:-1], b""):
        file.write_bytes(damaged)
        with transaction() as session:
            assert problems(session) != []
    file.write_bytes(whole)
    with transaction() as session:
        assert problems(session) == []


def test_the_command_fails_after_one_event_is_altered_and_passes_when_it_is_put_back(told: House) -> None:
    change = f"UPDATE event SET data = replace(data, %s, %s) WHERE {EVENT} RETURNING data"
    with psycopg.connect(told.database_url, autocommit=True) as connection:
        connection.execute(change.encode(), ("{", "{ "))
        failed = told.audit()
        connection.execute(change.encode(), ("{ ", "{"))
    assert failed.returncode == 1
    assert any("alterado" in problem for problem in json.loads(failed.stdout)["problems"])
    assert told.audit().returncode == 0


def test_every_column_of_what_is_proved_was_tried(told: House) -> None:
    """A column that a later migration adds must be covered too, or be named here: what only finds and shows a case."""
    shown = ("business_key", "subject", "created_at", "updated_at", "finished_at", "cancel_reason", "diagram_id")
    exempt = {("workflow_case", name) for name in ("id", *shown)}
    columns = told.rows("""SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name IN ('event', 'document', 'chain', 'checkpoint', 'workflow_case')""")
    tried = [
        (table, name)
        for table, name in columns
        for change in BY_HAND
        if change.startswith(f"UPDATE {table} ") and f" {name} =" in change
    ]
    assert set(columns) - set(tried) - exempt == set()


def test_the_command_passes_while_others_write(told: House) -> None:
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with transaction() as session:
                history.record(session, "menor_descartado", {}, actor=SYSTEM)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        verdicts = [told.audit() for _ in range(2)]
    finally:
        over.set()
        writer.join()
    assert [one.stdout for one in verdicts if one.returncode] == []
