"""Tables of the dossier: types, hypotheses, the dossier, its units, its documents and their versions.

Units are named by sigla, as in tasks and actors. What a person writes in free text (specification, notes, comments,
manual entries) rests here and only its digest goes to the history.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime

LEVELS = ("publico", "restrito", "sigiloso")
_LEVEL = "level IN ('publico', 'restrito', 'sigiloso')"


class LegalHypothesis(Base):
    """Why something is restricted or secret: the law that says so (mandatory for restrito and sigiloso)."""

    __tablename__ = "legal_hypothesis"
    __table_args__ = (CheckConstraint("level IN ('restrito', 'sigiloso')", name="level_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    law: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)


class DossierType(Base):
    """A type of processo: what it begins with, its records class and terms, and the diagram it may carry."""

    __tablename__ = "dossier_type"
    __table_args__ = (CheckConstraint(_LEVEL, name="level_known"),)

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    process_key: Mapped[str | None] = mapped_column(String(60))
    """The BPMN process that a dossier of this type starts, as its plan of work; null: free tramitação only."""
    free_routing: Mapped[bool] = mapped_column(default=True)
    """Whether it may be sent freely beside the diagram."""
    level: Mapped[str] = mapped_column(String(8), default="publico")
    hypothesis_id: Mapped[UUID | None] = mapped_column(ForeignKey("legal_hypothesis.id"))
    subject_code: Mapped[str] = mapped_column(String(40), default="")
    """Class in the plano de classificação, with the current and intermediate terms in years and the destination."""
    current_years: Mapped[int | None] = mapped_column(Integer)
    intermediate_years: Mapped[int | None] = mapped_column(Integer)
    destination: Mapped[str] = mapped_column(String(12), default="guarda")
    active: Mapped[bool] = mapped_column(default=True)


class DocumentType(Base):
    """A type of document of the tree: how it is numbered, written and signed."""

    __tablename__ = "document_type"
    __table_args__ = (
        CheckConstraint("numbering IN ('none', 'unit', 'organ')", name="numbering_known"),
        CheckConstraint("applies_to IN ('internal', 'external', 'both', 'form')", name="applies_known"),
    )

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    applies_to: Mapped[str] = mapped_column(String(8), default="internal")
    numbering: Mapped[str] = mapped_column(String(5), default="none")
    """none; a yearly sequence a unit; or a yearly sequence an órgão. The number is given at the first signature (OF3)."""
    mask: Mapped[str] = mapped_column(String(120), default="{seq:03d}/{year}/{unit}")
    """`Of. {seq:03d}/{year}/{siglas}` for an ofício of the ALMG (OF1)."""
    model_key: Mapped[str | None] = mapped_column(String(60))
    """The text model (documents.texts) that a new document of this type begins with."""
    kind: Mapped[str] = mapped_column(String(60), default="documento_interno")
    """The folder of documents/kinds that renders it."""
    fields: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    """Of a form: [{"name", "label", "kind", "required", "choices", "help"}], as workflow.process.Field."""
    signature: Mapped[str] = mapped_column(String(12), default="avancada")
    """avancada (password) or qualificada (the signer's own certificate; Lei 14.063/2020, arts. 4º and 5º)."""
    publishable: Mapped[bool] = mapped_column(default=False)
    """Whether a signed document of this type may be published (documents.publication)."""
    active: Mapped[bool] = mapped_column(default=True)


class DossierStatus(StrEnum):
    """In course; suspended (sobrestado); attached to another for good (anexado)."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    ATTACHED = "attached"


class Dossier(Base):
    """One processo. `level` is what was chosen for it; `effective_level` the highest of it and of its documents."""

    __tablename__ = "dossier"
    __table_args__ = (
        CheckConstraint(_LEVEL, name="level_known"),
        CheckConstraint("effective_level IN ('publico', 'restrito', 'sigiloso')", name="effective_level_known"),
        CheckConstraint("status IN ('running', 'suspended', 'attached')", name="status_known"),
        CheckConstraint("level = 'publico' OR hypothesis_id IS NOT NULL", name="level_has_hypothesis"),
        Index("ix_dossier_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    type_key: Mapped[str] = mapped_column(ForeignKey("dossier_type.key"), index=True)
    specification: Mapped[str] = mapped_column(String(250), default="")
    level: Mapped[str] = mapped_column(String(8), default="publico")
    effective_level: Mapped[str] = mapped_column(String(8), default="publico")
    hypothesis_id: Mapped[UUID | None] = mapped_column(ForeignKey("legal_hypothesis.id"))
    origin_unit: Mapped[str] = mapped_column(String(20))
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(10), default=DossierStatus.RUNNING)
    status_reason: Mapped[str | None] = mapped_column(String(500))
    status_unit: Mapped[str | None] = mapped_column(String(20))
    """The unit that suspended or attached it, where it opens again."""
    attached_to: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    process_key: Mapped[str | None] = mapped_column(String(60))
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    """The running diagram, when the type carries one."""
    passed_units: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """Siglas of the units through which it passed: who may see it when it is restrito."""


class DossierParty(Base):
    """An interested party: a name as it is written, and the person when we know them."""

    __tablename__ = "dossier_party"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(String(200), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)


class DossierCredential(Base):
    """Who may see a sigiloso dossier: account by account."""

    __tablename__ = "dossier_credential"

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    granted_by: Mapped[UUID | None] = mapped_column()
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DossierUnit(Base):
    """A dossier in a unit: the line of that unit's inbox. Closed rows stay, since they say where it passed.

    `origin`: generated there or received. `changed` moves with every change that the inbox shows (see documents.inbox).
    """

    __tablename__ = "dossier_unit"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed')", name="status_known"),
        CheckConstraint("origin IN ('generated', 'received')", name="origin_known"),
    )

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20), primary_key=True)
    status: Mapped[str] = mapped_column(String(6), default="open")
    origin: Mapped[str] = mapped_column(String(9))
    from_unit: Mapped[str | None] = mapped_column(String(20))
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """First time that somebody of the unit opened it (recebimento); null: unread by all."""
    unread: Mapped[bool] = mapped_column(default=True)
    assignee: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    priority: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The unit's own deadline (controle de prazo); empty again when it is done, which `due_done_at` says."""
    due_done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_by: Mapped[date | None] = mapped_column(Date)
    """Retorno programado: when the sender wants it back; only extendable."""
    reopen_on: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed: Mapped[int] = mapped_column(BigInteger, server_default=text("nextval('work_change')"))


class DossierRelation(Base):
    """Two related dossiers: symmetric, so each pair once, the smaller id first."""

    __tablename__ = "dossier_relation"
    __table_args__ = (CheckConstraint("dossier_id < other_id", name="smaller_first"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True, index=True)
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UnitNotice(Base):
    """An e-mail to a unit that a dossier was sent to it, waiting for the job or sent."""

    __tablename__ = "unit_notice"
    __table_args__ = (CheckConstraint("status IN ('pending', 'sent', 'no_address', 'refused')", name="status_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    unit: Mapped[str] = mapped_column(String(20))
    from_unit: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default="pending")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DossierBundle(Base):
    """One PDF of a dossier, asked for by somebody: how far the worker is, and where the file rests until the sweep."""

    __tablename__ = "dossier_bundle"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'running', 'done', 'failed')", name="status_known"),
        CheckConstraint("(status = 'done') = (address IS NOT NULL)", name="done_has_file"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    document_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """The chosen documents; null: all."""
    status: Mapped[str] = mapped_column(String(7), default="waiting")
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    address: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DocumentKind(StrEnum):
    """Written here (internal, form) or brought from outside (external)."""

    INTERNAL = "internal"
    FORM = "form"
    EXTERNAL = "external"


class DossierDocument(Base):
    """A document of the tree.

    `number` is the protocol number that people quote (SEI's number of a document), never reused; `type_number` the
    number of its type (Of. 002/2018/GRPC/GRI), given at the first signature. `locked_at`: the first time that another
    unit saw it signed or filed; from then on its text never changes. A cancelled document stays, greyed, with its reason.
    """

    __tablename__ = "dossier_document"
    __table_args__ = (
        UniqueConstraint("dossier_id", "position"),
        CheckConstraint("kind IN ('internal', 'form', 'external')", name="kind_known"),
        CheckConstraint(_LEVEL, name="level_known"),
        CheckConstraint("status IN ('draft', 'signed', 'filed', 'cancelled', 'deleted')", name="status_known"),
        CheckConstraint("level = 'publico' OR hypothesis_id IS NOT NULL", name="level_has_hypothesis"),
        CheckConstraint("(status = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_has_reason"),
        Index("ix_dossier_document_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))
    type_key: Mapped[str] = mapped_column(ForeignKey("document_type.key"), index=True)
    type_number: Mapped[str | None] = mapped_column(String(120), index=True)
    title: Mapped[str] = mapped_column(String(250), default="")
    unit: Mapped[str] = mapped_column(String(20), index=True)
    created_by: Mapped[UUID | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    document_date: Mapped[date | None] = mapped_column(Date)
    level: Mapped[str] = mapped_column(String(8), default="publico")
    hypothesis_id: Mapped[UUID | None] = mapped_column(ForeignKey("legal_hypothesis.id"))
    status: Mapped[str] = mapped_column(String(9), default="draft")
    """draft; signed (internal, form); filed (external: nothing to sign); cancelled; deleted (only before others saw it)."""
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The first time that another unit opened it, signed or not: from then on it is cancelled, not deleted."""
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(Integer, default=0)
    """Number of the current version (internal, form); 0 until the first."""
    file_name: Mapped[str | None] = mapped_column(String(250))
    media_type: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """External: of the plain bytes as they came."""
    address: Mapped[str | None] = mapped_column(String(64))
    pages: Mapped[int | None] = mapped_column(Integer)
    conference: Mapped[str | None] = mapped_column(String(30))
    """External digitised: original, copia_autenticada_cartorio, copia_autenticada_administrativa, copia_simples; null: nato-digital."""
    authenticated_by: Mapped[UUID | None] = mapped_column()
    authenticated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    """The sealed PDF (documents.models.Document), once the worker has made it."""


class DocumentVersion(Base):
    """One saved version of an internal document or form. `html` is clean (documents.texts.sanitise); never changed."""

    __tablename__ = "document_version"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_document.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    html: Mapped[str] = mapped_column(Text)
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Of a form: its answers by field name."""
    sha256: Mapped[str] = mapped_column(String(64))
    based_on: Mapped[int] = mapped_column(Integer, default=0)
    """The version that its author had before them; not version - 1 when two people were writing."""
    author: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    comment: Mapped[str] = mapped_column(String(200), default="")
