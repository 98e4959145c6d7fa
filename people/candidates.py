"""Who is registered already and may be the person of a draft: by CPF, by face, by name (art. 3º, II; R5, I10)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from people import drafts, faces, rules
from people.models import FaceRecord, Person, RegistrationDraft

MOST_CANDIDATES = 20
NEAR_FACES = 5


@dataclass(frozen=True)
class Candidate:
    """Somebody registered already who may be the person at the desk. `reasons`: cpf, nome, rosto."""

    person_id: UUID
    full_name: str
    masked_cpf: str
    reasons: tuple[str, ...]
    distance: float | None
    has_face: bool


def seek(session: Session, draft: RegistrationDraft) -> list[Candidate]:
    """By CPF, then by face, then by name; each person once with all reasons."""
    details = drafts.details(draft)
    reasons: dict[UUID, list[str]] = {}
    near: dict[UUID, float] = {}
    if details.cpf:
        for person_id in session.scalars(select(Person.id).where(Person.cpf == details.cpf)):
            reasons.setdefault(person_id, []).append("cpf")
    for found in _near_faces(session, draft):
        near[found.person_id] = found.distance
        reasons.setdefault(found.person_id, []).append("rosto")
    for person_id in _same_name(session, details.full_name):
        reasons.setdefault(person_id, []).append("nome")
    return _candidates(session, reasons, near)


def _near_faces(session: Session, draft: RegistrationDraft) -> list[faces.NearFace]:
    taken = drafts.measures(session, draft)
    if not taken:
        return []
    average = sum((item.vector for item in taken[1:]), start=taken[0].vector)
    return faces.candidates(session, average, NEAR_FACES)


def _same_name(session: Session, full_name: str) -> list[UUID]:
    tokens = rules.name_tokens(full_name)
    if not tokens:
        return []
    query = select(Person.id).where(Person.name_tokens.contains(tokens), Person.erased_at.is_(None))
    return list(session.scalars(query.order_by(Person.name_folded, Person.id).limit(MOST_CANDIDATES)))


def _candidates(session: Session, reasons: dict[UUID, list[str]], near: dict[UUID, float]) -> list[Candidate]:
    enrolled = set(session.scalars(select(FaceRecord.person_id).where(FaceRecord.person_id.in_(reasons))))
    living = session.scalars(select(Person).where(Person.id.in_(reasons), Person.erased_at.is_(None)))
    by_id = {person.id: person for person in living}
    return [
        Candidate(
            person_id,
            by_id[person_id].full_name or "",
            rules.mask_cpf(by_id[person_id].cpf or "") if by_id[person_id].cpf else "",
            tuple(why),
            near.get(person_id),
            person_id in enrolled,
        )
        for person_id, why in reasons.items()
        if person_id in by_id
    ]
