"""Reading dossiers. What a list shows and what a page opens is decided in documents.dossier.access alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from documents.dossier import access, events, plan
from documents.dossier.annotations.models import Acknowledgement, Entry
from documents.dossier.errors import DossierNotFound
from documents.dossier.events import Detail
from documents.dossier.lines import lines_of
from documents.dossier.models import (
    DocumentType,
    Dossier,
    DossierDocument,
    DossierParty,
    DossierRelation,
    DossierType,
    DossierUnit,
    LegalHypothesis,
)
from documents.dossier.views import DossierView, HypothesisView, Link, PartyView, TreeItem, UnitLine
from people.models import Account
from workflow import history
from workflow.actor import Actor
from workflow.models import EventRow
from workflow.queries import TimelineEntry


def dossier_view(session: Session, dossier_id: UUID, actor: Actor) -> DossierView:
    """Everything that the page of a dossier shows; DossierNotFound and Forbidden as access decides."""
    dossier = access.find(session, actor, dossier_id)
    kind = session.get_one(DossierType, dossier.type_key)
    lines = _unit_lines(session, dossier_id, actor)
    tasks = plan.tasks_of(session, dossier)
    host = visible_links(session, actor, [dossier.attached_to]) if dossier.attached_to else ()
    return DossierView(
        id=dossier.id,
        number=dossier.number,
        type_key=kind.key,
        type_name=kind.name,
        specification=dossier.specification,
        level=dossier.level,
        effective_level=dossier.effective_level,
        hypothesis=_hypothesis(session, dossier),
        origin_unit=dossier.origin_unit,
        created_by=dossier.created_by,
        created_at=dossier.created_at,
        status=dossier.status,
        status_reason=dossier.status_reason,
        status_unit=dossier.status_unit,
        free_routing=kind.free_routing,
        case_id=dossier.case_id,
        process_key=dossier.process_key,
        parties=parties(session, dossier_id),
        units=lines,
        mine=next((line for line in lines if line.unit == actor.unit), None),
        tree=tree(session, dossier_id, actor),
        tasks=tasks,
        missing=plan.missing(session, dossier, tasks),
        related=related(session, dossier_id, actor),
        attached_to=host[0] if host else None,
        attachments=attachments(session, dossier_id, actor),
    )


def tree(session: Session, dossier_id: UUID, actor: Actor) -> tuple[TreeItem, ...]:
    """The documents in their order, cancelled ones too; deleted ones are gone."""
    access.find(session, actor, dossier_id)
    acknowledged = _acknowledged(session, dossier_id)
    rows = session.execute(
        select(DossierDocument, DocumentType.name)
        .join(DocumentType, DocumentType.key == DossierDocument.type_key)
        .where(DossierDocument.dossier_id == dossier_id, DossierDocument.status != "deleted")
        .order_by(DossierDocument.position)
    )
    return tuple(_item(document, name, actor, acknowledged.get(document.id, 0)) for document, name in rows)


def items(session: Session, documents: Iterable[DossierDocument], actor: Actor) -> tuple[TreeItem, ...]:
    """Documents that somebody else has chosen, in their order, as the tree shows them."""
    names = {row[0]: row[1] for row in session.execute(select(DocumentType.key, DocumentType.name))}
    return tuple(_item(one, names[one.type_key], actor, 0) for one in documents)


def label(document: DossierDocument, type_name: str) -> str:
    """How people name a document: `Ofício Of. 002/2018/GRPC/GRI (0000015)`, `Anexo Planta do prédio (0000016)`."""
    return f"{called(document, type_name)} ({document.number:07d})"


def called(document: DossierDocument, type_name: str) -> str:
    """The same without the protocol number; a mask may already begin with the type's name."""
    own = document.type_number or document.title
    return own if own.casefold().startswith(type_name.casefold()) else f"{type_name} {own}".rstrip()


def andamento(session: Session, dossier_id: UUID, *, actor: Actor, detail: Detail = "resumido") -> list[TimelineEntry]:
    """The dossier's story, latest first; manual entries with their text. What is private to a unit, only to it."""
    access.find(session, actor, dossier_id)
    written = {str(row.id): row.text for row in session.scalars(select(Entry).where(Entry.dossier_id == dossier_id))}
    query = select(EventRow).where(EventRow.chain == events.chain(dossier_id)).order_by(EventRow.seq.desc())
    found = []
    for row in session.scalars(query):
        if not events.shown(row.kind, detail) or (row.kind in events.PRIVATE and row.unit != actor.unit):
            continue
        data = json.loads(row.data)
        text = written.get(data.get("entry", ""), "") if row.kind == events.ENTRY else ""
        sentence = text or history.sentence(row.kind, data)
        found.append(
            TimelineEntry(row.at, sentence, row.kind, row.actor_kind, row.actor_id, row.acting_for, row.unit, data)
        )
    return found


def by_number(session: Session, number: str, actor: Actor) -> Dossier:
    """The dossier of that number, with or without its punctuation; DossierNotFound when this actor may see none."""
    text = " ".join(number.split())
    digits = re.sub(r"\D", "", text)
    wanted = [text]
    if len(digits) == 19:
        wanted.append(f"{digits[:4]}.{digits[4:6]}.{digits[6:13]}/{digits[13:17]}-{digits[17:]}")
    found = session.scalar(select(Dossier).where(Dossier.number.in_(wanted), access.visible(actor)).limit(1))
    if found is None:
        raise DossierNotFound()
    return found


