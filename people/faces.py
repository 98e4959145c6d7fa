"""Faces of enrolled people: enrolling, following changes over confirmed visits, seeking candidates at the desk.

One face picture and one document picture rest (art. 3º, § 1º; R6); of the others only their part in the averaged vector
stays. Everything is under the person's data key. Vectors have length one; distances are between unit vectors.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from people import crypto
from people.gallery import (
    SHORT_LIST_DAYS,
    SHORT_LIST_LENGTH,
    VECTOR,
    GalleryItem,
    GalleryPage,
    Vector,
    gallery_changes,
    mark_seen,
    note_change,
    short_list,
    vector_from_bytes,
    vector_to_bytes,
)
from people.models import FaceRecord
from workflow import clock, history
from workflow.actor import SYSTEM, Actor
from workflow.errors import InvalidInput, NotFound

__all__ = [
    "SHORT_LIST_DAYS",
    "SHORT_LIST_LENGTH",
    "GalleryItem",
    "GalleryPage",
    "NearFace",
    "candidates",
    "enrol",
    "expire_faces",
    "gallery_changes",
    "mark_seen",
    "note_change",
    "picture",
    "short_list",
    "update",
    "vector_of",
]

KEEP_FACES = timedelta(days=730)
"""P7: face and document picture rest 24 months after the last entry."""
MEMORY = 12
"""A new picture weighs at least 1/12 of the average, so that the vector follows a face over the years."""
PURPOSES = {"face": "face-picture", "document": "document-picture"}


@dataclass(frozen=True)
class NearFace:
    """Somebody whose face is near, and the distance between unit vectors."""

    person_id: UUID
    distance: float


def enrol(
    session: Session,
    person_id: UUID,
    *,
    vectors: Sequence[npt.ArrayLike],
    face_jpeg: bytes,
    document_jpeg: bytes | None,
) -> FaceRecord:
    """Keep one face picture, at most one document picture, and the average of the vectors (R6)."""
    if not vectors:
        raise InvalidInput(message="É preciso ao menos uma foto boa do rosto.")
    if session.get(FaceRecord, person_id) is not None:
        raise InvalidInput(message="Esta pessoa já tem o rosto cadastrado.")
    average = unit(np.mean([unit(v) for v in vectors], axis=0))
    now = clock.now()
    record = FaceRecord(
        person_id=person_id,
        vector=crypto.encrypt_for(session, person_id, vector_to_bytes(average), VECTOR),
        pictures=len(vectors),
        face_picture=crypto.encrypt_for(session, person_id, face_jpeg, PURPOSES["face"]),
        document_picture=_sealed_document(session, person_id, document_jpeg),
        updated_at=now,
        seen_at=now,
    )
    session.add(record)
    session.flush()
    note_change(session, person_id)
    return record


def update(session: Session, person_id: UUID, vector: npt.ArrayLike, *, pictures: int = 1) -> bool:
    """Let a confirmed visit move the averaged vector; no picture is kept. False when the person has no face here.

    Call it only for visits that the attendant confirmed or whose claim was recognised, and never for doubtful ones.
    """
    record = session.scalar(select(FaceRecord).where(FaceRecord.person_id == person_id).with_for_update())
    if record is None:
        return False
    resting = vector_from_bytes(crypto.decrypt_for(session, person_id, record.vector, VECTOR))
    weight = min(record.pictures, MEMORY - 1)
    moved = unit(resting * weight + unit(vector) * pictures)
    record.vector = crypto.encrypt_for(session, person_id, vector_to_bytes(moved), VECTOR)
    record.pictures += pictures
    record.updated_at = clock.now()
    session.flush()
    note_change(session, person_id)
    return True


def vector_of(session: Session, person_id: UUID) -> tuple[Vector, int] | None:
    """The averaged vector and the number of pictures behind it; None without a face."""
    record = session.get(FaceRecord, person_id)
    if record is None:
        return None
    return vector_from_bytes(crypto.decrypt_for(session, person_id, record.vector, VECTOR)), record.pictures


def picture(session: Session, person_id: UUID, kind: Literal["face", "document"]) -> bytes:
    """The JPEG that rests. The caller authorizes (`desk.view_picture`). NotFound when there is none."""
    column = FaceRecord.face_picture if kind == "face" else FaceRecord.document_picture
    sealed = session.scalar(select(column).where(FaceRecord.person_id == person_id))
    if sealed is None:
        raise NotFound("Não há essa fotografia no cadastro.")
    return crypto.decrypt_for(session, person_id, sealed, PURPOSES[kind])


def candidates(session: Session, vector: npt.ArrayLike, limit: int = 5, within: float = 0.6) -> list[NearFace]:
    """The nearest enrolled faces, nearest first, for a person to look at; never a decision."""
    nearest = _gallery.nearest(session, unit(vector), limit, within)
    alive = set(
        session.scalars(select(FaceRecord.person_id).where(FaceRecord.person_id.in_([n.person_id for n in nearest])))
    )
    return [near for near in nearest if near.person_id in alive]


def drop(session: Session, person_id: UUID) -> None:
    """Delete face, pictures and vector, here and in every gallery."""
    session.execute(delete(FaceRecord).where(FaceRecord.person_id == person_id))
    note_change(session, person_id)


def expire_faces(session: Session, limit: int = 500, *, actor: Actor = SYSTEM) -> int:
    """Delete faces not seen for 24 months (P7); name, CPF and entries stay. How many were deleted."""
    old = FaceRecord.seen_at < clock.now() - KEEP_FACES
    people = list(
        session.scalars(select(FaceRecord.person_id).where(old).limit(limit).with_for_update(skip_locked=True))
    )
    for person_id in people:
        drop(session, person_id)
        history.record(session, "rosto_expirado", {"person": str(person_id)}, actor=actor)
    return len(people)


def forget_cache() -> None:
    """Empty this process's gallery; the next search reads it anew. Needed when the process changes its database."""
    _gallery.clear()


