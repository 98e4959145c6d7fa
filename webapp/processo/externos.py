"""External users: who has access to the processo, giving it by e-mail for some days, taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from documents.dossier import external
from documents.dossier import queries as dossiers
from webapp import shown
from webapp.processo import forms, situation, words
from webapp.processo.acts import Act, Target, act, answered
from webapp.processo.blueprint import blueprint
from webapp.processo.fields import choices
from webapp.security import actor, requires
from workflow import clock
from workflow.database import transaction

ACTION = "dossier.grant_external"


def _prepare(target: Target, form: FlaskForm) -> None:
    tree = dossiers.tree(target.session, target.dossier.id, target.actor)
    form.document_ids.choices = choices(
        (str(one.id), words.described(one)) for one in tree if one.status != "cancelled"
    )


def _grant(target: Target, form: FlaskForm) -> str:
    chosen = [UUID(one) for one in form.document_ids.data] if form.scope.data == "alguns" else None
    made = external.grant(
        target.session, target.dossier.id, form.email.data, days=form.days.data, may_sign=form.may_sign.data,
        may_add=form.may_add.data, document_ids=chosen, actor=target.actor,
    )  # fmt: skip
    return f"Acesso concedido a {made.email} até {shown.show_date(made.expires_on)}. O link segue por e-mail."


def _listed(target: Target) -> Mapping[str, object]:
    """Who has, or had, access: in force first."""
    rows = external.grants_of(target.session, target.dossier.id, target.actor)
    return {"grants": [{"row": row, "state": state(row)} for row in rows], "may_revoke": target.here.open_here}


def state(row: external.GrantView) -> tuple[str, str]:
    """How the access stands, as a status of the page."""
    if row.revoked_at is not None:
        return "neutral", "Retirado"
    if row.expires_on < clock.today():
        return "neutral", f"Terminou em {shown.show_date(row.expires_on)}"
    return "ok", f"Vale até {shown.show_date(row.expires_on)}"


act(Act(
    "acesso-externo", "Acesso externo", "dados", _grant, forms.GrantForm, _prepare, action=ACTION,
    title="Acesso de usuários externos", submit="Conceder acesso", template="processo/_externos.html", context=_listed,
    offered=lambda here: here.open_here and not here.secret,
    explanation="Quem não é da casa lê o processo pelo link que recebe por e-mail, com a própria conta de usuário externo.",
))  # fmt: skip


@blueprint.post("/<uuid:dossier_id>/acesso-externo/<uuid:grant_id>/retirar")
@requires(ACTION)
def revoke_external(dossier_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """The access ends now."""
    with transaction() as session:
        situation.opened(session, dossier_id, ACTION)
        situation.grant_here(session, dossier_id, grant_id)
        external.revoke(session, grant_id, actor=actor())
    return answered(dossier_id, "Acesso externo retirado.")
