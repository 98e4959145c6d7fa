"""Tables of external access: grants, the documents chosen in them, petitions received."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class ExternalGrant(Base):
    """One person, by e-mail, may read one dossier (all or chosen documents) until a day, and perhaps sign or add.

    `account_id`: the confirmed account that first used it, to which it belongs from then on. `expires_on` counts on the
    legal clock.
    """

    __tablename__ = "external_grant"
    __table_args__ = (
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint("mail IN ('pending', 'sent', 'refused')", name="mail_known"),
        Index("ix_external_grant_email_expires_on", "email", "expires_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    unit: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    days: Mapped[int] = mapped_column(Integer)
    expires_on: Mapped[date] = mapped_column(Date)
    all_documents: Mapped[bool]
    may_sign: Mapped[bool] = mapped_column(default=False)
    may_add: Mapped[bool] = mapped_column(default=False)
    mail: Mapped[str] = mapped_column(String(7), default="pending")
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[UUID | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExternalGrantDocument(Base):
    """A document chosen in a grant."""

    __tablename__ = "external_grant_document"

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("external_grant.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_document.id"), primary_key=True, index=True)


class Petition(Base):
    """What an external user sent to a dossier, as the receipt says it. `items`: [{"document", "number", "name", "size",
    "sha256"}]."""

    __tablename__ = "petition"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("external_grant.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit: Mapped[str] = mapped_column(String(20))
    items: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
