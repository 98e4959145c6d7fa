"""Verbs of publications: schedule, change, cancel, publish; and what follows a publication.

Locks, in this order: dossier, document, publication, vehicle, counter, chain.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access, lines
from documents.dossier import events as chain
from documents.dossier import rules as dossiers
from documents.dossier.errors import DossierDocumentNotFound
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.publication import events, rules, standing
from documents.publication.models import Publication, PublicationKind, PublicationStatus, PublicationVehicle
from documents.publication.vehicles import in_use
from workflow import calendar, clock
from workflow.actor import Actor
from workflow.errors import Conflict, NotFound

MANAGE = "publication.manage"


def schedule(
    session: Session, document_id: UUID, vehicle_key: str, day: date | None, summary: str, *, actor: Actor
) -> Publication:
    """A first publication of a signed document, on a business day."""
    dossier, document = _locked(session, document_id, actor)
    rules.require_publishable(document, _type(session, document), dossier)
    row = _new(session, document, PublicationKind.ORIGINAL, vehicle_key, day, summary, None, None, actor)
    return _scheduled(session, row, document, actor)


def rectify(
    session: Session,
    publication_id: UUID,
    document_id: UUID,
    day: date | None,
    summary: str,
    reason: str,
    *,
    actor: Actor,
) -> Publication:
    """Another signed document of the same processo corrects a publication; `reason` says what it corrects."""
    before = get(session, publication_id)
    dossier, document = _locked(session, document_id, actor)
    rules.require_rectifier(before, document)
    _require_followable(session, before, PublicationKind.RECTIFICATION)
    rules.require_publishable(document, _type(session, document), dossier)
    return _follow(session, before, PublicationKind.RECTIFICATION, document, day, summary, reason, actor)


def republish(session: Session, publication_id: UUID, day: date | None, reason: str, *, actor: Actor) -> Publication:
    """The same text again, with why."""
    before = get(session, publication_id)
    dossier, document = _locked(session, before.document_id, actor)
    _require_followable(session, before, PublicationKind.REPUBLICATION)
    rules.require_publishable(document, _type(session, document), dossier)
    return _follow(session, before, PublicationKind.REPUBLICATION, document, day, before.summary, reason, actor)


def void(session: Session, publication_id: UUID, day: date | None, reason: str, *, actor: Actor) -> Publication:
    """From its own publication on, the one named has no effect. Possible even where the processo is público no more."""
    before = get(session, publication_id)
    _, document = _locked(session, before.document_id, actor)
    _require_followable(session, before, PublicationKind.VOIDING)
    return _follow(session, before, PublicationKind.VOIDING, document, day, before.summary, reason, actor)


def change(
    session: Session, publication_id: UUID, vehicle_key: str, day: date | None, summary: str, *, actor: Actor
) -> Publication:
    """Another day, vehicle or ementa, until it is published; one that was held waits again, for the text as it is now."""
    row, document = _waiting(session, publication_id, actor)
    following = row.kind in (PublicationKind.REPUBLICATION, PublicationKind.VOIDING)
    if row.kind != PublicationKind.VOIDING:
        rules.require_publishable(document, _type(session, document), session.get_one(Dossier, row.dossier_id))
        row.version = document.version
    if row.of_id is None and row.vehicle_key != vehicle_key:
        _require_once(session, document, in_use(session, vehicle_key))
        row.vehicle_key = vehicle_key
    row.day = _day(session, day)
    if not following:
        row.summary = rules.summary(summary)
        row.summary_folded = rules.folded(row.summary)
    row.status, row.ended_reason = PublicationStatus.SCHEDULED, None
    return _told(session, events.CHANGED, row, document, actor)


def cancel(session: Session, publication_id: UUID, reason: str, *, actor: Actor) -> Publication:
    """It is not published; why stays with it."""
    row, document = _waiting(session, publication_id, actor, running=False)
    row.ended_reason = rules.reason(reason)
    row.status = PublicationStatus.CANCELLED
    return _told(session, events.CANCELLED, row, document, actor, {"why": chain.digest(row.id, row.ended_reason)})


def get(session: Session, publication_id: UUID) -> Publication:
    """The publication; whoever calls decides who may know of it."""
    row = session.get(Publication, publication_id)
    if row is None:
        raise NotFound("Não encontramos esta publicação. Confira o endereço.")
    return row


def facts(session: Session, row: Publication, document: DossierDocument) -> dict[str, object]:
    """What every event of a publication says."""
    vehicle = session.get_one(PublicationVehicle, row.vehicle_key)
    said: dict[str, object] = {
        "publication": str(row.id), "document": str(document.id), "number": document.number, "vehicle": vehicle.name,
        "on": f"{row.day:%d/%m/%Y}", "record": events.record_digest(row),
    }  # fmt: skip
    if row.of_id is not None:
        before = session.get_one(Publication, row.of_id)
        said["of"] = str(before.id)
        said["of_number"] = session.get_one(DossierDocument, before.document_id).number
    return said


def _locked(
    session: Session, document_id: UUID, actor: Actor, *, running: bool = True
) -> tuple[Dossier, DossierDocument]:
    """Dossier and document, locked, for a unit in which the processo is open."""
    found = session.get(DossierDocument, document_id)
    if found is None or found.status == "deleted":
        raise DossierDocumentNotFound(document=str(document_id))
    dossier = access.locked(session, actor, found.dossier_id, MANAGE)
    access.open_line(session, dossier, actor)
    if running:
        dossiers.require_running(dossier)
    query = select(DossierDocument).where(DossierDocument.id == document_id).with_for_update(key_share=True)
    return dossier, session.scalars(query.execution_options(populate_existing=True)).one()


def _waiting(
    session: Session, publication_id: UUID, actor: Actor, *, running: bool = True
) -> tuple[Publication, DossierDocument]:
    """A publication that waits for its day, locked with its dossier and document."""
    row = get(session, publication_id)
    _, document = _locked(session, row.document_id, actor, running=running)
    session.refresh(row, with_for_update=True)
    rules.require_waiting(row)
    return row, document


def _require_followable(session: Session, before: Publication, kind: str) -> None:
    session.refresh(before)
    waiting = select(Publication.id).where(Publication.of_id == before.id, Publication.status.in_(rules.WAITING))
    voided = standing.voided(session, before.id)
    rules.require_followable(before, kind, voided=voided, waiting=session.scalar(waiting) is not None)


def _follow(
    session: Session, before: Publication, kind: str, document: DossierDocument, day: date | None, summary: str,
    reason: str, actor: Actor,
) -> Publication:  # fmt: skip
    why = rules.reason(reason)
    row = _new(session, document, kind, before.vehicle_key, day, summary, before, why, actor)
    return _scheduled(session, row, document, actor)


def _new(
    session: Session, document: DossierDocument, kind: str, vehicle_key: str, day: date | None, summary: str,
    before: Publication | None, reason: str | None, actor: Actor,
) -> Publication:  # fmt: skip
    vehicle = in_use(session, vehicle_key) if before is None else session.get_one(PublicationVehicle, vehicle_key)
    if kind in (PublicationKind.ORIGINAL, PublicationKind.RECTIFICATION):
        _require_once(session, document, vehicle)
    said = rules.summary(summary)
    row = Publication(
        kind=kind, dossier_id=document.dossier_id, document_id=document.id, version=document.version,
        vehicle_key=vehicle.key, of_id=before.id if before is not None else None, day=_day(session, day), summary=said,
        summary_folded=rules.folded(said), reason=reason, unit=actor.unit or document.unit, created_by=actor.id,
        created_at=clock.now(), status=PublicationStatus.SCHEDULED,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _require_once(session: Session, document: DossierDocument, vehicle: PublicationVehicle) -> None:
    """A document is published once in a vehicle; the second time is a republication."""
    query = select(Publication.id).where(
        Publication.document_id == document.id,
        Publication.vehicle_key == vehicle.key,
        Publication.status != PublicationStatus.CANCELLED,
        Publication.kind.in_((PublicationKind.ORIGINAL, PublicationKind.RECTIFICATION)),
    )
    if session.scalar(query.limit(1)) is not None:
        raise Conflict(f"Este documento já tem publicação feita ou programada em: {vehicle.name}.")


def _day(session: Session, day: date | None) -> date:
    now = clock.local(clock.now())
    business = day is None or calendar.is_business_day(session, day)
    return rules.require_day(day, now, business=business)


def _type(session: Session, document: DossierDocument) -> DocumentType:
    return session.get_one(DocumentType, document.type_key)


def _scheduled(session: Session, row: Publication, document: DossierDocument, actor: Actor) -> Publication:
    return _told(session, events.SCHEDULED[row.kind], row, document, actor)


def _told(
    session: Session,
    kind: str,
    row: Publication,
    document: DossierDocument,
    actor: Actor,
    more: dict[str, object] | None = None,
) -> Publication:
    session.flush()
    chain.append(session, row.dossier_id, kind, {**facts(session, row, document), **(more or {})}, actor=actor)
    lines.touch_all(session, row.dossier_id)
    return row
