"""Reading the gates: what the bridge, the attendant, the person and the manager are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from people.access import authorize
from people.settings import settings
from processes.entrada.bridges import KnownBridge
from processes.entrada.intake import crop_context
from processes.entrada.models import Bridge, Crop, Entry, GateDevice, GateEvent, MinorCounter, Post
from processes.entrada.posts import extensions_of, hours_on, opening_of
from processes.entrada.rules import BUILDING_NAMES, WINDOW_DAYS, Building, Ground, Opening, message_for, windows
from workflow import calendar, clock
from workflow.actor import Actor
from workflow.clock import local
from workflow.errors import NotFound


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What the gate is told of one event; nothing in it names anybody."""

    id: UUID
    result: str | None
    message: str
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Somebody whom the face may belong to; the score orders them and is never shown to a visitor (R3)."""

    person_id: UUID
    score: float | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What the attendant needs to answer “Confirmar identidade” or “Autorizar entrada”."""

    event_id: UUID
    case_id: UUID | None
    post: str
    building: str
    instant: datetime
    ground: str
    sentence: str
    kind: str
    claimed: bool
    recognised_person: UUID | None
    candidates: tuple[Likeness, ...]
    has_crop: bool
    opening: Opening


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as it is listed."""

    id: UUID
    event_id: UUID
    case_id: UUID
    person_id: UUID | None
    kind: str
    building: str
    hall: str
    instant: datetime
    date: date
    accompanied_minors: int
    corrected: bool


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post for lists and choices."""

    id: UUID
    code: str
    building: str
    hall: str


@dataclass(frozen=True, slots=True)
class BridgeConfig:
    """What a bridge is configured with by the server."""

    bridge_id: UUID
    post: str
    building: str
    windows: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """How a bridge is doing. Real time."""

    id: UUID
    post: str
    seen_at: datetime | None
    spool: int | None
    silent: tuple[str, ...]
    disabled: bool


def event_answer(session: Session, bridge: KnownBridge, event_id: UUID) -> EventAnswer:
    """What became of an event of this bridge; NotFound for any other."""
    event = session.get(GateEvent, event_id)
    if event is None or event.bridge_id != bridge.id:
        raise NotFound("Não há esse evento.")
    if event.result is None or event.ground is None:
        return EventAnswer(event.id, None, "Aguarde, por favor.", event.case_id)
    hours = hours_on(session, event.post_id, local(event.instant).date())
    return EventAnswer(event.id, event.result, message_for(Ground(event.ground), hours), event.case_id)


def verification(session: Session, actor: Actor, event_id: UUID) -> Verification:
    """The event behind a task of the attendant or of the Gpol."""
    authorize(actor, "desk.search")
    event = session.get(GateEvent, event_id)
    if event is None:
        raise NotFound("Não há esse evento.")
    post = session.get_one(Post, event.post_id)
    ground = Ground(event.ground or Ground.DUVIDA)
    kept = session.scalar(select(func.count()).select_from(Crop).where(Crop.event_id == event.id))
    return Verification(
        event_id=event.id,
        case_id=event.case_id,
        post=post.hall,
        building=BUILDING_NAMES[Building(post.building)],
        instant=event.instant,
        ground=ground.value,
        sentence=_review_sentence(event, ground)
        or message_for(ground, hours_on(session, post.id, local(event.instant).date())),
        kind=event.kind,
        claimed=event.claim is not None,
        recognised_person=event.person_id,
        candidates=tuple(Likeness(UUID(str(person)), _score(score)) for person, score in event.candidates),
        has_crop=bool(kept),
        opening=opening_of(session, event.post_id, event.instant),
    )


REVIEW_SENTENCES = {
    Ground.DUVIDA: "O rosto se parece com mais de um cadastro, ou não o bastante com um só.",
    Ground.DESCONHECIDA: "O rosto não se parece com nenhum cadastro.",
    Ground.RELOGIO: "O relógio do equipamento está errado em mais de um minuto. Confirme a pessoa e a passagem.",
    Ground.VERIFICACAO_PENDENTE: "Adolescente ainda sem a verificação de segurança.",
    Ground.APOS_HORARIO: "A pessoa chegou depois das 19 horas.",
    Ground.ADOLESCENTE_SEM_DOCUMENTO: "Adolescente sem documento com foto.",
    Ground.CRIANCA_DESACOMPANHADA: "Criança sem um adulto responsável.",
    Ground.PEDIDO_DA_GRPC: "A GRPC encaminhou a passagem à Polícia Legislativa.",
}


CLAIM_SENTENCES = {
    Ground.DUVIDA: "A pessoa disse quem é, e o rosto não se parece o bastante com o do cadastro dela.",
    Ground.DESCONHECIDA: "A pessoa disse ser quem está ao lado, e o rosto não confere com o do cadastro.",
}
NOBODY_CLAIMED = (
    "O CPF ou o QR Code apresentado não tem cadastro, e o rosto não se parece com nenhum dos cadastros recentes."
)
SOMEBODY_ALIKE = "O CPF ou o QR Code apresentado não tem cadastro. O rosto se parece com o de quem está ao lado."


