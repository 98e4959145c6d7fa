"""Work of publications that nobody asks for: what has its day today is published."""

from __future__ import annotations

import structlog

from documents.publication import publishing
from workflow import jobs
from workflow.database import transaction
from workflow.errors import DomainError

log = structlog.get_logger(__name__)


@jobs.job("documents.publish_due", "default", every="*/5 * * * *")
def publish_due() -> None:
    """Each in a transaction of its own, so that one that can't be published keeps no other waiting; by the legal clock."""
    with transaction() as session:
        waiting = publishing.due(session)
    for publication_id in waiting:
        try:
            with transaction() as session:
                publishing.publish(session, publication_id)
        except DomainError as refused:
            log.warning("publication refused", publication=str(publication_id), code=refused.code)
