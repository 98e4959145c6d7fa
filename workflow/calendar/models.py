"""Days that an act of the house declares, against what the week and the holidays would say."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base


class CalendarDay(Base):
    """One declared day: `business` True for an extraordinary working day, False for a *ponto facultativo*."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    business: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))