def _review_sentence(event: GateEvent, ground: Ground) -> str | None:
    """What the attendant decides about. A claim of nobody has no score: there was no face to compare it with."""
    if event.claim is None:
        return REVIEW_SENTENCES.get(ground)
    if event.score is None and ground in CLAIM_SENTENCES:
        return SOMEBODY_ALIKE if event.candidates else NOBODY_CLAIMED
    return CLAIM_SENTENCES.get(ground) or REVIEW_SENTENCES.get(ground)


def verification_of_case(session: Session, actor: Actor, case_id: UUID) -> Verification:
    """The same, by the case of the task."""
    event_id = session.scalar(select(GateEvent.id).where(GateEvent.case_id == case_id))
    if event_id is None:
        raise NotFound("Este processo não tem evento de portaria.")
    return verification(session, actor, event_id)


def crop(session: Session, actor: Actor, event_id: UUID) -> bytes:
    """The JPEG of a doubtful event; NotFound when its 24 h are over."""
    authorize(actor, "desk.view_picture")
    row = session.get(Crop, event_id)
    if row is None or row.kept_until <= clock.real_now():
        raise NotFound("A imagem desta passagem já foi apagada.")
    return settings().keyring.unseal(row.sealed, crop_context(event_id))


def entries_of(session: Session, person_id: UUID) -> list[EntryRow]:
    """The person's entries that hold, latest first."""
    return _entries(session, Entry.person_id == person_id, Entry.corrected_at.is_(None))


def entries_on(session: Session, day: date, *, post_id: UUID | None = None) -> list[EntryRow]:
    """Every entry of a day, corrected ones included, latest first."""
    return _entries(session, Entry.date == day, *([] if post_id is None else [Entry.post_id == post_id]))


def entry_of_event(session: Session, event_id: UUID) -> EntryRow | None:
    """The entry that holds for an event."""
    return next(iter(_entries(session, Entry.event_id == event_id, Entry.corrected_at.is_(None))), None)


def active_posts(session: Session) -> list[PostRow]:
    """The posts where people enter."""
    posts = session.scalars(select(Post).where(Post.active).order_by(Post.code))
    return [PostRow(post.id, post.code, BUILDING_NAMES[Building(post.building)], post.hall) for post in posts]


def config_of(session: Session, bridge: KnownBridge) -> BridgeConfig:
    """Post, building and the opening windows of the next eight days."""
    post = session.get_one(Post, bridge.post_id)
    first = clock.today()
    days = [first + timedelta(days=number) for number in range(-1, WINDOW_DAYS)]
    found = windows(
        [(day, calendar.is_business_day(session, day)) for day in days],
        hours_on(session, post.id, first),
        extensions_of(session, post.id, days[0], days[-1]),
    )
    now = clock.now()
    return BridgeConfig(bridge.id, post.code, post.building, tuple(window for window in found if window[1] >= now))


def bridges(session: Session) -> list[BridgeRow]:
    """Every bridge with the devices that have been silent for 90 s."""
    now = clock.real_now()
    rows = session.execute(select(Bridge, Post.code).join(Post, Post.id == Bridge.post_id).order_by(Post.code)).all()
    devices = session.scalars(select(GateDevice)).all()
    return [
        BridgeRow(
            bridge.id,
            code,
            bridge.seen_at,
            bridge.spool,
            _silent(devices, bridge.id, now),
            bridge.disabled_at is not None,
        )
        for bridge, code in rows
    ]


def pending_events(session: Session) -> int:
    """Accepted events whose case has not been started yet."""
    return session.scalar(select(func.count()).select_from(GateEvent).where(GateEvent.case_id.is_(None))) or 0


def minors_on(session: Session, day: date) -> dict[str, int]:
    """How many minors by kind entered, or were discarded, on a day."""
    query = select(MinorCounter.kind, func.sum(MinorCounter.counted)).where(MinorCounter.day == day)
    return {kind: int(number) for kind, number in session.execute(query.group_by(MinorCounter.kind))}


def _entries(session: Session, *conditions: object) -> list[EntryRow]:
    query = select(Entry, Post.hall).join(Post, Post.id == Entry.post_id).where(*conditions)  # type: ignore[arg-type]  # SQL conditions
    return [
        EntryRow(
            entry.id,
            entry.event_id,
            entry.case_id,
            entry.person_id,
            entry.kind,
            BUILDING_NAMES[Building(entry.building)],
            hall,
            entry.instant,
            entry.date,
            entry.accompanied_minors,
            entry.corrected_at is not None,
        )
        for entry, hall in session.execute(query.order_by(Entry.instant.desc()))
    ]


def _silent(devices: Sequence[GateDevice], bridge_id: UUID, now: datetime) -> tuple[str, ...]:
    limit = now - timedelta(seconds=90)
    return tuple(
        device.name
        for device in devices
        if device.bridge_id == bridge_id and (device.last_seen is None or device.last_seen < limit)
    )


def _score(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
