"""Counters against guessing, as rows: they hold over several processes and survive a restart. Real time.

An attempt is counted before it is judged and its row stays locked until the transaction ends, so a hundred guesses at
once are judged one after the other. Count in a transaction that commits whatever the judgement was.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from people.models import Throttle
from people.settings import settings
from workflow import clock
from workflow.errors import TooManyAttempts


@dataclass(frozen=True)
class Limit:
    """At most `attempts` in `window`; one more locks the subject for `lock`."""

    attempts: int
    window: timedelta
    lock: timedelta


def count(session: Session, scope: str, subject: str, limit: Limit) -> int:
    """Count one attempt; the seconds to wait when it may not be made, else 0. The row stays locked."""
    now = clock.real_now()
    row = _locked_row(session, scope, settings().keyring.digest(scope, subject), now)
    if row.locked_until is not None and row.locked_until > now:
        return _seconds(row.locked_until - now)
    if row.locked_until is not None or row.started_at + limit.window <= now:
        row.attempts, row.started_at, row.locked_until = 0, now, None
    row.attempts += 1
    if row.attempts > limit.attempts:
        row.locked_until = now + limit.lock
    session.flush()
    return _seconds(limit.lock) if row.locked_until is not None else 0


def require(session: Session, scope: str, subject: str, limit: Limit, message: str | None = None) -> None:
    """Count one attempt; TooManyAttempts when it may not be made."""
    wait = count(session, scope, subject, limit)
    if wait:
        raise TooManyAttempts(wait, message)


def forgive(session: Session, scope: str, subject: str) -> None:
    """The attempt succeeded: start counting anew."""
    digest = settings().keyring.digest(scope, subject)
    session.execute(delete(Throttle).where(Throttle.scope == scope, Throttle.subject == digest))


def uncount(session: Session, scope: str, subject: str) -> None:
    """Take back the one attempt just counted, without forgiving those of others behind the same address."""
    row = session.get(Throttle, (scope, settings().keyring.digest(scope, subject)))
    if row is not None and row.attempts > 0:
        row.attempts -= 1
        session.flush()


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def purge(session: Session) -> int:
    """Delete counters that no longer count."""
    now = clock.real_now()
    stale = (Throttle.started_at < now - timedelta(days=1)) & (
        Throttle.locked_until.is_(None) | (Throttle.locked_until < now)
    )
    return len(session.execute(delete(Throttle).where(stale).returning(Throttle.scope)).all())


def _locked_row(session: Session, scope: str, subject: bytes, now: datetime) -> Throttle:
    fresh = insert(Throttle).values(scope=scope, subject=subject, attempts=0, started_at=now)
    # written even when it is there: that locks it, so that nobody else's success deletes it before it is read
    session.execute(fresh.on_conflict_do_update(index_elements=["scope", "subject"], set_={"scope": scope}))
    query = select(Throttle).where(Throttle.scope == scope, Throttle.subject == subject).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def _seconds(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds()))
