"""Tables of publications: where things are published, its editions, and what is published in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class PublicationVehicle(Base):
    """Where acts are published: the Diário do Legislativo, the Portal."""

    __tablename__ = "publication_vehicle"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class PublicationEdition(Base):
    """What a vehicle published on one day; its number is of the vehicle and the year, given with the first publication."""

    __tablename__ = "publication_edition"
    __table_args__ = (UniqueConstraint("vehicle_key", "day"), UniqueConstraint("vehicle_key", "year", "number"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    vehicle_key: Mapped[str] = mapped_column(ForeignKey("publication_vehicle.key"))
    day: Mapped[date] = mapped_column(Date)
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)


class PublicationKind(StrEnum):
    """A first publication; one that corrects another; the same text again; one that leaves another without effect."""

    ORIGINAL = "original"
    RECTIFICATION = "rectification"
    REPUBLICATION = "republication"
    VOIDING = "voiding"


class PublicationStatus(StrEnum):
    """Waiting for its day; held, since on its day something spoke against it; published, for good; cancelled before."""

    SCHEDULED = "scheduled"
    HELD = "held"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Publication(Base):
    """One publication; its id is its permalink. Once published its row never changes.

    `of_id`: the publication that it corrects, repeats or leaves without effect; what became of a publication is read
    from those that name it. `version`: the text that was there when it was scheduled. `reason`: why it corrects, repeats
    or undoes. `ended_reason`: why it is held, or was cancelled.
    """

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("kind IN ('original', 'rectification', 'republication', 'voiding')", name="kind_known"),
        CheckConstraint("status IN ('scheduled', 'held', 'published', 'cancelled')", name="status_known"),
        CheckConstraint("(kind = 'original') = (of_id IS NULL)", name="of_another"),
        CheckConstraint("(kind = 'original') = (reason IS NULL)", name="of_another_has_reason"),
        CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL AND edition_id IS NOT NULL)", name="published_is_whole"
        ),
        CheckConstraint("status <> 'published' OR sealed_id IS NOT NULL", name="published_has_file"),
        CheckConstraint("(status IN ('held', 'cancelled')) = (ended_reason IS NOT NULL)", name="ended_has_reason"),
        Index("ix_publication_published_at", "published_at", "id", postgresql_where=text("status = 'published'")),
        Index("ix_publication_day", "day", postgresql_where=text("status = 'scheduled'")),
        Index(
            "uq_publication_once",
            "document_id",
            "vehicle_key",
            unique=True,
            postgresql_where=text("status <> 'cancelled' AND kind IN ('original', 'rectification')"),
        ),
        Index("uq_publication_waiting", "of_id", unique=True, postgresql_where=text("status IN ('scheduled', 'held')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(13), default=PublicationKind.ORIGINAL)
    status: Mapped[str] = mapped_column(String(9), default=PublicationStatus.SCHEDULED)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_document.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    vehicle_key: Mapped[str] = mapped_column(ForeignKey("publication_vehicle.key"))
    of_id: Mapped[UUID | None] = mapped_column(ForeignKey("publication.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    summary: Mapped[str] = mapped_column(String(500))
    summary_folded: Mapped[str] = mapped_column(Text)
    """Its words, folded, one space before and after each."""
    reason: Mapped[str | None] = mapped_column(String(500))
    unit: Mapped[str] = mapped_column(String(20))
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_reason: Mapped[str | None] = mapped_column(String(500))
    edition_id: Mapped[UUID | None] = mapped_column(ForeignKey("publication_edition.id"), index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    """The sealed PDF as it was published; a later signature makes another file and changes nothing here."""
