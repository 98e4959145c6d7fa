"""Whom this gate knows: boxes opened in memory only, and forgotten when the server has not refreshed them for 24 h."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gate_bridge.clock import BridgeClock
from gate_bridge.spool import GalleryRow, Spool
from integrations.faces.boxes import BoxInvalid, cpf_digest, open_entry
from integrations.faces.decision import Gallery as FaceList
from integrations.faces.embedding import Vector

_log = structlog.get_logger("gate_bridge.gallery")
LIFE_S = 24 * 3600.0
RECENT = timedelta(days=30)


@dataclass(frozen=True, eq=False)
class Known:
    """One person of the gallery, open; never written anywhere."""

    person: str
    vector: Vector
    pictures: int
    name: str
    cpf: str | None
    seen_at: datetime | None


class Gallery:
    """The gallery in memory. It lapses 24 h after its last refresh: then nobody is recognised and nothing is kept."""

    def __init__(self, spool: Spool, secret: bytes, clock: BridgeClock) -> None:
        self._spool = spool
        self._secret = secret
        self._clock = clock
        self._lock = threading.Lock()
        self._people: dict[str, Known] = {}
        self._cpfs: dict[str, str] = {}
        self._listed: tuple[int, int, FaceList] | None = None
        self._version = 0
        self._monotonic: float | None = None
        self._refreshed: float | None = spool.recall("gallery_refreshed")
        if not self.lapsed:
            self.reload(self._spool.gallery())

    @property
    def age(self) -> float | None:
        """Seconds since the last refresh; None when there never was one."""
        if self._refreshed is None:
            return None
        walled = self._clock.unix() - self._refreshed
        counted = 0.0 if self._monotonic is None else time.monotonic() - self._monotonic
        return LIFE_S + 1 if walled < -300 else max(walled, counted, 0.0)

    @property
    def lapsed(self) -> bool:
        """Whether the gallery may not be used any more."""
        age = self.age
        return age is None or age > LIFE_S

    def __len__(self) -> int:
        return len(self._people)

    def refreshed(self) -> None:
        """The server said all it had to say: the 24 h begin anew."""
        self._refreshed, self._monotonic = self._clock.unix(), time.monotonic()
        self._spool.remember("gallery_refreshed", self._refreshed)

    def expire(self) -> bool:
        """Forget everything when the time is over; True when it was."""
        if self._refreshed is None or not self.lapsed:
            return False
        with self._lock:
            self._people, self._cpfs, self._refreshed = {}, {}, None
            self._version += 1
        self._spool.clear_gallery()
        _log.error("gallery_lapsed")
        return True

    def reload(self, rows: Iterable[GalleryRow]) -> None:
        """Open these boxes in place of what is known."""
        people = {known.person: known for row in rows if (known := self._open(row))}
        with self._lock:
            self._people = people
            self._index()

    def update(self, put: Iterable[GalleryRow], seen: Iterable[tuple[str, str | None]], dropped: Iterable[str]) -> None:
        """Take a page of changes into memory."""
        fresh = [known for row in put if (known := self._open(row))]
        with self._lock:
            for known in fresh:
                self._people[known.person] = known
            for person, seen_at in seen:
                if person in self._people:
                    old = self._people[person]
                    self._people[person] = Known(person, old.vector, old.pictures, old.name, old.cpf, _instant(seen_at))
            for person in dropped:
                self._people.pop(person, None)
            self._index()

    def knows(self, person: str) -> bool:
        """Whether the person is enrolled here."""
        return person in self._people

    def person(self, person: str) -> Known | None:
        """Somebody by id; nobody when the gallery lapsed."""
        return None if self.lapsed else self._people.get(person)

    def by_cpf(self, digits: str) -> Known | None:
        """Somebody by CPF; raises ValueError when it has not eleven digits."""
        person = self._cpfs.get(cpf_digest(self._secret, digits))
        return self.person(person) if person else None

    def short_list(self, most: int) -> FaceList:
        """Who may be recognised without saying who they are: seen in the last 30 days, latest first."""
        if self.lapsed:
            return FaceList.of([])
        with self._lock:
            day = int(self._clock.legal_now().timestamp() // 3600)
            if self._listed is None or self._listed[:2] != (self._version, day):
                self._listed = (self._version, day, self._shortened(most))
            return self._listed[2]

    def _shortened(self, most: int) -> FaceList:
        since = self._clock.legal_now() - RECENT
        recent = [(known.seen_at, known) for known in self._people.values() if known.seen_at and known.seen_at >= since]
        recent.sort(key=lambda row: row[0], reverse=True)
        return FaceList.of([(known.person, known.pictures, known.vector) for _, known in recent[:most]])

    def _index(self) -> None:
        self._cpfs = {known.cpf: known.person for known in self._people.values() if known.cpf}
        self._version += 1

    def _open(self, row: GalleryRow) -> Known | None:
        try:
            entry = open_entry(self._secret, row.person, row.box)
        except BoxInvalid:
            _log.error("gallery_box_refused", person=row.person)
            return None
        return Known(row.person, entry.vector, entry.pictures, entry.name, entry.cpf, _instant(row.seen_at))


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else None
