"""The first version of a document: its type's model with the fields that are known, or nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier.models import DocumentKind, DocumentType
from documents.texts import merge, versions
from documents.texts.models import TextModel
from documents.texts.sanitising import sanitise
from documents.texts.versions import Saved
from workflow.actor import Actor
from workflow.errors import Conflict


def begin(session: Session, document_id: UUID, *, actor: Actor, html: str | None = None) -> Saved:
    """Write the first version of an internal document: `html` (a standard text, another document), else its model.

    Fields that are known are filled; those of the signature stay until then.
    """
    document = versions.editable(session, document_id, actor)
    if document.kind != DocumentKind.INTERNAL or document.version:
        raise Conflict("Este documento já foi começado.")
    kind = session.get_one(DocumentType, document.type_key)
    model = session.get(TextModel, kind.model_key) if kind.model_key else None
    chosen = html if html is not None else model.html if model is not None and model.active else "<p></p>"
    clean = sanitise(chosen)
    filled = merge.fill(clean, merge.values_for(session, document, actor=actor))
    return versions.keep(session, document, filled.html, None, actor=actor, based_on=0)
