"""The desk's first page, the search that comes before every registration, and one person's sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue

from people import faces, queries
from processes.entrada import queries as gates
from webapp.atendimento import uploads
from webapp.atendimento.answers import done, json_errors, wants_json
from webapp.atendimento.recognition import pool
from webapp.atendimento.shown import Found, found_near, found_row
from webapp.gestao import pedidos
from webapp.security import may, requires
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound

blueprint = Blueprint("atendimento", __name__, url_prefix="/atendimento", template_folder="templates")


def rights() -> dict[str, bool]:
    """What the pages offer to who is calling."""
    return {"may_register": may("desk.register"), "may_verify": may("desk.verify")}


@blueprint.get("/")
@requires("desk.search")
def desk() -> str:
    """Who arrived? Find first; the entries that wait for a person beside it."""
    from webapp.atendimento.duvidas import listing  # the list's view registers on this blueprint

    return render_template("atendimento/mesa.html", q="", error=None, **rights(), **listing(), **pedidos.listing())


@blueprint.post("/busca")
@requires("desk.search")
@json_errors
def search() -> ResponseReturnValue:
    """By CPF or name in `q` (R5); homonyms all come, each with the face (I10). POST: no CPF rests in an address."""
    text = " ".join(request.form.get("q", "").split())[:200]
    try:
        with transaction() as session:
            people = [found_row(row) for row in queries.search_people(session, text)]
    except InvalidInput as error:
        if wants_json():
            raise
        return _desk_again(text, next(iter(error.fields.values()), error.message))
    known: dict[str, str] = {"cpf" if any(char.isdigit() for char in text) else "nome": text}
    return _results(people, f"Quem pode ser: {text}" if people else f"Nada encontrado para {text}", known)


@blueprint.get("/busca/rosto")
@requires("desk.search")
def face_search() -> str:
    """One picture, for this search only."""
    return render_template("atendimento/busca_rosto.html")


@blueprint.post("/busca/rosto")
@requires("desk.search")
@json_errors
def search_face() -> ResponseReturnValue:
    """The nearest faces to the picture `foto`; the picture is compared and forgotten."""
    report = pool().analyse(uploads.posted_picture())
    if report.vector is None:
        body = {"accepted": False, "code": report.quality.code, "message": report.quality.message}
        if wants_json():
            return jsonify(body), 422
        return done(url_for("atendimento.face_search"), report.quality.message, category="warning")
    with transaction() as session:
        people = found_near(session, faces.candidates(session, report.vector))
    chosen = [str(found.id) for found in people]
    location = url_for("atendimento.face_results", p=chosen)
    return done(location, accepted=True, people=chosen)


@blueprint.get("/busca/rosto/resultado")
@requires("desk.search")
def face_results() -> ResponseReturnValue:
    """The people that the search by face found, nearest first."""
    with transaction() as session:
        rows = [queries.person(session, identifier) for identifier in _ids(request.args.getlist("p"))]
    people = [found_row(row, ("rosto",)) for row in rows if row is not None]
    return _results(people, "Rostos parecidos" if people else "Nenhum rosto parecido", {}, by_face=True)


@blueprint.get("/pessoas/<uuid:person_id>")
@requires("desk.search")
def person(person_id: UUID) -> str:
    """One person's sheet: what R6 lets us keep, and what to do now."""
    with transaction() as session:
        row = queries.person(session, person_id)
        if row is None:
            raise NotFound("Não encontramos essa pessoa.")
        enrolled = faces.vector_of(session, person_id)
        posts = gates.active_posts(session)
    return render_template(
        "atendimento/pessoa.html", row=row, found=found_row(row), pictures=enrolled[1] if enrolled else 0,
        posts=posts, post=browser.get("posto", ""), **rights(),
    )  # fmt: skip


@blueprint.get("/pessoas/<uuid:person_id>/rosto")
@requires("desk.view_picture")
def person_picture(person_id: UUID) -> Response:
    """The face picture, for who compares it with the person at the desk."""
    with transaction() as session:
        return uploads.jpeg(faces.picture(session, person_id, "face"))


def _results(people: list[Found], title: str, known: dict[str, str], *, by_face: bool = False) -> ResponseReturnValue:
    if wants_json():
        return jsonify(people=[{"person": str(f.id), "name": f.name, "masked_cpf": f.masked_cpf} for f in people])
    context: dict[str, Any] = {"name": known.get("nome"), "cpf": known.get("cpf"), "by_face": by_face, **rights()}
    return render_template("atendimento/busca.html", people=people, title=title, **context)


def _desk_again(text: str, message: str) -> ResponseReturnValue:
    from webapp.atendimento.duvidas import listing  # as in `desk`

    return render_template(
        "atendimento/mesa.html", q=text, error=message, **rights(), **listing(), **pedidos.listing()
    ), 422


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:5]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
