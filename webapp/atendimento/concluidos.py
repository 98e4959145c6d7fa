"""Registrations that this browser has finished: going back to one says so, instead of that it expired."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue

from webapp.atendimento.answers import refusal, wants_json
from webapp.atendimento.views import blueprint
from workflow.errors import Conflict

MOST = 10
_KEPT = "cadastros_concluidos"


def remember(draft_id: UUID, person_id: UUID) -> None:
    """The draft is gone with its pictures; which person came of it stays in the signed cookie."""
    before = [pair for pair in browser.get(_KEPT, []) if pair[0] != str(draft_id)]
    browser[_KEPT] = [*before, [str(draft_id), str(person_id)]][-MOST:]


@blueprint.before_request
def finished_already() -> ResponseReturnValue | None:
    """Runs after the access rule was held; ids only, and the person's page asks for its own right."""
    draft_id = (request.view_args or {}).get("draft_id")
    person_id = dict(browser.get(_KEPT, [])).get(str(draft_id))
    if person_id is None:
        return None
    if wants_json():
        return refusal(Conflict("Este cadastro já foi concluído.", person=person_id))
    return render_template("atendimento/cadastro_concluido.html", person_id=person_id), 410
