"""Tables of what leaves and what comes back: attempts, links, receipts, replies, triage, reminders, forwards."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from processes.oficio_camaras import models  # noqa: F401 - the tables that these refer to
from workflow.database import Base, UtcDateTime


class DispatchAttempt(Base):
    """One try to hand an exemplar's message over, committed before DATA (EM6).

    sending: DATA may have been said, no answer known; accepted: 250; retry: 4xx, or no connection before DATA; refused: 5xx;
    in_doubt: the worker died while `sending`; resolved: a person decided what to do with the doubt.
    """

    __tablename__ = "oficio_attempt"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('sending', 'accepted', 'retry', 'refused', 'in_doubt', 'resolved')", name="outcome_known"
        ),
        Index(
            "uq_oficio_attempt_exemplar_id_version",
            "exemplar_id",
            "version",
            unique=True,
            postgresql_where=text("outcome IN ('sending', 'accepted', 'in_doubt')"),
        ),
        Index("ix_oficio_attempt_message_id", "message_id"),
        Index("ix_oficio_attempt_outcome", "outcome", postgresql_where=text("outcome IN ('sending', 'in_doubt')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    """To which address; null in attempts older than the column."""
    connection: Mapped[UUID] = mapped_column()
    """The SMTP connection over which it went: at most one in doubt each."""
    outcome: Mapped[str] = mapped_column(String(8))
    smtp_code: Mapped[int | None] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReceiptLink(Base):
    """The link “Confirmar recebimento” of a message: signed, one use for confirming, 90 days (EM7)."""

    __tablename__ = "oficio_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"), index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Of which version of the exemplar; see `Exemplar.links_from`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Redirection(Base):
    """An exemplar that a person sent on to another address of its câmara: from which, to which, why; one for a version."""

    __tablename__ = "oficio_redirection"

    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The version that goes to the new address."""
    earlier_state: Mapped[str] = mapped_column(String(20))
    from_email: Mapped[str | None] = mapped_column(String(254))
    to_email: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CamaraAccount(Base):
    """The accounts of external users who act for a câmara."""

    __tablename__ = "camara_account"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    ibge: Mapped[str] = mapped_column(ForeignKey("camara.ibge"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Receipt(Base):
    """The receipt of an exemplar by its câmara: number as text (ST2), the câmara's sequence of the year (ST3).

    `seq` is null for a paper stamp, whose number is the câmara's own.
    """

    __tablename__ = "camara_receipt"
    __table_args__ = (
        UniqueConstraint("ibge", "year", "seq"),
        CheckConstraint("via IN ('link', 'conta', 'papel')", name="via_known"),
        CheckConstraint("number ~ '^[0-9]{1,12}$'", name="number_form"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"), unique=True)
    ibge: Mapped[str] = mapped_column(ForeignKey("camara.ibge"))
    year: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(12))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The instant that the stamp shows."""
    via: Mapped[str] = mapped_column(String(5))
    received_by: Mapped[str] = mapped_column(String(120), default="")
    """Who confirmed, as they wrote it."""
    account_id: Mapped[UUID | None] = mapped_column()
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), unique=True)
    """The stamped copy, sealed anew, once the worker has made it; the exemplar's own bytes stay as they are."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reply(Base):
    """What a câmara answered, by e-mail (RE3) or in the web form."""

    __tablename__ = "oficio_reply"
    __table_args__ = (CheckConstraint("via IN ('email', 'formulario')", name="via_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"), index=True)
    via: Mapped[str] = mapped_column(String(10))
    sender: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(250), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    """Plain text; HTML of a message is never kept as such."""
    message_id: Mapped[str | None] = mapped_column(String(250), unique=True)
    account_id: Mapped[UUID | None] = mapped_column()
    late: Mapped[bool] = mapped_column(default=False)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReplyFile(Base):
    """A file that came with a reply: a document of the dossier's tree or, without a dossier, its bytes here."""

    __tablename__ = "oficio_reply_file"
    __table_args__ = (
        CheckConstraint("(document_id IS NULL) <> (data IS NULL) OR refusal IS NOT NULL", name="kept_once"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    reply_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_reply.id"), index=True)
    name: Mapped[str] = mapped_column(String(250))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier_document.id"), index=True)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    refusal: Mapped[str | None] = mapped_column(String(300))
    """Why it was not kept, in words for the person who reads the reply."""


class TriageMessage(Base):
    """A message of the mailbox that belongs to no exemplar that we know (RE3)."""

    __tablename__ = "oficio_triage"
    __table_args__ = (CheckConstraint("state IN ('open', 'attached', 'discarded')", name="state_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    state: Mapped[str] = mapped_column(String(9), default="open", index=True)
    sender: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(250), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[str | None] = mapped_column(String(250))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The message as it came; null when it was larger than the limit."""
    exemplar_id: Mapped[UUID | None] = mapped_column(ForeignKey("oficio_exemplar.id"), index=True)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailCursor(Base):
    """How far the mailbox was read (RFC 3501, 2.3.1.1): moved in the transaction that keeps the message."""

    __tablename__ = "oficio_mail_cursor"

    folder: Mapped[str] = mapped_column(String(120), primary_key=True)
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reminder(Base):
    """A reminder of the deadline: D-5, D-1, D+1, each once (RE4); committed before DATA."""

    __tablename__ = "oficio_reminder"
    __table_args__ = (CheckConstraint("kind IN ('D-5', 'D-1', 'D+1')", name="kind_known"),)

    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(3), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Forward(Base):
    """A vereador's address to which the câmara forwarded its exemplar."""

    __tablename__ = "oficio_forward"
    __table_args__ = (UniqueConstraint("exemplar_id", "email"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    exemplar_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_exemplar.id"))
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed: Mapped[bool] = mapped_column(default=False)
