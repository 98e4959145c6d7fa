"""What the search is told of a text, inside the transaction of the act: what was saved is found at once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from documents.dossier.models import DossierDocument
from documents.search.operations import index_document


def index(session: Session, document: DossierDocument, words: str | None = None) -> None:
    """The document is found by these words from this transaction on; without them, by those of before."""
    session.flush()
    index_document(session, document, words)
