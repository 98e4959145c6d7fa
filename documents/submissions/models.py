"""The table of what was submitted in the last minutes, by fingerprint."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class Submission(Base):
    """A form that an account sent. `fingerprint`: keyed digest of what was sent, which tells nothing of it;
    `location`, `sentence`: what the first arrival was answered."""

    __tablename__ = "submission"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location: Mapped[str] = mapped_column(Text, default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
