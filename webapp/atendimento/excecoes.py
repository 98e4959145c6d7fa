"""The ways out of a registration for minors (R8 to R10); and letting in whom the desk identified (R5)."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from people import queries, registration
from processes.entrada import operations as gate
from processes.entrada import queries as gates
from processes.entrada.queries import PostRow
from processes.entrada.rules import Minor
from webapp.atendimento.answers import done, json_errors, wants_json
from webapp.atendimento.views import blueprint
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import InvalidInput

AGES = {"crianca": 8, "adolescente": 15}
"""A band is declared, never a birth date; an age inside it stands for it in the rule."""


@blueprint.get("/cadastros/<uuid:draft_id>/menor")
@requires("desk.discard_minor")
def minor(draft_id: UUID) -> str:
    """What happens to a minor's registration, before it happens."""
    return render_template("atendimento/menor.html", draft_id=draft_id)


@blueprint.post("/cadastros/<uuid:draft_id>/menor")
@requires("desk.discard_minor")
@json_errors
def discard_minor(draft_id: UUID) -> ResponseReturnValue:
    """Nothing is kept; that a registration was discarded is counted (R8 to R10)."""
    with transaction() as db:
        registration.discard(db, draft_id, minor=True, actor=actor())
    message = "Tudo foi descartado: nem foto, nem nome ficaram. Só o número de descartes do dia aumentou."
    return done(url_for("atendimento.minor_passage"), message, category="ok")


@blueprint.get("/menor")
@requires("desk.discard_minor")
def minor_passage() -> str:
    """How a minor enters: with the adult, or alone from 12 years on with a document and the security check."""
    with transaction() as db:
        posts = gates.active_posts(db)
    return render_template("atendimento/menor_passagem.html", posts=posts, post=_last_post(posts), values={}, errors={})


@blueprint.post("/menor")
@requires("desk.discard_minor")
@json_errors
def admit_minor() -> ResponseReturnValue:
    """An anonymous passage: `faixa` crianca or adolescente, `documento`, `verificacao`, `posto` (R8, R9)."""
    form = request.form
    with transaction() as db:
        posts = gates.active_posts(db)
        errors = _minor_errors(posts)
        if not errors:
            declared = Minor(
                age=AGES[form["faixa"]],
                document_shown=form.get("documento") == "sim",
                check_passed=form.get("verificacao") == "sim",
            )
            gate.admit_minor_at_desk(db, actor(), UUID(form["posto"]), declared)
            session["posto"] = form["posto"]
    if errors:
        if wants_json():
            raise InvalidInput(errors)
        page = render_template(
            "atendimento/menor_passagem.html", posts=posts, post=_last_post(posts), values=form, errors=errors
        )
        return page, 422
    if form["faixa"] == "adolescente" and declared.document_shown and declared.check_passed:
        return done(url_for("atendimento.desk"), "Entrada liberada, sem nenhum dado pessoal.", category="ok")
    return done(url_for("atendimento.desk"), "A Polícia Legislativa (Gpol) foi chamada. Aguardem na portaria.")


@blueprint.post("/pessoas/<uuid:person_id>/entrada")
@requires("desk.verify")
@json_errors
def let_in(person_id: UUID) -> ResponseReturnValue:
    """The attendant identified the person at the desk (R5): `posto`, and `criancas` who come along (R8)."""
    with transaction() as db:
        posts = gates.active_posts(db)
        errors = _entry_errors(posts)
        if errors:
            raise InvalidInput(errors, next(iter(errors.values())))
        number = int(request.form.get("criancas") or 0)
        event = gate.enter_at_desk(db, actor(), UUID(request.form["posto"]), person_id, accompanied_minors=number)
        session["posto"] = request.form["posto"]
        result = gate_result(db, event.id)
    return done(
        url_for("atendimento.desk"), result[1], category="ok" if result[0] == "LIBERADO" else "warning",
        event=str(event.id), result=result[0],
    )  # fmt: skip


def gate_result(db: Session, event_id: UUID) -> tuple[str, str]:
    """What became of an event of the desk, and the sentence for the attendant."""
    entry = gates.entry_of_event(db, event_id)
    if entry is not None:
        name = queries.names(db, [entry.person_id] if entry.person_id else []).get(entry.person_id or event_id, "")
        return "LIBERADO", f"Entrada liberada: {name}." if name else "Entrada liberada."
    found = gates.verification(db, actor(), event_id)
    return "PENDENTE", found.sentence


def _last_post(posts: list[PostRow]) -> str:
    """The post that was chosen last in this browser."""
    known = {str(post.id) for post in posts}
    chosen = str(session.get("posto", ""))
    return chosen if chosen in known else ""


def _minor_errors(posts: list[PostRow]) -> dict[str, str]:
    errors = {}
    if request.form.get("faixa") not in AGES:
        errors["faixa"] = "Escolha uma das situações."
    return errors | _post_error(posts)


def _entry_errors(posts: list[PostRow]) -> dict[str, str]:
    number = request.form.get("criancas") or "0"
    errors = (
        {}
        if number.isdecimal() and int(number) <= 50
        else {"criancas": "Informe quantas crianças acompanham, de 0 a 50."}
    )
    return errors | _post_error(posts)


def _post_error(posts: list[PostRow]) -> dict[str, str]:
    known = {str(post.id) for post in posts}
    return {} if request.form.get("posto") in known else {"posto": "Escolha o posto em que você está."}
