"""Messages: correlation is a row of ours (name, key) → case and token; each message id is taken once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from workflow import clock, incidents, jobs, steps, store
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.engine import values
from workflow.engine.expressions import compiled
from workflow.engine.runner import Thrown
from workflow.errors import Conflict, InvalidInput
from workflow.history import chain
from workflow.process import Message, Process

Outcome = Literal["started", "advanced", "already_started", "nobody"]

TAKE = """
INSERT INTO received_message (message_id, name, key, outcome, received_at) VALUES (%s, %s, %s, 'taking', %s)
ON CONFLICT DO NOTHING RETURNING message_id
"""
TAKEN = "SELECT name, key, outcome, case_id FROM received_message WHERE message_id = %s"
ANSWER = "UPDATE received_message SET outcome = %s, case_id = %s WHERE message_id = %s"
WAITING = """
SELECT case_id, token, choice, node FROM message_subscription WHERE name = %s AND key = %s
ORDER BY created_at, token LIMIT 1
"""
STARTED_BY = """
SELECT DISTINCT ON (key) key, starts FROM diagram ORDER BY key, version DESC
"""
EXISTING = "SELECT id FROM workflow_case WHERE process_key = %s AND business_key = %s AND status <> 'cancelled'"
MAX_KEY = 200
ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message; `duplicate` when its id had been taken before."""

    outcome: Outcome
    case_id: UUID | None
    duplicate: bool = False


def deliver_message(
    session: Session, name: str, key: str, payload: Mapping[str, Any], *, message_id: str | UUID, actor: Actor
) -> Delivery:
    """Hand a message to the case that waits for it, or to the process that it starts; waits for nobody.

    The same `message_id` again answers what the first time did, and changes nothing.
    """
    session.flush()
    key, message_id = str(key), str(message_id)
    if not key or len(key) > MAX_KEY or not message_id or len(message_id) > MAX_KEY:
        raise InvalidInput(message="Mensagem sem chave de correlação válida.", message_name=name)
    connection = chain.driver(session)
    now = clock.now()
    connection.execute(store.LOCK_KEY, (f"message {name} {key}",), prepare=True)
    if connection.execute(TAKE, (message_id, name, key, now), prepare=True).fetchone() is None:
        return _taken(connection, name, key, message_id)
    outcome, case_id = _deliver(session, connection, name, key, payload, actor)
    connection.execute(ANSWER, (outcome, case_id, message_id), prepare=True)
    return Delivery(outcome, case_id)


def _taken(connection: Any, name: str, key: str, message_id: str) -> Delivery:
    first = connection.execute(TAKEN, (message_id,), prepare=True).fetchone()
    if (first[0], first[1]) != (name, key):
        raise InvalidInput(message="Identificador de mensagem já usado em outra mensagem.", message_name=name)
    return Delivery(first[2], first[3], duplicate=True)


def _deliver(
    session: Session, connection: Any, name: str, key: str, payload: Mapping[str, Any], actor: Actor
) -> tuple[Outcome, UUID | None]:
    for _ in range(ATTEMPTS):
        row = connection.execute(WAITING, (name, key), prepare=True).fetchone()
        if row is None:
            break
        case_id, token, choice, node = row
        step = _waiting(session, actor, case_id, (token, choice))
        if step is None:
            continue  # another step was faster: whoever waits now is asked
        step.execution.receive(token, choice, _accepted(step.declared, name, payload))
        step.execution.advance()
        steps.finish(step, "message_received", {"node": node, "message": name})
        return "advanced", case_id
    for process_key, starts in connection.execute(STARTED_BY, prepare=True).fetchall():
        if starts == name:
            return _start(session, connection, process_key, name, key, payload, actor)
    return "nobody", None


def _waiting(session: Session, actor: Actor, case_id: UUID, place: tuple[int, str]) -> steps.Step | None:
    """The case, locked, when it still waits there."""
    try:
        step = steps.resume(session, actor, case_id=case_id)
    except Conflict:
        return None
    return step if place in step.messages else None


def _start(
    session: Session, connection: Any, process_key: str, name: str, key: str, payload: Mapping[str, Any], actor: Actor
) -> tuple[Outcome, UUID | None]:
    existing = connection.execute(EXISTING, (process_key, key), prepare=True).fetchone()
    if existing is not None:
        return "already_started", existing[0]
    case_id = uuid4()
    step = steps.begin(session, process_key, case_id, {}, actor, business_key=key)
    data = _accepted(step.declared, name, payload)
    message = step.declared.messages.get(name)
    if message is not None and message.subject is not None:
        step.subject = message.subject(data)
    step.execution.receive_start(data)
    step.execution.advance()
    steps.finish(step, "case_started", {"process": process_key, "message": name})
    return "started", case_id


def _accepted(declared: Process, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Only what the receiver declares may enter its case."""
    message = declared.messages.get(name)
    if message is None or not message.payload:
        return payload
    return {key: payload[key] for key in message.payload if key in payload}


def send(session: Session, declared: Process, case_id: UUID, thrown: Thrown) -> None:
    """A message that a step threw.

    One that begins a case does so at once, behind a savepoint; any other, and one that fails, goes by a job: a step
    holds the lock of its own case and asks for no other.
    """
    message = declared.messages[thrown.name]
    key, payload = _addressed(message, thrown)
    message_id = str(uuid5(case_id, f"{thrown.token} {thrown.name}"))
    connection = chain.driver(session)
    waits = connection.execute(WAITING, (thrown.name, key), prepare=True).fetchone() is not None
    if not waits and _begins(session, thrown.name, key, payload, message_id):
        return
    jobs.defer(
        session, jobs.MESSAGE, name=thrown.name, key=key, payload=values.text(payload), message_id=message_id,
        case_id=str(case_id), node=thrown.node,
    )  # fmt: skip


def _addressed(message: Message, thrown: Thrown) -> tuple[str, dict[str, Any]]:
    key = str(compiled(message.key).evaluate(thrown.data))
    return key, {name: thrown.data[name] for name in message.payload if name in thrown.data}


def _begins(session: Session, name: str, key: str, payload: Mapping[str, Any], message_id: str) -> bool:
    connection = chain.driver(session)
    if name not in {row[1] for row in connection.execute(STARTED_BY, prepare=True).fetchall()}:
        return False
    try:
        with session.begin_nested():
            deliver_message(session, name, key, payload, message_id=message_id, actor=SYSTEM)
    except Exception as error:
        steps.log.warning("a message could not begin its case", message=name, error=type(error).__name__)
        return False
    return True


@jobs.job(jobs.MESSAGE, with_attempt=True)
def deliver_job(name: str, key: str, payload: str, message_id: str, case_id: str, node: str, attempt: int) -> None:
    """Deliver a thrown message; an incident of the case that threw it when it can't be delivered."""
    try:
        with transaction() as session:
            deliver_message(session, name, key, values.from_text(payload), message_id=message_id, actor=SYSTEM)
    except Exception as error:
        if attempt < incidents.RETRIES:
            raise jobs.TryAgain(jobs.backoff(attempt)) from error
        stored = {"name": name, "key": key, "payload": payload, "message_id": message_id}
        with transaction() as session:
            incidents.open_incident(session, "message", UUID(case_id), node, error, payload=stored)
