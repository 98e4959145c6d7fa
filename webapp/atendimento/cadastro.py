"""Registering a visitor (R4 to R6). By a browser, or by any HTTP client:

1.  `GET /entrar`, then `POST /entrar` with `csrf_token`, `login`, `password`; keep the cookies. The token of any page of
    the session goes with every POST, as the field `csrf_token` or the header `X-CSRFToken`.
2.  `POST /atendimento/cadastros` (optional `nome`, `cpf`) → 201 `{"draft", "location", "face_url", "document_url",
    "details_url", "candidates_url", "finish_url"}`.
3.  `POST face_url`, multipart with the file `foto`, once for each picture → 200 `{"accepted": true, "good", "ready", …}`,
    or 422 `{"accepted": false, "code", "message"}` with the judgement in words; `outra_pessoa`: not the face of the others.
4.  `POST document_url`, multipart with the file `foto` → 200 `{"accepted": true, …}`.
5.  `POST details_url` with `nome` and, preferably, `cpf` → 200 `{"location", …}`; 422 `{"fields"}`.
6.  `GET candidates_url` → 200 `{"candidates": [{"person", "name", "masked_cpf", "reasons", "distance"}], …}`: seeing them
    is part of the act. `POST candidates_url` with `decisao=outra`, or with `decisao=esta` and `pessoa=<id>` to use that
    person's registration → 200 `{"location"}` or `{"person", "created": false}`.
7.  `POST finish_url` → 201 `{"person", "created": true}`; 409 when a candidate was not seen, 422 when something is missing.

Each answer is JSON when the request says `Accept: application/json`, and so are the refusals: `{"error", "message"}`.
"""

from __future__ import annotations

import contextlib
from uuid import UUID

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from people import registration
from people.drafts import DraftView
from people.registration import Registered
from webapp.api.gate import limits_in_force
from webapp.atendimento import uploads
from webapp.atendimento.answers import done, json_errors, refusal, wants_json
from webapp.atendimento.concluidos import remember
from webapp.atendimento.forms import DetailsForm
from webapp.atendimento.recognition import clean_document, pool
from webapp.atendimento.shown import Found, found_candidates
from webapp.atendimento.views import blueprint
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import InvalidInput

FIELDS = {"full_name": "nome", "cpf": "cpf", "face": "foto", "document": "foto"}
PAGES = {"full_name": "atendimento.details", "cpf": "atendimento.details", "face": "atendimento.face"}


@blueprint.post("/cadastros")
@requires("desk.register")
@json_errors
def start() -> ResponseReturnValue:
    """A new draft; what the search already knew goes into the form of the details."""
    with transaction() as session:
        draft = registration.start(session, actor=actor())
        _describe_at_once(session, draft.id)
    urls = {
        f"{name}_url": url_for(f"atendimento.{name}", draft_id=draft.id)
        for name in ("face", "document", "details", "candidates", "review", "finish")
    }
    location = url_for("atendimento.face", draft_id=draft.id)
    return done(location, status=201, draft=str(draft.id), **urls)


@blueprint.get("/cadastros/<uuid:draft_id>/rosto")
@requires("desk.register")
@json_errors
def face(draft_id: UUID) -> ResponseReturnValue:
    """The guided burst: at least three good pictures, counted and shown."""
    draft = _view(draft_id)
    if wants_json():
        return jsonify(uploads.state(draft))
    return render_template(
        "atendimento/cadastro_rosto.html", draft=draft, pictures=uploads.thumbnails(draft, "face"),
        **uploads.state(draft),
    )  # fmt: skip


@blueprint.post("/cadastros/<uuid:draft_id>/rosto")
@requires("desk.register")
@json_errors
def add_face(draft_id: UUID) -> ResponseReturnValue:
    """One picture (file `foto`), judged at once in words; only a good one is kept in the draft."""
    data = uploads.posted_picture()
    with transaction() as session:
        earlier = uploads.looks(registration.earlier_looks(session, draft_id, actor=actor()))
    report = pool().analyse(data, earlier)
    if not report.quality.ok:
        return _judged(_view(draft_id), report.quality.code, report.quality.message)
    try:
        with transaction() as session:
            draft = registration.add_face(session, draft_id, report, actor=actor(), calibration=limits_in_force())
    except InvalidInput as error:
        return _judged(_view(draft_id), error.code, error.message)
    return _judged(draft, "ok", report.quality.message)


