"""Messages to account holders: written in the transaction of the act, sent by the job `people.send_mail`.

The text waits sealed in a row of its own, so that the queue holds an id and no personal data; the row goes when the
message has left. With the mail server down the job is retried and the act stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from integrations.mail import Mail, MailError
from people.models import Account, OutgoingMail
from people.settings import settings
from workflow import clock, history, jobs
from workflow.actor import SYSTEM
from workflow.database import transaction

CONFIRM_SUBJECT = "Confirme seu cadastro no Portal da Assembleia"
"""PO2: exactly this subject (Of. 002/2018/GRPC/GRI, passo a passo)."""
HELP = "Em caso de dúvida, sugestão ou reclamação, entre em contato com a equipe do CAC: (31) 2108-7800"  # PO9
KEEP_UNSENT = timedelta(days=7)


@dataclass(frozen=True)
class Notice:
    """A message to an account's own address."""

    subject: str
    text: str


def confirm_notice(link: str) -> Notice:
    """PO2: the message with the link of confirmation."""
    return Notice(
        CONFIRM_SUBJECT,
        "Olá!\n\nRecebemos um pedido de cadastro no Portal da Assembleia com este e-mail. "
        f"Para confirmar, acesse o endereço abaixo em até 24 horas:\n\n{link}\n\n"
        "Se não foi você, ignore esta mensagem: sem a confirmação, o cadastro não é ativado.",
    )


def activated_notice() -> Notice:
    """PO2: the notice of activation."""
    return Notice(
        "Seu cadastro no Portal da Assembleia está ativo",
        "Olá!\n\nSeu cadastro no Portal da Assembleia foi confirmado e está ativo.\n\n"
        "Para emitir declarações de comparecimento, entre no Portal, complete o cadastro com seu CPF "
        f"e apresente um documento com foto no CAC.\n\nPortal: {settings().portal_url}",
    )


def already_notice() -> Notice:
    """To somebody who signs up with an address that has an account: only the mailbox's owner learns it."""
    return Notice(
        "Você já tem cadastro no Portal da Assembleia",
        "Olá!\n\nRecebemos um pedido de cadastro com este e-mail, mas ele já está cadastrado e ativo. "
        f"Entre no Portal com sua senha ou peça uma nova:\n\n{settings().portal_url}\n\n"
        "Se não foi você, ignore esta mensagem: nada mudou na sua conta.",
    )


def reset_notice(link: str, login: str) -> Notice:
    """The link to choose a new password; a servant may have two accounts with one address, so the login is named."""
    return Notice(
        "Redefina sua senha do Portal da Assembleia",
        f"Olá!\n\nPara escolher uma nova senha para a conta {login}, acesse o endereço abaixo em até 1 hora:\n\n"
        f"{link}\n\nSe não foi você, ignore esta mensagem: sua senha continua a mesma.",
    )


def password_changed_notice() -> Notice:
    """Tells the holder, so that a change by somebody else is noticed."""
    return Notice(
        "Sua senha do Portal da Assembleia foi alterada",
        "Olá!\n\nA senha da sua conta acaba de ser alterada e as outras sessões foram encerradas.\n\n"
        "Se não foi você, peça uma nova senha no Portal e avise o CAC.",
    )


def external_confirm_notice(link: str) -> Notice:
    """The link that confirms an external user's account."""
    return Notice(
        "Confirme sua conta de usuário externo na Assembleia",
        "Olá!\n\nRecebemos um pedido de conta de usuário externo com este e-mail, para acompanhar e assinar "
        f"documentos da Assembleia. Para confirmar, acesse o endereço abaixo em até 24 horas:\n\n{link}\n\n"
        "Se não foi você, ignore esta mensagem: sem a confirmação, a conta não é ativada.",
    )


def external_activated_notice() -> Notice:
    """The external user's account is in force."""
    return Notice(
        "Sua conta de usuário externo na Assembleia está ativa",
        "Olá!\n\nSua conta de usuário externo foi confirmada e está ativa. "
        f"Entre com seu e-mail e sua senha em {settings().portal_url}/externo/entrar",
    )


