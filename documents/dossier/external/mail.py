"""The message that tells somebody that a dossier was opened to them: queued in the act, sent by a job after the commit."""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from documents.dossier.external.models import ExternalGrant
from integrations.mail import Mail, MailError
from people.settings import settings
from workflow import jobs
from workflow.database import transaction

log = structlog.get_logger(__name__)
JOB = "documents.grant_notice"
LINK = "/externo/processos/{dossier}"
SIGN_UP = "/externo/cadastro"


def announce(session: Session, row: ExternalGrant) -> None:
    """Have the message sent once the transaction has been committed."""
    session.flush()
    jobs.defer(session, JOB, grant_id=str(row.id))


@jobs.job(JOB, "mail", retries=8)
def send_grant(grant_id: str) -> None:
    """Send it once; a server that refuses for now means another attempt, one that refuses for good is noted."""
    with transaction() as session:
        row = session.get(ExternalGrant, UUID(grant_id), with_for_update=True)
        if row is None or row.mail != "pending" or row.revoked_at is not None:
            return
        try:
            settings().mailbox.send(message(row))
        except MailError as refused:
            if not refused.permanent:
                raise
            log.warning("grant notice refused", grant=grant_id, code=refused.code)
            row.mail = "refused"
            return
        row.mail = "sent"


def message(row: ExternalGrant) -> Mail:
    """The text names no dossier: who reads the mailbox may not be who signs in."""
    portal = settings().portal_url.rstrip("/")
    may = ["ler documentos"]
    if row.may_sign:
        may.append("assinar")
    if row.may_add:
        may.append("incluir documentos")
    text = (
        f"Olá!\n\nA unidade {row.unit} da Assembleia Legislativa de Minas Gerais abriu a você um processo eletrônico, "
        f"até {row.expires_on:%d/%m/%Y}. Você pode: {', '.join(may)}.\n\n"
        f"Para abrir o processo, acesse:\n\n{portal}{LINK.format(dossier=row.dossier_id)}\n\n"
        "É preciso entrar com uma conta de usuário externo com este mesmo e-mail. "
        f"Se você ainda não tem conta, abra uma em {portal}{SIGN_UP}.\n"
    )
    return Mail(row.email, "Acesso a processo eletrônico da Assembleia", text)
