"""The editor: its page, and the saving that keeps everybody's text."""

from __future__ import annotations

from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier.models import DossierDocument
from documents.texts import merge
from documents.texts import operations as texts
from documents.texts import queries as beginnings
from documents.texts.operations import Saved
from people import queries as people
from webapp.documentos import reading
from webapp.documentos.blueprint import blueprint
from webapp.documentos.reading import Shown
from webapp.documentos.views import links
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import InvalidInput


@blueprint.get("/documento/<uuid:document_id>/editar")
@requires("dossier.work")
def edit(document_id: UUID) -> ResponseReturnValue:
    """The editor, with the version in force."""
    with transaction() as session:
        document = reading.require_editable(session, document_id)
        if document.kind == "form":
            return redirect(url_for("documentos.form", document_id=document_id))
        shown = reading.shown(session, document)
        html = reading.text_of(session, document)
        data = _data(session, document, shown)
    return render_template(
        "documentos/editar.html", document=shown, html=html, data=data, signed=bool(shown.signatures),
        view_url=url_for("documentos.page", document_id=document_id), **links(shown),
    )  # fmt: skip


def _data(session: Session, document: DossierDocument, shown: Shown) -> dict[str, object]:
    """What the script needs to know."""
    values = merge.values_for(session, document, actor=actor())
    return {
        "document": str(document.id),
        "account": str(actor().id),
        "version": document.version,
        "label": f"Texto de {shown.name}",
        "signed": bool(shown.signatures),
        "save_url": url_for("documentos.save", document_id=document.id),
        "texts": [
            {"name": row.name, "html": merge.fill(row.html, values).html}
            for row in beginnings.standard_texts(session, actor().unit)
        ],
        "variables": [
            *({"key": key, "name": label, "about": f"«{key}»: cada exemplar recebe o seu", "value": ""}
              for key, label in merge.filled_later(document.type_key).items()),
            *(_variable(key, label, values.get(key)) for key, label in merge.LABELS.items()),
        ],
    }  # fmt: skip


def _variable(key: str, label: str, value: str | None) -> dict[str, str]:
    """A field as the editor offers it: what is known goes in as it is, the rest stays open until it is."""
    told = value or ("Preenchida na assinatura" if key in merge.AT_SIGNATURE else "Sem valor neste processo")
    return {"key": key, "name": label, "about": told, "value": value or ""}


@blueprint.post("/documento/<uuid:document_id>/salvar")
@requires("dossier.work")
def save(document_id: UUID) -> ResponseReturnValue:
    """A version: `html`, `based_on` (the version that was being edited), `comment`. JSON with what became of it."""
    based_on = request.form.get("based_on", type=int)
    with transaction() as session:
        reading.require_editable(session, document_id)
        if based_on is None:
            raise InvalidInput(message="Falta dizer de qual versão o texto partiu. Recarregue a página.")
        html, comment = request.form.get("html", ""), request.form.get("comment", "")
        saved = texts.save(session, document_id, html, actor=actor(), based_on=based_on, comment=comment)
        return jsonify(_told(session, document_id, saved))


def _told(session: Session, document_id: UUID, saved: Saved) -> dict[str, object]:
    """What became of the text and, in a conflict, where both texts and their comparison are."""
    told: dict[str, object] = {"version": saved.version, "conflict": saved.conflict, "message": saved.message}
    if not saved.conflict or saved.other_version is None:
        return told
    author = people.account_names(session, [saved.other_author]).get(saved.other_author) if saved.other_author else None

    def part(number: int) -> str:
        return url_for("documentos.version", document_id=document_id, number=number, editor=1)

    compared = url_for("documentos.compare", document_id=document_id, de=saved.other_version, para=saved.version)
    other = {"version": saved.other_version, "author": author or "outra pessoa", "url": part(saved.other_version)}
    return {
        **told,
        "in_force": saved.in_force,
        "other": other,
        "mine_url": part(saved.version),
        "compare_url": compared,
    }
