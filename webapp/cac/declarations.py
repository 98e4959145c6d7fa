"""Issuing at the desk (art. 9º, § 1º): find the person, choose the day, mark what was shown, print."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from people.queries import citizen_account_of
from processes.declaracao_comparecimento import operations, queries
from processes.declaracao_comparecimento.errors import NotIssued
from processes.declaracao_comparecimento.queries import AttendanceRow
from processes.declaracao_comparecimento.rules import REFUSAL_TEXTS, desk_refusal
from processes.entrada import queries as gates
from webapp import downloads
from webapp.cac.blueprint import blueprint
from webapp.cac.finding import look_up, person_row
from webapp.cac.forms import IssueForm
from webapp.forms import blame
from webapp.security import actor, requires
from workflow import calendar, clock
from workflow.database import transaction
from workflow.errors import NotFound

Answer = str | tuple[str, int] | Response | BaseResponse


class DayConverter(BaseConverter):
    """`<day:day>` in a route: 2026-11-24."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The day; no such day is no such page."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        """ISO 8601."""
        return value.isoformat()


blueprint.record_once(lambda state: state.app.url_map.converters.update(day=DayConverter))


@blueprint.route("", methods=["GET", "POST"])
@requires("declaracao.search_desk")
def search() -> Answer:
    """Who asks for a declaration."""
    with transaction() as db:
        found, closed = look_up(db), _closed(db)
    return render_template("cac/search.html", found=found, closed=closed, correcting=False), found.status


@blueprint.get("/pessoa/<uuid:person_id>")
@requires("declaracao.view_desk")
def person(person_id: UUID) -> str:
    """The person's days and what stands in the way of issuing."""
    with transaction() as db:
        found = person_row(db, person_id)
        rows = queries.attendances_of(db, person_id)
        account = citizen_account_of(db, person_id)
        closed = _closed(db)
    return render_template("cac/person.html", person=found, rows=rows, closed=closed, account=account)


@blueprint.get("/pessoa/<uuid:person_id>/<day:day>")
@requires("declaracao.view_desk")
def day(person_id: UUID, day: date) -> Answer:
    """What has to be shown before the declaration of this day is issued; when it is there, how to print it."""
    return _day_page(person_id, day, IssueForm(formdata=None))


@blueprint.post("/pessoa/<uuid:person_id>/<day:day>")
@requires("declaracao.issue_desk")
def issue(person_id: UUID, day: date) -> Answer:
    """R59, DE6: the hours, the document and the power of attorney are the operation's to judge."""
    form = IssueForm()
    if form.validate():
        try:
            with transaction() as db:
                operations.request_issue_desk(
                    db,
                    actor(),
                    person_id,
                    day,
                    document_seen=bool(form.document_seen.data),
                    third_party=form.who.data == "third_party",
                    power_of_attorney_seen=bool(form.power_of_attorney.data),
                )
        except NotIssued as refusal:
            blame(form, refusal)
        else:
            return redirect(url_for("cac.day", person_id=person_id, day=day), 303)
    return _day_page(person_id, day, form), 422


@blueprint.get("/pessoa/<uuid:person_id>/<day:day>/andamento")
@requires("declaracao.view_desk")
def progress(person_id: UUID, day: date) -> str:
    """The part of the page that htmx asks for until the declaration is there."""
    with transaction() as db:
        found, row = person_row(db, person_id), _row(db, person_id, day)
    return render_template("cac/_issued.html", person=found, row=row)


@blueprint.get("/pessoa/<uuid:person_id>/<day:day>/declaracao.pdf")
@requires("declaracao.read")
def declaration_pdf(person_id: UUID, day: date) -> Response:
    """The sealed bytes, to print for who is at the desk."""
    with transaction() as db:
        row = _row(db, person_id, day)
        if row.declaration_id is None:
            raise NotFound("Ainda não há declaração deste dia.")
        content = queries.declaration_bytes(db, actor(), row.declaration_id)
    return downloads.pdf(content, f"declaracao-de-comparecimento-{day.isoformat()}.pdf")


def _day_page(person_id: UUID, day: date, form: IssueForm) -> str:
    with transaction() as db:
        found, row, closed = person_row(db, person_id), _row(db, person_id, day), _closed(db)
        entries = [entry for entry in gates.entries_of(db, person_id) if entry.date == day]
        cancelled = [one for one in queries.cancelled_of(db, person_id) if one.date == day]
    return render_template(
        "cac/day.html", person=found, row=row, form=form, closed=closed, entries=entries, cancelled=cancelled
    )


def _row(db: Session, person_id: UUID, day: date) -> AttendanceRow:
    for row in queries.attendances_of(db, person_id):
        if row.date == day:
            return row
    raise NotFound("Não há entrada registrada dessa pessoa nesse dia.")


def _closed(db: Session) -> str:
    """Why the desk may not issue at this moment (R59); empty when it may."""
    now = clock.now()
    refusal = desk_refusal(now, business_day=calendar.is_business_day(db, clock.local(now).date()))
    return "" if refusal is None else REFUSAL_TEXTS[refusal]
