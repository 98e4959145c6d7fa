"""Tables of documents and of their public validation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class DocumentStatus(StrEnum):
    """Issued, cancelled with its reason (D6), or erased at its owner's request (LGPD, art. 18, VI)."""

    ISSUED = "issued"
    CANCELLED = "cancelled"
    ERASED = "erased"


class Document(Base):
    """One sealed document. Its bytes rest in the storage, under the owner's data key when it has an owner.

    `sha256` is of the plain sealed bytes; `address` of the bytes that rest. `summary` is what a validation shows
    (name, masked CPF, date), under the owner's data key. Of the QR's token only the digest is kept.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9A-HJKMNP-TV-Z]{16}$'", name="code_form"),
        CheckConstraint("status IN ('issued', 'cancelled', 'erased')", name="status_known"),
        CheckConstraint("(status = 'issued') = (cancelled_at IS NULL)", name="cancelled_has_instant"),
        CheckConstraint("(status = 'issued') = (cancel_reason IS NULL)", name="cancelled_has_reason"),
        CheckConstraint("(status = 'erased') = (address IS NULL)", name="erased_has_no_bytes"),
        CheckConstraint("status <> 'erased' OR summary IS NULL", name="erased_has_no_summary"),
        Index("ix_document_owner_person_id_issued_at", "owner_person_id", "issued_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(60))
    template_version: Mapped[str] = mapped_column(String(64))
    owner_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    issuer_account_id: Mapped[UUID | None] = mapped_column()
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    address: Mapped[str | None] = mapped_column(String(64), unique=True)
    summary: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(10), default=DocumentStatus.ISSUED)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(200))


class ValidationLog(Base):
    """One validation: instant and truncated address (VA6), kept for six months."""

    __tablename__ = "validation_log"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    instant: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    network: Mapped[str] = mapped_column(String(50))
    way: Mapped[str] = mapped_column(String(5))
    result: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)


class ValidationAttempt(Base):
    """The latest attempts of an address, for VA5's limit; kept for an hour. Real time."""

    __tablename__ = "validation_attempt"

    address_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    instants: Mapped[list[datetime]] = mapped_column(ARRAY(UtcDateTime), default=list)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ValidationMiss(Base):
    """Misses of one minute from everywhere, for VA5's alarm; kept for a day. Real time."""

    __tablename__ = "validation_miss"

    minute: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    misses: Mapped[int] = mapped_column(Integer, default=0)
    alarmed: Mapped[bool] = mapped_column(default=False)
