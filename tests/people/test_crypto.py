"""A person's data key: bound to person and purpose, wrapped anew at rotation, gone at erasure."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from people import crypto, settings
from people.crypto import Unreadable, decrypt_for, digest_for, encrypt_for
from people.errors import Erased
from people.models import Person, PersonKey
from people.persons import create_person


@pytest.fixture
def maria(session: Session) -> Person:
    return create_person(session, "Maria Silva", None, verified=False)


def test_what_is_encrypted_for_one_opens_for_that_person_and_purpose_only(session: Session, maria: Person) -> None:
    other = create_person(session, "Rosa Lima", None, verified=False)
    sealed = encrypt_for(session, maria.id, b"foto", "face-picture")
    assert b"foto" not in sealed
    assert sealed != encrypt_for(session, maria.id, b"foto", "face-picture")
    assert decrypt_for(session, maria.id, sealed, "face-picture") == b"foto"
    with pytest.raises(Unreadable):
        decrypt_for(session, maria.id, sealed, "document-picture")
    with pytest.raises(Unreadable):
        decrypt_for(session, other.id, sealed, "face-picture")
    with pytest.raises(Unreadable):
        decrypt_for(session, maria.id, sealed[:-1], "face-picture")
    with pytest.raises(Unreadable):
        decrypt_for(session, maria.id, b"", "face-picture")


def test_a_key_cannot_be_moved_to_another_person(session: Session, maria: Person) -> None:
    other = create_person(session, "Rosa Lima", None, verified=False)
    sealed = encrypt_for(session, maria.id, b"foto", "face-picture")
    stolen = session.get_one(PersonKey, maria.id).wrapped_key
    session.get_one(PersonKey, other.id).wrapped_key = stolen
    session.flush()
    with pytest.raises(Unreadable):
        decrypt_for(session, other.id, sealed, "face-picture")


def test_digests_are_salted_by_person(session: Session, maria: Person) -> None:
    other = create_person(session, "Rosa Lima", None, verified=False)
    assert digest_for(session, maria.id, "x") == digest_for(session, maria.id, "x")
    assert digest_for(session, maria.id, "x") != digest_for(session, other.id, "x")


def test_after_the_key_is_destroyed_nothing_opens(session: Session, maria: Person) -> None:
    sealed = encrypt_for(session, maria.id, b"foto", "face-picture")
    crypto.destroy_key(session, maria.id)
    session.expire_all()
    for act in (
        lambda: decrypt_for(session, maria.id, sealed, "face-picture"),
        lambda: encrypt_for(session, maria.id, b"", "face-picture"),
        lambda: digest_for(session, maria.id, "x"),
    ):
        with pytest.raises(Erased):
            act()


def test_rotation_wraps_every_key_anew(session: Session) -> None:
    people = [create_person(session, "Maria Silva", None, verified=False) for _ in range(5)]
    sealed = [encrypt_for(session, person.id, b"foto", "face-picture") for person in people]
    settings().keyring.rotate()
    assert crypto.rewrap_keys(session, limit=3) == 3
    assert crypto.rewrap_keys(session, limit=3) == 2
    assert crypto.rewrap_keys(session) == 0
    current = session.scalars(text("SELECT DISTINCT master_key_id FROM person_key")).all()
    assert current == [settings().keyring.current]
    opened = [decrypt_for(session, p.id, s, "face-picture") for p, s in zip(people, sealed, strict=True)]
    assert opened == [b"foto"] * 5
