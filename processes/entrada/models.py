"""Tables of the gates: posts, their hours, bridges and their keys, accepted events, entries, crops.

Entries and events hold ids of persons and nothing personal. No column holds why anybody came (art. 3º, § 3º; R7).
Instants of passages are the legal clock's; those of keys, nonces and heartbeats are real time.
"""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from processes.entrada.rules import Building, Ground, Result
from workflow.database import Base, UtcDateTime


def one_of(column: str, values: type[Building] | type[Result] | type[Ground]) -> str:
    """The SQL of a check that the column holds one of the enumeration's values."""
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class Post(Base):
    """A posto de identificação in one of exactly four buildings (art. 1º, § 1º; R1, I15)."""

    __tablename__ = "post"
    __table_args__ = (CheckConstraint(one_of("building", Building), name="building_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    building: Mapped[str] = mapped_column(String(40))
    hall: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)


class PostHours(Base):
    """The ordinary hours of a post from a date on (art. 10, caput; I22)."""

    __tablename__ = "post_hours"
    __table_args__ = (CheckConstraint("opens < closes", name="in_order"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)


class ExtensionAct(Base):
    """The hours of one post extended on one date (art. 10, § 1º; R52). The latest `until` holds."""

    __tablename__ = "extension_act"
    __table_args__ = (Index("ix_extension_act_post_id_day", "post_id", "day"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    day: Mapped[date] = mapped_column(Date)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    act: Mapped[str] = mapped_column(String(200))
    registered_by: Mapped[UUID | None]
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Bridge(Base):
    """A gate bridge enrolled for one post. The gallery secret rests sealed under a master key."""

    __tablename__ = "bridge"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), index=True)
    gallery_secret: Mapped[bytes] = mapped_column(LargeBinary)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spool: Mapped[int | None] = mapped_column(Integer)
    gallery_cursor: Mapped[int | None] = mapped_column(BigInteger)


class BridgeKey(Base):
    """An HMAC key of a bridge, valid between two instants of real time; the secret rests sealed."""

    __tablename__ = "bridge_key"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    bridge_id: Mapped[UUID] = mapped_column(ForeignKey("bridge.id"), index=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BridgeNonce(Base):
    """A nonce that a bridge has used; forgotten when its request would be stale anyway."""

    __tablename__ = "bridge_nonce"

    bridge_id: Mapped[UUID] = mapped_column(ForeignKey("bridge.id"), primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class GateDevice(Base):
    """A device of a bridge, as its last heartbeat told."""

    __tablename__ = "gate_device"

    bridge_id: Mapped[UUID] = mapped_column(ForeignKey("bridge.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    last_seen: Mapped[datetime | None] = mapped_column(UtcDateTime)
    skew_s: Mapped[float] = mapped_column(Float)


class GateEvent(Base):
    """An accepted event, as the bridge sent it, and what became of it.

    `id` is the bridge's own; `bridge_id` is null for an event that the desk makes. `instant` is the corrected one.
    `candidates` are [person id, score] pairs, for the attendant; emptied with the crop. `review` marks a clock not trusted.
    """

    __tablename__ = "gate_event"
    __table_args__ = (
        CheckConstraint(f"result IS NULL OR {one_of('result', Result)}", name="result_known"),
        CheckConstraint(f"ground IS NULL OR {one_of('ground', Ground)}", name="ground_known"),
        CheckConstraint("decision IN ('recognised', 'doubtful', 'unknown')", name="decision_known"),
        CheckConstraint("kind IN ('visitante', 'adolescente', 'crianca')", name="kind_known"),
        CheckConstraint("kind = 'visitante' OR (person_id IS NULL AND score IS NULL)", name="minors_are_nobody"),
        Index("ix_gate_event_bridge_id_sequence", "bridge_id", "sequence"),
        Index("ix_gate_event_pending", "accepted_at", postgresql_where=text("case_id IS NULL")),
        Index("ix_gate_event_person_id", "person_id"),
        Index("ix_gate_event_candidate_ids", "candidate_ids", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    bridge_id: Mapped[UUID | None] = mapped_column(ForeignKey("bridge.id"))
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    device: Mapped[str] = mapped_column(String(80))
    device_kind: Mapped[str] = mapped_column(String(20))
    device_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bridge_time: Mapped[datetime] = mapped_column(UtcDateTime)
    instant: Mapped[datetime] = mapped_column(UtcDateTime)
    skew_s: Mapped[float] = mapped_column(Float)
    review: Mapped[bool]
    replayed: Mapped[bool]
    way: Mapped[str] = mapped_column(String(12))
    claim: Mapped[str | None] = mapped_column(String(3))
    decision: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12), default="visitante")
    person_id: Mapped[UUID | None]
    score: Mapped[float | None] = mapped_column(Float)
    limit: Mapped[float | None] = mapped_column(Float)
    candidates: Mapped[list[list[str | float]]] = mapped_column(JSONB, default=list)
    candidate_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), default=list)
    frames: Mapped[int] = mapped_column(Integer)
    calibration: Mapped[str] = mapped_column(String(80))
    raw_sha256: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    case_id: Mapped[UUID | None]
    result: Mapped[str | None] = mapped_column(String(24))
    ground: Mapped[str | None] = mapped_column(String(32))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Crop(Base):
    """The one encrypted crop of a doubtful event; erased after 24 h of real time (P7, P9)."""

    __tablename__ = "gate_crop"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("gate_event.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Entry(Base):
    """EventoEntrada: somebody went in (R1). Without person for a minor, who leaves no data (R8, R9).

    `accompanied_minors` counts the children who went in with an adult (R8). `corrected_at`: it was somebody else (DE12).
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint(one_of("building", Building), name="building_known"),
        CheckConstraint("kind IN ('visitante', 'adolescente', 'crianca')", name="kind_known"),
        CheckConstraint("(kind = 'visitante') = (person_id IS NOT NULL)", name="minors_are_nobody"),
        CheckConstraint("accompanied_minors BETWEEN 0 AND 50", name="minors_counted"),
        Index("uq_entry_event_id", "event_id", unique=True, postgresql_where=text("corrected_at IS NULL")),
        Index("ix_entry_person_id_date", "person_id", "date"),
        Index("ix_entry_post_id_instant", "post_id", "instant"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("gate_event.id"))
    case_id: Mapped[UUID]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    building: Mapped[str] = mapped_column(String(40))
    instant: Mapped[datetime] = mapped_column(UtcDateTime)
    date: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    accompanied_minors: Mapped[int] = mapped_column(Integer, default=0)
    confirmed_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))


class Presence(Base):
    """A person was there on a day: how many entries hold. Its row is what makes the first entry of the day the first."""

    __tablename__ = "presence"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    date: Mapped[date] = mapped_column(Date, primary_key=True)
    entries: Mapped[int] = mapped_column(Integer)


class EntryCorrection(Base):
    """Why an entry was attributed anew, by whom (DE12). The words are an officer's, about the mistake."""

    __tablename__ = "entry_correction"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), unique=True)
    explanation: Mapped[str] = mapped_column(String(500))
    corrected_by: Mapped[UUID | None]
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MinorCounter(Base):
    """Minors seen at a post on a day, by kind: a number and nothing else (R8, R9, R10)."""

    __tablename__ = "minor_counter"
    __table_args__ = (CheckConstraint("kind IN ('crianca', 'adolescente', 'descartado')", name="kind_known"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    counted: Mapped[int] = mapped_column(Integer)
