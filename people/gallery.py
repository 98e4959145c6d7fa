"""The gallery of faces as others follow it: who was enrolled, changed, seen or dropped since a cursor.

Writers append a row and wait for nobody. The reader numbers the committed rows under a lock; a row that commits late is
numbered late, so a cursor never jumps over it. A row says only that somebody changed: what is sent is read when it is
asked for, so that an erased person is sent as `drop` whatever the rows said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from people import crypto
from people.models import FaceRecord, GalleryChange, Person, PersonKey
from workflow import clock

Vector = npt.NDArray[np.float32]
VECTOR = "face-vector"
SHORT_LIST_DAYS = 30
SHORT_LIST_LENGTH = 600
_NUMBERING_LOCK = 2716_3


@dataclass(frozen=True, eq=False)
class GalleryItem:
    """One change. `put` carries vector, pictures, name, cpf and seen_at; `seen` only seen_at; `drop` nothing."""

    op: Literal["put", "drop", "seen"]
    person_id: UUID
    vector: Vector | None = None
    pictures: int = 0
    full_name: str = ""
    cpf: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class GalleryPage:
    """The changes after a cursor, the cursor to ask with next, and whether there is more."""

    items: tuple[GalleryItem, ...]
    cursor: int
    more: bool


def note_change(session: Session, person_id: UUID) -> None:
    """The person's face, name or CPF changed, or the face is gone."""
    session.add(GalleryChange(person_id=person_id, op="record"))
    session.flush()


def mark_seen(session: Session, person_id: UUID, instant: datetime) -> None:
    """The person entered at this instant: they are on the short list for 30 days. Older instants change nothing."""
    moved = session.execute(
        text("UPDATE face_record SET seen_at = :at WHERE person_id = :person AND seen_at < :at"),
        {"at": instant, "person": person_id},
    )
    if moved.rowcount:  # type: ignore[attr-defined]  # CursorResult, which Session.execute declares as Result
        session.add(GalleryChange(person_id=person_id, op="seen"))
        session.flush()


def short_list(session: Session, at: datetime | None = None) -> list[UUID]:
    """Who registered or entered at any gate in the last 30 days, latest first, at most 600."""
    since = (at or clock.now()) - timedelta(days=SHORT_LIST_DAYS)
    query = select(FaceRecord.person_id).where(FaceRecord.seen_at >= since)
    return list(
        session.scalars(query.order_by(FaceRecord.seen_at.desc(), FaceRecord.person_id).limit(SHORT_LIST_LENGTH))
    )


def gallery_changes(session: Session, cursor: int, limit: int = 500) -> GalleryPage:
    """The changes after `cursor`, decrypted, for the API layer to box for one bridge. Writes: commit afterwards."""
    _number_pending(session)
    cursor = _within(session, cursor)
    rows = session.execute(
        select(GalleryChange.sequence, GalleryChange.person_id, GalleryChange.op)
        .where(GalleryChange.sequence > cursor)
        .order_by(GalleryChange.sequence)
        .limit(limit + 1)
    ).all()
    page, more = rows[:limit], len(rows) > limit
    changed: dict[UUID, str] = {}
    for _, person_id, op in page:
        changed[person_id] = "record" if op == "record" else changed.get(person_id, "seen")
    last = page[-1][0] if page else cursor
    return GalleryPage(tuple(_items(session, changed)), last or cursor, more)


def vector_to_bytes(vector: npt.ArrayLike) -> bytes:
    """128 little-endian float32."""
    return np.asarray(vector, dtype="<f4").tobytes()


def vector_from_bytes(raw: bytes) -> Vector:
    """The reverse of `vector_to_bytes`."""
    return np.frombuffer(raw, dtype="<f4").astype(np.float32)


def _items(session: Session, changed: dict[UUID, str]) -> list[GalleryItem]:
    rows = session.execute(
        select(FaceRecord, Person, PersonKey)
        .join(Person, Person.id == FaceRecord.person_id)
        .join(PersonKey, PersonKey.person_id == FaceRecord.person_id)
        .where(FaceRecord.person_id.in_(changed), Person.erased_at.is_(None))
        .execution_options(populate_existing=True)
    ).all()
    found = {face.person_id: (face, person, key) for face, person, key in rows}
    return [_item(person_id, op, found.get(person_id)) for person_id, op in changed.items()]


def _item(person_id: UUID, op: str, row: tuple[FaceRecord, Person, PersonKey] | None) -> GalleryItem:
    if row is None:
        return GalleryItem("drop", person_id)
    face, person, key = row
    if op == "seen":
        return GalleryItem("seen", person_id, seen_at=face.seen_at)
    vector = vector_from_bytes(crypto.decrypt_row(key, face.vector, VECTOR))
    return GalleryItem("put", person_id, vector, face.pictures, person.full_name or "", person.cpf, face.seen_at)


def _number_pending(session: Session) -> None:
    """Number the committed rows, and drop the numbered ones that later rows of the same person make needless.

    The lock is held to the end of the transaction: the next reader sees these numbers or, after a rollback, gives
    higher ones, since a sequence never goes back.
    """
    session.flush()
    if session.scalar(select(GalleryChange.id).where(GalleryChange.sequence.is_(None)).limit(1)) is None:
        return
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERING_LOCK})
    people = _numbered(session)
    if people:
        session.execute(_COMPACT, {"people": people})


def _within(session: Session, cursor: int) -> int:
    """The cursor, or 0 when it is ahead of this database (restored from a backup): the gallery is read anew."""
    last = session.execute(text("SELECT last_value FROM gallery_change_sequence")).scalar_one()
    return cursor if 0 <= cursor <= last else 0


def _numbered(session: Session) -> Sequence[UUID]:
    rows = session.execute(
        text(
            "UPDATE gallery_change SET sequence = nextval('gallery_change_sequence')"
            " WHERE sequence IS NULL RETURNING person_id"
        )
    )
    return list({row[0] for row in rows})


_COMPACT = text(
    "DELETE FROM gallery_change older USING gallery_change newer"
    " WHERE older.person_id = ANY(:people) AND newer.person_id = older.person_id AND newer.op = older.op"
    " AND older.sequence < newer.sequence"
)
