"""Work of the house that composes the packages below: signed checkpoints, and the purge of what has had its time."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import people
from people import operations
from people.keyring import Keyring
from workflow import history, jobs
from workflow.database import transaction
from workflow.history.verification import CheckSignature

SIGNING_KEY = "audit"
ANCHORS = "selos.jsonl"
"""Number and digest of each checkpoint that this machine signed, one JSON line each, outside the database."""


@jobs.job("upkeep.checkpoint", "maintenance", every="*/5 * * * *")
def checkpoint() -> None:
    """Collect the heads of the chains that moved and sign them."""
    signer = people.settings().keyring.signer(SIGNING_KEY)
    with transaction() as session:
        made = history.checkpoint(session, signer.sign, key_id=SIGNING_KEY)
    folder = os.environ.get("CARIMBO_DATA")  # every command sets it
    if made is not None and folder:
        anchor(Path(folder), made)


def anchor(data: Path, made: history.Checkpoint) -> None:
    """Note a checkpoint in the data folder: a database cut back to an earlier moment no longer agrees with it."""
    noted = json.dumps({"seq": made.seq, "digest": made.digest.hex()}) + "\n"
    opened = os.open(data / ANCHORS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(opened, "w") as handle:
        handle.write(noted)
        handle.flush()
        os.fsync(handle.fileno())


def anchors(data: Path) -> dict[int, bytes]:
    """What this machine noted of its checkpoints; a line that a crash cut short is passed over."""
    found: dict[int, bytes] = {}
    path = data / ANCHORS
    for line in path.read_text().splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            noted = json.loads(line)
            found[int(noted["seq"])] = bytes.fromhex(noted["digest"])
    return found


@jobs.job("upkeep.purge", "maintenance", every="*/10 * * * *")
def purge() -> None:
    """Drafts of an hour, ended sessions, spent tokens, old throttles, faces and messages past their time."""
    acts = (
        operations.purge_drafts,
        operations.purge_sessions,
        operations.purge_tokens,
        operations.purge_tickets,
        operations.purge_throttle,
        operations.purge_unsent,
        operations.expire_faces,
    )
    for act in acts:
        with transaction() as session:
            act(session)


def signature_checker(keyring: Keyring) -> CheckSignature:
    """Whether a checkpoint's signature is the institution's."""

    def check(key_id: str, digest: bytes, signature: bytes) -> bool:
        return key_id == SIGNING_KEY and keyring.signer(SIGNING_KEY).verify(digest, signature)

    return check
