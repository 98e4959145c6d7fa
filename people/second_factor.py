"""The second step of the staff's sign-in: codes of an authenticator (TOTP, RFC 6238) and recovery codes.

The secret rests sealed under a master key, recovery codes as keyed digests. A code is taken once: its time step must be
later than the last one taken (RFC 6238, section 5.2), read and written under the row's lock.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from people import notices, sessions, throttle
from people.access import authorize
from people.models import Account, RecoveryCode, SecondFactor
from people.settings import settings
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

WRONG_CODE = "O código não confere. Digite o que o aplicativo mostra agora; cada código vale uma só vez."
RECOVERY_CODES = 10
_ISSUER = "Carimbo ALMG"
_STEP_S = 30
_CODES = throttle.Limit(5, timedelta(minutes=15), timedelta(minutes=15))
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Enrolment:
    """What the authenticator is given: the secret in base32, and the same with its labels for the QR code."""

    secret: str
    uri: str


@dataclass(frozen=True)
class FactorState:
    """The second factor of an account: since when it is in force (None: it is not), recovery codes left."""

    since: datetime | None
    recovery_left: int


@dataclass(frozen=True)
class Checked:
    """Outcome of a typed code. Commit whatever it is: the attempt is counted."""

    ok: bool
    message: str = ""
    wait_s: int = 0


def state(session: Session, account_id: UUID) -> FactorState:
    """What the page of the account shows."""
    row = session.get(SecondFactor, account_id)
    left = session.scalar(select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id))
    return FactorState(row.confirmed_at if row is not None else None, left or 0)


def active(session: Session, account_id: UUID) -> bool:
    """Whether signing in asks for a code."""
    query = select(SecondFactor.confirmed_at).where(SecondFactor.account_id == account_id)
    return session.scalar(query) is not None


def begin(session: Session, account_id: UUID, *, actor: Actor) -> Enrolment:
    """The secret to enrol; the same one until it is confirmed, so that a page may be loaded again."""
    account = _own_staff(session, account_id, actor)
    row = session.get(SecondFactor, account_id, with_for_update=True)
    if row is not None and row.confirmed_at is not None:
        raise Conflict("A verificação em duas etapas já está ativa.")
    if row is None:
        sealed = settings().keyring.seal(pyotp.random_base32().encode(), _context(account_id))
        row = SecondFactor(account_id=account_id, sealed=sealed, created_at=clock.real_now())
        session.add(row)
        session.flush()
    totp = _totp(row)
    return Enrolment(totp.secret, totp.provisioning_uri(name=account.login or "", issuer_name=_ISSUER))


def confirm(session: Session, account_id: UUID, code: str, *, actor: Actor) -> tuple[str, ...]:
    """The first code proves that the authenticator holds the secret; gives the recovery codes, shown only now."""
    account = _own_staff(session, account_id, actor)
    row = session.get(SecondFactor, account_id, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise Conflict("Comece de novo: esta ativação já terminou.")
    if not _takes(row, _digits(code)):
        raise InvalidInput({"code": WRONG_CODE})
    row.confirmed_at = clock.now()
    session.flush()
    history.record(session, "segundo_fator_ativado", {"account": str(account_id)}, actor=actor)
    notices.send(session, account, notices.second_factor_notice(on=True))
    return _new_codes(session, account_id)


def check(session: Session, account_id: UUID, code: str) -> Checked:
    """Take a code of the authenticator or a recovery code; counted, and refused for a while after five wrong ones."""
    wait = throttle.count(session, "entrar/codigo", str(account_id), _CODES)
    if wait:
        return Checked(False, f"Muitas tentativas. Aguarde {-(-wait // 60)} min e tente de novo.", wait)
    row = session.get(SecondFactor, account_id, with_for_update=True, populate_existing=True)
    if row is None or row.confirmed_at is None:
        return Checked(False, WRONG_CODE)
    if not (_takes(row, _digits(code)) or _recovers(session, account_id, code)):
        return Checked(False, WRONG_CODE)
    throttle.forgive(session, "entrar/codigo", str(account_id))
    return Checked(True)


def renew_codes(session: Session, account_id: UUID, code: str, *, actor: Actor) -> tuple[Checked, tuple[str, ...]]:
    """New recovery codes in the place of the old ones, against a code."""
    _own_staff(session, account_id, actor)
    checked = check(session, account_id, code)
    if not checked.ok:
        return checked, ()
    history.record(session, "segundo_fator_codigos", {"account": str(account_id)}, actor=actor)
    return checked, _new_codes(session, account_id)


def remove(session: Session, account_id: UUID, code: str, *, actor: Actor) -> Checked:
    """Switch one's own second factor off (a new phone: enrol again), against a code."""
    _own_staff(session, account_id, actor)
    checked = check(session, account_id, code)
    if checked.ok:
        drop(session, account_id, actor=actor)
    return checked


