"""Content-addressed storage: the address of a blob is the SHA-256 of the bytes that rest.

A local folder by default; any fsspec URL (`s3://bucket/prefix`, `memory://…`) elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from documents.errors import DocumentDamaged

_ADDRESS = re.compile(r"[0-9a-f]{64}")


class Storage:
    """Blobs under their own SHA-256; writing the same bytes twice is one blob."""

    def __init__(self, url: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._local = isinstance(self._fs, LocalFileSystem)

    def put(self, data: bytes) -> str:
        """Store durably and answer the address; the blob is whole or absent, never half written."""
        address = hashlib.sha256(data).hexdigest()
        if self._local:
            _write_local(Path(self._path(address)), data)
        else:
            self._fs.pipe_file(self._path(address), data)
        return address

    def get(self, address: str) -> bytes:
        """The bytes at `address`, proved against it; DocumentDamaged when absent or changed."""
        try:
            data = bytes(self._fs.cat_file(self._path(address)))
        except FileNotFoundError as gone:
            raise DocumentDamaged(address=address, reason="missing") from gone
        if hashlib.sha256(data).hexdigest() != address:
            raise DocumentDamaged(address=address, reason="changed")
        return data

    def delete(self, address: str) -> None:
        """Remove the blob; nothing happens when it is already gone."""
        try:
            self._fs.rm_file(self._path(address))
        except FileNotFoundError:
            return

    def addresses(self) -> Iterator[tuple[str, datetime]]:
        """Every stored blob with the instant of its last writing."""
        if not self._fs.exists(self._root):
            return
        self._fs.invalidate_cache()
        for path, detail in self._fs.find(self._root, detail=True).items():
            name = path.rsplit("/", 1)[-1]
            if _ADDRESS.fullmatch(name):
                yield name, _written(detail)

    def _path(self, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("not an address")
        return f"{self._root}/{address[:2]}/{address}"


def _written(detail: dict[str, object]) -> datetime:
    """The instant of writing in whatever form the file system gives it; the epoch when it gives none."""
    value = detail.get("mtime") or detail.get("LastModified") or detail.get("created") or 0.0
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(str(value)), UTC)


def _write_local(path: Path, data: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder: survives a power cut (rename(2), POSIX)."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(path.parent.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
