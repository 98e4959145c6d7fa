"""Keys: the institution's keyring and each person's data key.

AES-256-GCM throughout (NIST SP 800-38D, 96-bit random nonces). A master key of the keyring wraps the data key of each
person; the data key encrypts what we hold of that person. Destroying the wrapped data key (`destroy_key`) makes all of
it unreadable wherever copies of the ciphertext rest. Sealed forms:

    under a master key   0x01 ‖ length of key id ‖ key id ‖ nonce (12) ‖ ciphertext and tag
    under a data key     0x01 ‖ nonce (12) ‖ ciphertext and tag          associated data: purpose and person id
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from people.errors import Erased
from people.keyring import FORM, NONCE, Keyring, Signer, Unreadable
from people.models import PersonKey
from people.settings import settings
from workflow import clock

__all__ = [
    "Keyring",
    "Signer",
    "Unreadable",
    "create_key",
    "decrypt_for",
    "decrypt_with",
    "destroy_key",
    "digest_for",
    "encrypt_for",
    "encrypt_with",
    "rewrap_keys",
    "unwrap",
]


def create_key(session: Session, person_id: UUID) -> None:
    """Make the person's data key and salt."""
    keyring = settings().keyring
    session.add(
        PersonKey(
            person_id=person_id,
            master_key_id=keyring.current,
            wrapped_key=keyring.seal(secrets.token_bytes(32), _wrap_context(person_id)),
            salt=secrets.token_bytes(32),
            created_at=clock.now(),
        )
    )
    session.flush()


def destroy_key(session: Session, person_id: UUID) -> None:
    """Destroy data key and salt: from here on nothing under them can be read or matched."""
    session.execute(delete(PersonKey).where(PersonKey.person_id == person_id))


def encrypt_for(session: Session, person_id: UUID, data: bytes, purpose: str) -> bytes:
    """`data` under the person's data key, readable only for the same person and purpose."""
    return encrypt_with(_data_key(session, person_id), data, _person_context(person_id, purpose))


def decrypt_for(session: Session, person_id: UUID, sealed: bytes, purpose: str) -> bytes:
    """The plain bytes. Erased when the key was destroyed, Unreadable when the bytes are not what was sealed."""
    return decrypt_with(_data_key(session, person_id), sealed, _person_context(person_id, purpose))


def decrypt_row(key: PersonKey, sealed: bytes, purpose: str) -> bytes:
    """`decrypt_for` with the key's row at hand; for reading many people in one query."""
    return decrypt_with(unwrap(key), sealed, _person_context(key.person_id, purpose))


def unwrap(key: PersonKey) -> bytes:
    """The data key of a row."""
    return settings().keyring.unseal(key.wrapped_key, _wrap_context(key.person_id))


def digest_for(session: Session, person_id: UUID, value: str) -> str:
    """HMAC-SHA256 of a value under the person's salt, hex: what an event may hold in place of a personal datum."""
    row = session.get(PersonKey, person_id)
    if row is None:
        raise Erased(person=str(person_id))
    return hmac.new(row.salt, value.encode(), hashlib.sha256).hexdigest()


def rewrap_keys(session: Session, limit: int = 1000) -> int:
    """Wrap up to `limit` data keys of older master keys anew under the current one; 0 when none is left."""
    keyring = settings().keyring
    rows = session.scalars(
        select(PersonKey).where(PersonKey.master_key_id != keyring.current).limit(limit).with_for_update()
    ).all()
    for row in rows:
        row.wrapped_key = keyring.seal(unwrap(row), _wrap_context(row.person_id))
        row.master_key_id = keyring.current
    session.flush()
    return len(rows)


def encrypt_with(key: bytes, data: bytes, context: bytes) -> bytes:
    """AES-256-GCM under a data key, with `context` as associated data."""
    nonce = secrets.token_bytes(NONCE)
    return FORM + nonce + AESGCM(key).encrypt(nonce, data, context)


def decrypt_with(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The reverse of `encrypt_with`."""
    if sealed[:1] != FORM:
        raise Unreadable
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], context)
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _data_key(session: Session, person_id: UUID) -> bytes:
    row = session.get(PersonKey, person_id)
    if row is None:
        raise Erased(person=str(person_id))
    return unwrap(row)


def _wrap_context(person_id: UUID) -> bytes:
    return b"carimbo/person-key/" + person_id.bytes


def _person_context(person_id: UUID, purpose: str) -> bytes:
    return f"carimbo/{purpose}/{person_id}".encode()
