"""E-mail to a unit that a dossier was sent to it: written in the transaction of the act, sent by a job after it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierType, UnitNotice
from integrations.mail import Mail, MailError
from people.models import Unit
from people.settings import settings
from workflow import clock, jobs
from workflow.database import transaction

log = structlog.get_logger(__name__)
JOB = "documents.unit_notice"


def announce(session: Session, dossier: Dossier, units: Iterable[str], sender: str) -> None:
    """One message to each unit, once the transaction has been committed."""
    for unit in units:
        row = UnitNotice(dossier_id=dossier.id, unit=unit, from_unit=sender, created_at=clock.now())
        session.add(row)
        session.flush()
        jobs.defer(session, JOB, notice_id=str(row.id))


@jobs.job(JOB, "mail", retries=8)
def send_notice(notice_id: str) -> None:
    """Send one notice; a unit without an address is noted. A mail server that refuses means another attempt."""
    with transaction() as session:
        row = session.get(UnitNotice, UUID(notice_id), with_for_update=True)
        if row is None or row.status != "pending":
            return
        address = session.scalar(select(Unit.email).where(Unit.sigla == row.unit))
        row.status = _send(session, row, address) if address else "no_address"


def _send(session: Session, row: UnitNotice, address: str) -> str:
    try:
        settings().mailbox.send(_message(session, row, address))
    except MailError as refused:
        if not refused.permanent:
            raise
        log.warning("notice to a unit refused", unit=row.unit, code=refused.code)
        return "refused"
    row.sent_at = clock.now()
    return "sent"


def _message(session: Session, row: UnitNotice, address: str) -> Mail:
    """Of a dossier that is not public, only that it came: its number and type stay out of the mail."""
    dossier = session.get_one(Dossier, row.dossier_id)
    if dossier.effective_level == "publico":
        kind = session.get_one(DossierType, dossier.type_key).name
        what = f"o processo {dossier.number} ({kind})"
    else:
        what = "um processo de acesso restrito"
    link = f"{settings().portal_url.rstrip('/')}/processo/{dossier.id}"
    text = f"A unidade {row.from_unit or '—'} enviou {what} à unidade {row.unit}.\n\nPara abrir o processo, acesse:\n\n{link}\n"
    return Mail(address, f"Processo recebido em {row.unit}", text)
