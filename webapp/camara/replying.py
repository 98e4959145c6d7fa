"""The câmara's answer: a text, files, a look at both, and the receipt of what was sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import MultipleFileField, TextAreaField

from documents.texts.inspection import TYPES
from processes.oficio_camaras.correspondence.replies import MAX_TEXT
from webapp.camara import attached
from webapp.camara.attached import Slip
from webapp.camara.doors import REPLIES, UPLOADS, Door, both, limit
from webapp.camara.receiving import CHECK, SEND, facts_of
from webapp.forms import blame
from workflow.database import transaction
from workflow.errors import DomainError, NotFound

ATTACH = "anexar"


class ReplyForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The answer; one of the two is enough, which the view asks."""

    texto = TextAreaField("Texto da resposta", description="Escreva aqui, ou anexe a resposta em um documento.")
    arquivos = MultipleFileField(
        "Documentos",
        description=f"PDF, imagem, texto ou planilha ({', '.join(sorted(TYPES))}). Até 15 MB em cada envio.",
    )


@both("/responder", "answer", "GET", "POST")
def answer(door: Door) -> ResponseReturnValue:
    """What was typed and attached stays through every step; `anexar` takes files, `conferir` shows all, `enviar` sends."""
    form = ReplyForm()
    with transaction() as session:
        facts = facts_of(session, door)
    exemplar_id: UUID = facts["exemplar"].id
    slips = attached.read(exemplar_id, request.form.getlist("anexo"))
    removed = request.form.get("retirar", "")
    slips = [slip for slip in slips if slip.address != removed]
    step = "" if removed else request.form.get("passo", "")
    if step in (ATTACH, CHECK):
        slips = _taken(exemplar_id, form, slips)
    if step in (CHECK, SEND):
        _complete(form, slips)
    page = {"form": form, "slips": slips, "total": sum(slip.size for slip in slips), **facts}
    if form.errors or form.form_errors:
        return render_template("camara/responder.html", **page), 422
    if step == CHECK:
        return render_template("camara/responder_conferir.html", key=uuid4().hex, **page)
    if step == SEND:
        return _sent(door, form, slips, page)
    return render_template("camara/responder.html", **page)


@both("/respostas/<uuid:reply_id>", "reply")
def reply(door: Door, reply_id: UUID) -> str:
    """The receipt of an answer: number of the ofício, instant, the SHA-256 of each file."""
    with transaction() as session:
        facts = facts_of(session, door)
    found = next((one for one in facts["view"].replies if one.reply.id == reply_id), None)
    if found is None:
        raise NotFound("Não encontramos essa resposta.")
    return render_template("camara/resposta.html", one=found.reply, files=found.files, **facts)


def _taken(exemplar_id: UUID, form: ReplyForm, slips: list[Slip]) -> list[Slip]:
    """What was chosen now, checked; what was refused is told at the field."""
    sent = [one for one in request.files.getlist("arquivos") if one.filename]
    if not sent:
        return slips
    limit("oficio-anexo", str(exemplar_id), UPLOADS)
    slips, refused = attached.take(exemplar_id, sent, slips)
    if refused:
        form.arquivos.errors = refused
    return slips


def _complete(form: ReplyForm, slips: list[Slip]) -> None:
    text = (form.texto.data or "").strip()
    if not text and not slips and not form.arquivos.errors:
        form.texto.errors = ["Escreva a resposta ou anexe um documento."]
    elif len(text) > MAX_TEXT:
        form.texto.errors = [f"Escreva no máximo {MAX_TEXT} caracteres, ou anexe um documento."]


def _sent(door: Door, form: ReplyForm, slips: list[Slip], page: dict[str, Any]) -> ResponseReturnValue:
    limit("oficio-resposta", str(page["exemplar"].id), REPLIES)
    try:
        with transaction() as session:
            key = request.form.get("chave", "")[:64]
            made = door.answer(session, (form.texto.data or "").strip(), attached.files_of(slips), key).id
    except DomainError as refusal:
        blame(form, refusal)
        return render_template("camara/responder.html", **page), 422
    flash("Resposta enviada. Este é o seu recibo.", "ok")
    return redirect(door.url("reply", reply_id=made), code=303)
