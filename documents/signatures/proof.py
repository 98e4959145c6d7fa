"""Proving who signs: the password once, whatever the number of documents."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from documents.signatures.errors import WrongPassword
from people import operations


def require(session: Session, account_id: UUID, password: str, address: str) -> None:
    """WrongPassword unless it is the account's; ask before the act's first lock, so that nobody waits for the hash.

    The attempt is counted apart (`prove_password`), so it stays counted when the act that asked is rolled back.
    """
    if not operations.prove_password(session, account_id, password, address):
        raise WrongPassword
