"""Periodic work of documents."""

from __future__ import annotations

from documents import operations, validation
from documents.dossier import jobs as dossier_jobs
from documents.publication import jobs as publication_jobs
from documents.signatures import jobs as signature_jobs
from workflow import jobs
from workflow.database import transaction

__all__ = ["dossier_jobs", "publication_jobs", "retention", "signature_jobs"]


@jobs.job("documents.retention", "maintenance", every="17 3 * * *")
def retention() -> None:
    """Every night: drop validation logs past six months (VA6), spent limits, and stored bytes that no row names."""
    with transaction() as session:
        validation.purge(session)
    with transaction() as session:
        operations.sweep(session)
