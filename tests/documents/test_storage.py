"""Content-addressed storage."""

from __future__ import annotations

import hashlib
import os
import stat
import uuid
from pathlib import Path

import pytest

from documents.errors import DocumentDamaged
from documents.storage import Storage
from tests.documents.conftest import files_of

DATA = b"os mesmos bytes"
ADDRESS = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "a b") if request.param == "folder" else f"memory://{uuid.uuid4().hex}")


def test_the_address_is_the_digest_and_equal_bytes_are_one_blob(storage: Storage) -> None:
    assert storage.put(DATA) == storage.put(DATA) == ADDRESS
    assert storage.get(ADDRESS) == DATA
    assert [address for address, _ in storage.addresses()] == [ADDRESS]


def test_missing_and_deleted(storage: Storage) -> None:
    with pytest.raises(DocumentDamaged):
        storage.get(ADDRESS)
    storage.put(DATA)
    storage.delete(ADDRESS)
    storage.delete(ADDRESS)
    with pytest.raises(DocumentDamaged):
        storage.get(ADDRESS)


@pytest.mark.parametrize("address", ["../../etc/passwd", "", "A" * 64, ADDRESS + "/x"])
def test_only_addresses_are_paths(storage: Storage, address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        storage.get(address)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    storage.put(DATA)
    files_of(tmp_path)[0].write_bytes(b"outros bytes")
    with pytest.raises(DocumentDamaged):
        storage.get(ADDRESS)


def test_files_are_private_and_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(str(tmp_path / "d"))
    storage.put(DATA)
    (file,) = files_of(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.put(b"outra coisa")
    assert files_of(tmp_path) == [file]
