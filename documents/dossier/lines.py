"""The lines of a dossier in its units, and the number that moves with every change that an inbox shows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents.dossier.models import DossierUnit

NEXT_CHANGE = text("SELECT nextval('work_change')")


def touch(session: Session, *lines: DossierUnit) -> None:
    """Each line gets the next change number, so that the inboxes that show it refresh themselves."""
    for line in lines:
        line.changed = int(session.execute(NEXT_CHANGE).scalar_one())
    session.flush()


def lines_of(session: Session, dossier_id: UUID, *, only_open: bool = False) -> Sequence[DossierUnit]:
    """The dossier's lines, in the order in which it arrived."""
    query = select(DossierUnit).where(DossierUnit.dossier_id == dossier_id)
    if only_open:
        query = query.where(DossierUnit.status == "open")
    query = query.order_by(DossierUnit.arrived_at, DossierUnit.unit).execution_options(populate_existing=True)
    return session.scalars(query).all()


def touch_all(session: Session, dossier_id: UUID) -> None:
    """Every open line of a dossier: something that all its units show has changed."""
    touch(session, *lines_of(session, dossier_id, only_open=True))
