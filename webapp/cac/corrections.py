"""Taking back what was wrong: a declaration is cancelled (D6), an entry is given to whom it belonged (DE12).

Both are reviewed before they are done: the form posts `step=review`, the review `step=do` or `step=change`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from people.queries import PersonRow
from processes.declaracao_comparecimento import operations, queries
from processes.declaracao_comparecimento.queries import AttendanceRow
from processes.entrada import operations as gates
from processes.entrada import queries as gate_queries
from processes.entrada.queries import EntryRow
from webapp.cac.blueprint import blueprint
from webapp.cac.declarations import Answer
from webapp.cac.finding import Found, look_up, person_row
from webapp.cac.forms import CancelForm, CorrectionForm
from webapp.forms import blame
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound

NOBODY = "ninguem"


@dataclass(frozen=True)
class Mistake:
    """An entry in the name of `person`, with the day that it made; `alone`: no other entry of that day is theirs."""

    person: PersonRow
    entry: EntryRow
    row: AttendanceRow | None
    alone: bool


@blueprint.route("/correcoes", methods=["GET", "POST"])
@requires("declaracao.cancel")
def corrections() -> Answer:
    """Whose day has a mistake."""
    with transaction() as db:
        found = look_up(db)
    return render_template("cac/search.html", found=found, closed="", correcting=True), found.status


@blueprint.route("/declaracoes/<uuid:declaration_id>/cancelar", methods=["GET", "POST"])
@requires("declaracao.cancel")
def cancel(declaration_id: UUID) -> Answer:
    """D6: the reason, the review, the act."""
    person, row = _standing(declaration_id)
    form = CancelForm()
    step = request.form.get("step", "change")
    if step != "change" and form.validate():
        if step != "do":
            return render_template("cac/cancel_review.html", person=person, row=row, form=form)
        try:
            with transaction() as db:
                operations.cancel_declaration(db, actor(), declaration_id, form.reason.data or "")
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            flash("Declaração cancelada. Já se pode emitir outra, com outro código.", "ok")
            return redirect(url_for("cac.day", person_id=person.id, day=row.date), 303)
    return render_template("cac/cancel.html", person=person, row=row, form=form), 422 if form.errors else 200


@blueprint.route("/pessoa/<uuid:person_id>/<day:day>/entradas/<uuid:entry_id>", methods=["GET", "POST"])
@requires("declaracao.cancel")
def correct(person_id: UUID, day: date, entry_id: UUID) -> Answer:
    """DE12: whose it was (somebody who is looked up, or nobody knows), the review, the act."""
    with transaction() as db:
        mistake, found = _mistake(db, person_id, day, entry_id), look_up(db)
    form = _correction_form(found, person_id)
    step = request.form.get("step", "change")
    if step != "change" and form.validate():
        right = next((one for one in found.people if str(one.id) == form.right_person.data), None)
        if step != "do":
            return render_template("cac/correct_review.html", it=mistake, right=right, found=found, form=form)
        try:
            with transaction() as db:
                gates.correct_entry(db, actor(), entry_id, right.id if right else None, form.explanation.data or "")
        except InvalidInput as refusal:
            blame(form, refusal)
        else:
            return _corrected(mistake)
    status = 422 if form.errors or found.error else 200
    return render_template("cac/correct.html", it=mistake, found=found, form=form), status


def _standing(declaration_id: UUID) -> tuple[PersonRow, AttendanceRow]:
    """The person and the day of an issued declaration that has not been cancelled."""
    with transaction() as db:
        one = queries.declaration(db, declaration_id)
        if one.cancelled_at is not None:
            raise Conflict("Esta declaração já foi cancelada.")
        row = queries.attendance(db, one.attendance_id)
        person = person_row(db, row.person_id)
    if row.document_id is None:
        raise Conflict("Esta declaração ainda está sendo emitida. Espere alguns segundos e tente de novo.")
    return person, row


def _mistake(db: Session, person_id: UUID, day: date, entry_id: UUID) -> Mistake:
    person = person_row(db, person_id)
    entries = [one for one in gate_queries.entries_of(db, person_id) if one.date == day]
    entry = next((one for one in entries if one.id == entry_id), None)
    if entry is None:
        raise NotFound("Não encontramos essa entrada. Talvez ela já tenha sido corrigida.")
    row = next((one for one in queries.attendances_of(db, person_id) if one.date == day), None)
    return Mistake(person, entry, row, alone=len(entries) == 1)


def _correction_form(found: Found, wrong: UUID) -> CorrectionForm:
    """Whoever the search found may be chosen, but for the person whose the entry is not."""
    form = CorrectionForm()
    people = [(str(one.id), _told_apart(one)) for one in found.people if one.id != wrong]
    form.right_person.choices = [*people, (NOBODY, "Não se sabe de quem é")]
    return form


def _told_apart(person: PersonRow) -> str:
    """Homonyms differ by what is seen of the CPF (I10)."""
    return f"{person.full_name}, {f'CPF {person.masked_cpf}' if person.cpf else 'sem CPF no cadastro'}"


def _corrected(mistake: Mistake) -> Answer:
    if mistake.alone:
        flash("Entrada corrigida. O dia saiu da lista desta pessoa.", "ok")
        return redirect(url_for("cac.person", person_id=mistake.person.id), 303)
    flash("Entrada corrigida. O dia continua, por causa da outra entrada.", "ok")
    return redirect(url_for("cac.day", person_id=mistake.person.id, day=mistake.entry.date), 303)
