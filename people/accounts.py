"""Accounts: the citizen's (e-mail, confirmation, PO1 to PO4) and the staff's; passwords.

Nothing here tells a stranger whether an address has an account: the answer is the same, the difference is in the
message that only the mailbox's owner reads.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from people import notices, passwords, rules, sessions, throttle
from people.models import Account, EmailToken, TermAcceptance
from people.settings import settings
from workflow import clock, history
from workflow.actor import PUBLIC, Actor
from workflow.errors import Conflict, InvalidInput, NotFound

Confirmation = Literal["CONFIRMADO", "JA_CONFIRMADO", "EXPIRADO", "INVALIDO", "SENHA_NAO_CONFERE"]
CONFIRMATION_MESSAGES: dict[str, str] = {
    "CONFIRMADO": "Cadastro confirmado. Sua conta está ativa.",
    "JA_CONFIRMADO": "Este cadastro já está confirmado. Entre com seu e-mail e sua senha.",
    "EXPIRADO": "Este endereço de confirmação expirou. Peça um novo.",
    "SENHA_NAO_CONFERE": (
        "A senha não é a que foi escolhida neste cadastro. Confira e tente de novo; "
        "se não foi você quem se cadastrou, ignore a mensagem e faça um novo cadastro."
    ),
    "INVALIDO": "Este endereço de confirmação não é válido. Confira se ele foi copiado inteiro ou peça um novo.",
}
MAILS_PER_ACCOUNT = throttle.Limit(3, timedelta(hours=1), timedelta(hours=1))
REQUESTS_PER_ADDRESS = throttle.Limit(20, timedelta(hours=1), timedelta(hours=1))


def open_account(session: Session, email: str, password: str, address: str = "") -> None:
    """Sign up by e-mail (PO2): the account stays inactive until the link of the message is used.

    The answer is the same whether or not the address has an account. Until one is confirmed, each sign-up has a link
    of its own, and the account takes the password of the sign-up whose link is used.
    """
    clean = rules.normalize_email(email)
    rules.check_password(password, clean)
    throttle.require(session, "cadastro/endereco", throttle.network_of(address), REQUESTS_PER_ADDRESS)
    hashed = passwords.hash_password(password)
    account = _citizen(session, clean, hashed)
    if throttle.count(session, "cadastro/conta", clean, MAILS_PER_ACCOUNT):
        return
    if account.confirmed_at is not None:
        notices.send(session, account, notices.already_notice())
        return
    account.password_hash = hashed
    _send_confirmation(session, account)


def resend_confirmation(session: Session, email: str, address: str = "") -> None:
    """Send the link again (PO4), at most three messages an hour; the same answer whatever the address."""
    clean = rules.normalize_email(email)
    throttle.require(session, "cadastro/endereco", throttle.network_of(address), REQUESTS_PER_ADDRESS)
    if throttle.count(session, "cadastro/conta", clean, MAILS_PER_ACCOUNT):
        return
    account = session.scalar(select(Account).where(Account.login == clean, Account.kind == "citizen"))
    if account is not None and account.confirmed_at is None and account.disabled_at is None:
        _send_confirmation(session, account)


def confirm_account(session: Session, token: str, password: str | None = None) -> Confirmation:
    """Use the link (PO4: random, one use, 24 h); the second click learns that it is confirmed. Call it by POST.

    With `password`, the page asks for the password of the sign-up, and only who chose it confirms: otherwise somebody
    who signs up with another's address, and is confirmed by its owner in good faith, keeps a password that works.
    """
    row = _token_row(session, token, "confirm")
    account = session.get(Account, row.account_id) if row is not None else None
    if row is None or account is None or account.disabled_at is not None:
        return "INVALIDO"
    if account.confirmed_at is not None:
        return "JA_CONFIRMADO"
    if row.used_at is not None or row.expires_at <= clock.real_now():
        return "EXPIRADO"
    chosen = row.password_hash or account.password_hash
    if password is not None and not passwords.verify_password(chosen, password[:1024]):
        return "SENHA_NAO_CONFERE"
    account.password_hash = chosen
    row.used_at = clock.real_now()
    account.confirmed_at = clock.now()
    session.flush()
    if account.kind == "external":
        _take_term(session, account, row)
        notices.send(session, account, notices.external_activated_notice())
        return "CONFIRMADO"
    history.record(session, "conta_confirmada", {"account": str(account.id)}, actor=Actor("account", account.id))
    notices.send(session, account, notices.activated_notice())
    return "CONFIRMADO"


def request_password_reset(session: Session, email: str, address: str = "") -> None:
    """Send a link to choose a new password; the same answer whatever the address."""
    clean = rules.normalize_email(email)
    throttle.require(session, "senha/endereco", throttle.network_of(address), REQUESTS_PER_ADDRESS)
    if throttle.count(session, "senha/conta", clean, MAILS_PER_ACCOUNT):
        return
    active = (
        Account.email == clean,
        Account.disabled_at.is_(None),
        Account.confirmed_at.is_not(None),
        Account.source == "local",  # the directory changes its own passwords
    )
    for account in session.scalars(select(Account).where(*active).order_by(Account.kind)):
        token = new_token(session, account.id, "reset", settings().reset_lifetime)
        link = settings().portal_url + settings().reset_path.format(token=token)
        named = clean if account.kind == "external" else account.login or ""
        notices.send(session, account, notices.reset_notice(link, named))


def reset_password(session: Session, token: str, password: str) -> None:
    """Choose a new password with the link of the message; every session ends."""
    row = _token_row(session, token, "reset")
    account = session.get(Account, row.account_id) if row is not None else None
    spent = row is None or row.used_at is not None or row.expires_at <= clock.real_now()
    if row is None or account is None or spent or account.disabled_at is not None or account.source != "local":
        raise InvalidInput(message="Este endereço não vale mais. Peça de novo a redefinição da senha.")
    _set_password(session, account, password)
    session.execute(
        update(EmailToken)
        .where(EmailToken.account_id == account.id, EmailToken.purpose == "reset", EmailToken.used_at.is_(None))
        .values(used_at=clock.real_now())
    )
    actor = Actor("account", account.id, account.person_id)
    sessions.revoke_all(session, account.id, actor=actor)
    history.record(session, "senha_redefinida", {"account": str(account.id)}, actor=actor)
    notices.send(session, account, notices.password_changed_notice())


def change_password(
    session: Session, account_id: UUID, current: str, new: str, *, actor: Actor, keep_session: UUID | None = None
) -> None:
    """Change one's own password; the other sessions end."""
    account = session.get(Account, account_id)
    if account is None or actor.id != account_id:
        raise NotFound("Não encontramos essa conta.")
    if account.source != "local":
        raise InvalidInput({"current": "A senha desta conta é trocada no diretório da Assembleia, não aqui."})
    if not passwords.verify_password(account.password_hash, current):
        raise InvalidInput({"current": "A senha atual não confere."})
    _set_password(session, account, new)
    sessions.revoke_all(session, account_id, actor=actor, keep=keep_session)
    history.record(session, "senha_alterada", {"account": str(account_id)}, actor=actor)
    notices.send(session, account, notices.password_changed_notice())


