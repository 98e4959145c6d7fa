"""Publications against the chains: part of `carimbo audit verify`."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.publication import events
from documents.publication.models import Publication, PublicationStatus
from workflow.models import EventRow

BATCH = 500


def verify_publications(session: Session) -> list[str]:
    """Every publication whose row is not the one that its chain tells, in words; empty when all is whole."""
    told: dict[str, str] = {}
    query = select(EventRow.data).where(EventRow.kind.in_(events.PUBLISHED.values()))
    for text in session.scalars(query.execution_options(yield_per=BATCH)):
        data = json.loads(text)
        told[data["publication"]] = data["record"]
    problems: list[str] = []
    published = select(Publication).where(Publication.status == PublicationStatus.PUBLISHED)
    for row in session.scalars(published.order_by(Publication.id).execution_options(yield_per=BATCH)):
        record = told.pop(str(row.id), None)
        if record is None:
            problems.append(f"publicação {row.id}: não está na cadeia")
        elif record != events.record_digest(row):
            problems.append(f"publicação {row.id}: foi alterada depois de feita")
    return problems + [f"publicação {missing}: está na cadeia e não na tabela" for missing in sorted(told)]