@blueprint.get("/cadastros/<uuid:draft_id>/documento")
@requires("desk.register")
@json_errors
def document(draft_id: UUID) -> ResponseReturnValue:
    """The photo document, preferably with CPF."""
    draft = _view(draft_id)
    if wants_json():
        return jsonify(uploads.state(draft))
    return render_template(
        "atendimento/cadastro_documento.html", draft=draft, pictures=uploads.thumbnails(draft, "document")
    )


@blueprint.post("/cadastros/<uuid:draft_id>/documento")
@requires("desk.register")
@json_errors
def add_document(draft_id: UUID) -> ResponseReturnValue:
    """The picture of the document (file `foto`); a second one replaces the first."""
    try:
        clean = clean_document(uploads.posted_picture())
    except InvalidInput as error:
        return _judged(_view(draft_id), "documento", error.message, kind="document")
    with transaction() as session:
        draft = registration.add_document(session, draft_id, clean, actor=actor())
    return _judged(draft, "ok", "Foto do documento recebida. Confira se dá para ler.", kind="document")


@blueprint.get("/cadastros/<uuid:draft_id>/fotos/<uuid:picture_id>")
@requires("desk.register")
def picture(draft_id: UUID, picture_id: UUID) -> Response:
    """One picture of one's own draft."""
    with transaction() as session:
        return uploads.jpeg(registration.picture(session, draft_id, picture_id, actor=actor()))


@blueprint.post("/cadastros/<uuid:draft_id>/fotos/<uuid:picture_id>/remover")
@requires("desk.register")
@json_errors
def remove_picture(draft_id: UUID, picture_id: UUID) -> ResponseReturnValue:
    """Takes a picture out, to take another."""
    with transaction() as session:
        before = registration.view(session, draft_id, actor=actor())
        draft = registration.remove_picture(session, draft_id, picture_id, actor=actor())
    kinds = {item.id: item.kind for item in before.pictures}
    return _judged(draft, "removida", "Foto removida.", kind=kinds.get(picture_id, "face"), accepted=True)


@blueprint.route("/cadastros/<uuid:draft_id>/dados", methods=["GET", "POST"])
@requires("desk.register")
@json_errors
def details(draft_id: UUID) -> ResponseReturnValue:
    """Full name, and CPF, which is asked for and not demanded (R4)."""
    draft = _view(draft_id)
    form = DetailsForm(data={"nome": draft.details.full_name, "cpf": draft.details.cpf})
    offered = not wants_json() and form.offers_capitals()
    if request.method == "GET":
        return render_template("atendimento/cadastro_dados.html", draft=draft, form=form)
    try:
        with transaction() as session:
            registration.describe(
                session, draft_id, full_name=form.nome.data or "", cpf=form.cpf.data or "", actor=actor()
            )
    except InvalidInput as error:
        return _wrong_details(draft, form, error)
    if offered:
        return render_template("atendimento/cadastro_dados.html", draft=draft, form=form)
    return done(url_for("atendimento.candidates", draft_id=draft_id))


@blueprint.get("/cadastros/<uuid:draft_id>/candidatos")
@requires("desk.register")
@json_errors
def candidates(draft_id: UUID) -> ResponseReturnValue:
    """Who is registered already and may be this person, side by side; that they were shown is kept."""
    with transaction() as session:
        found = registration.candidates(session, draft_id, actor=actor())
        people = found_candidates(found)
        draft = registration.view(session, draft_id, actor=actor())
    if wants_json():
        return jsonify(candidates=[_plain(item) for item in people])
    return render_template(
        "atendimento/cadastro_candidatos.html", draft=draft, people=people, pictures=uploads.thumbnails(draft, "face")
    )


@blueprint.post("/cadastros/<uuid:draft_id>/candidatos")
@requires("desk.register")
@json_errors
def decide_candidates(draft_id: UUID) -> ResponseReturnValue:
    """“É esta pessoa” takes her registration; “é outra pessoa” goes on."""
    if request.form.get("decisao") == "outra":
        return done(url_for("atendimento.review", draft_id=draft_id))
    chosen = _person(request.form.get("pessoa", ""))
    with transaction() as session:
        outcome = registration.finish(session, draft_id, actor=actor(), link_to=chosen)
    return _finished(draft_id, outcome)