def require_login(login: str) -> str:
    """The login as it is kept; InvalidInput when it can be nobody's."""
    clean = login.strip().casefold()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,39}", clean):
        raise InvalidInput({"login": "Use de 2 a 40 letras sem acento, números, ponto, hífen ou sublinhado."})
    return clean


def create_staff_account(
    session: Session, login: str, display_name: str, password: str, *, actor: Actor, email: str | None = None
) -> Account:
    """An account for a servant, active at once; its memberships say what it may do. Conflict when the login is taken."""
    clean = require_login(login)
    rules.check_password(password, clean)
    account = insert_account(
        session,
        kind="staff",
        login=clean,
        email=rules.normalize_email(email) if email else None,
        display_name=rules.clean_name(display_name),
        password_hash=passwords.hash_password(password),
        confirmed_at=clock.now(),
    )
    if account is None:
        raise Conflict("Já existe uma conta com esse usuário. Escolha outro.")
    history.record(session, "conta_de_servidor_criada", {"account": str(account.id)}, actor=actor)
    return account


def set_temporary_password(session: Session, account_id: UUID, password: str, *, actor: Actor) -> None:
    """A password that the administration gives to a servant; every session of the account ends."""
    account = session.get(Account, account_id)
    if account is None or account.kind != "staff":
        raise NotFound("Não encontramos essa conta.")
    _set_password(session, account, password)
    sessions.revoke_all(session, account_id, actor=actor)
    history.record(session, "senha_provisoria", {"account": str(account_id)}, actor=actor)


