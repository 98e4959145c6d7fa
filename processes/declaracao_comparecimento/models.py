"""Tables of the declaração: days of attendance, declarations asked for and issued, notices to people.

Ids only: names and CPF are read from people when a page is shown or a document is made.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class Attendance(Base):
    """A day on which a person was in the house: what the declaration declares (art. 9º; DE3).

    `withdrawn_at`: the entry behind it belonged to somebody else (DE12).
    """

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("person_id", "date"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    date: Mapped[date] = mapped_column(Date)
    case_id: Mapped[UUID]
    source: Mapped[str] = mapped_column(String(12), default="portaria")
    listed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Declaration(Base):
    """A declaration asked for, then issued, perhaps cancelled; at most one that stands per attendance (DE11)."""

    __tablename__ = "declaration"
    __table_args__ = (
        CheckConstraint("channel IN ('portal', 'cac')", name="channel_known"),
        CheckConstraint("(document_id IS NULL) = (issued_at IS NULL)", name="issued_with_document"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled_with_reason"),
        Index(
            "uq_declaration_attendance_id", "attendance_id", unique=True, postgresql_where=text("cancelled_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    attendance_id: Mapped[UUID] = mapped_column(ForeignKey("attendance.id"))
    channel: Mapped[str] = mapped_column(String(6))
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    third_party: Mapped[bool] = mapped_column(default=False)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), unique=True)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[UUID | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(200))


class Notice(Base):
    """A notice to a person, shown in the área do usuário and sent by e-mail when there is an address (DE12)."""

    __tablename__ = "declaration_notice"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('declaracao_cancelada', 'comparecimento_retirado', 'comparecimento_incluido')", name="kind_known"
        ),
        UniqueConstraint("task_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    date: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    task_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mailed: Mapped[bool] = mapped_column(default=False)