def related(session: Session, dossier_id: UUID, actor: Actor) -> tuple[Link, ...]:
    """The related dossiers that this actor may see."""
    rows = session.execute(
        select(DossierRelation.dossier_id, DossierRelation.other_id).where(
            or_(DossierRelation.dossier_id == dossier_id, DossierRelation.other_id == dossier_id)
        )
    )
    return visible_links(session, actor, [one if other == dossier_id else other for one, other in rows])


def attachments(session: Session, dossier_id: UUID, actor: Actor) -> tuple[Link, ...]:
    """The dossiers attached to this one that this actor may see."""
    return visible_links(session, actor, session.scalars(select(Dossier.id).where(Dossier.attached_to == dossier_id)))


def visible_links(session: Session, actor: Actor, ids: Iterable[UUID]) -> tuple[Link, ...]:
    """Number, type and specification of those that this actor may see, by number."""
    wanted = list(ids)
    if not wanted:
        return ()
    rows = session.execute(
        select(Dossier.id, Dossier.number, DossierType.name, Dossier.specification)
        .join(DossierType, DossierType.key == Dossier.type_key)
        .where(Dossier.id.in_(wanted), access.visible(actor))
        .order_by(Dossier.number)
    )
    return tuple(Link(identifier, number, kind, specification) for identifier, number, kind, specification in rows)


def parties(session: Session, dossier_id: UUID) -> tuple[PartyView, ...]:
    """The interested parties, by name."""
    query = select(DossierParty).where(DossierParty.dossier_id == dossier_id).order_by(DossierParty.name_folded)
    return tuple(PartyView(row.name, row.person_id) for row in session.scalars(query))


def units_open(session: Session, dossier_id: UUID) -> tuple[str, ...]:
    """Siglas of the units in which it is open."""
    return tuple(line.unit for line in lines_of(session, dossier_id, only_open=True))


def types(session: Session, *, active: bool = True) -> Sequence[DossierType]:
    """The types of processo, by name."""
    query = select(DossierType).order_by(DossierType.name)
    return session.scalars(query.where(DossierType.active) if active else query).all()


def document_types(session: Session, kind: str | None = None) -> Sequence[DocumentType]:
    """The types of document in force, by name; only those that fit `internal`, `external` or `form` when given."""
    query = select(DocumentType).where(DocumentType.active).order_by(DocumentType.name)
    if kind is not None:
        fitting = ("form",) if kind == "form" else (kind, "both")
        query = query.where(DocumentType.applies_to.in_(fitting))
    return session.scalars(query).all()


def hypotheses(session: Session, level: str | None = None) -> Sequence[LegalHypothesis]:
    """The legal hypotheses in force, by level and name; of one level when given."""
    query = select(LegalHypothesis).where(LegalHypothesis.active)
    query = query.order_by(LegalHypothesis.level, LegalHypothesis.name)
    return session.scalars(query.where(LegalHypothesis.level == level) if level else query).all()


def _hypothesis(session: Session, dossier: Dossier) -> HypothesisView | None:
    """Its own, or that of the document which raised it."""
    found = dossier.hypothesis_id
    if dossier.level != dossier.effective_level:
        found = session.scalar(
            select(DossierDocument.hypothesis_id)
            .where(
                DossierDocument.dossier_id == dossier.id,
                DossierDocument.level == dossier.effective_level,
                DossierDocument.status != "deleted",
            )
            .order_by(DossierDocument.position)
            .limit(1)
        )
    row = session.get(LegalHypothesis, found) if found is not None else None
    return HypothesisView(row.name, row.law) if row is not None else None


def _acknowledged(session: Session, dossier_id: UUID) -> dict[UUID | None, int]:
    query = (
        select(Acknowledgement.document_id, func.count())
        .where(Acknowledgement.dossier_id == dossier_id)
        .group_by(Acknowledgement.document_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _item(document: DossierDocument, name: str, actor: Actor, acknowledgements: int) -> TreeItem:
    editable = document.locked_at is None and document.status in ("draft", "signed") and document.unit == actor.unit
    return TreeItem(
        id=document.id,
        number=document.number,
        position=document.position,
        kind=document.kind,
        type_key=document.type_key,
        type_name=name,
        type_number=document.type_number,
        title=document.title,
        label=label(document, name),
        unit=document.unit,
        status=document.status,
        level=document.level,
        locked=document.locked_at is not None,
        cancel_reason=document.cancel_reason,
        created_by=document.created_by,
        created_at=document.created_at,
        document_date=document.document_date,
        version=document.version,
        media_type=document.media_type,
        pages=document.pages,
        sealed_id=document.sealed_id,
        editable=editable and document.kind != "external",
        acknowledgements=acknowledgements,
    )


def _unit_lines(session: Session, dossier_id: UUID, actor: Actor) -> tuple[UnitLine, ...]:
    """Where it is and was; a deadline, a reopening and a priority are the unit's own business."""
    rows = session.execute(
        select(DossierUnit, Account.display_name, Account.login)
        .outerjoin(Account, Account.id == DossierUnit.assignee)
        .where(DossierUnit.dossier_id == dossier_id)
        .order_by(DossierUnit.arrived_at, DossierUnit.unit)
    )
    return tuple(
        UnitLine(
            unit=line.unit,
            status=line.status,
            origin=line.origin,
            from_unit=line.from_unit,
            arrived_at=line.arrived_at,
            received=line.opened_at is not None,
            assignee=line.assignee,
            assignee_name=name or login or "",
            return_by=line.return_by,
            reopen_on=line.reopen_on if line.unit == actor.unit else None,
            due_at=line.due_at if line.unit == actor.unit else None,
            due_done_at=line.due_done_at if line.unit == actor.unit else None,
            priority=line.priority if line.unit == actor.unit else 0,
        )
        for line, name, login in rows
    )
