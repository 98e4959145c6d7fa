"""The day has come: a publication gets its edition and is there for good, or is held with what speaks against it."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access, lines
from documents.dossier import events as chain
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.numbering.operations import next_number
from documents.publication import events, rules, standing
from documents.publication.models import (
    Publication,
    PublicationEdition,
    PublicationKind,
    PublicationStatus,
    PublicationVehicle,
)
from documents.publication.operations import facts, get
from documents.signatures import sealing
from workflow import calendar, clock
from workflow.actor import SYSTEM

Outcome = Literal["published", "held", "waiting"]


def due(session: Session) -> list[UUID]:
    """What is to be published now, in the order in which it was scheduled; nothing on a day without expediente."""
    today = clock.today()
    if not calendar.is_business_day(session, today):
        return []
    query = select(Publication.id).where(Publication.status == PublicationStatus.SCHEDULED, Publication.day <= today)
    return list(session.scalars(query.order_by(Publication.day, Publication.created_at, Publication.id)))


def publish(session: Session, publication_id: UUID) -> Outcome:
    """Publish one whose day has come. Doing it again changes nothing; `waiting`: its sealed file is not there yet."""
    found = get(session, publication_id)
    dossier = access.locked(session, SYSTEM, found.dossier_id)
    query = select(DossierDocument).where(DossierDocument.id == found.document_id).with_for_update(key_share=True)
    document = session.scalars(query.execution_options(populate_existing=True)).one()
    row = get(session, publication_id)
    session.refresh(row, with_for_update=True)
    today = clock.today()
    business = calendar.is_business_day(session, today)
    if row.status != PublicationStatus.SCHEDULED or not rules.is_due(row.day, today, business=business):
        return "published" if row.status == PublicationStatus.PUBLISHED else "waiting"
    against = _against(session, row, document, dossier)
    if against:
        return _hold(session, row, document, against)
    if row.kind != PublicationKind.VOIDING and sealing.pending(session, document):
        return "waiting"
    return _publish(session, row, document, today)


def _against(session: Session, row: Publication, document: DossierDocument, dossier: Dossier) -> str:
    """What speaks against it on its day; against leaving something without effect, nothing does."""
    if row.kind == PublicationKind.VOIDING:
        return ""
    if row.kind == PublicationKind.RECTIFICATION and row.of_id is not None and standing.voided(session, row.of_id):
        return "A publicação que ele retifica ficou sem efeito."
    declared = session.get_one(DocumentType, document.type_key)
    return rules.obstacle(document, declared, dossier, row.version)


def _hold(session: Session, row: Publication, document: DossierDocument, why: str) -> Outcome:
    row.status, row.ended_reason = PublicationStatus.HELD, why
    session.flush()
    said = {**facts(session, row, document), "why": why}
    chain.append(session, row.dossier_id, events.HELD, said, actor=SYSTEM)
    lines.touch_all(session, row.dossier_id)
    return "held"


def _publish(session: Session, row: Publication, document: DossierDocument, today: date) -> Outcome:
    now = clock.now()
    sealed_id = _file(session, row, document)
    edition = _edition(session, row.vehicle_key, today)
    row.status, row.published_at, row.edition_id = PublicationStatus.PUBLISHED, now, edition.id
    row.sealed_id = sealed_id
    document.locked_at = document.locked_at or now
    session.flush()
    said = {**facts(session, row, document), "on": f"{today:%d/%m/%Y}", "edition": edition.number, "year": edition.year}
    chain.append(session, row.dossier_id, events.PUBLISHED[row.kind], said, actor=SYSTEM)
    lines.touch_all(session, row.dossier_id)
    return "published"


def _file(session: Session, row: Publication, document: DossierDocument) -> UUID | None:
    """The document's sealed file; of what leaves another without effect, the one that was published."""
    if row.kind == PublicationKind.VOIDING and row.of_id is not None:
        return session.get_one(Publication, row.of_id).sealed_id
    return document.sealed_id


def _edition(session: Session, vehicle_key: str, day: date) -> PublicationEdition:
    """The vehicle's edition of the day; whoever else publishes in it waits until this transaction ends."""
    session.execute(select(PublicationVehicle.key).where(PublicationVehicle.key == vehicle_key).with_for_update())
    query = select(PublicationEdition).where(
        PublicationEdition.vehicle_key == vehicle_key, PublicationEdition.day == day
    )
    found = session.scalar(query)
    if found is not None:
        return found
    number = next_number(session, f"publicacao:{vehicle_key}", day.year)
    made = PublicationEdition(vehicle_key=vehicle_key, day=day, year=day.year, number=number)
    session.add(made)
    session.flush()
    return made
