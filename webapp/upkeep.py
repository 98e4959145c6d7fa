"""Work of the house that composes the packages below: signed checkpoints, and the purge of what has had its time."""

from __future__ import annotations

import people
from people import operations
from people.keyring import Keyring
from workflow import history, jobs
from workflow.database import transaction
from workflow.history.verification import CheckSignature

SIGNING_KEY = "audit"


@jobs.job("upkeep.checkpoint", "maintenance", every="*/5 * * * *")
def checkpoint() -> None:
    """Collect the heads of the chains that moved and sign them."""
    signer = people.settings().keyring.signer(SIGNING_KEY)
    with transaction() as session:
        history.checkpoint(session, signer.sign, key_id=SIGNING_KEY)


@jobs.job("upkeep.purge", "maintenance", every="*/10 * * * *")
def purge() -> None:
    """Drafts of an hour, ended sessions, spent tokens, old throttles, faces and messages past their time."""
    acts = (
        operations.purge_drafts,
        operations.purge_sessions,
        operations.purge_tokens,
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
