"""Signing in and out. Sessions are rows, so they can be revoked; real time.

`sign_in` answers with a value instead of raising, because the attempt must be counted whatever its outcome: the caller
commits in both cases. Unknown login, wrong password, account not confirmed or disabled: one answer, the same work.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from people import passwords, throttle
from people.models import Account, AccountSession
from people.settings import settings
from people.units import actor_of
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Forbidden

WRONG = "E-mail, usuário ou senha não conferem. Se a conta é nova, confirme antes o cadastro pelo e-mail que enviamos."
_TOUCH = timedelta(seconds=60)
_PAIR = throttle.Limit(5, timedelta(minutes=15), timedelta(minutes=15))
_LOGIN = throttle.Limit(50, timedelta(hours=1), timedelta(minutes=15))
_ADDRESS = throttle.Limit(60, timedelta(minutes=15), timedelta(minutes=15))


@dataclass(frozen=True)
class SignIn:
    """Outcome of an attempt. `token` goes into the cookie when it succeeded; else `message` is for the person and
    `wait_s` says how long further attempts are refused (0: not)."""

    account_id: UUID | None = None
    token: str | None = None
    message: str = ""
    wait_s: int = 0

    @property
    def ok(self) -> bool:
        """True when the person is signed in."""
        return self.token is not None


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a token now."""

    session_id: UUID
    account_id: UUID
    kind: str
    display_name: str
    actor: Actor
    expires_at: datetime


def sign_in(session: Session, login: str, password: str, address: str) -> SignIn:
    """Check login and password and open a session. Commit whatever the outcome."""
    typed = login.strip().casefold()[:254]
    wait = _count(session, typed, address)
    if wait:
        minutes = -(-wait // 60)
        return SignIn(message=f"Muitas tentativas. Aguarde {minutes} min e tente de novo.", wait_s=wait)
    account = session.scalar(select(Account).where(Account.login == typed))
    matches = passwords.verify_password(account.password_hash if account else None, password[:1024])
    if account is None or not matches or account.confirmed_at is None or account.disabled_at is not None:
        return SignIn(message=WRONG)
    _forgive(session, typed, address)
    if passwords.outdated(account.password_hash or ""):
        account.password_hash = passwords.hash_password(password)
    return SignIn(account.id, _open(session, account))


def account_for_token(session: Session, token: str) -> SignedIn | None:
    """Who holds this session token, or None when it is unknown, revoked, idle for too long or expired.

    Writes only when the last touch is older than a minute, so most reads stay reads.
    """
    now, limits = clock.real_now(), settings()
    row = session.scalar(select(AccountSession).where(AccountSession.token_sha256 == _digest(token)))
    if row is None or row.revoked_at is not None or row.expires_at <= now or row.seen_at + limits.session_idle <= now:
        return None
    account = session.get(Account, row.account_id)
    actor = _actor(session, row)
    if account is None or actor is None:
        return None
    if row.seen_at + _TOUCH <= now:
        row.seen_at = now
        session.flush()
    name = account.display_name or account.login or ""
    return SignedIn(row.id, account.id, account.kind, name, actor, min(row.expires_at, now + limits.session_idle))


def switch_seat(session: Session, session_id: UUID, unit: str, acting_for: UUID | None = None) -> Actor:
    """From now on this session acts in `unit`, in the place of `acting_for` when substituting. Forbidden if it may not."""
    row = session.get(AccountSession, session_id)
    if row is None or row.revoked_at is not None:
        raise Forbidden("Sua sessão terminou. Entre de novo.")
    actor = actor_of(session, row.account_id, unit, acting_for)
    row.unit, row.acting_for = actor.unit, actor.acting_for
    session.flush()
    if actor.acting_for is not None:
        data = {"session": str(row.id), "substituted": str(actor.acting_for)}
        history.record(session, "substituicao_assumida", data, actor=actor)
    return actor


def sign_out(session: Session, token: str) -> None:
    """Revoke the session of this token; an unknown token is nothing to complain about."""
    now = clock.real_now()
    row = session.scalar(select(AccountSession).where(AccountSession.token_sha256 == _digest(token)))
    if row is not None and row.revoked_at is None:
        row.revoked_at = now
        session.flush()
        data = {"account": str(row.account_id), "session": str(row.id)}
        history.record(session, "sessao_encerrada", data, actor=Actor("account", row.account_id))


def revoke_all(session: Session, account_id: UUID, *, actor: Actor, keep: UUID | None = None) -> int:
    """Revoke every open session of the account except `keep`; how many there were."""
    query = (
        update(AccountSession)
        .where(AccountSession.account_id == account_id, AccountSession.revoked_at.is_(None))
        .values(revoked_at=clock.real_now())
        .returning(AccountSession.id)
    )
    if keep is not None:
        query = query.where(AccountSession.id != keep)
    revoked = len(session.execute(query).all())
    if revoked:
        history.record(session, "sessoes_revogadas", {"account": str(account_id), "count": revoked}, actor=actor)
    return revoked


def purge_sessions(session: Session) -> int:
    """Delete the rows of sessions that ended more than a day ago."""
    limit = clock.real_now() - timedelta(days=1)
    ended = (AccountSession.expires_at < limit) | (AccountSession.revoked_at < limit)
    return len(session.execute(delete(AccountSession).where(ended).returning(AccountSession.id)).all())


def _open(session: Session, account: Account) -> str:
    now, token = clock.real_now(), secrets.token_urlsafe(32)
    row = AccountSession(
        token_sha256=_digest(token),
        account_id=account.id,
        created_at=now,
        seen_at=now,
        expires_at=now + settings().session_absolute,
    )
    session.add(row)
    session.flush()
    actor = Actor("account", account.id, account.person_id)
    data = {"account": str(account.id), "session": str(row.id)}
    history.record(session, "sessao_aberta", data, actor=actor)
    return token


def _actor(session: Session, row: AccountSession) -> Actor | None:
    """The actor of a session. A seat that ended (membership or substitution over) falls back to the person's own."""
    try:
        return actor_of(session, row.account_id, row.unit, row.acting_for)
    except Forbidden:
        try:
            return actor_of(session, row.account_id)
        except Forbidden:
            return None


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


def _forgive(session: Session, login: str, address: str) -> None:
    network = throttle.network_of(address)
    throttle.forgive(session, "entrar/par", f"{login}\n{network}")
    throttle.forgive(session, "entrar/login", login)
    throttle.uncount(session, "entrar/endereco", network)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
