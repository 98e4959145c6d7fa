"""Drafts of the desk: a registration being made. Sealed under a key of its own, owned by one attendant, gone after 1 h."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4

import numpy.typing as npt
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from people import crypto
from people.gallery import Vector, vector_from_bytes, vector_to_bytes
from people.models import DraftPicture, RegistrationDraft
from people.settings import settings
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Forbidden, NotFound

Kind = Literal["face", "document"]
Waiver = Literal["none", "asked", "refused", "granted"]
"""Where the request for a registration without document is (R11)."""
MOST_FACES = 8


class Quality(Protocol):
    """The judgement of a picture: good or not, and why, in Portuguese."""

    @property
    def ok(self) -> bool: ...

    @property
    def message(self) -> str: ...

    @property
    def code(self) -> str: ...


class Report(Protocol):
    """An analysed picture, as `integrations.faces.pool` gives it."""

    @property
    def quality(self) -> Quality: ...

    @property
    def vector(self) -> npt.NDArray[Any] | None: ...

    @property
    def jpeg(self) -> bytes: ...

    @property
    def face_jpeg(self) -> bytes: ...


@dataclass(frozen=True, eq=False)
class Measured:
    """A face of a draft as it will be enrolled: its vector, how sharp it is, and how it looked."""

    picture_id: UUID
    vector: Vector
    sharpness: float
    look: Mapping[str, object]


@dataclass(frozen=True)
class Details:
    """What was typed so far."""

    full_name: str = ""
    cpf: str = ""
    justification: str = ""


@dataclass(frozen=True)
class DraftPictureView:
    """A picture of the draft."""

    id: UUID
    kind: Kind


@dataclass(frozen=True)
class DraftView:
    """A draft as the desk's page shows it."""

    id: UUID
    details: Details
    pictures: tuple[DraftPictureView, ...]
    shown: frozenset[UUID] | None
    waiver: Waiver

    @property
    def without_document(self) -> bool:
        """Whether the Gpol has authorised the registration without document."""
        return self.waiver == "granted"

    @property
    def faces(self) -> int:
        """How many good pictures of the face there are."""
        return sum(picture.kind == "face" for picture in self.pictures)

    @property
    def has_document(self) -> bool:
        """Whether the document was photographed."""
        return any(picture.kind == "document" for picture in self.pictures)


def new(session: Session, actor: Actor) -> RegistrationDraft:
    """An empty draft of this attendant."""
    keyring, now, draft_id = settings().keyring, clock.real_now(), uuid4()
    key = secrets.token_bytes(32)
    draft = RegistrationDraft(
        id=draft_id,
        account_id=actor.id,
        master_key_id=keyring.current,
        wrapped_key=keyring.seal(key, _context(draft_id, "key")),
        details=crypto.encrypt_with(key, b"{}", _context(draft_id, "details")),
        created_at=now,
        expires_at=now + settings().draft_lifetime,
    )
    session.add(draft)
    session.flush()
    return draft


def open_draft(session: Session, draft_id: UUID, actor: Actor, *, others: bool = False) -> RegistrationDraft:
    """The draft, locked; NotFound when it expired, Forbidden when it is another attendant's (unless `others`)."""
    query = select(RegistrationDraft).where(RegistrationDraft.id == draft_id).with_for_update()
    draft = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if draft is None or draft.expires_at <= clock.real_now():
        raise NotFound(
            "Este cadastro em andamento não existe mais: foi concluído, descartado, ou passou de uma hora. "
            "Procure a pessoa no atendimento antes de começar de novo."
        )
    if not others and draft.account_id != actor.id:
        raise Forbidden("Este cadastro foi iniciado por outra pessoa do atendimento.")
    return draft


def view(session: Session, draft: RegistrationDraft) -> DraftView:
    """What the page shows."""
    rows = session.execute(
        select(DraftPicture.id, DraftPicture.kind)
        .where(DraftPicture.draft_id == draft.id)
        .order_by(DraftPicture.created_at, DraftPicture.id)
    )
    pictures = tuple(
        DraftPictureView(identifier, "face" if kind == "face" else "document") for identifier, kind in rows
    )
    shown = None if draft.shown is None else frozenset(UUID(item) for item in draft.shown)
    return DraftView(draft.id, details(draft), pictures, shown, waiver_of(draft))


