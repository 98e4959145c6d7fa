"""Tables of signatures: who signed which content, with what, in which blocks; and the sealed files made of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class Method(StrEnum):
    """Advanced, by password (Lei 14.063/2020, art. 4º, II); qualified, by the signer's own certificate (III)."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    CERTIFICATE = "certificate"


class DocumentSignature(Base):
    """One signature over the canonical content of one version; never changed, only dropped when the text is edited.

    `name` and `cargo` are as the person signed; `account_id` is who typed the password, `acting_for` whom they
    substituted. `cms` is the detached signature of the content by the person's own certificate (RFC 5652).
    """

    __tablename__ = "document_signature"
    __table_args__ = (
        CheckConstraint("method IN ('password', 'certificate')", name="method_known"),
        CheckConstraint("(method = 'certificate') = (cms IS NOT NULL)", name="certificate_has_cms"),
        Index(
            "uq_document_signature_standing",
            "document_id",
            "account_id",
            text("coalesce(acting_for, account_id)"),
            unique=True,
            postgresql_where=text("dropped_at IS NULL"),
        ),
        Index("ix_document_signature_document_id", "document_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_document.id"))
    version: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    acting_for: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(200))
    cargo: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str | None] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(11), default=Method.PASSWORD)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content_sha256: Mapped[str] = mapped_column(String(64))
    content_crc32: Mapped[str] = mapped_column(String(8))
    certificate_sha256: Mapped[str | None] = mapped_column(String(64))
    cms: Mapped[bytes | None] = mapped_column(LargeBinary)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SealedDocument(Base):
    """A sealed file of a dossier's document: one for each set of signatures, the latest on the document's row."""

    __tablename__ = "sealed_document"

    sealed_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_document.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    content_sha256: Mapped[str] = mapped_column(String(64))
    content_crc32: Mapped[str] = mapped_column(String(8))
    signatures: Mapped[int] = mapped_column(Integer)
    """How many signatures it shows, so that a later one asks for another file."""


class AccountCertificate(Base):
    """A certificate with which an account may sign; found to be the person's own. Keys and passwords are never kept."""

    __tablename__ = "account_certificate"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    subject: Mapped[str] = mapped_column(String(300))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_by: Mapped[UUID | None] = mapped_column()
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BlockKind(StrEnum):
    """Documents to be signed by other units; dossiers kept together; dossiers and documents for a meeting."""

    SIGNATURE = "signature"
    INTERNAL = "internal"
    MEETING = "meeting"


class BlockStatus(StrEnum):
    """Aberto, disponibilizado, retornado, concluído. `recebido` is how the unit that it was offered to sees it."""

    OPEN = "open"
    OFFERED = "offered"
    RETURNED = "returned"
    CONCLUDED = "concluded"


class Block(Base):
    """A block of a unit; its id is its permalink, `number` what people call it."""

    __tablename__ = "signature_block"
    __table_args__ = (
        CheckConstraint("kind IN ('signature', 'internal', 'meeting')", name="kind_known"),
        CheckConstraint("status IN ('open', 'offered', 'returned', 'concluded')", name="status_known"),
        UniqueConstraint("unit", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(9))
    unit: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(String(250), default="")
    status: Mapped[str] = mapped_column(String(9), default=BlockStatus.OPEN)
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlockItem(Base):
    """A document (or, in internal and meeting blocks, a whole dossier) of a block, with the unit's note on it."""

    __tablename__ = "signature_block_item"
    __table_args__ = (
        Index(
            "uq_signature_block_item_content",
            "block_id",
            "dossier_id",
            text("coalesce(document_id, dossier_id)"),
            unique=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    block_id: Mapped[UUID] = mapped_column(ForeignKey("signature_block.id", ondelete="CASCADE"), index=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier_document.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(String(500), default="")
    added_by: Mapped[UUID | None] = mapped_column()
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlockOffer(Base):
    """A unit to which a block was offered: while neither taken nor given back, it reads, edits and signs its documents."""

    __tablename__ = "signature_block_offer"

    block_id: Mapped[UUID] = mapped_column(ForeignKey("signature_block.id", ondelete="CASCADE"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was given back, or taken back."""