def external_already_notice() -> Notice:
    """To somebody who opens a second account with one address: only the mailbox's owner learns it."""
    return Notice(
        "Você já tem conta de usuário externo na Assembleia",
        "Olá!\n\nRecebemos um pedido de conta de usuário externo com este e-mail, mas ela já existe e está ativa. "
        f"Entre em {settings().portal_url}/externo/entrar ou, se esqueceu a senha, peça uma nova ali.\n\n"
        "Se não foi você, ignore esta mensagem: nada mudou na sua conta.",
    )


def second_factor_notice(*, on: bool) -> Notice:
    """Tells the holder, so that a change by somebody else is noticed."""
    done = "ativada" if on else "removida"
    return Notice(
        f"A verificação em duas etapas da sua conta foi {done}",
        f"Olá!\n\nA verificação em duas etapas da sua conta no Carimbo acaba de ser {done}.\n\n"
        "Se não foi você nem foi a seu pedido, avise agora a administração do sistema.",
    )


def cpf_proved_notice() -> Notice:
    """Tells the holder that the CPF was tied to this account at the CAC desk (PO6)."""
    return Notice(
        "Seu CPF foi comprovado no Portal da Assembleia",
        "Olá!\n\nSeu CPF foi comprovado no balcão do CAC e está associado a esta conta. "
        "Suas declarações de comparecimento estão em Certificados e declarações, na área do usuário.\n\n"
        "Se não foi você, avise o CAC imediatamente.",
    )


def proof_undone_notice() -> Notice:
    """Tells the holder that the account is no longer tied to a CPF, and what to do to have it tied again."""
    return Notice(
        "A comprovação do seu CPF foi desfeita no Portal da Assembleia",
        "Olá!\n\nO CAC desfez a comprovação do CPF nesta conta, porque encontrou um engano. "
        "Até que o CPF seja comprovado de novo, esta conta não mostra comparecimentos nem declarações. "
        "As declarações já emitidas não foram alteradas.\n\n"
        "Para comprovar de novo, preencha o cadastro completo no Portal e apresente um documento com foto no CAC. "
        "Se você não sabe do que se trata, avise o CAC.",
    )


def send(session: Session, account: Account, notice: Notice) -> None:
    """Queue the notice to the account's address, in this transaction."""
    if account.email is None:
        return
    mail_id = uuid4()
    body = {"to": account.email, "subject": notice.subject, "text": f"{notice.text}\n\n{HELP}\n"}
    sealed = settings().keyring.seal(json.dumps(body).encode(), _context(mail_id))
    session.add(OutgoingMail(id=mail_id, account_id=account.id, sealed=sealed, created_at=clock.real_now()))
    session.flush()
    jobs.defer(session, "people.send_mail", queue="mail", mail_id=str(mail_id))


@jobs.job("people.send_mail", queue="mail", retries=36)
def send_mail(mail_id: str) -> None:
    """Hand one message to the mailbox. Raises while trying again can help; a permanent refusal is recorded and over."""
    identifier = UUID(mail_id)
    with transaction() as session:
        row = session.scalar(select(OutgoingMail).where(OutgoingMail.id == identifier).with_for_update())
        if row is None:
            return
        domain = settings().portal_url.partition("//")[2].partition("/")[0].partition(":")[0] or "localhost"
        mail = Mail(*opened(row), message_id=f"<{mail_id}@{domain}>")
        try:
            settings().mailbox.send(mail)
        except MailError as error:
            if not error.permanent:
                raise
            data = {"account": str(row.account_id), "smtp_code": error.code}
            history.record(session, "mensagem_recusada", data, actor=SYSTEM)
        session.delete(row)


def opened(row: OutgoingMail) -> tuple[str, str, str]:
    """Recipient, subject and text of a waiting message."""
    body = json.loads(settings().keyring.unseal(row.sealed, _context(row.id)))
    return body["to"], body["subject"], body["text"]


def purge_unsent(session: Session) -> int:
    """Delete messages that could not leave for a week: their links have expired."""
    stale = OutgoingMail.created_at < clock.real_now() - KEEP_UNSENT
    return len(session.execute(delete(OutgoingMail).where(stale).returning(OutgoingMail.id)).all())


def _context(mail_id: UUID) -> bytes:
    return b"carimbo/outgoing-mail/" + mail_id.bytes
