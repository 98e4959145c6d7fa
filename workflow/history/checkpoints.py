"""Signed checkpoints: the heads that moved since the one before, under an Ed25519 signature of the institution."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow import clock
from workflow.history.chain import driver

Sign = Callable[[bytes], bytes]
Heads = dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was signed: the number in the chain of checkpoints, and the digest."""

    seq: int
    digest: bytes


def checkpoint(session: Session, sign: Sign, *, key_id: str = "") -> Checkpoint | None:
    """Sign the heads that moved; None when none moved."""
    session.flush()
    connection = driver(session)
    connection.execute("LOCK TABLE checkpoint IN SHARE ROW EXCLUSIVE MODE")
    moved = connection.execute(
        "SELECT name, length, head FROM chain WHERE length <> sealed ORDER BY name FOR UPDATE"
    ).fetchall()
    if not moved:
        return None
    last = connection.execute("SELECT seq, digest FROM checkpoint ORDER BY seq DESC LIMIT 1").fetchone() or (0, b"")
    heads: Heads = {name: (length, bytes(head).hex()) for name, length, head in moved}
    seq, at, stored = last[0] + 1, clock.now(), pack(heads)
    digest = digest_of(bytes(last[1]), seq, at, heads)
    connection.execute(
        "INSERT INTO checkpoint (seq, at, heads, digest, signature, key_id) VALUES (%s, %s, %s, %s, %s, %s)",
        (seq, at, stored, digest, sign(digest), key_id),
    )
    connection.execute("UPDATE chain SET sealed = length WHERE name = ANY(%s)", (list(heads),))
    return Checkpoint(int(seq), digest)


def pack(heads: Heads) -> bytes:
    """The heads as stored."""
    return zlib.compress(json.dumps(heads, sort_keys=True, separators=(",", ":")).encode())


def unpack(stored: bytes) -> Heads:
    """The inverse of `pack`."""
    return {name: (length, head) for name, (length, head) in json.loads(zlib.decompress(stored)).items()}


def digest_of(previous: bytes, seq: int, at: datetime, heads: Heads) -> bytes:
    """What is signed: SHA-256 over the digest before, the number, the instant and the heads."""
    body: list[Any] = [seq, at.timestamp(), heads]
    return hashlib.sha256(previous + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()
