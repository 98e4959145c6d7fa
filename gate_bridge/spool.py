"""The spool: what the bridge knows for certain. SQLite in WAL with synchronous=FULL, one writer thread.

Order of every report: raw bytes stored, then the device is answered, then the bridge acts. Personal data go as soon as
they have served: an accepted event's content and its raw bytes are emptied at once (secure_delete), crops after 24 h.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gate_bridge.events import Event
from gate_bridge.stored import Added, GalleryChange, GalleryRow, Quarantined, Queued, RawReport
from gate_bridge.writer import Writer

__all__ = ["Added", "GalleryChange", "GalleryRow", "Quarantined", "Queued", "RawReport", "Spool"]

SAME_PASSAGE_S = 10.0
CROP_LIFE_S = 24 * 3600.0
_ORIGIN_LIFE_S = 30 * 24 * 3600.0
BATCH_BYTES = 4 * 1024 * 1024
"""One batch, but for a single event that is larger: far below what the server takes (32 MiB), soon sent on a slow line."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS raw (
    id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, kind TEXT NOT NULL, received REAL NOT NULL,
    content_type TEXT NOT NULL, body BLOB, sha256 TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'new', note TEXT);
CREATE INDEX IF NOT EXISTS raw_new ON raw (id) WHERE state = 'new';
CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, origin TEXT UNIQUE, raw INTEGER, post TEXT NOT NULL,
    subject TEXT, instant REAL NOT NULL, created REAL NOT NULL, body TEXT, state TEXT NOT NULL DEFAULT 'pending', reason TEXT);
