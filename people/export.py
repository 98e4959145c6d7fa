"""What we hold of the holder, for the holder (LGPD, art. 18, I and II, and art. 19; RT4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from people import faces
from people.access import Resource, authorize
from people.models import Account, AccountSession, FaceRecord, Person
from workflow import clock
from workflow.actor import Actor
from workflow.errors import NotFound


@dataclass(frozen=True)
class OwnFace:
    """What rests of the face: the two pictures (JPEG) and facts about the averaged vector."""

    face_jpeg: bytes
    document_jpeg: bytes | None
    pictures: int
    updated_at: datetime
    seen_at: datetime
    kept_until: datetime


@dataclass(frozen=True)
class OwnPerson:
    """The registration."""

    full_name: str
    cpf: str | None
    cpf_verified_at: datetime | None
    without_document: bool
    registered_at: datetime
    face: OwnFace | None


@dataclass(frozen=True)
class OwnData:
    """Everything that the people part holds of an account's holder. Entries and declarations are the processes'."""

    email: str
    display_name: str
    account_opened_at: datetime
    account_confirmed_at: datetime | None
    typed_cpf: str | None
    open_sessions: int
    person: OwnPerson | None


def own_data(session: Session, account_id: UUID, *, actor: Actor) -> OwnData:
    """The holder's own copy; nobody else's request is answered. Not proved: what the account itself holds."""
    authorize(actor, "portal.export", Resource(owner_account=account_id))
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Não encontramos essa conta.")
    return OwnData(
        email=account.email or "",
        display_name=account.display_name or "",
        account_opened_at=account.created_at,
        account_confirmed_at=account.confirmed_at,
        typed_cpf=account.claimed_cpf,
        open_sessions=_open_sessions(session, account_id),
        person=None if account.person_id is None else _own_person(session, account.person_id),
    )


def _open_sessions(session: Session, account_id: UUID) -> int:
    query = select(func.count()).select_from(AccountSession)
    query = query.where(AccountSession.account_id == account_id, AccountSession.revoked_at.is_(None))
    return session.scalar(query.where(AccountSession.expires_at > clock.real_now())) or 0


def _own_person(session: Session, person_id: UUID) -> OwnPerson | None:
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        return None
    return OwnPerson(
        person.full_name or "",
        person.cpf,
        person.cpf_verified_at,
        person.without_document,
        person.created_at,
        _own_face(session, person_id),
    )


def _own_face(session: Session, person_id: UUID) -> OwnFace | None:
    record = session.get(FaceRecord, person_id)
    if record is None:
        return None
    document = faces.picture(session, person_id, "document") if record.document_picture else None
    return OwnFace(
        faces.picture(session, person_id, "face"),
        document,
        record.pictures,
        record.updated_at,
        record.seen_at,
        record.seen_at + faces.KEEP_FACES,
    )