def waiver_of(draft: RegistrationDraft) -> Waiver:
    """Where the request to the Gpol is."""
    if draft.waiver_officer_id is not None:
        return "granted"
    if draft.waiver_asked_at is None:
        return "none"
    return "asked" if draft.waiver_refused_at is None else "refused"


def waiting_for_waiver(session: Session) -> list[RegistrationDraft]:
    """The drafts that wait for the Gpol's answer, oldest request first."""
    query = select(RegistrationDraft).where(
        RegistrationDraft.waiver_asked_at.is_not(None),
        RegistrationDraft.waiver_refused_at.is_(None),
        RegistrationDraft.waiver_officer_id.is_(None),
        RegistrationDraft.expires_at > clock.real_now(),
    )
    return list(session.scalars(query.order_by(RegistrationDraft.waiver_asked_at, RegistrationDraft.id)))


def details(draft: RegistrationDraft) -> Details:
    """What was typed so far."""
    raw = crypto.decrypt_with(_key(draft), draft.details, _context(draft.id, "details"))
    return Details(**json.loads(raw))


def set_details(session: Session, draft: RegistrationDraft, value: Details) -> None:
    """Keep what was typed."""
    raw = json.dumps(value.__dict__).encode()
    draft.details = crypto.encrypt_with(_key(draft), raw, _context(draft.id, "details"))
    session.flush()


def put_picture(session: Session, draft: RegistrationDraft, kind: Kind, jpeg: bytes, report: Report | None) -> UUID:
    """Keep a picture; a second document replaces the first."""
    if kind == "document":
        session.execute(delete(DraftPicture).where(DraftPicture.draft_id == draft.id, DraftPicture.kind == "document"))
    key, identifier = _key(draft), uuid4()
    measure = None if report is None else _measure(report)
    row = DraftPicture(
        id=identifier,
        draft_id=draft.id,
        kind=kind,
        sealed=crypto.encrypt_with(key, jpeg, _context(identifier, kind)),
        sealed_measure=None if measure is None else crypto.encrypt_with(key, measure, _context(identifier, "measure")),
        created_at=clock.real_now(),
    )
    session.add(row)
    session.flush()
    return identifier


def jpeg_of(session: Session, draft: RegistrationDraft, picture_id: UUID) -> bytes:
    """The bytes of one picture of the draft."""
    row = session.get(DraftPicture, picture_id)
    if row is None or row.draft_id != draft.id:
        raise NotFound("Não encontramos essa fotografia.")
    return crypto.decrypt_with(_key(draft), row.sealed, _context(row.id, row.kind))


def measures(session: Session, draft: RegistrationDraft) -> list[Measured]:
    """The faces of the draft, in the order in which they were taken."""
    rows = session.execute(
        select(DraftPicture.id, DraftPicture.sealed_measure)
        .where(DraftPicture.draft_id == draft.id, DraftPicture.sealed_measure.is_not(None))
        .order_by(DraftPicture.created_at, DraftPicture.id)
    )
    key = _key(draft)
    return [
        _measured(identifier, crypto.decrypt_with(key, raw or b"", _context(identifier, "measure")))
        for identifier, raw in rows
    ]


def remove(session: Session, draft: RegistrationDraft) -> None:
    """Delete the draft with its key and pictures."""
    session.delete(draft)
    session.flush()


def purge_drafts(session: Session) -> int:
    """Delete what expired; how many there were."""
    expired = RegistrationDraft.expires_at <= clock.real_now()
    return len(session.execute(delete(RegistrationDraft).where(expired).returning(RegistrationDraft.id)).all())


def _measure(report: Report) -> bytes:
    vector = base64.b64encode(vector_to_bytes(report.vector if report.vector is not None else ())).decode()
    look = getattr(report.quality, "look", None)
    seen = asdict(look) if is_dataclass(look) and not isinstance(look, type) else {}
    return json.dumps({"vector": vector, "look": seen}).encode()


def _measured(identifier: UUID, raw: bytes) -> Measured:
    values = json.loads(raw)
    vector = vector_from_bytes(base64.b64decode(values["vector"]))
    return Measured(identifier, vector, float(values["look"].get("sharpness", 0.0)), values["look"])


def _key(draft: RegistrationDraft) -> bytes:
    return settings().keyring.unseal(draft.wrapped_key, _context(draft.id, "key"))


def _context(identifier: UUID, purpose: str) -> bytes:
    return f"carimbo/draft-{purpose}/{identifier}".encode()
