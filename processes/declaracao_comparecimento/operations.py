"""Asking for, cancelling and erasing declarations. Each flushes and never commits."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from people.access import Resource, authorize
from people.models import Person
from processes.declaracao_comparecimento import events
from processes.declaracao_comparecimento.errors import NotIssued
from processes.declaracao_comparecimento.models import Attendance, Declaration, Notice
from processes.declaracao_comparecimento.rules import (
    Channel,
    Holder,
    Refusal,
    Shown,
    attendance_key,
    case_subject,
    desk_refusal,
    eligibility,
    shown_refusal,
)
from processes.declaracao_comparecimento.steps import cancel_standing, end_waiting_case
from workflow import calendar, clock, history
from workflow import operations as workflow_operations
from workflow.actor import SYSTEM, Actor
from workflow.errors import Conflict, InvalidInput, NotFound


def request_issue_portal(session: Session, actor: Actor, attendance_id: UUID) -> Declaration:
    """The person asks for their own declaration on the Portal, at any hour (art. 9º, caput). Idempotent (DE11)."""
    attendance = session.get(Attendance, attendance_id)
    if attendance is None:
        raise NotFound("Não encontramos esse comparecimento.")
    owned = Resource(owner_person=attendance.person_id, id=attendance.id)
    authorize(actor, "declaracao.issue_desk" if actor.has("gabinete") else "declaracao.issue_own", owned)
    return _request(session, attendance, Channel.PORTAL, actor)


def request_issue_desk(
    session: Session,
    actor: Actor,
    person_id: UUID,
    day: date,
    *,
    document_seen: bool,
    third_party: bool = False,
    power_of_attorney_seen: bool = False,
) -> Declaration:
    """The CAC issues at its desk, in its hours, for who shows a document (art. 9º, §§ 1º and 2º; R59, R60, DE6)."""
    authorize(actor, "declaracao.issue_desk", Resource(owner_person=person_id, id=person_id))
    now = clock.now()
    shown = Shown(document_seen, third_party, power_of_attorney_seen)
    business = calendar.is_business_day(session, clock.local(now).date())
    refusal = desk_refusal(now, business_day=business) or shown_refusal(shown)
    if refusal is not None:
        raise NotIssued(refusal)
    query = select(Attendance).where(Attendance.person_id == person_id, Attendance.date == day)
    attendance = session.scalar(query)
    if attendance is None:
        raise NotIssued(Refusal.DATA_FUTURA if day > clock.today() else Refusal.SEM_COMPARECIMENTO)
    return _request(session, attendance, Channel.CAC, actor, third_party=third_party)


def cancel_declaration(session: Session, actor: Actor, declaration_id: UUID, reason: str) -> None:
    """Cancel an issued declaration with its reason; the day is listed anew, for one with a new code (D6)."""
    authorize(actor, "declaracao.cancel", Resource(id=declaration_id))
    words = " ".join(reason.split())
    if not 3 <= len(words) <= 200:
        raise InvalidInput({"reason": "Escreva o motivo do cancelamento, com 3 a 200 caracteres."})
    declaration = session.get(Declaration, declaration_id)
    if declaration is None:
        raise NotFound("Não encontramos essa declaração.")
    attendance = session.get_one(Attendance, declaration.attendance_id, with_for_update=True, populate_existing=True)
    session.refresh(declaration)
    if declaration.cancelled_at is not None:
        raise Conflict("Esta declaração já foi cancelada.")
    if declaration.document_id is None:
        raise Conflict("Esta declaração ainda está sendo emitida. Espere alguns segundos e tente de novo.")
    cancel_standing(session, attendance, words, actor)
    list_again(session, attendance, str(declaration.id), actor)


def list_again(session: Session, attendance: Attendance, cause: str, actor: Actor) -> None:
    """Start a new case for a day whose declaration was cancelled; `cause` names the cancellation."""
    key = f"{attendance_key(attendance.person_id, attendance.date)}:{cause}"
    data = {"pessoa_id": str(attendance.person_id), "dia": attendance.date, "entrada_id": None}
    subject = case_subject(attendance.date)
    workflow_operations.start_case(
        session, "declaracao_comparecimento", data, actor=actor, subject=subject, business_key=key
    )


def erase_for(session: Session, person_id: UUID, *, actor: Actor = SYSTEM) -> None:
    """A person's data are erased (LGPD, art. 18, VI): what waits for them ends, notices go; rows keep ids only.

    The declarations themselves are the documents package's to erase.
    """
    query = select(Attendance).where(Attendance.person_id == person_id, Attendance.withdrawn_at.is_(None))
    for attendance in session.scalars(query.with_for_update()).all():
        attendance.withdrawn_at = clock.now()
        end_waiting_case(session, attendance, "Dados eliminados a pedido do titular.", actor)
    session.execute(delete(Notice).where(Notice.person_id == person_id))
    session.flush()


def _request(
    session: Session, attendance: Attendance, channel: Channel, actor: Actor, *, third_party: bool = False
) -> Declaration:
    """The declaration that stands for the day, asked for now when there is none: two requests at once are one row."""
    refusal = _refusal(session, attendance)
    if refusal is not None:
        raise NotIssued(refusal)
    statement = insert(Declaration).values(
        attendance_id=attendance.id, channel=channel.value, requested_by=actor.id, requested_at=clock.now(),
        third_party=third_party,
    )  # fmt: skip
    created = session.scalar(
        statement.on_conflict_do_nothing(
            index_elements=["attendance_id"], index_where=Declaration.cancelled_at.is_(None)
        ).returning(Declaration.id)
    )
    query = select(Declaration).where(Declaration.attendance_id == attendance.id, Declaration.cancelled_at.is_(None))
    declaration = session.scalars(query).one()
    if created is not None:
        _ask(session, attendance, declaration, actor)
    return declaration


def _ask(session: Session, attendance: Attendance, declaration: Declaration, actor: Actor) -> None:
    data = {"declaration": str(declaration.id), "channel": declaration.channel}
    history.append(session, f"case:{attendance.case_id}", events.REQUESTED, data, actor=actor)
    workflow_operations.deliver_message(
        session,
        "emissao_pedida",
        attendance_key(attendance.person_id, attendance.date),
        {"declaracao_id": str(declaration.id)},
        message_id=f"emissao:{declaration.id}",
        actor=actor,
    )


def _refusal(session: Session, attendance: Attendance) -> Refusal | None:
    person = session.get(Person, attendance.person_id)
    alive = person is not None and person.erased_at is None
    holder = Holder(
        registered=alive,
        cpf=alive and person is not None and person.cpf is not None,
        cpf_verified=alive and person is not None and person.cpf_verified_at is not None,
    )
    entries = 0 if attendance.withdrawn_at is not None else 1
    return eligibility(holder, attendance.date, today=clock.today(), permitted_entries=entries)
