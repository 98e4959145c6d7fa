"""Tables of the ofícios: câmaras, campaigns and exemplars; what leaves and what comes back is in `correspondence.py`."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class Camara(Base):
    """A câmara municipal, keyed by the município's IBGE code and never by its name (EM1, EM2)."""

    __tablename__ = "camara"
    __table_args__ = (
        CheckConstraint("ibge ~ '^31[0-9]{5}$'", name="ibge_form"),
        CheckConstraint("email IS NOT NULL OR NOT email_valid", name="valid_needs_email"),
        CheckConstraint("president_gender IN ('F', 'M')", name="gender_known"),
    )

    ibge: Mapped[str] = mapped_column(String(7), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    """The município's."""
    name_folded: Mapped[str] = mapped_column(String(120), index=True)
    region: Mapped[str] = mapped_column(String(40), index=True)
    """`DDD 31`: the telephone area code, see `camaras.REGIONS`."""
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    email: Mapped[str | None] = mapped_column(String(254))
    email_valid: Mapped[bool] = mapped_column(default=False)
    """False until an address is known, and again once messages to it came back (EM8)."""
    phone: Mapped[str | None] = mapped_column(String(20))
    president: Mapped[str | None] = mapped_column(String(120))
    """Name of the president, when known (LA5)."""
    president_gender: Mapped[str | None] = mapped_column(String(1))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignState(StrEnum):
    """Where an ofício stands."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVAL = "approval"
    SIGNATURE = "signature"
    GENERATING = "generating"
    DISPATCHED = "dispatched"
    CLOSED = "closed"


class Campaign(Base):
    """One ofício: its text, to whom it goes, who wrote, approved and signed it. One number, N exemplars (OF5)."""

    __tablename__ = "oficio_campaign"
    __table_args__ = (
        CheckConstraint("template IN ('almg_seed', 'mrpr3')", name="template_known"),
        CheckConstraint("deadline_kind IN ('business', 'calendar')", name="deadline_kind_known"),
        CheckConstraint("deadline_days BETWEEN 1 AND 365", name="deadline_days_possible"),
        CheckConstraint(
            "state IN ('draft', 'review', 'approval', 'signature', 'generating', 'dispatched', 'closed')",
            name="state_known",
        ),
        CheckConstraint(
            "(signed_at IS NULL) = (number IS NULL) AND (signed_at IS NULL) = (content_sha256 IS NULL)",
            name="number_at_signature",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(unique=True)
    dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier_document.id"), index=True)
    """The letter in the tree of the dossier (type `oficio`)."""
    rectifies: Mapped[UUID | None] = mapped_column(ForeignKey("oficio_campaign.id"), index=True)
    """The signed ofício that this one corrects (“em retificação”)."""
    unit: Mapped[str] = mapped_column(String(20))
    template: Mapped[str] = mapped_column(String(10), default="almg_seed")
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    """Sanitised HTML with merge fields («camara.nome»); frozen by the signature."""
    annex: Mapped[bool] = mapped_column(default=True)
    """Whether the “passo a passo” goes along."""
    requires_reply: Mapped[bool] = mapped_column(default=False)
    deadline_days: Mapped[int] = mapped_column(Integer, default=30)
    deadline_kind: Mapped[str] = mapped_column(String(8), default="calendar")
    recipients: Mapped[list[str]] = mapped_column(ARRAY(String(7)), default=list)
    state: Mapped[str] = mapped_column(String(10), default=CampaignState.DRAFT, index=True)
    written_by: Mapped[UUID | None] = mapped_column()
    """The account that last changed the text: who may not approve it."""
    reviewed_by: Mapped[UUID | None] = mapped_column()
    approved_by: Mapped[UUID | None] = mapped_column()
    returned_text: Mapped[str | None] = mapped_column(String(2000))
    """Why it was returned, until it is approved."""
    number: Mapped[str | None] = mapped_column(String(120), unique=True)
    """`Of. 002/2018/GRPC/GRI`, given at the signature (OF3)."""
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[UUID | None] = mapped_column()
    signer_cargo: Mapped[str | None] = mapped_column(String(120))
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    annex_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    """Last day to reply or, without reply due, to confirm the receipt (RE2)."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExemplarState(StrEnum):
    """GERADO → NA_FILA → ENVIADO → {ENTREGUE | DEVOLVIDO} → RECEBIDO → {RESPONDIDO | SEM_RESPOSTA | DISPENSADA}."""

    GERADO = "GERADO"
    NA_FILA = "NA_FILA"
    ENVIADO = "ENVIADO"
    ENTREGUE = "ENTREGUE"
    DEVOLVIDO = "DEVOLVIDO"
    REENVIO = "REENVIO"
    VIA_POSTAL = "VIA_POSTAL"
    RECEBIDO = "RECEBIDO"
    RESPONDIDO = "RESPONDIDO"
    SEM_RESPOSTA = "SEM_RESPOSTA"
    DISPENSADA_RESPOSTA = "DISPENSADA_RESPOSTA"


_STATES = ", ".join(f"'{state}'" for state in ExemplarState)


class Exemplar(Base):
    """The ofício for one câmara: its own PDF, code and tracking, and where it stands.

    `in_doubt`: a worker died between handing the message over and hearing the answer; it stays NA_FILA and is not sent
    again by itself (EM6). `version` grows when it is sent anew to another address; links of versions before
    `links_from` hold no longer, since a person redirected the exemplar away from the address they went to.
    """

    __tablename__ = "oficio_exemplar"
    __table_args__ = (
        UniqueConstraint("campaign_id", "ordinal"),
        UniqueConstraint("campaign_id", "ibge"),
        CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        Index("ix_oficio_exemplar_campaign_id_state", "campaign_id", "state"),
        Index("ix_oficio_exemplar_next_attempt_at", "next_attempt_at", postgresql_where=text("state = 'NA_FILA'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("oficio_campaign.id"))
    ordinal: Mapped[int] = mapped_column(Integer)
    ibge: Mapped[str] = mapped_column(ForeignKey("camara.ibge"), index=True)
    tracking: Mapped[str] = mapped_column(String(16), unique=True)
    """Names the exemplar in the plus-address to which replies come."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    links_from: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(20), default=ExemplarState.GERADO)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), unique=True)
    merged: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What was printed of this câmara and no other (LA7): the stamped copy is made of the same."""
    email: Mapped[str | None] = mapped_column(String(254))
    """The address as it was when the exemplar entered the queue."""
    message_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    in_doubt: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    generated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bounce_code: Mapped[str | None] = mapped_column(String(12))
    """SMTP or DSN status of the last refusal (550, 5.1.1)."""
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late: Mapped[bool] = mapped_column(default=False)
    """fora_do_prazo: the reply came after `due_on`."""