CREATE INDEX IF NOT EXISTS event_pending ON event (sequence) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS event_passage ON event (post, subject, instant);
CREATE INDEX IF NOT EXISTS event_raw ON event (raw) WHERE raw IS NOT NULL;
CREATE TABLE IF NOT EXISTS gallery (person TEXT PRIMARY KEY, box TEXT NOT NULL, seen_at TEXT);
CREATE TABLE IF NOT EXISTS device_user (device TEXT, user_id TEXT, person TEXT NOT NULL, PRIMARY KEY (device, user_id));
"""


class Spool:
    """Open with a path, close when done; every method may be called from any thread."""

    def __init__(self, path: Path, *, reserve_bytes: int = 4 * 1024 * 1024, max_pages: int | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._max_pages = max_pages
        first = self._connect()
        first.executescript(_SCHEMA)
        first.close()
        path.chmod(0o600)
        self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._reading = threading.Lock()
        self._writer = Writer(self._connect, path.with_suffix(".reserve"), reserve_bytes)
        self._writer.start()

    def close(self) -> None:
        """Finish the writes that wait and close the file."""
        self._writer.stop()
        self._reader.close()

    @property
    def full(self) -> bool:
        """Whether the disk is full: nothing new is taken until there is room."""
        return self._writer.full

    @property
    def refusals(self) -> int:
        """How many writes were refused since the start."""
        return self._writer.refusals

    # Raw reports

    def store_raw(self, device: str, kind: str, received: float, body: bytes, content_type: str = "") -> int:
        """Keep a device's bytes; when this returns they are on the disk. Raises SpoolFull."""
        row = (device, kind, received, content_type, body, hashlib.sha256(body).hexdigest())
        return self._writer.submit(lambda db: _insert(db, _INSERT_RAW, row))

    def new_raw(self, limit: int = 200) -> list[RawReport]:
        """Reports that nobody acted on yet, in order of arrival."""
        return [RawReport(*row) for row in self._read(_SELECT_RAW, (limit,))]

    def finish_raw(self, raw_id: int, note: str) -> None:
        """Acted upon: the digest stays; the bytes go, unless an event that waits to be sent was made of them."""
        self._writer.submit(lambda db: db.execute(_FINISH_RAW, (note, raw_id)), draining=True)

    # Events

    def add(
        self, event: Event, *, origin: str | None = None, raw_id: int | None = None, subject: str | None = None
    ) -> Added:
        """Keep one event durably.

        ``origin`` is the device's own identity of it, so that a replay is known; ``subject`` is who passes, as far as
        the 10 seconds of one passage are concerned: the event's person, or a terminal's user that nobody mapped.
        """
        return self._writer.submit(lambda db: _add(db, event, origin, raw_id, subject))

    def knows_origin(self, origin: str) -> bool:
        """Whether an event with this identity of the device's own was stored before."""
        return bool(self._read("SELECT 1 FROM event WHERE origin = ?", (origin,)))

    def add_many(self, events: Sequence[Event]) -> list[Added]:
        """Keep many events in one commit."""
        return self._writer.submit(lambda db: [_add(db, event, None, None, None) for event in events])

    def batch(self, limit: int = 500) -> list[Queued]:
        """The next events to send, oldest first, of at most a few megabytes together."""
        now, size, queued = time.time(), 0, list[Queued]()
        for sequence, event_id, created, body in self._read(_SELECT_PENDING, (limit,)):
            size += len(body)
            if queued and size > BATCH_BYTES:
                break
            document = {**json.loads(body), "sequence": sequence}
            if now - created > CROP_LIFE_S:
                document["crop"] = None
            queued.append(Queued(sequence, event_id, document))
        return queued

    def settle(self, accepted: Iterable[str], rejected: Mapping[str, str] | None = None) -> None:
        """The server has these: their content is emptied; those it will never take go to quarantine."""
        done, refused = list(accepted), dict(rejected or {})
        self._writer.submit(lambda db: _settle(db, done, refused), draining=True)

    def depth(self) -> int:
        """How many events wait to be sent."""
        return int(self._read("SELECT count(*) FROM event WHERE state = 'pending'")[0][0])

    def oldest_age(self) -> float:
        """Seconds that the oldest waiting event has waited; 0 when none waits."""
        created = self._read("SELECT created FROM event WHERE state = 'pending' ORDER BY sequence LIMIT 1")
        return max(0.0, time.time() - created[0][0]) if created else 0.0

    def quarantine(self) -> list[Quarantined]:
        """The events that the server refused one by one."""
        rows = self._read("SELECT sequence, id, reason FROM event WHERE state = 'quarantined' ORDER BY sequence")
        return [Quarantined(*row) for row in rows]

    def event_ids(self) -> set[str]:
        """Every event that the spool remembers, sent or not."""
        return {row[0] for row in self._read("SELECT id FROM event")}

    def tidy(self, now: float | None = None) -> None:
        """Erase what has lived long enough: crops and raw bytes after 24 h, the memory of origins after 30 days."""
        instant = time.time() if now is None else now
        self._writer.truncate()
        self._writer.submit(lambda db: _tidy(db, instant), draining=True)

    # Gallery

    def apply_gallery(self, changes: Sequence[GalleryChange], cursor: int) -> None:
        """Take a page of changes and the cursor after it, together."""
        if any(change.op == "drop" for change in changes):
            self._writer.truncate()
        self._writer.submit(lambda db: _apply_gallery(db, changes, cursor))

    def gallery(self) -> list[GalleryRow]:
        """Every person of the gallery, latest seen first."""
        return [
            GalleryRow(*row) for row in self._read("SELECT person, box, seen_at FROM gallery ORDER BY seen_at DESC")
        ]

    def clear_gallery(self) -> None:
        """The gallery lapsed: ciphertexts go, and the next synchronisation starts from nothing."""
        self._writer.truncate()
        self._writer.submit(_clear_gallery, draining=True)

    # Settings kept here, device users, cursors

    def remember(self, key: str, value: Any) -> None:
        """Keep one small value under a name."""
        text = json.dumps(value)
        self._writer.submit(
            lambda db: db.execute(
                "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, text),
            )
        )

    def recall(self, key: str, default: Any = None) -> Any:
        """A value kept under a name."""
        rows = self._read("SELECT value FROM meta WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else default

    def map_user(self, device: str, user_id: str, person: str) -> None:
        """Which person a user of a terminal is."""
        self._writer.submit(
            lambda db: db.execute(
                "INSERT INTO device_user (device, user_id, person) VALUES (?, ?, ?) "
                "ON CONFLICT (device, user_id) DO UPDATE SET person = excluded.person",
                (device, user_id, person),
            )
        )

    def person_of(self, device: str, user_id: str) -> str | None:
        """The person behind a terminal's user; None when nobody said."""
        rows = self._read("SELECT person FROM device_user WHERE device = ? AND user_id = ?", (device, user_id))
        return str(rows[0][0]) if rows else None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        if self._max_pages:
            connection.execute(f"PRAGMA max_page_count = {int(self._max_pages)}")
        return connection

    def _read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self._reading:
            return self._reader.execute(sql, parameters).fetchall()


_INSERT_RAW = "INSERT INTO raw (device, kind, received, content_type, body, sha256) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT_RAW = (
    "SELECT id, device, kind, received, content_type, body, sha256 FROM raw WHERE state = 'new' ORDER BY id LIMIT ?"
)
_SELECT_PENDING = "SELECT sequence, id, created, body FROM event WHERE state = 'pending' ORDER BY sequence LIMIT ?"
_FINISH_RAW = (
    "UPDATE raw SET state = 'done', note = ?, body = CASE WHEN EXISTS "
    "(SELECT 1 FROM event WHERE event.raw = raw.id AND event.state = 'pending') THEN body END WHERE id = ?"
)
_INSERT_EVENT = (
    "INSERT INTO event (id, origin, raw, post, subject, instant, created, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_KNOWN = "SELECT id, sequence FROM event WHERE id = ? OR origin = ?"
_PASSAGE = (
    "SELECT id, sequence FROM event WHERE post = ? AND subject = ? AND instant > ? AND instant < ? "
    "AND state != 'quarantined' ORDER BY sequence DESC LIMIT 1"
)


def _insert(db: sqlite3.Connection, sql: str, row: Sequence[Any]) -> int:
    row_id = db.execute(sql, row).lastrowid
    assert row_id is not None
    return row_id


def _add(db: sqlite3.Connection, event: Event, origin: str | None, raw_id: int | None, subject: str | None) -> Added:
    subject = subject or event.person
    known = db.execute(_KNOWN, (event.id, origin)).fetchone()
    if known:
        return Added("duplicate", *known)
    instant = event.timing.instant.timestamp()
    if subject is not None:
        window = (event.post, subject, instant - SAME_PASSAGE_S, instant + SAME_PASSAGE_S)
        passage = db.execute(_PASSAGE, window).fetchone()
        if passage:
            return Added("same_passage", *passage)
    body = json.dumps(event.document(), separators=(",", ":"))
    row = (event.id, origin, raw_id, event.post, subject, instant, time.time(), body)
    return Added("stored", event.id, _insert(db, _INSERT_EVENT, row))


def _settle(db: sqlite3.Connection, accepted: list[str], rejected: dict[str, str]) -> None:
    for event_id in accepted:
        db.execute(
            "UPDATE raw SET body = NULL WHERE state = 'done' AND id = (SELECT raw FROM event WHERE id = ?)", (event_id,)
        )
    db.executemany(
        "UPDATE event SET state = 'sent', body = NULL WHERE id = ? AND state = 'pending'",
        [(event_id,) for event_id in accepted],
    )
    db.executemany(
        "UPDATE event SET state = 'quarantined', reason = ? WHERE id = ? AND state = 'pending'",
        [(reason, event_id) for event_id, reason in rejected.items()],
    )


def _tidy(db: sqlite3.Connection, now: float) -> None:
    old = db.execute(
        "SELECT sequence, body FROM event WHERE body IS NOT NULL AND created < ?", (now - CROP_LIFE_S,)
    ).fetchall()
    for sequence, body in old:
        document = json.loads(body)
        if document.get("crop"):
            text = json.dumps({**document, "crop": None}, separators=(",", ":"))
            db.execute("UPDATE event SET body = ? WHERE sequence = ?", (text, sequence))
    db.execute(
        "UPDATE raw SET body = NULL WHERE body IS NOT NULL AND state = 'done' AND received < ?", (now - CROP_LIFE_S,)
    )
    db.execute("DELETE FROM raw WHERE state = 'done' AND received < ?", (now - _ORIGIN_LIFE_S,))
    db.execute("DELETE FROM event WHERE state = 'sent' AND created < ?", (now - _ORIGIN_LIFE_S,))


def _apply_gallery(db: sqlite3.Connection, changes: Sequence[GalleryChange], cursor: int) -> None:
    for change in changes:
        if change.op == "put":
            db.execute(
                "INSERT INTO gallery (person, box, seen_at) VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE "
                "SET box = excluded.box, seen_at = coalesce(excluded.seen_at, seen_at)",
                (change.person, change.box, change.seen_at),
            )
        elif change.op == "seen":
            db.execute("UPDATE gallery SET seen_at = ? WHERE person = ?", (change.seen_at, change.person))
        else:
            _forget(db, change.person)
    db.execute(
        "INSERT INTO meta (key, value) VALUES ('gallery_cursor', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (json.dumps(cursor),),
    )


def _forget(db: sqlite3.Connection, person: str) -> None:
    """Somebody left the gallery (erased, or no longer enrolled): nothing of the person may rest here."""
    db.execute("DELETE FROM gallery WHERE person = ?", (person,))
    db.execute("DELETE FROM device_user WHERE person = ?", (person,))
    db.execute("UPDATE raw SET body = NULL WHERE id IN (SELECT raw FROM event WHERE subject = ?)", (person,))
    db.execute("UPDATE event SET subject = NULL WHERE subject = ? AND state = 'sent'", (person,))


def _clear_gallery(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM gallery")
    db.execute("DELETE FROM meta WHERE key IN ('gallery_cursor', 'gallery_refreshed')")
