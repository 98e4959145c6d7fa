"""Every type, hypothesis and model, those out of use too: for the administration's lists."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, DossierType, LegalHypothesis
from documents.texts.models import TextModel


def all_hypotheses(session: Session) -> list[LegalHypothesis]:
    """By name."""
    return list(session.scalars(select(LegalHypothesis).order_by(LegalHypothesis.name)))


def all_dossier_types(session: Session) -> list[DossierType]:
    """By name."""
    return list(session.scalars(select(DossierType).order_by(DossierType.name)))


def all_document_types(session: Session) -> list[DocumentType]:
    """By name."""
    return list(session.scalars(select(DocumentType).order_by(DocumentType.name)))


def all_models(session: Session) -> list[TextModel]:
    """By name."""
    return list(session.scalars(select(TextModel).order_by(TextModel.name)))
