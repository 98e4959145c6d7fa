"""Business days: what the Mesa declares of a day, against what week and holidays would say."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from people.access import authorize
from webapp.administracao.views import blueprint
from webapp.gestao import task_forms
from webapp.security import actor, requires
from workflow import calendar, clock, forms
from workflow.database import transaction
from workflow.errors import InvalidInput
from workflow.process import Field, Form

FORM = Form("Declarar um dia", (
    Field("day", "Dia", "date"),
    Field("business", "É dia útil?", "boolean", help="“Não” para ponto facultativo ou recesso; “sim” para expediente extraordinário."),
    Field("reason", "Ato ou motivo", max_length=200, help="Por exemplo: Deliberação da Mesa 2.800/2026."),
), action="Declarar")  # fmt: skip


@blueprint.get("/administracao/calendario")
@requires("calendar.manage")
def calendar_page() -> str:
    """The coming holidays and declared days, and the form."""
    return _page({}, {})


@blueprint.post("/administracao/calendario")
@requires("calendar.manage")
def declare() -> ResponseReturnValue:
    """One day declared; running deadlines are not counted again, those set from now on are."""
    raw = task_forms.posted(FORM, request.form)
    try:
        given = forms.validate(FORM, raw)
        with transaction() as session:
            authorize(actor(), "calendar.manage")
            calendar.declare_day(
                session, given["day"], business=given["business"], reason=given["reason"], actor=actor()
            )
    except InvalidInput as refusal:
        return _page(raw, task_forms.with_labels(FORM, refusal.fields)), 422
    flash(f"{given['day'].strftime('%d/%m/%Y')} declarado.", "ok")
    return redirect(url_for("administracao.calendar_page"), code=303)


@blueprint.post("/administracao/calendario/<day>/retirar")
@requires("calendar.manage")
def withdraw(day: str) -> ResponseReturnValue:
    """The day is again what week and holidays say."""
    found = forms.validate(Form("", (FORM.fields[0],)), {"day": day})
    with transaction() as session:
        calendar.withdraw_day(session, found["day"], actor=actor())
    flash("A declaração do dia foi retirada.", "ok")
    return redirect(url_for("administracao.calendar_page"), code=303)


def _page(raw: dict[str, str], errors: dict[str, str]) -> str:
    today = clock.today()
    with transaction() as session:
        declared = calendar.declared_days(session, today - timedelta(days=60))
    holidays = [
        (day, name) for day in (today + timedelta(days=n) for n in range(366)) if (name := calendar.holiday_name(day))
    ]
    return render_template(
        "administracao/calendario.html", declared=declared, holidays=holidays, form=FORM, raw=raw, errors=errors
    )
