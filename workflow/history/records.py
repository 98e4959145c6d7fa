"""Rows and their events: the digest of a row's facts, which its event holds, and what a chain told last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


def record_digest(row: object, names: Sequence[str]) -> str:
    """SHA-256 of these columns of a row; one of them is its random id, so that what is personal is not guessed from it."""
    return digest([_written(getattr(row, name)) for name in names])


def digest(value: object) -> str:
    """SHA-256 of plain values, as JSON with sorted keys."""
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def last_told(session: Session, chains: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The data of the last event of each chain, in one query."""
    query = text(
        "SELECT name, last.data FROM unnest(CAST(:chains AS text[])) AS name CROSS JOIN LATERAL"
        " (SELECT data FROM event WHERE chain = name ORDER BY seq DESC LIMIT 1) AS last"
    )
    return {name: json.loads(data) for name, data in session.execute(query, {"chains": list(chains)})}


def without_row(session: Session, prefix: str, table: str) -> list[str]:
    """The chains `prefix:<id>` whose row is no longer in the table (named by the program, never by a person)."""
    query = text(
        f"SELECT name FROM chain WHERE starts_with(name, :prefix) AND NOT EXISTS (SELECT FROM {table}"  # noqa: S608 - ours
        f" WHERE :prefix || id = name) ORDER BY name"
    )
    return list(session.scalars(query, {"prefix": f"{prefix}:"}))


def _written(value: object) -> object:
    """As JSON takes it, and the same after the database gave it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return str(value) if isinstance(value, UUID) else value
