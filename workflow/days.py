"""Reading a day's chain: the acts outside cases, in words."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import history
from workflow.history.chain import day_chain
from workflow.models import EventRow
from workflow.queries import TimelineEntry


def day_timeline(session: Session, day: date, *, limit: int = 500) -> list[TimelineEntry]:
    """The acts of that day (America/Sao_Paulo), newest first."""
    query = select(EventRow).where(EventRow.chain == day_chain(day)).order_by(EventRow.seq.desc()).limit(limit)
    found = []
    for row in session.scalars(query):
        data = json.loads(row.data)
        text = history.sentence(row.kind, data)
        found.append(
            TimelineEntry(row.at, text, row.kind, row.actor_kind, row.actor_id, row.acting_for, row.unit, data)
        )
    return found
