"""People as the desk shows them: never a whole CPF, always the face where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from people import faces, queries
from people.queries import PersonRow
from people.registration import Candidate

REASONS = {"cpf": "Mesmo CPF", "nome": "Nome parecido", "rosto": "Rosto parecido"}


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody registered who may be the person at the desk. `words`: why, for people; `reasons`: for programs."""

    id: UUID
    name: str
    masked_cpf: str
    has_picture: bool
    reasons: tuple[str, ...] = ()
    distance: float | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Why this person is shown."""
        return tuple(REASONS.get(reason, reason) for reason in self.reasons)


def found_candidates(candidates: Iterable[Candidate]) -> list[Found]:
    """The candidates of a draft."""
    return [
        Found(item.person_id, item.full_name, item.masked_cpf, item.has_face, item.reasons, item.distance)
        for item in candidates
    ]


def found_row(row: PersonRow, reasons: tuple[str, ...] = (), distance: float | None = None) -> Found:
    """One person of a search."""
    return Found(row.id, row.full_name, row.masked_cpf, row.has_face, reasons, distance)


def found_near(session: Session, near: Iterable[faces.NearFace]) -> list[Found]:
    """People whose face is near, nearest first."""
    rows = ((item, queries.person(session, item.person_id)) for item in near)
    return [found_row(row, ("rosto",), item.distance) for item, row in rows if row is not None]
