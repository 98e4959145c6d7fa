"""Appending to a chain: each event's SHA-256 covers its canonical bytes and the hash before it.

The head (length and last hash) is on the chain's own row, locked while an event is appended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow import clock
from workflow.actor import Actor
from workflow.history.kinds import SENTENCES, UnknownKind

GENESIS = b"\0" * 32
Row = tuple[str, int, datetime, str, str, str, UUID | None, UUID | None, str | None, bytes]

INSERT = (
    "INSERT INTO event (chain, seq, at, kind, data, actor_kind, actor_id, acting_for, unit, hash)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
LOCK = "SELECT length, head FROM chain WHERE name = %s FOR UPDATE"
CREATE = "INSERT INTO chain (name, length, head) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING"
MOVE = "UPDATE chain SET length = %s, head = %s WHERE name = %s"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was appended."""

    chain: str
    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any]
    actor: Actor
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands: how many events, and the hash of the last."""

    length: int
    hash: bytes


def case_chain(case_id: UUID) -> str:
    """The name of a case's chain."""
    return f"case:{case_id}"


def day_chain(day: date) -> str:
    """The name of the chain of acts outside cases on that day (America/Sao_Paulo)."""
    return f"day:{day.isoformat()}"


def append(session: Session, chain: str, kind: str, data: Mapping[str, Any], *, actor: Actor) -> Event:
    """Append one event; `data` holds ids, enums and digests, never personal data."""
    session.flush()
    connection = driver(session)
    head = lock_head(connection, chain)
    row, head = seal(chain, head, clock.now(), kind, data, actor)
    connection.execute(INSERT, row, prepare=True)
    connection.execute(MOVE, (head.length, head.hash, chain), prepare=True)
    return Event(chain, row[1], row[2], kind, dict(data), actor, head.hash)


def record(session: Session, kind: str, data: Mapping[str, Any], *, actor: Actor) -> Event:
    """Append an act outside any case to today's chain."""
    return append(session, day_chain(clock.today()), kind, data, actor=actor)


def lock_head(connection: Any, chain: str) -> Head:
    """The chain's head, locked until the transaction ends; the chain is made when it is new."""
    found = connection.execute(LOCK, (chain,), prepare=True).fetchone()
    if found is None:
        connection.execute(CREATE, (chain, GENESIS))
        found = connection.execute(LOCK, (chain,), prepare=True).fetchone()
    return Head(found[0], bytes(found[1]))


def seal_all(
    chain: str, head: Head, at: datetime, kinds: Iterable[tuple[str, Mapping[str, Any]]], actor: Actor
) -> tuple[list[Row], Head]:
    """The rows of several events in a row, and the head after them."""
    rows = []
    for kind, data in kinds:
        row, head = seal(chain, head, at, kind, data, actor)
        rows.append(row)
    return rows, head


def seal(chain: str, head: Head, at: datetime, kind: str, data: Mapping[str, Any], actor: Actor) -> tuple[Row, Head]:
    """The row of the event that follows `head`, and the head after it."""
    if kind not in SENTENCES:
        raise UnknownKind(f"event kind {kind!r} has no sentence: history.register_kinds")
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    body = (chain, head.length + 1, at, kind, text, actor.kind, actor.id, actor.acting_for, actor.unit)
    digest = link(head.hash, body)
    return (*body, digest), Head(head.length + 1, digest)


def link(previous: bytes, body: tuple[Any, ...]) -> bytes:
    """SHA-256 over the hash before and the canonical bytes of an event."""
    chain, seq, at, kind, text, actor_kind, actor_id, acting_for, unit = body
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [chain, seq, instant, kind, text, actor_kind, _text(actor_id), _text(acting_for), unit]
    canonical = json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(previous + canonical).digest()


def driver(session: Session) -> Any:
    """The psycopg connection of the session's transaction."""
    return session.connection().connection.driver_connection


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _plain(value: Any) -> str:
    if isinstance(value, UUID | date | datetime):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    raise TypeError(f"an event can't hold a {type(value).__name__}")
