"""Proving who one is: password (local, else the directory's), then the second factor where there is one.

`sign_in` and `finish_totp` answer with a value instead of raising, because the attempt must be counted whatever its
outcome: the caller commits in both cases. Unknown login, wrong password, account not confirmed or disabled: one answer,
the same work. A login with a local account is never asked of the directory, or an entry made there would enter as it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from people import directory, passwords, rules, second_factor, sessions, throttle, units
from people.errors import DirectoryDown
from people.models import Account, SignInTicket
from workflow import clock
from workflow.errors import TooManyAttempts

WRONG = "E-mail, usuário ou senha não conferem. Se a conta é nova, confirme antes o cadastro pelo e-mail que enviamos."
NO_ROLE = (
    "Sua senha confere, mas nenhum grupo seu dá acesso a este sistema. "
    "Peça à administração do sistema que registre a sua lotação."
)
LATE = "O tempo para digitar o código terminou. Entre de novo."
TICKET_LIFETIME = timedelta(minutes=5)
_DIRECTORY_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_PAIR = throttle.Limit(5, timedelta(minutes=15), timedelta(minutes=15))
_LOGIN = throttle.Limit(50, timedelta(hours=1), timedelta(minutes=15))
_ADDRESS = throttle.Limit(60, timedelta(minutes=15), timedelta(minutes=15))


@dataclass(frozen=True)
class SignIn:
    """Outcome of an attempt. `token` goes into the cookie when it succeeded; with `ticket` the password was right and
    `finish_totp` is next; else `message` is for the person and `wait_s` says how long further attempts are refused
    (0: not). `late`: the ticket is no longer good, and everything starts anew."""

    account_id: UUID | None = None
    token: str | None = None
    message: str = ""
    wait_s: int = 0
    ticket: str | None = None
    late: bool = False

    @property
    def ok(self) -> bool:
        """True when the person is signed in."""
        return self.token is not None

    @property
    def totp_needed(self) -> bool:
        """True when the password was right and a code is awaited."""
        return self.ticket is not None


def sign_in(session: Session, login: str, password: str, address: str) -> SignIn:
    """Check login and password; open a session, or give the ticket for the second step. Commit whatever the outcome."""
    typed = login.replace("\0", "\ufffd").strip().casefold()[:254]  # a NUL is nobody's, and PostgreSQL refuses it
    wait = _count(session, typed, address)
    if wait:
        return SignIn(message=f"Muitas tentativas. Aguarde {-(-wait // 60)} min e tente de novo.", wait_s=wait)
    try:
        account = _proved(session, typed, password[:1024])
    except DirectoryDown as down:
        _uncount(session, typed, address)
        return SignIn(message=down.message)
    if account is None or account.confirmed_at is None or account.disabled_at is not None:
        return SignIn(message=WRONG)
    _forgive(session, typed, address)
    if account.source == "ldap" and not units.seats(session, account.id):
        sessions.revoke_all(session, account.id, actor=units.actor_of(session, account.id))
        return SignIn(message=NO_ROLE)
    if second_factor.active(session, account.id):
        return SignIn(account.id, ticket=_new_ticket(session, account.id))
    return SignIn(account.id, sessions.open_session(session, account))


def finish_totp(session: Session, ticket: str, code: str, address: str) -> SignIn:
    """The second step: the ticket of the first and a code. Commit whatever the outcome."""
    row = session.scalar(select(SignInTicket).where(SignInTicket.token_sha256 == _digest(ticket)).with_for_update())
    if row is None or row.expires_at <= clock.real_now():
        return SignIn(message=LATE, late=True)
    wait = throttle.count(session, "entrar/endereco", throttle.network_of(address), _ADDRESS)
    if wait:
        return SignIn(message=f"Muitas tentativas. Aguarde {-(-wait // 60)} min e tente de novo.", wait_s=wait)
    account = session.get_one(Account, row.account_id)
    if account.disabled_at is not None:
        return SignIn(message=LATE, late=True)
    checked = second_factor.check(session, account.id, code)
    if not checked.ok:
        return SignIn(account.id, message=checked.message, wait_s=checked.wait_s)
    throttle.uncount(session, "entrar/endereco", throttle.network_of(address))
    session.delete(row)
    return SignIn(account.id, sessions.open_session(session, account))


def prove_password(session: Session, account_id: UUID, password: str, address: str) -> bool:
    """Whether the password is the account's own now: for signatures.

    Counted as a sign-in is, in a transaction of its own, so that the count survives the refusal that rolls the act back.
    TooManyAttempts while it is refused; DirectoryDown when the directory that knows the password does not answer.
    """
    account = session.get(Account, account_id)
    if account is None or account.login is None or account.disabled_at is not None or account.confirmed_at is None:
        return False
    with _apart(session) as own:
        wait = _count(own, account.login, address)
    if wait:
        raise TooManyAttempts(wait)
    try:
        proved = _is_theirs(account, password[:1024])
    except DirectoryDown:
        with _apart(session) as own:
            _uncount(own, account.login, address)
        raise
    if proved:
        with _apart(session) as own:
            _forgive(own, account.login, address)
    return proved


def purge_tickets(session: Session) -> int:
    """Delete tickets that nobody can use any more."""
    stale = SignInTicket.expires_at < clock.real_now()
    return len(session.execute(delete(SignInTicket).where(stale).returning(SignInTicket.id)).all())


def _proved(session: Session, typed: str, password: str) -> Account | None:
    """The account whose password this is: by login, or an external user's by e-mail; else the directory's person."""
    account = session.scalar(select(Account).where(Account.login == typed))
    if account is None and "@" in typed:
        account = session.scalar(select(Account).where(Account.login == rules.external_login(typed)))
    known = account is not None and account.source == "local"
    matches = passwords.verify_password(account.password_hash if account else None, password)
    if account is not None and known:
        if matches and passwords.outdated(account.password_hash or ""):
            account.password_hash = passwords.hash_password(password)
        return account if matches else None
    if not _DIRECTORY_LOGIN.fullmatch(typed):
        return None
    person = directory.prove(typed, password)
    return None if person is None else directory.admit(session, person, typed)


def _is_theirs(account: Account, password: str) -> bool:
    if account.source == "local":
        return passwords.verify_password(account.password_hash, password)
    person = directory.prove(account.login or "", password)
    return person is not None and person.id == account.directory_id


def _new_ticket(session: Session, account_id: UUID) -> str:
    token = secrets.token_urlsafe(32)
    expires = clock.real_now() + TICKET_LIFETIME
    session.add(SignInTicket(token_sha256=_digest(token), account_id=account_id, expires_at=expires))
    session.flush()
    return token


@contextmanager
def _apart(session: Session) -> Iterator[Session]:
    """A transaction of its own in the same database; a session that lives inside a caller's connection keeps to it."""
    bind = session.get_bind()
    if isinstance(bind, Connection):
        yield session
        return
    with Session(bind, expire_on_commit=False) as own, own.begin():
        yield own


def _count(session: Session, login: str, address: str) -> int:
    """Count the attempt for login and address together, then for the address, then for the login.

    What one address may not try any more is not counted against the login, or one address could lock anybody out.
    """
    network = throttle.network_of(address)
    return (
        throttle.count(session, "entrar/par", f"{login}\n{network}", _PAIR)
        or throttle.count(session, "entrar/endereco", network, _ADDRESS)
        or throttle.count(session, "entrar/login", login, _LOGIN)
    )


def _uncount(session: Session, login: str, address: str) -> None:
    """Nobody could judge the attempt: it is taken back."""
    network = throttle.network_of(address)
    throttle.uncount(session, "entrar/par", f"{login}\n{network}")
    throttle.uncount(session, "entrar/endereco", network)
    throttle.uncount(session, "entrar/login", login)


def _forgive(session: Session, login: str, address: str) -> None:
    network = throttle.network_of(address)
    throttle.forgive(session, "entrar/par", f"{login}\n{network}")
    throttle.forgive(session, "entrar/login", login)
    throttle.uncount(session, "entrar/endereco", network)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
