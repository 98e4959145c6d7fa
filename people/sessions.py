"""Sessions are rows, so they can be revoked; real time. `people.sign_in` opens them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from people.models import Account, AccountSession, SecondFactor
from people.settings import settings
from people.units import actor_of
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Forbidden

_TOUCH = timedelta(seconds=60)


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a token now. `acting_for_name`: whom the person substitutes at this moment; `must_enrol`: nothing
    else may be done before the second factor is there (CARIMBO_TOTP=required)."""

    session_id: UUID
    account_id: UUID
    kind: str
    display_name: str
    actor: Actor
    expires_at: datetime
    acting_for_name: str = ""
    must_enrol: bool = False


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
    ends = min(row.expires_at, now + limits.session_idle)
    substituted = session.get(Account, actor.acting_for) if actor.acting_for else None
    return SignedIn(
        row.id, account.id, account.kind, _shown(account), actor, ends,
        acting_for_name=_shown(substituted) if substituted else "", must_enrol=_must_enrol(session, account),
    )  # fmt: skip


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


def open_session(session: Session, account: Account) -> str:
    """A new session of who has proved to be the account's holder; the token for the cookie."""
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


def _shown(account: Account) -> str:
    return account.display_name or account.email or account.login or ""


def _must_enrol(session: Session, account: Account) -> bool:
    if account.kind != "staff" or not settings().totp_required:
        return False
    confirmed = select(SecondFactor.confirmed_at).where(SecondFactor.account_id == account.id)
    return session.scalar(confirmed) is None


def _actor(session: Session, row: AccountSession) -> Actor | None:
    """The actor of a session. A seat that ended (membership or substitution over) falls back to the person's own."""
    try:
        return actor_of(session, row.account_id, row.unit, row.acting_for)
    except Forbidden:
        try:
            return actor_of(session, row.account_id)
        except Forbidden:
            return None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
