"""The sealed bytes at rest: under the owner's data key, proved at each reading."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy.orm import Session

from documents import queries
from documents.errors import DocumentDamaged, DocumentErased
from documents.settings import current
from people import crypto

PURPOSE = "document"


def rest(session: Session, owner: UUID | None, sealed: bytes) -> str:
    """Store the bytes and answer their address; with an owner they rest under the owner's data key."""
    data = sealed if owner is None else crypto.encrypt_for(session, owner, sealed, PURPOSE)
    return current().storage.put(data)


def read_bytes(session: Session, document_id: UUID) -> bytes:
    """The same bytes every time (D5). DocumentErased when erased, DocumentDamaged when they are not those issued."""
    document = queries.get(session, document_id)
    if document.address is None:
        raise DocumentErased(document=str(document_id))
    resting = current().storage.get(document.address)
    try:
        owner = document.owner_person_id
        plain = resting if owner is None else crypto.decrypt_for(session, owner, resting, PURPOSE)
    except crypto.Unreadable as unreadable:
        raise DocumentDamaged(document=str(document_id), reason="unreadable") from unreadable
    if hashlib.sha256(plain).hexdigest() != document.sha256:
        raise DocumentDamaged(document=str(document_id), reason="digest")
    return plain
