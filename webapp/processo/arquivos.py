"""The processo as a file: a ZIP at once, one PDF made by the worker, whose progress is shown and may be left alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from documents.dossier import bundle
from documents.dossier import queries as dossiers
from documents.dossier.models import DossierBundle
from webapp import downloads
from webapp.processo import forms, situation, words
from webapp.processo.acts import Act, Target, act, url_of
from webapp.processo.blueprint import blueprint
from webapp.processo.fields import choices
from webapp.security import actor, requires
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import NotFound


def _prepare(target: Target, form: FlaskForm) -> None:
    tree = dossiers.tree(target.session, target.dossier.id, target.actor)
    form.document_ids.choices = choices((str(one.id), words.described(one)) for one in tree)
    if not form.is_submitted():
        form.document_ids.data = [str(one.id) for one in tree if one.status != "draft"]


def _make(target: Target, form: FlaskForm) -> ResponseReturnValue:
    chosen = [UUID(one) for one in form.document_ids.data]
    if form.way.data == "zip":
        return _zip(target.dossier.id, target.dossier.number, chosen, target.actor)
    made = bundle.request_pdf(target.session, target.dossier.id, chosen, actor=target.actor)
    return redirect(url_for("processo.pdf", dossier_id=target.dossier.id, request_id=made.id), code=303)


def _zip(dossier_id: UUID, number: str, chosen: list[UUID], who: Actor) -> Response:
    """Streamed; what cannot be read is refused before the first byte."""

    def parts() -> Iterator[bytes]:
        with transaction() as session:
            yield from bundle.as_zip(session, dossier_id, chosen, who)

    stream = parts()
    first = next(stream, b"")
    response = Response(chain([first], stream), mimetype="application/zip")
    response.call_on_close(stream.close)  # type: ignore[attr-defined]  # a generator: whoever leaves ends its transaction
    response.headers.set("Content-Disposition", "attachment", filename=f"processo-{_plain(number)}.zip")
    return downloads.unlisted(response)


def _plain(number: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in number)


act(Act(
    "baixar", "Baixar em PDF ou ZIP", "dados", _make, forms.BundleForm, _prepare, action="dossier.read", plain=True,
    offered=lambda _: True, submit="Baixar", title="Baixar o processo",
    explanation="Desmarque o que não quer levar. O PDF é preparado aos poucos; enquanto isso você pode continuar trabalhando.",
))  # fmt: skip


@blueprint.get("/<uuid:dossier_id>/pdf/<uuid:request_id>")
@requires("dossier.read")
def pdf(dossier_id: UUID, request_id: UUID) -> str:
    """How far the PDF is; the same address when somebody comes back later."""
    with transaction() as session:
        row = _asked(session, dossier_id, request_id)
        number = situation.opened(session, dossier_id, "dossier.read").number
    part = request.headers.get("HX-Request") is not None
    return render_template(
        "processo/_pdf.html" if part else "processo/pdf.html", bundle=row, number=number, back=url_of(dossier_id),
        dossier_id=dossier_id,
    )  # fmt: skip


@blueprint.get("/<uuid:dossier_id>/pdf/<uuid:request_id>/arquivo")
@requires("dossier.read")
def pdf_file(dossier_id: UUID, request_id: UUID) -> Response:
    """The finished PDF."""
    with transaction() as session:
        _asked(session, dossier_id, request_id)
        number = situation.opened(session, dossier_id, "dossier.read").number
        content = bundle.read_bundle(session, request_id, actor())
    return downloads.pdf(content, f"processo-{_plain(number)}.pdf", download="baixar" in request.args)


def _asked(session: Session, dossier_id: UUID, request_id: UUID) -> DossierBundle:
    """A request of the actor's own for this dossier; the dossier itself is decided first."""
    situation.opened(session, dossier_id, "dossier.read")
    row = bundle.bundle_of(session, request_id, actor())
    if row.dossier_id != dossier_id:
        raise NotFound("Não encontramos este pedido de PDF.")
    return row
