"""The file of a signed document: rendered and sealed in the worker, once for each set of signatures."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from workflow import jobs

JOB = "documents.seal_signed"


def defer(session: Session, document_ids: Sequence[UUID]) -> None:
    """Ask the worker for the files, in the transaction of the signatures."""
    jobs.defer_many(session, JOB, [{"document": str(document_id)} for document_id in document_ids])
