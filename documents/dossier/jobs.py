"""Work of the dossiers that nobody asks for: what was programmed to reopen is reopened on its day."""

from __future__ import annotations

import structlog

from documents.dossier import bundle, deadlines, notices
from documents.dossier.external import mail
from workflow import jobs
from workflow.database import transaction
from workflow.errors import DomainError

__all__ = ["bundle", "mail", "notices", "reopen_programmed"]

log = structlog.get_logger(__name__)


@jobs.job("documents.reopen_programmed", "default", every="*/5 * * * *")
def reopen_programmed() -> None:
    """Each dossier in a transaction of its own, so that one that can't be reopened keeps no other waiting."""
    with transaction() as session:
        due = deadlines.due_reopenings(session)
    for dossier_id, unit in due:
        try:
            with transaction() as session:
                deadlines.reopen_programmed(session, dossier_id, unit)
        except DomainError as refused:
            log.warning("programmed reopening refused", dossier=str(dossier_id), unit=unit, code=refused.code)
