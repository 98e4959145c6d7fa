"""“Certificados e declarações” (PO7): every day of attendance, its declaration, the second copy (PO8)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from people import operations as people_operations
from people.errors import CpfNotProved
from processes.declaracao_comparecimento import operations, queries
from processes.declaracao_comparecimento.queries import AttendanceRow, DeclarationRow
from webapp import downloads
from webapp.portal.area import own_account, profile_complete
from webapp.portal.blueprint import blueprint
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import NotFound

PATH = "/area-do-usuario/certificados-e-declaracoes"


@blueprint.get(PATH)
@requires("portal.view")
def declarations() -> str:
    """PO5, PO6: empty with instructions until the CPF is proved."""
    with transaction() as db:
        try:
            person = people_operations.proved_person(db, own_account())
        except CpfNotProved as refusal:
            missing, complete = refusal.message, profile_complete(db)
            return render_template(
                "portal/declarations.html", rows=[], cancelled=[], missing=missing, complete=complete
            )
        rows, cancelled = queries.attendances_of(db, person.id), queries.cancelled_of(db, person.id)
    return render_template("portal/declarations.html", rows=rows, cancelled=cancelled, missing="")


@blueprint.get(f"{PATH}/<uuid:attendance_id>")
@requires("portal.view")
def attendance(attendance_id: UUID) -> str:
    """One day: issue, wait, open."""
    with transaction() as db:
        row = _own(db, attendance_id)
        cancelled = _cancelled(db, row)
    return render_template("portal/attendance.html", row=row, cancelled=cancelled)


@blueprint.get(f"{PATH}/<uuid:attendance_id>/andamento")
@requires("portal.view")
def progress(attendance_id: UUID) -> str:
    """The part of that page that htmx asks for until the declaration is there."""
    with transaction() as db:
        row = _own(db, attendance_id)
        cancelled = _cancelled(db, row)
    return render_template("portal/_attendance.html", row=row, cancelled=cancelled)


@blueprint.post(f"{PATH}/<uuid:attendance_id>/emitir")
@requires("declaracao.issue_own")
def issue(attendance_id: UUID) -> BaseResponse:
    """The request; a worker makes the document. A double click is one declaration (DE11)."""
    with transaction() as db:
        operations.request_issue_portal(db, actor(), attendance_id)
    return redirect(url_for("portal.attendance", attendance_id=attendance_id), 303)


@blueprint.get(f"{PATH}/<uuid:attendance_id>/declaracao.pdf")
@requires("declaracao.read")
def declaration_pdf(attendance_id: UUID) -> Response:
    """The sealed bytes, the same every time (DE10)."""
    with transaction() as db:
        row = _own(db, attendance_id)
        if row.declaration_id is None:
            raise NotFound("Ainda não há declaração deste dia. Emita-a na página do dia.")
        content = queries.declaration_bytes(db, actor(), row.declaration_id)
    return downloads.pdf(content, f"declaracao-de-comparecimento-{row.date.isoformat()}.pdf")


def _own(db: Session, attendance_id: UUID) -> AttendanceRow:
    """The day, when it is of who is calling; somebody else's does not exist."""
    row = queries.attendance(db, attendance_id)
    if actor().person_id is None or row.person_id != actor().person_id:
        raise NotFound("Não encontramos esse comparecimento.")
    return row


def _cancelled(db: Session, row: AttendanceRow) -> list[DeclarationRow]:
    """The day's declarations that were cancelled, the latest first."""
    return [one for one in queries.cancelled_of(db, row.person_id) if one.attendance_id == row.id]
