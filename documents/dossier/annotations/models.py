"""Tables of what people write beside a dossier. The text rests here; the events hold its digest."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime

COLOURS = ("azul", "verde", "amarelo", "laranja", "vermelho", "roxo", "rosa", "marrom", "cinza", "preto")


class Acknowledgement(Base):
    """Ciência: somebody declares that they know of the dossier or of one document. Irrevocable."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("dossier_id", "document_id", "account_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier_document.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Watch(Base):
    """Special watch: a unit keeps an eye on a dossier, in a group of its own (empty: none)."""

    __tablename__ = "dossier_watch"
    __table_args__ = (UniqueConstraint("unit", "dossier_id", "group_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    unit: Mapped[str] = mapped_column(String(20))
    group_name: Mapped[str] = mapped_column(String(60), default="")
    created_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Note(Base):
    """A note private to the unit (anotação); an urgent one stands out in the inbox."""

    __tablename__ = "dossier_note"
    __table_args__ = (Index("ix_dossier_note_dossier_id_unit", "dossier_id", "unit"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    unit: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(1000))
    urgent: Mapped[bool] = mapped_column(default=False)
    author: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Comment(Base):
    """A comment on the dossier or on one document, seen by whoever has access to it."""

    __tablename__ = "dossier_comment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier_document.id"))
    text: Mapped[str] = mapped_column(String(4000))
    author: Mapped[UUID | None] = mapped_column()
    unit: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Entry(Base):
    """A manual entry of the andamento. Neither edited nor deleted: its digest is in the chain."""

    __tablename__ = "dossier_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[UUID | None] = mapped_column()
    unit: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Marker(Base):
    """A marker of a unit: a name and a colour."""

    __tablename__ = "marker"
    __table_args__ = (
        UniqueConstraint("unit", "name"),
        CheckConstraint(f"colour IN {COLOURS}", name="colour_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    unit: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    colour: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DossierMarker(Base):
    """A marker on a dossier, with its text. Removed ones stay: they are the marker's history."""

    __tablename__ = "dossier_marker"
    __table_args__ = (
        Index(
            "uq_dossier_marker_in_force",
            "dossier_id",
            "marker_id",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    marker_id: Mapped[UUID] = mapped_column(ForeignKey("marker.id"), index=True)
    text: Mapped[str] = mapped_column(String(500), default="")
    author: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_by: Mapped[UUID | None] = mapped_column()
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
