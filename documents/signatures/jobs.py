"""The work of signatures outside the request."""

from __future__ import annotations

from uuid import UUID

from documents.signatures import sealing
from workflow import jobs
from workflow.database import transaction


@jobs.job(sealing.JOB, sealing.QUEUE, retries=8)
def seal_signed(document: str) -> None:
    """Render and seal a signed document (CPU: some 80 ms a page)."""
    with transaction() as session:
        sealing.seal_signed(session, UUID(document))
