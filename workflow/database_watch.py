"""Notices a database that hangs: it takes connections, or holds them open, and answers nothing.

A server that is gone refuses at once, and the driver says so. One that hangs (a frozen machine, a stalled disk, a lost
route) would hold every thread of this process until it comes back; libpq has no limit for waiting. So a thread asks it
every second; when it twice says nothing in time, the waiting connections are cut (their transactions roll back) and
`transaction()` refuses at once, until it answers again.
"""

from __future__ import annotations

import os
import socket
import threading
from typing import Any
from weakref import WeakSet

import psycopg
import structlog
from sqlalchemy import Engine, event

from workflow import database

log = structlog.get_logger(__name__)

EVERY_S = 1.0
PATIENCE_S = 2
SILENCES = 2


class DatabaseWatch(threading.Thread):
    """Start it once in a process that serves people; it ends with the process, or by `stop`."""

    def __init__(self, url: str, engine: Engine) -> None:
        super().__init__(name="database-watch", daemon=True)
        self._url = url
        self._open: WeakSet[Any] = WeakSet()
        self._over = threading.Event()
        event.listen(engine, "do_connect", self._before_connecting)
        event.listen(engine, "connect", lambda connection, _: self._open.add(connection))

    def stop(self) -> None:
        """End the thread."""
        self._over.set()

    def run(self) -> None:
        """Ask, count the silences, cut and let through."""
        silences = 0
        while not self._over.wait(EVERY_S):
            silences = silences + 1 if self._silent() else 0
            if silences == SILENCES:
                log.error("database_hangs")
                database.refuse_transactions(True)
            elif silences == 0 and database.refuse_transactions(False):
                log.warning("database_answers_again")
            if silences >= SILENCES:
                self._cut()

    @staticmethod
    def _before_connecting(*_: Any) -> None:
        """Who was cut does not wait once more for a new connection."""
        if database.refusing_transactions():
            raise psycopg.OperationalError("the database hangs")

    def _silent(self) -> bool:
        """True when nothing is heard in time; a refusal is an answer."""
        try:
            with psycopg.connect(self._url, connect_timeout=PATIENCE_S):
                return False
        except psycopg.errors.ConnectionTimeout:
            return True
        except psycopg.OperationalError:
            return False

    def _cut(self) -> None:
        """Close the way under every connection: who waits gets an error instead of nothing."""
        for connection in list(self._open):
            try:
                handle = os.dup(connection.fileno())
            except (psycopg.Error, OSError):
                continue
            with socket.socket(fileno=handle) as way:
                try:
                    way.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
