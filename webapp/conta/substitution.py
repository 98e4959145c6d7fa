"""Substitution: appoint who acts for me, see for whom I may act, take it back; the chefia also for its unit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from people import queries, substitutions
from webapp.conta.blueprint import blueprint
from webapp.conta.forms import SubstitutionForm
from webapp.conta.views import Answer, own_account
from webapp.forms import blame
from webapp.security import actor, requires
from workflow import clock
from workflow.database import transaction
from workflow.errors import DomainError, InvalidInput


@blueprint.route("/conta/substituicao", methods=["GET", "POST"])
@requires("substitution.manage")
def substitution() -> Answer:
    """The list, and the form for a new one."""
    form = SubstitutionForm(starts_on=clock.today())
    with transaction() as db:
        _offer(db, form)
    if request.method == "POST" and form.validate():
        try:
            _appoint(form)
        except InvalidInput as refusal:
            blame(form, refusal)
        except DomainError as refusal:
            form.form_errors.append(refusal.message)
        else:
            flash("Substituição registrada.", "ok")
            return redirect(url_for("conta.substitution"))
    with transaction() as db:
        page = render_template("conta/substitution.html", form=form, today=clock.today(), **_lists(db))
    return page, 422 if form.errors else 200


@blueprint.post("/conta/substituicao/<uuid:substitution_id>/encerrar")
@requires("substitution.manage")
def end_substitution(substitution_id: UUID) -> Answer:
    """Taken back now."""
    with transaction() as db:
        substitutions.end(db, substitution_id, actor=actor())
    flash("Substituição encerrada.", "ok")
    return redirect(url_for("conta.substitution"))


def _appoint(form: SubstitutionForm) -> None:
    with transaction() as db:
        substitutions.appoint(
            db, UUID(form.substituted.data), UUID(form.substitute.data), _day(form.starts_on.data),
            _day(form.ends_on.data), actor=actor(),
        )  # fmt: skip


def _day(value: date | None) -> date:
    return value or clock.today()


def _offer(db: Session, form: SubstitutionForm) -> None:
    """Oneself, and for a chefia the people of its unit; the substitute is anybody of the house."""
    own, who = own_account(), actor()
    everybody = [(str(row.id), f"{row.display_name} ({row.login})") for row in queries.colleagues(db)]
    of_unit = queries.colleagues(db, who.unit) if who.unit and who.has("chefia") else []
    mine = [(str(own), "Eu")]
    form.substituted.choices = mine + [(str(row.id), row.display_name) for row in of_unit if row.id != own]
    form.substitute.choices = [("", "Escolha"), *everybody]


def _lists(db: Session) -> dict[str, object]:
    """In force or to come, by side: who acts for me, for whom I act, what I appointed for the unit."""
    own, who, today = own_account(), actor(), clock.today()
    rows = [row for row in queries.substitutions(db, own) if row.ended_at is None and row.ends_on >= today]
    unit_rows = queries.substitutions_in(db, who.unit) if who.unit and who.has("chefia") else []
    of_unit = [row for row in unit_rows if row.ended_at is None and row.ends_on >= today]
    people = {found for row in rows + of_unit for found in (row.substituted_id, row.substitute_id)}
    return {
        "mine": [row for row in rows if row.substituted_id == own],
        "theirs": [row for row in rows if row.substitute_id == own],
        "of_unit": [row for row in of_unit if own not in (row.substituted_id, row.substitute_id)],
        "names": queries.account_names(db, people),
    }
