"""External users: people outside the house who are given access to a processo, to read, to sign or to add documents.

An account of kind `external` is opened by e-mail, with name, CPF and the termo de concordância e veracidade; the CPF is
declared, not proved. As with the Portal's accounts, the answer tells a stranger nothing about whose address has one.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from people import notices, passwords, rules, terms, throttle
from people.accounts import MAILS_PER_ACCOUNT, REQUESTS_PER_ADDRESS, insert_account, new_token
from people.models import Account, EmailToken, TermAcceptance
from people.settings import settings
from workflow import clock, history
from workflow.actor import PUBLIC
from workflow.errors import InvalidInput

SAME_FORM = timedelta(seconds=30)
CHANGED = "O termo mudou enquanto você preenchia o cadastro. Leia o texto novo e confirme de novo."


def open_external_account(
    session: Session, email: str, password: str, full_name: str, cpf: str, term_version: str, address: str = ""
) -> None:
    """Open an account, inactive until the link of the message is used with its password (`confirm_account`).

    `term_version`: of the text that the person read and accepted; InvalidInput when it is no longer the one in force.
    Each sign-up keeps its own name, CPF, password and termo until a link is used, and the account takes that one's.
    """
    clean, name, digits = rules.normalize_email(email), rules.clean_name(full_name), rules.normalize_cpf(cpf)
    rules.check_password(password, clean, name)
    if term_version != terms.VERSION:
        raise InvalidInput({"accepted": CHANGED})
    throttle.require(session, "cadastro/endereco", throttle.network_of(address), REQUESTS_PER_ADDRESS)
    hashed = passwords.hash_password(password)
    account = _account(session, clean)
    if throttle.count(session, "cadastro/externo", clean, MAILS_PER_ACCOUNT) or account.disabled_at is not None:
        return
    if _sent_just_now(session, account, password, name, digits):
        return
    if account.confirmed_at is not None:
        notices.send(session, account, notices.external_already_notice())
        return
    term = TermAcceptance(
        account_id=account.id, version=terms.VERSION, sha256=terms.sha256(), full_name=name, cpf=digits,
        accepted_at=clock.now(),
    )  # fmt: skip
    session.add(term)
    session.flush()
    token = new_token(session, account.id, "confirm", settings().confirm_lifetime, hashed, term.id)
    link = settings().portal_url + settings().external_confirm_path.format(token=token)
    notices.send(session, account, notices.external_confirm_notice(link))


def _account(session: Session, email: str) -> Account:
    login = rules.external_login(email)
    made = insert_account(session, kind="external", login=login, email=email)
    if made is not None:
        history.record(session, "conta_externa_aberta", {"account": str(made.id)}, actor=PUBLIC)
        return made
    return session.execute(select(Account).where(Account.login == login).with_for_update()).scalar_one()


def _sent_just_now(session: Session, account: Account, password: str, name: str, digits: str) -> bool:
    """The same form was sent moments ago, as a double click does: its message is on its way."""
    query = select(EmailToken).join(TermAcceptance, TermAcceptance.id == EmailToken.term_id)
    query = query.where(
        EmailToken.account_id == account.id, EmailToken.purpose == "confirm", EmailToken.used_at.is_(None)
    )
    query = query.where(EmailToken.created_at > clock.real_now() - SAME_FORM)
    same = TermAcceptance.full_name == name, TermAcceptance.cpf == digits
    last = session.scalars(query.where(*same).order_by(EmailToken.created_at.desc()).limit(1)).first()
    return last is not None and passwords.verify_password(last.password_hash, password)
