"""Tables of the inbox: markers, notes and watches on tasks (those of dossiers: documents.dossier.annotations), saved views,
what can be undone; and the indices by which the inbox walks the dossiers of a unit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from documents.dossier.models import Dossier, DossierUnit
from workflow.database import Base, UtcDateTime
from workflow.models import Case

_ACCENTS = "translate(lower({column}), 'áàâãäéèêëíìîïóòôõöúùûüç', 'aaaaaeeeeiiiiooooouuuuc')"
_FOLDED = f"to_tsvector('simple', regexp_replace({_ACCENTS}, '[^a-z0-9]+', ' ', 'g'))"
CASE_WORDS = _FOLDED.format(column="subject")
DOSSIER_WORDS = _FOLDED.format(column="number || ' ' || specification")
"""The words by which the inbox's filter finds a task's subject, a dossier's number and specification: accents folded."""

Index(
    "ix_dossier_unit_inbox",
    DossierUnit.unit,
    DossierUnit.priority,
    DossierUnit.due_at,
    DossierUnit.arrived_at,
    DossierUnit.dossier_id,
    postgresql_include=["assignee", "unread", "origin"],
    postgresql_where=text("status = 'open'"),
)
Index("ix_dossier_unit_changed", DossierUnit.unit, DossierUnit.changed)
Index("ix_dossier_secret", Dossier.case_id, postgresql_where=text("effective_level = 'sigiloso'"))


def _words(written: ColumnElement[str]) -> ColumnElement[Any]:
    """The same expression for the table's index, which finds its table by the columns in it (hence `text`, no literal)."""
    folded = func.translate(func.lower(written), text("'áàâãäéèêëíìîïóòôõöúùûüç'"), text("'aaaaaeeeeiiiiooooouuuuc'"))
    apart = func.regexp_replace(folded, text("'[^a-z0-9]+'"), text("' '"), text("'g'"))
    return func.to_tsvector(text("'simple'"), apart)


_NUMBERED = Dossier.__table__.c.number.op("||")(text("' '")).op("||")(Dossier.__table__.c.specification)
Index("ix_workflow_case_words", _words(Case.__table__.c.subject), postgresql_using="gin")
Index("ix_dossier_words", _words(_NUMBERED), postgresql_using="gin")


class TaskMark(Base):
    """A marker of the unit on a task, with its text (on a dossier: documents.dossier.annotations)."""

    __tablename__ = "task_mark"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    marker_id: Mapped[UUID] = mapped_column(ForeignKey("marker.id"), primary_key=True, index=True)
    text: Mapped[str] = mapped_column(String(250), default="")
    marked_by: Mapped[UUID | None] = mapped_column()
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskNote(Base):
    """The unit's note on a task: one, which whoever of the unit may change."""

    __tablename__ = "task_note"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20), primary_key=True)
    text: Mapped[str] = mapped_column(String(1000))
    author: Mapped[UUID | None] = mapped_column()
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskWatch(Base):
    """A unit keeps an eye on a task."""

    __tablename__ = "task_watch"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkView(Base):
    """A saved view of an account: a name for the filters, order and grouping in the address."""

    __tablename__ = "work_view"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index("uq_work_view_default", "account_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1000))
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkUndo(Base):
    """What takes back an act of the list: [{"act", "kind", "id", …}], offered to who did it, for a day."""

    __tablename__ = "work_undo"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(20))
    steps: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
