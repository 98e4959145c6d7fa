"""Tables of what documents begin with: models by type of document, and standard texts of a unit or of the house.

The versions themselves are `documents.dossier.models.DocumentVersion`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class TextModel(Base):
    """The text that a new document of a type begins with (`DocumentType.model_key`). `html` is clean."""

    __tablename__ = "text_model"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    html: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    updated_by: Mapped[UUID | None] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StandardText(Base):
    """A passage that people put into their documents; of one unit, or of the house when `unit` is null."""

    __tablename__ = "standard_text"
    __table_args__ = (Index("uq_standard_text_unit_name", text("coalesce(unit, '')"), "name", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    unit: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    html: Mapped[str] = mapped_column(Text)
    updated_by: Mapped[UUID | None] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