def disable_account(session: Session, account_id: UUID, *, actor: Actor) -> None:
    """The account signs in no more; its sessions end now."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Não encontramos essa conta.")
    account.disabled_at = clock.now()
    session.flush()
    sessions.revoke_all(session, account_id, actor=actor)
    history.record(session, "conta_desativada", {"account": str(account_id)}, actor=actor)


def enable_account(session: Session, account_id: UUID, *, actor: Actor) -> None:
    """The account may sign in again."""
    account = session.get(Account, account_id)
    if account is None or account.login is None:
        raise NotFound("Não encontramos essa conta.")
    account.disabled_at = None
    session.flush()
    history.record(session, "conta_reativada", {"account": str(account_id)}, actor=actor)


def purge_tokens(session: Session) -> int:
    """Delete tokens a week after their end, and the terms of sign-ups that were never confirmed; until then a late
    click is answered in words."""
    stale = EmailToken.expires_at < clock.real_now() - timedelta(days=7)
    gone = session.execute(delete(EmailToken).where(stale).returning(EmailToken.term_id)).all()
    unused = (TermAcceptance.id.in_([term for (term,) in gone if term]), TermAcceptance.confirmed_at.is_(None))
    session.execute(delete(TermAcceptance).where(*unused))
    return len(gone)


def insert_account(session: Session, **values: object) -> Account | None:
    """Insert unless the login is taken, also by a transaction that has not committed yet."""
    query = insert(Account).values(created_at=clock.now(), **values).on_conflict_do_nothing(index_elements=["login"])
    return session.scalar(query.returning(Account))


def _take_term(session: Session, account: Account, row: EmailToken) -> None:
    """The account takes the name and the CPF of the sign-up whose link was used, with the termo accepted there."""
    term = session.get_one(TermAcceptance, row.term_id)
    account.display_name, account.claimed_cpf = term.full_name, term.cpf
    term.confirmed_at = clock.now()
    session.flush()
    data = {"account": str(account.id), "term": term.version, "sha256": term.sha256.hex()}
    history.record(session, "conta_externa_confirmada", data, actor=Actor("account", account.id))


def _citizen(session: Session, email: str, hashed: str) -> Account:
    created = insert_account(session, kind="citizen", login=email, email=email, password_hash=hashed)
    if created is not None:
        history.record(session, "conta_aberta", {"account": str(created.id)}, actor=PUBLIC)
        return created
    return session.execute(select(Account).where(Account.login == email)).scalar_one()


def _set_password(session: Session, account: Account, password: str) -> None:
    rules.check_password(password, account.login or "", account.email or "", account.display_name or "")
    account.password_hash = passwords.hash_password(password)
    session.flush()


def _send_confirmation(session: Session, account: Account) -> None:
    token = new_token(session, account.id, "confirm", settings().confirm_lifetime, account.password_hash)
    link = settings().portal_url + settings().confirm_path.format(token=token)
    notices.send(session, account, notices.confirm_notice(link))


def new_token(
    session: Session,
    account_id: UUID,
    purpose: str,
    lifetime: timedelta,
    password_hash: str | None = None,
    term_id: UUID | None = None,
) -> str:
    """A token to send by e-mail; its digest rests."""
    now, token = clock.real_now(), secrets.token_urlsafe(32)
    session.add(
        EmailToken(
            account_id=account_id,
            purpose=purpose,
            token_sha256=_digest(token),
            password_hash=password_hash,
            term_id=term_id,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return token


def _token_row(session: Session, token: str, purpose: str) -> EmailToken | None:
    """The token's row, locked, so that two clicks at once are one after the other."""
    query = select(EmailToken).where(EmailToken.token_sha256 == _digest(token), EmailToken.purpose == purpose)
    return session.execute(query.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.strip().encode(errors="replace")).digest()
