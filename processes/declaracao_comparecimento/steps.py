"""The services of `declaracao_comparecimento` and of `correcao_comparecimento`."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from documents import operations as documents
from documents.models import Document, DocumentStatus
from people import notices
from people.models import Account, Person
from people.persons import living_person
from processes.declaracao_comparecimento import events
from processes.declaracao_comparecimento.models import Attendance, Declaration, Notice
from workflow import clock, history
from workflow import operations as workflow_operations
from workflow import queries as workflow_queries
from workflow.actor import Actor
from workflow.errors import NotFound
from workflow.process import ServiceContext

KIND = "declaracao_comparecimento"
FALSE_MATCH = "comparecimento atribuído a outra pessoa"


def listar(context: ServiceContext) -> dict[str, Any]:
    """The day appears in “Certificados e declarações” (PO7); listed again after a correction, it is the same row."""
    person_id, day = _who_and_when(context)
    statement = insert(Attendance).values(
        person_id=person_id, date=day, case_id=context.case_id, source="portaria", listed_at=clock.now()
    )
    again = {"case_id": context.case_id, "withdrawn_at": None}
    attendance_id = context.session.execute(
        statement.on_conflict_do_update(index_elements=["person_id", "date"], set_=again).returning(Attendance.id)
    ).scalar_one()
    return {"comparecimento_id": str(attendance_id)}


def emitir(context: ServiceContext) -> dict[str, Any]:
    """Render, seal and keep the declaration; done again with the same task it is the same document (DE10, DE11)."""
    session = context.session
    declaration = _locked_declaration(session, UUID(context.data["declaracao_id"]))
    if declaration.document_id is None and declaration.cancelled_at is None:
        attendance = session.get_one(Attendance, declaration.attendance_id)
        person = living_person(session, attendance.person_id)
        document = documents.issue(
            session,
            KIND,
            {"name": person.full_name or "", "cpf": person.cpf or "", "date": attendance.date},
            case_id=context.case_id,
            owner_person_id=person.id,
            actor=_requester(declaration),
            idempotency_key=f"{KIND}:{declaration.id}",
        )
        declaration.document_id, declaration.issued_at = document.id, document.issued_at
        session.flush()
    return {"documento_id": None if declaration.document_id is None else str(declaration.document_id)}


def retirar(context: ServiceContext) -> dict[str, Any]:
    """The day was somebody else's: it leaves the list, a declaration is cancelled, a waiting case ends (DE12)."""
    person_id, day = _who_and_when(context)
    session = context.session
    query = select(Attendance).where(Attendance.person_id == person_id, Attendance.date == day)
    attendance = session.scalar(query.with_for_update())
    if attendance is None or attendance.withdrawn_at is not None:
        return {"declaracao_cancelada": False}
    attendance.withdrawn_at = clock.now()
    cancelled = cancel_standing(session, attendance, FALSE_MATCH, context.actor)
    data = {"attendance": str(attendance.id), "person": str(person_id)}
    history.append(session, f"case:{attendance.case_id}", events.WITHDRAWN, data, actor=context.actor)
    end_waiting_case(session, attendance, "O comparecimento era de outra pessoa.", context.actor)
    session.flush()
    return {"declaracao_cancelada": cancelled}


def avisar(context: ServiceContext) -> None:
    """Tell whom the wrong day was attributed to and, when known, whose it was; by e-mail where there is an account."""
    person_id, day = _who_and_when(context)
    kind = "declaracao_cancelada" if context.data["declaracao_cancelada"] else "comparecimento_retirado"
    notify(context.session, context.task_id, person_id, day, kind)
    right = context.data.get("pessoa_certa_id")
    if right:
        notify(context.session, context.task_id, UUID(right), day, "comparecimento_incluido")


def cancel_standing(session: Session, attendance: Attendance, reason: str, actor: Actor) -> bool:
    """Cancel the declaration that stands for the day, its document with it; False when there is none."""
    query = select(Declaration).where(Declaration.attendance_id == attendance.id, Declaration.cancelled_at.is_(None))
    declaration = session.scalar(query.with_for_update())
    if declaration is None:
        return False
    declaration.cancelled_at, declaration.cancel_reason = clock.now(), reason
    declaration.cancelled_by = actor.id
    if declaration.document_id is not None:
        document = session.get_one(Document, declaration.document_id)
        if document.status == DocumentStatus.ISSUED:
            documents.cancel(session, document.id, reason, actor=actor)
    session.flush()
    data = {"declaration": str(declaration.id), "attendance": str(attendance.id)}
    history.append(session, f"case:{attendance.case_id}", events.CANCELLED, data, actor=actor)
    return declaration.document_id is not None


def end_waiting_case(session: Session, attendance: Attendance, reason: str, actor: Actor) -> None:
    """End the case that waits for somebody to ask for the declaration; one that ended already stays as it is."""
    if workflow_queries.case_view(session, attendance.case_id).status == "running":
        workflow_operations.cancel_case(session, attendance.case_id, reason, actor=actor)


MAILS = {
    "declaracao_cancelada": (
        "Sua declaração de comparecimento foi cancelada",
        "A declaração de comparecimento do dia {day} foi cancelada: a entrada registrada naquele dia era de outra "
        "pessoa. Quem consultar o código dela verá que está cancelada.",
    ),
    "comparecimento_retirado": (
        "Um comparecimento foi retirado da sua área do usuário",
        "O comparecimento do dia {day} foi retirado da sua área do usuário: a entrada registrada naquele dia era de "
        "outra pessoa.",
    ),
    "comparecimento_incluido": (
        "Um comparecimento foi incluído na sua área do usuário",
        "O comparecimento do dia {day}, antes atribuído a outra pessoa, foi incluído na sua área do usuário. "
        "Você já pode emitir a declaração em Certificados e declarações.",
    ),
}


def notify(session: Session, task_id: UUID, person_id: UUID, day: date, kind: str) -> None:
    """One notice for a task and person: kept for the área do usuário, and mailed to the account when there is one."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        return
    statement = insert(Notice).values(
        person_id=person_id,
        kind=kind,
        date=day,
        reason=FALSE_MATCH,
        task_id=task_id,
        created_at=clock.now(),
        mailed=False,
    )
    notice_id = session.scalar(statement.on_conflict_do_nothing().returning(Notice.id))
    account = session.scalar(select(Account).where(Account.person_id == person_id, Account.kind == "citizen"))
    if notice_id is None or account is None or account.email is None:
        return
    subject, text = MAILS[kind]
    notices.send(session, account, notices.Notice(subject, f"Olá!\n\n{text.format(day=day.strftime('%d/%m/%Y'))}"))
    session.get_one(Notice, notice_id).mailed = True
    session.flush()


def _who_and_when(context: ServiceContext) -> tuple[UUID, date]:
    return UUID(context.data["pessoa_id"]), context.data["dia"]


def _locked_declaration(session: Session, declaration_id: UUID) -> Declaration:
    declaration = session.scalar(select(Declaration).where(Declaration.id == declaration_id).with_for_update())
    if declaration is None:
        raise NotFound("O pedido da declaração não existe.", declaration=str(declaration_id))
    return declaration


def _requester(declaration: Declaration) -> Actor:
    """The account that asked for it is its author, though a worker makes it."""
    return Actor("account", id=declaration.requested_by) if declaration.requested_by else Actor("system")