def unit(vector: npt.ArrayLike) -> Vector:
    """The vector scaled to length one; InvalidInput when it is not 128 finite numbers."""
    values = np.asarray(vector, dtype=np.float64)
    length = float(np.linalg.norm(values))
    if values.shape != (128,) or not np.isfinite(values).all() or length == 0:
        raise InvalidInput(message="A foto não pôde ser comparada. Tire outra.")
    return np.asarray(values / length, dtype=np.float32)


def _sealed_document(session: Session, person_id: UUID, jpeg: bytes | None) -> bytes | None:
    return None if jpeg is None else crypto.encrypt_for(session, person_id, jpeg, PURPOSES["document"])


class _Gallery:
    """The decrypted vectors in this process's memory, brought up to date by the cursor before each search."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        self._cursor = 0
        self._rows: dict[UUID, int] = {}
        self._people: list[UUID] = []
        self._vectors = np.zeros((0, 128), dtype=np.float32)

    def nearest(self, session: Session, vector: Vector, limit: int, within: float) -> list[NearFace]:
        with self._lock:
            self._refresh(session)
            if not self._people:
                return []
            distances = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (self._vectors[: len(self._people)] @ vector)))
            order = np.argsort(distances, kind="stable")[:limit]
            return [NearFace(self._people[i], float(distances[i])) for i in order if distances[i] <= within]

    def _refresh(self, session: Session) -> None:
        more = True
        while more:
            page = gallery_changes(session, self._cursor, 1000)
            for item in page.items:
                if item.op == "put" and item.vector is not None:
                    self._put(item.person_id, item.vector)
                elif item.op == "drop":
                    self._drop(item.person_id)
            self._cursor, more = page.cursor, page.more

    def _put(self, person_id: UUID, vector: Vector) -> None:
        row = self._rows.get(person_id)
        if row is None:
            row = len(self._people)
            self._rows[person_id] = row
            self._people.append(person_id)
            if row == len(self._vectors):
                self._vectors = (
                    np.resize(self._vectors, (max(64, 2 * row), 128)) if row else np.zeros((64, 128), np.float32)
                )
        self._vectors[row] = vector

    def _drop(self, person_id: UUID) -> None:
        row = self._rows.pop(person_id, None)
        if row is None:
            return
        last = self._people.pop()
        if last != person_id:
            self._people[row] = last
            self._rows[last] = row
            self._vectors[row] = self._vectors[len(self._people)]
        self._vectors[len(self._people)] = 0.0


_gallery = _Gallery()
