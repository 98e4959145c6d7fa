"""The one writer of the spool: a thread that commits what waits together, so that durable stays fast.

Each operation runs under its own savepoint; all that wait are committed by one ``fsync`` (synchronous=FULL), and only
then does each caller learn of its result. A full disk refuses, loudly, and is tried again by itself.
"""

from __future__ import annotations

import errno
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import structlog

from gate_bridge.errors import SpoolFull

T = TypeVar("T")
_log = structlog.get_logger("gate_bridge.spool")
_GROUP = 256
_PROBE_S = 1.0
_PROBE_BYTES = 64 * 1024
_FULL_CODES = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_CANTOPEN,
}
_Operation = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]", bool]


class Writer(threading.Thread):
    """Runs every write of one SQLite file; ``submit`` returns when the write is on the disk."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], reserve: Path, reserve_bytes: int) -> None:
        super().__init__(name="spool-writer", daemon=True)
        self._connect = connect
        self._reserve = reserve
        self._reserve_bytes = reserve_bytes
        self._queue: queue.Queue[_Operation | None] = queue.Queue()
        self._full = threading.Event()
        self._closing = False
        self._truncating = threading.Event()
        self.refusals = 0

    @property
    def full(self) -> bool:
        """Whether the disk was full at the last attempt."""
        return self._full.is_set()

    def submit(self, operation: Callable[[sqlite3.Connection], T], *, draining: bool = False) -> T:
        """Run one operation durably; raises SpoolFull. ``draining`` is for writes that make room: never held back."""
        if self._closing:
            raise SpoolFull("A ponte está encerrando.")
        if self.full and not draining:
            self.refusals += 1
            raise SpoolFull
        future: Future[T] = Future()
        self._queue.put((operation, future, draining))
        return future.result()

    def truncate(self) -> None:
        """What was erased must leave the write-ahead log too: empty it after the next commit."""
        self._truncating.set()

    def stop(self) -> None:
        """Finish what waits, then end."""
        self._closing = True
        self._queue.put(None)
        self.join()

    def run(self) -> None:
        """The thread: group, commit, answer; while the disk is full, probe for room."""
        connection = self._connect()
        self._keep_reserve()
        stopping = False
        while not stopping:
            group, stopping = self._next_group()
            if group:
                self._commit(connection, group)
            elif self.full:
                self._probe(connection)
        connection.close()

    def _next_group(self) -> tuple[list[_Operation], bool]:
        group: list[_Operation] = []
        try:
            first = self._queue.get(timeout=_PROBE_S if self.full else None)
            while first is not None:
                group.append(first)
                if len(group) >= _GROUP:
                    return group, False
                first = self._queue.get_nowait()
        except queue.Empty:
            return group, False
        return group, True

    def _commit(self, connection: sqlite3.Connection, group: list[_Operation]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for operation, future, _ in group:
                outcomes.append((future, *_attempt(connection, operation)))
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            _rollback(connection)
            self._failed(error, group)
            return
        if self._truncating.is_set():
            self._truncate(connection)
        for future, result, problem in outcomes:
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)

    def _truncate(self, connection: sqlite3.Connection) -> None:
        self._truncating.clear()
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:  # the commit holds already; the next erasure empties the log
            _log.warning("log_not_emptied", error=str(error))

    def _failed(self, error: BaseException, group: list[_Operation]) -> None:
        """Nothing of the group was kept: say so to each, and remember a full disk."""
        full = _is_full(error)
        if full:
            self._declare_full(error)
        self.refusals += len(group)
        for _, future, _ in group:
            future.set_exception(SpoolFull() if full else error)

    def _declare_full(self, error: BaseException) -> None:
        first = not self.full
        self._full.set()
        self._reserve.unlink(missing_ok=True)
        if first:
            _log.error("spool_full", error=str(error))

    def _probe(self, connection: sqlite3.Connection) -> None:
        """Is there room again? A real write of some size, rolled away, and the reserve laid back."""
        try:
            self._keep_reserve(strict=True)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO meta (key, value) VALUES ('probe', zeroblob(?))", (_PROBE_BYTES,))
            connection.execute("DELETE FROM meta WHERE key = 'probe'")
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError):
            _rollback(connection)
            self._reserve.unlink(missing_ok=True)
            return
        self._full.clear()
        _log.warning("spool_has_room_again")

    def _keep_reserve(self, *, strict: bool = False) -> None:
        """A file of a few megabytes, let go when the disk is full so that deleting can be written."""
        if self._reserve_bytes and not self._reserve.exists():
            try:
                with self._reserve.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, self._reserve_bytes)
            except OSError:
                self._reserve.unlink(missing_ok=True)
                if strict:
                    raise


def _attempt(
    connection: sqlite3.Connection, operation: Callable[[sqlite3.Connection], Any]
) -> tuple[Any, BaseException | None]:
    """One operation under its savepoint: its own mistake undoes only itself; a sick database undoes the group."""
    connection.execute("SAVEPOINT one")
    try:
        result = operation(connection)
    except sqlite3.OperationalError:
        raise
    except Exception as error:  # whatever the caller's operation raised is the caller's to see
        connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")
        return None, error
    connection.execute("RELEASE one")
    return result, None


def _rollback(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _is_full(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _FULL_CODES
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
