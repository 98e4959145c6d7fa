"""Reading attendances and declarations: the área do usuário, the CAC's desk, the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from documents.models import Document
from documents.operations import read_bytes
from people.access import Resource, authorize
from processes.declaracao_comparecimento.models import Attendance, Declaration, Notice
from workflow.actor import Actor
from workflow.errors import NotFound

State = Literal["disponivel", "em_emissao", "emitida"]


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """A day in “Certificados e declarações”, with the declaration that stands for it."""

    id: UUID
    person_id: UUID
    date: date
    case_id: UUID
    listed_at: datetime
    state: State
    declaration_id: UUID | None
    document_id: UUID | None
    code: str | None
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """One declaration, standing or cancelled."""

    id: UUID
    attendance_id: UUID
    date: date
    channel: str
    requested_at: datetime
    document_id: UUID | None
    issued_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """One line of the history of interactions (PO8), in words."""

    at: datetime
    kind: str
    sentence: str
    date: date


def attendances_of(session: Session, person_id: UUID) -> list[AttendanceRow]:
    """The person's days, latest first; withdrawn ones left out."""
    rows = session.execute(
        select(Attendance, Declaration, Document.code)
        .outerjoin(Declaration, and_(Declaration.attendance_id == Attendance.id, Declaration.cancelled_at.is_(None)))
        .outerjoin(Document, Document.id == Declaration.document_id)
        .where(Attendance.person_id == person_id, Attendance.withdrawn_at.is_(None))
        .order_by(Attendance.date.desc())
    )
    return [_attendance_row(attendance, declaration, code) for attendance, declaration, code in rows]


def attendance(session: Session, attendance_id: UUID) -> AttendanceRow:
    """One day; NotFound when it is not there or was withdrawn."""
    row = session.get(Attendance, attendance_id)
    found = [] if row is None else [one for one in attendances_of(session, row.person_id) if one.id == attendance_id]
    if not found:
        raise NotFound("Não encontramos esse comparecimento.")
    return found[0]


def declarations_of(session: Session, person_id: UUID) -> list[DeclarationRow]:
    """The person's declarations, latest day first, cancelled ones included."""
    rows = session.execute(
        _DECLARATIONS.where(Attendance.person_id == person_id).order_by(
            Attendance.date.desc(), Declaration.requested_at.desc()
        )
    )
    return [_declaration_row(declaration, day, code) for declaration, day, code in rows]


def cancelled_of(session: Session, person_id: UUID) -> list[DeclarationRow]:
    """The person's declarations that were issued and cancelled (D6, DE12), latest day first."""
    rows = declarations_of(session, person_id)
    return [row for row in rows if row.issued_at is not None and row.cancelled_at is not None]


def declaration(session: Session, declaration_id: UUID) -> DeclarationRow:
    """One declaration."""
    row = session.execute(_DECLARATIONS.where(Declaration.id == declaration_id)).first()
    if row is None:
        raise NotFound("Não encontramos essa declaração.")
    return _declaration_row(row[0], row[1], row[2])


def declaration_bytes(session: Session, actor: Actor, declaration_id: UUID) -> bytes:
    """The sealed PDF: the same bytes every time (DE10, PO8), for its owner and for the CAC."""
    row = session.execute(
        select(Declaration, Attendance.person_id)
        .join(Attendance, Attendance.id == Declaration.attendance_id)
        .where(Declaration.id == declaration_id)
    ).first()
    if row is None:
        raise NotFound("Não encontramos essa declaração.")
    authorize(actor, "declaracao.read", Resource(owner_person=row[1], id=declaration_id))
    if row[0].document_id is None:
        raise NotFound("A declaração ainda está sendo emitida. Espere alguns segundos.")
    return read_bytes(session, row[0].document_id)


def interactions(session: Session, person_id: UUID) -> list[Interaction]:
    """Everything between the person and the declarations, latest first."""
    found: list[Interaction] = []
    rows = session.scalars(select(Attendance).where(Attendance.person_id == person_id))
    found.extend(Interaction(row.listed_at, "comparecimento", _visited(row), row.date) for row in rows)
    for row in declarations_of(session, person_id):
        found.extend(_interactions_of(row))
    for notice in session.scalars(select(Notice).where(Notice.person_id == person_id)):
        found.append(Interaction(notice.created_at, "aviso", NOTICE_SENTENCES[notice.kind], notice.date))
    return sorted(found, key=lambda line: line.at, reverse=True)


_DECLARATIONS = (
    select(Declaration, Attendance.date, Document.code)
    .join(Attendance, Attendance.id == Declaration.attendance_id)
    .outerjoin(Document, Document.id == Declaration.document_id)
)
CHANNELS = {"portal": "no Portal", "cac": "no CAC"}
NOTICE_SENTENCES = {
    "declaracao_cancelada": "Aviso: a declaração foi cancelada, porque a entrada era de outra pessoa.",
    "comparecimento_retirado": "Aviso: o comparecimento foi retirado, porque a entrada era de outra pessoa.",
    "comparecimento_incluido": "Aviso: o comparecimento foi incluído depois de uma correção.",
}


def _visited(row: Attendance) -> str:
    return "Comparecimento à Assembleia." if row.withdrawn_at is None else "Comparecimento retirado."


def _interactions_of(row: DeclarationRow) -> Sequence[Interaction]:
    lines = [Interaction(row.requested_at, "pedido", f"Declaração pedida {CHANNELS[row.channel]}.", row.date)]
    if row.issued_at is not None:
        lines.append(Interaction(row.issued_at, "emissao", "Declaração emitida.", row.date))
    if row.cancelled_at is not None:
        lines.append(
            Interaction(row.cancelled_at, "cancelamento", f"Declaração cancelada: {row.cancel_reason}.", row.date)
        )
    return lines


def _attendance_row(row: Attendance, standing: Declaration | None, code: str | None) -> AttendanceRow:
    state: State = "disponivel"
    if standing is not None:
        state = "em_emissao" if standing.document_id is None else "emitida"
    return AttendanceRow(
        id=row.id,
        person_id=row.person_id,
        date=row.date,
        case_id=row.case_id,
        listed_at=row.listed_at,
        state=state,
        declaration_id=None if standing is None else standing.id,
        document_id=None if standing is None else standing.document_id,
        code=code,
        issued_at=None if standing is None else standing.issued_at,
    )


def _declaration_row(row: Declaration, day: date, code: str | None) -> DeclarationRow:
    return DeclarationRow(
        row.id, row.attendance_id, day, row.channel, row.requested_at, row.document_id, row.issued_at, row.cancelled_at,
        row.cancel_reason, code,
    )  # fmt: skip
