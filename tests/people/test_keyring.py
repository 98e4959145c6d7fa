"""The keyring: sealing, rotation, files that only we may read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from people.keyring import Keyring, KeyringError, Unreadable, verify


def test_what_was_sealed_opens_only_in_its_context() -> None:
    keyring = Keyring.new()
    sealed = keyring.seal(b"segredo", b"aqui")
    assert b"segredo" not in sealed
    assert keyring.unseal(sealed, b"aqui") == b"segredo"
    with pytest.raises(Unreadable):
        keyring.unseal(sealed, b"ali")


@pytest.mark.parametrize("position", [0, 1, 2, 5, 20, -1])
def test_an_altered_byte_is_noticed(position: int) -> None:
    keyring = Keyring.new()
    sealed = bytearray(keyring.seal(b"segredo", b""))
    sealed[position] ^= 1
    with pytest.raises(Unreadable):
        keyring.unseal(bytes(sealed), b"")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01\x02m1", b"\x01\xff", b"\x01\x02m1" + b"x" * 11])
def test_rubbish_is_unreadable(rubbish: bytes) -> None:
    with pytest.raises(Unreadable):
        Keyring.new().unseal(rubbish, b"")


def test_the_file_is_made_once_and_only_we_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = Keyring.open(folder)
    sealed = first.seal(b"x", b"")
    assert Keyring.open(folder).unseal(sealed, b"") == b"x"
    assert (folder / "keyring.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder) == ["keyring.json"]


def test_two_processes_starting_at_once_share_the_keyring(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: Keyring.open(tmp_path / "keys"), range(16)))
    sealed = rings[0].seal(b"x", b"")
    assert all(ring.unseal(sealed, b"") == b"x" for ring in rings)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys")
    (tmp_path / "keys" / "keyring.json").chmod(0o640)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.open(tmp_path / "keys")


def test_rotation_keeps_what_older_keys_sealed(tmp_path: Path) -> None:
    keyring = Keyring.open(tmp_path / "keys")
    old = keyring.seal(b"velho", b"")
    assert keyring.rotate() == "m2"
    new = keyring.seal(b"novo", b"")
    again = Keyring.open(tmp_path / "keys")
    assert again.current == "m2"
    assert (again.unseal(old, b""), again.unseal(new, b"")) == (b"velho", b"novo")
    assert (tmp_path / "keys" / "keyring.json").stat().st_mode & 0o777 == 0o600


def test_a_running_process_opens_what_another_sealed_after_a_rotation(tmp_path: Path) -> None:
    running, other = Keyring.open(tmp_path / "keys"), Keyring.open(tmp_path / "keys")
    other.rotate()
    assert running.unseal(other.seal(b"novo", b""), b"") == b"novo"


def test_configuration_carries_the_whole_keyring() -> None:
    keyring = Keyring.new()
    copy = Keyring.from_json(keyring.to_json())
    assert copy.unseal(keyring.seal(b"x", b""), b"") == b"x"
    assert copy.signer("audit").public_key == keyring.signer("audit").public_key
    assert copy.digest("a", "b") == keyring.digest("a", "b")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"current": "m1", "masters": {}, "signing": {}, "digest": ""}'])
def test_a_broken_keyring_says_what_to_do(text: str) -> None:
    with pytest.raises(KeyringError, match="chaveiro"):
        Keyring.from_json(text)


def test_signatures_hold_for_their_key_and_data_only() -> None:
    keyring = Keyring.new()
    audit, visitor = keyring.signer("audit"), keyring.signer("visitor")
    signature = audit.sign(b"cabeca")
    assert audit.verify(b"cabeca", signature)
    assert not audit.verify(b"cabeca!", signature)
    assert not visitor.verify(b"cabeca", signature)
    assert verify(audit.public_key, b"cabeca", signature)
    assert not verify(b"short", b"cabeca", signature)


def test_digests_differ_by_scope_and_keyring() -> None:
    keyring = Keyring.new()
    assert keyring.digest("a", "x") == keyring.digest("a", "x")
    assert keyring.digest("a", "x") != keyring.digest("b", "x")
    assert keyring.digest("a", "x") != Keyring.new().digest("a", "x")
