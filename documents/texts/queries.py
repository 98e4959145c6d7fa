"""Reading texts: the versions of a document, and what a new one may begin with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, DocumentVersion, DossierDocument
from documents.texts.models import StandardText, TextModel


def versions_of(session: Session, document: DossierDocument) -> Sequence[DocumentVersion]:
    """Every version of a document, latest first."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    return session.scalars(query.order_by(DocumentVersion.version.desc())).all()


def standard_texts(session: Session, unit: str | None) -> Sequence[StandardText]:
    """The texts of the house and of the unit, by name."""
    query = select(StandardText).where((StandardText.unit.is_(None)) | (StandardText.unit == unit))
    return session.scalars(query.order_by(StandardText.name)).all()


def models(session: Session) -> Sequence[TextModel]:
    """The models in use, by name."""
    return session.scalars(select(TextModel).where(TextModel.active).order_by(TextModel.name)).all()


def model_of(session: Session, declared: DocumentType) -> TextModel | None:
    """The model that documents of a type begin with, when it is in use."""
    found = session.get(TextModel, declared.model_key) if declared.model_key else None
    return found if found is not None and found.active else None
