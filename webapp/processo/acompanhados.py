"""Special watch: what the unit keeps an eye on, in its groups, also after it was sent."""

from __future__ import annotations

from itertools import groupby

from flask import render_template

from documents.dossier.annotations import queries as beside
from webapp.processo.blueprint import blueprint
from webapp.security import actor, requires
from workflow.database import transaction


@blueprint.get("/acompanhados")
@requires("dossier.read")
def watched() -> str:
    """One list a group; those without a group first."""
    with transaction() as session:
        rows = beside.watched(session, actor())
    groups = [(name or "Geral", list(found)) for name, found in groupby(rows, key=lambda row: row.group)]
    return render_template("processo/acompanhados.html", groups=groups)
