"""The record of acts outside processos, a day at a time, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import render_template, request

from people import queries as people
from webapp.administracao.views import blueprint
from webapp.security import requires
from workflow import clock
from workflow.database import transaction
from workflow.days import day_timeline
from workflow.queries import TimelineEntry

SHOWN = 500
WHO = {"system": "o sistema", "public": "o público", "bridge": "uma ponte de portaria"}


@blueprint.get("/administracao/atos")
@requires("audit.view")
def audit() -> str:
    """The acts of a day, newest first."""
    day = _day(request.args.get("dia", ""))
    with transaction() as session:
        found = day_timeline(session, day, limit=SHOWN + 1)
        names = people.account_names(
            session, {one.actor_id for one in found if one.actor_kind == "account" and one.actor_id}
        )
    entries = [(one, WHO.get(one.actor_kind) or _name(one, names)) for one in found[:SHOWN]]
    return render_template("administracao/auditoria.html", day=day, entries=entries, more=len(found) > SHOWN)


def _name(entry: TimelineEntry, names: Mapping[UUID, str]) -> str:
    return names.get(entry.actor_id, "conta") if entry.actor_id else "conta"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today()
