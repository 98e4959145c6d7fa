"""A registration without document (R11): the desk asks and waits, the Gpol finds the request in its own inbox and answers.

A plain HTTP client: the attendant posts to `…/sem-documento/pedido` and asks `…/sem-documento/resposta`; the Gpol finds the
requests with `GET /tarefas/sem-documento` and posts `justificativa`, or `autorizada=nao`, to `…/sem-documento`.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from people import registration
from people.access import authorize
from people.drafts import DraftView
from webapp.atendimento import uploads
from webapp.atendimento.answers import done, json_errors, wants_json
from webapp.atendimento.forms import WaiverForm
from webapp.atendimento.views import blueprint
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import InvalidInput


@blueprint.get("/cadastros/<uuid:draft_id>/sem-documento")
@requires("desk.search")
def without_document(draft_id: UUID) -> ResponseReturnValue:
    """The GRPC asks and waits here; the Gpol, which alone may, answers here."""
    draft = _view(draft_id)
    if actor().has("gpol"):
        return _officer_page(draft, WaiverForm())
    return render_template("atendimento/sem_documento.html", draft=draft)


@blueprint.post("/cadastros/<uuid:draft_id>/sem-documento/pedido")
@requires("desk.register")
@json_errors
def ask_without_document(draft_id: UUID) -> ResponseReturnValue:
    """The request goes to the inbox of the Gpol."""
    with transaction() as session:
        draft = registration.request_without_document(session, draft_id, actor=actor())
    return done(url_for("atendimento.without_document", draft_id=draft_id), state=draft.waiver)


@blueprint.get("/cadastros/<uuid:draft_id>/sem-documento/resposta")
@requires("desk.register")
@json_errors
def waiver_answer(draft_id: UUID) -> ResponseReturnValue:
    """What the Gpol has answered; asked again every few seconds by the attendant's page."""
    draft = _view(draft_id)
    if wants_json():
        return jsonify(authorized=draft.without_document, state=draft.waiver)
    return render_template("atendimento/_sem_documento.html", draft=draft)


@blueprint.get("/cadastros/<uuid:draft_id>/sem-documento/fotos/<uuid:picture_id>")
@requires("gpol.register_without_document")
def waiver_picture(draft_id: UUID, picture_id: UUID) -> Response:
    """A face of a draft about which the Gpol was asked."""
    with transaction() as session:
        return uploads.jpeg(registration.waiver_picture(session, draft_id, picture_id, actor=actor()))


@blueprint.post("/cadastros/<uuid:draft_id>/sem-documento")
@requires("desk.search")
@json_errors
def answer_without_document(draft_id: UUID) -> ResponseReturnValue:
    """The Gpol authorises, with its justification, or not; the GRPC alone is refused with the reason (403)."""
    authorize(actor(), "gpol.register_without_document")
    if request.form.get("autorizada") == "nao":
        with transaction() as session:
            registration.refuse_without_document(session, draft_id, actor=actor())
        return done(
            url_for("gestao.inbox"), "Cadastro sem documento não autorizado. O atendimento já sabe.", category="ok"
        )
    form = WaiverForm()
    draft = _view(draft_id)
    try:
        with transaction() as session:
            registration.authorize_without_document(session, draft_id, form.justificativa.data or "", actor=actor())
    except InvalidInput as error:
        if wants_json():
            raise
        form.justificativa.errors = list(error.fields.values())
        return _officer_page(draft, form), 422
    message = "Cadastro sem documento autorizado. O atendimento pode continuar."
    return done(url_for("gestao.inbox"), message, category="ok")


def _view(draft_id: UUID) -> DraftView:
    with transaction() as session:
        return registration.view(session, draft_id, actor=actor())


def _officer_page(draft: DraftView, form: WaiverForm) -> str:
    faces = [
        url_for("atendimento.waiver_picture", draft_id=draft.id, picture_id=picture.id)
        for picture in draft.pictures
        if picture.kind == "face"
    ]
    return render_template("atendimento/gpol_documento.html", draft=draft, form=form, faces=faces)
