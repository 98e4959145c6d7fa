"""The visitor's QR of the área do usuário: who, for 60 s, signed; a gate verifies it offline (docs/architecture.md)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from integrations.faces import boxes
from people.access import Resource, authorize
from people.persons import proved_person
from people.settings import settings
from workflow import clock
from workflow.actor import Actor


def visitor_token(session: Session, account_id: UUID, *, actor: Actor) -> str:
    """The text of the QR, for the holder only and after the CPF was proved (PO6)."""
    authorize(actor, "portal.visitor_qr", Resource(owner_account=account_id))
    person = proved_person(session, account_id)
    return boxes.sign_token(settings().keyring.signer("visitor").private, person.id, clock.real_now().timestamp())


def token_key() -> bytes:
    """The public key (32 raw bytes) with which the gates verify the QR."""
    return settings().keyring.signer("visitor").public_key