def reset(session: Session, account_id: UUID, *, actor: Actor) -> None:
    """The administration removes the second factor of who lost phone and codes; the sessions end."""
    authorize(actor, "users.manage")
    drop(session, account_id, actor=actor)
    sessions.revoke_all(session, account_id, actor=actor)


def drop(session: Session, account_id: UUID, *, actor: Actor) -> None:
    """Remove the second factor, whoever asks: `reset` and `remove` decide who may, and the command line is the house's."""
    account = session.get(Account, account_id)
    if account is None or session.get(SecondFactor, account_id) is None:
        raise NotFound("Esta conta não tem a verificação em duas etapas.")
    for table in (RecoveryCode, SecondFactor):
        session.execute(delete(table).where(table.account_id == account.id))
    history.record(session, "segundo_fator_removido", {"account": str(account.id)}, actor=actor)
    notices.send(session, account, notices.second_factor_notice(on=False))


def _takes(row: SecondFactor, code: str) -> bool:
    """The code of this time step or of its neighbours, later than the last one taken; notes it."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return False
    totp, now = _totp(row), int(clock.real_now().timestamp()) // _STEP_S
    for step in (now, now - 1, now + 1):
        fresh = row.last_step is None or step > row.last_step
        if secrets.compare_digest(totp.generate_otp(step), code) and fresh:
            row.last_step = step
            return True
    return False


def _recovers(session: Session, account_id: UUID, code: str) -> bool:
    digest = _recovery_digest(account_id, re.sub(r"[\s-]", "", code).casefold())
    key = (RecoveryCode.account_id == account_id, RecoveryCode.digest == digest)
    if session.scalar(delete(RecoveryCode).where(*key).returning(RecoveryCode.account_id)) is None:
        return False
    actor = Actor("account", account_id)
    history.record(session, "segundo_fator_recuperado", {"account": str(account_id)}, actor=actor)
    return True


def _new_codes(session: Session, account_id: UUID) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, digest=_recovery_digest(account_id, code)) for code in codes)
    session.flush()
    return tuple(f"{code[:5]}-{code[5:]}" for code in codes)


def _own_staff(session: Session, account_id: UUID, actor: Actor) -> Account:
    account = session.get(Account, account_id)
    if account is None or account.kind != "staff" or actor.id != account_id:
        raise Forbidden("A verificação em duas etapas é dos servidores, cada um na sua conta.")
    return account


def _digits(code: str) -> str:
    return re.sub(r"[\s-]", "", code)


def _totp(row: SecondFactor) -> pyotp.TOTP:
    return pyotp.TOTP(settings().keyring.unseal(row.sealed, _context(row.account_id)).decode())


def _recovery_digest(account_id: UUID, code: str) -> bytes:
    return settings().keyring.digest("codigo-de-recuperacao", f"{account_id}\n{code}")


def _context(account_id: UUID) -> bytes:
    return b"carimbo/second-factor/" + account_id.bytes