@blueprint.get("/cadastros/<uuid:draft_id>/revisao")
@requires("desk.register")
def review(draft_id: UUID) -> ResponseReturnValue:
    """Everything once more before it is saved."""
    draft = _view(draft_id)
    if draft.shown is None:
        return redirect(url_for("atendimento.candidates", draft_id=draft_id), code=303)
    return render_template(
        "atendimento/cadastro_revisao.html", draft=draft, missing=_missing(draft),
        pictures=uploads.thumbnails(draft, "face"), documents=uploads.thumbnails(draft, "document"),
        count_text=uploads.count_text(draft.faces),
    )  # fmt: skip


@blueprint.post("/cadastros/<uuid:draft_id>/concluir")
@requires("desk.register")
@json_errors
def finish(draft_id: UUID) -> ResponseReturnValue:
    """Registers the person; refused while a likely candidate has not been seen."""
    with transaction() as session:
        outcome = registration.finish(session, draft_id, actor=actor())
    return _finished(draft_id, outcome)


@blueprint.post("/cadastros/<uuid:draft_id>/desistir")
@requires("desk.register")
@json_errors
def discard(draft_id: UUID) -> ResponseReturnValue:
    """Throws the draft away with its pictures."""
    with transaction() as session:
        registration.discard(session, draft_id, actor=actor())
    return done(url_for("atendimento.desk"), "Cadastro descartado. Nada foi guardado.")


def _view(draft_id: UUID) -> DraftView:
    with transaction() as session:
        return registration.view(session, draft_id, actor=actor())


def _describe_at_once(session: Session, draft_id: UUID) -> None:
    """What the search knew already, when it is a whole name; else it is asked for in its turn."""
    name, cpf = request.form.get("nome", ""), request.form.get("cpf", "")
    if not name:
        return
    with contextlib.suppress(InvalidInput):
        registration.describe(session, draft_id, full_name=name, cpf=cpf, actor=actor())


def _judged(
    draft: DraftView, code: str, message: str, *, kind: str = "face", accepted: bool | None = None
) -> ResponseReturnValue:
    """What became of a picture, for the script, for a plain client, or as a notice on the page."""
    good = code == "ok" if accepted is None else accepted
    page = "atendimento.face" if kind == "face" else "atendimento.document"
    body = uploads.state(draft)
    if kind == "document":
        body |= {"ready": draft.has_document or draft.without_document, "count_text": ""}
    if not wants_json():
        return done(url_for(page, draft_id=draft.id), message, category="ok" if good else "warning")
    pictures = uploads.thumbnails(draft, kind)
    body |= {
        "accepted": good, "code": code, "message": message,
        "html": render_template("atendimento/_fotos.html", pictures=pictures),
        "pictures": [item.url for item in pictures],
    }  # fmt: skip
    if kind == "face" and not body["ready"]:
        body["next"] = uploads.next_pose(draft.faces)
    return jsonify(body), 200 if good else 422


def _wrong_details(draft: DraftView, form: DetailsForm, error: InvalidInput) -> ResponseReturnValue:
    if wants_json():
        return refusal(InvalidInput({FIELDS.get(key, key): text for key, text in error.fields.items()}, error.message))
    for key, text in error.fields.items():
        getattr(form, FIELDS.get(key, "nome")).errors = [text]
    return render_template("atendimento/cadastro_dados.html", draft=draft, form=form), 422


def _missing(draft: DraftView) -> list[str]:
    wanted = (
        (draft.details.full_name, "Falta o nome completo."),
        (draft.faces, "Falta ao menos uma foto boa do rosto."),
        (draft.has_document or draft.without_document, "Falta a foto do documento."),
    )
    return [message for there, message in wanted if not there]


def _plain(found: Found) -> dict[str, object]:
    return {
        "person": str(found.id), "name": found.name, "masked_cpf": found.masked_cpf,
        "reasons": list(found.reasons), "distance": found.distance,
    }  # fmt: skip


def _person(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput({"pessoa": "Escolha uma das pessoas mostradas, ou diga que é outra pessoa."}) from None


def _finished(draft_id: UUID, outcome: Registered) -> ResponseReturnValue:
    remember(draft_id, outcome.person_id)
    message = "Cadastro concluído." if outcome.created else "Cadastro encontrado: nenhum outro foi criado."
    location = url_for("atendimento.person", person_id=outcome.person_id)
    status = 201 if outcome.created else 200
    return done(location, message, status=status, category="ok", person=str(outcome.person_id), created=outcome.created)
