"""VA5: ten attempts a minute for an address, and one alarm for a thousand misses an hour from everywhere. Real time."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import math
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from documents import events
from documents.models import ValidationAttempt, ValidationMiss
from workflow import clock, history
from workflow.actor import SYSTEM
from workflow.errors import TooManyAttempts

ATTEMPTS = 10
WINDOW = timedelta(minutes=1)
ALARM = 1000
HOUR = timedelta(hours=1)
_log = logging.getLogger(__name__)


def admit(session: Session, address: str) -> None:
    """Count an attempt of `address`; TooManyAttempts from the eleventh in any sixty seconds on (429).

    A refused attempt is not counted, so whoever waits is heard again.
    """
    now = clock.real_now()
    digest = _digest(address)
    session.execute(
        insert(ValidationAttempt)
        .values(address_digest=digest, instants=[], last_at=now)
        .on_conflict_do_nothing(index_elements=["address_digest"])
    )
    row = session.scalars(
        select(ValidationAttempt)
        .where(ValidationAttempt.address_digest == digest)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    recent = [instant for instant in row.instants if now - instant < WINDOW]
    if len(recent) >= ATTEMPTS:
        wait = max(1, math.ceil((min(recent) + WINDOW - now).total_seconds()))
        raise TooManyAttempts(wait, f"Muitas consultas em pouco tempo. Aguarde {_seconds(wait)} e tente de novo.")
    row.instants = [*recent, now]
    row.last_at = now
    session.flush()


def count_miss(session: Session) -> None:
    """Count a code that does not exist; at the thousandth of an hour raise the alarm, once an hour."""
    now = clock.real_now()
    minute = now.replace(second=0, microsecond=0)
    session.execute(
        insert(ValidationMiss)
        .values(minute=minute, misses=1, alarmed=False)
        .on_conflict_do_update(index_elements=["minute"], set_={"misses": ValidationMiss.misses + 1})
    )
    misses, alarmed = _last_hour(session, now)
    if misses >= ALARM and not alarmed:
        session.execute(update(ValidationMiss).where(ValidationMiss.minute == minute).values(alarmed=True))
        history.record(session, events.ALARM, {"misses": misses}, actor=SYSTEM)
        _log.warning("validation alarm: %d misses in the last hour", misses)


def misses_last_hour(session: Session) -> int:
    """For the metrics and for tests."""
    return _last_hour(session, clock.real_now())[0]


def network(address: str) -> str:
    """The truncated address of the log (VA6): /24 of IPv4, /48 of IPv6."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def purge(session: Session) -> None:
    """Drop what the limits no longer need: attempts after an hour, misses after a day."""
    now = clock.real_now()
    session.execute(delete(ValidationAttempt).where(ValidationAttempt.last_at < now - HOUR))
    session.execute(delete(ValidationMiss).where(ValidationMiss.minute < now - timedelta(days=1)))


def _last_hour(session: Session, now: datetime) -> tuple[int, bool]:
    query = select(func.coalesce(func.sum(ValidationMiss.misses), 0), func.bool_or(ValidationMiss.alarmed))
    misses, alarmed = session.execute(query.where(ValidationMiss.minute > now - HOUR)).one()
    return int(misses), bool(alarmed)


def _digest(address: str) -> bytes:
    """One IPv4 address, or one /64 of IPv6, which is what a single subscriber holds."""
    parsed = _parsed(address)
    if parsed is None:
        return hashlib.sha256(address.encode()).digest()
    counted = ipaddress.ip_network((parsed, 32 if parsed.version == 4 else 64), strict=False)
    return hashlib.sha256(str(counted).encode()).digest()


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _seconds(wait: int) -> str:
    return "1 segundo" if wait == 1 else f"{wait} segundos"
