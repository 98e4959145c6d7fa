"""The second step: TOTP, taken once; recovery codes, used once; counted; reset."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

import people
from people import accounts, second_factor, units
from people.models import Account, RecoveryCode, SignInTicket
from people.operations import account_for_token, finish_totp, reset_second_factor, sign_in
from people.sign_in import LATE, SignIn
from tests.people.conftest import citizen, staff
from workflow import clock
from workflow.actor import SYSTEM, Actor
from workflow.errors import Conflict, Forbidden, InvalidInput

LOGIN, PASSWORD, HERE = "ana", "uma frase curta", "203.0.113.9"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The real clock, as a list of one instant that the test moves."""
    moment = [clock.real_now().replace(second=5)]
    monkeypatch.setattr(clock, "real_now", lambda: moment[0])
    return moment


def ana(session: Session) -> tuple[Account, Actor]:
    account = accounts.create_staff_account(session, LOGIN, "Ana Souza", PASSWORD, actor=SYSTEM)
    return account, Actor("account", account.id)


def enrolled(session: Session, now: list[datetime]) -> tuple[Account, Actor, pyotp.TOTP, tuple[str, ...]]:
    """With the first code spent, and the next time step begun."""
    account, actor = ana(session)
    totp = pyotp.TOTP(second_factor.begin(session, account.id, actor=actor).secret)
    codes = second_factor.confirm(session, account.id, totp.at(now[0]), actor=actor)
    now[0] += timedelta(seconds=30)
    return account, actor, totp, codes


def ticket(session: Session) -> str:
    outcome = sign_in(session, LOGIN, PASSWORD, HERE)
    assert outcome.totp_needed
    assert not outcome.ok
    return outcome.ticket or ""


def finish(session: Session, code: str) -> SignIn:
    return finish_totp(session, ticket(session), code, HERE)


def test_a_code_confirms_and_from_then_on_signing_in_takes_two_steps(session: Session, now: list[datetime]) -> None:
    account, actor = ana(session)
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok
    first, again = (second_factor.begin(session, account.id, actor=actor) for _ in range(2))
    assert first == again
    assert first.uri.startswith("otpauth://totp/Carimbo%20ALMG:ana?secret=")
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok  # not confirmed: not in force
    with pytest.raises(InvalidInput):
        second_factor.confirm(session, account.id, "000000", actor=actor)
    totp = pyotp.TOTP(first.secret)
    assert len(set(second_factor.confirm(session, account.id, totp.at(now[0]), actor=actor))) == 10
    with pytest.raises(Conflict):
        second_factor.begin(session, account.id, actor=actor)
    now[0] += timedelta(seconds=30)
    outcome = finish(session, f" {totp.at(now[0])[:3]} {totp.at(now[0])[3:]}")
    assert account_for_token(session, outcome.token or "") is not None


def test_the_same_code_is_never_taken_twice_nor_an_older_one(session: Session, now: list[datetime]) -> None:
    _, _, totp, _ = enrolled(session, now)
    code, earlier = totp.at(now[0]), totp.at(now[0] - timedelta(seconds=30))
    assert not finish(session, earlier).ok  # confirmed the enrolment
    assert finish(session, code).ok
    assert not finish(session, code).ok
    now[0] += timedelta(seconds=25)
    assert not finish(session, code).ok
    now[0] += timedelta(seconds=90)
    assert not finish(session, totp.at(now[0] - timedelta(seconds=60))).ok
    assert finish(session, totp.at(now[0] - timedelta(seconds=30))).ok  # a telephone half a minute late


def test_five_wrong_codes_lock_the_second_step_also_for_the_right_one(session: Session, now: list[datetime]) -> None:
    _, _, totp, _ = enrolled(session, now)
    for _ in range(5):
        assert finish(session, "123456").wait_s == 0
    locked = finish(session, totp.at(now[0]))
    assert (locked.ok, locked.wait_s) == (False, 900)
    now[0] += timedelta(minutes=16)
    assert finish(session, totp.at(now[0])).ok


def test_a_ticket_serves_once_and_for_five_minutes(session: Session, now: list[datetime]) -> None:
    account, _, totp, _ = enrolled(session, now)
    token = ticket(session)
    assert token not in str(session.execute(text("SELECT * FROM sign_in_ticket")).all())
    assert finish_totp(session, token, totp.at(now[0]), HERE).ok
    now[0] += timedelta(seconds=30)
    assert finish_totp(session, token, totp.at(now[0]), HERE).message == LATE
    token = ticket(session)
    session.execute(update(SignInTicket).values(expires_at=now[0]))
    assert finish_totp(session, token, totp.at(now[0]), HERE).late
    assert finish_totp(session, "inventado", totp.at(now[0]), HERE).late
    token = ticket(session)
    accounts.disable_account(session, account.id, actor=SYSTEM)
    assert finish_totp(session, token, totp.at(now[0]), HERE).late


def test_a_recovery_code_is_used_once_and_rests_as_a_digest(session: Session, now: list[datetime]) -> None:
    account, actor, totp, codes = enrolled(session, now)
    stored = session.scalars(select(RecoveryCode.digest)).all()
    assert len(stored) == 10
    assert all(code.replace("-", "").encode() not in stored for code in codes)
    assert finish(session, codes[0].upper().replace("-", " ")).ok
    assert not finish(session, codes[0]).ok
    assert second_factor.state(session, account.id).recovery_left == 9
    checked, fresh = second_factor.renew_codes(session, account.id, totp.at(now[0]), actor=actor)
    assert checked.ok
    assert not finish(session, codes[1]).ok
    assert finish(session, fresh[1]).ok


def test_the_secret_rests_sealed(session: Session, now: list[datetime]) -> None:
    account, actor = ana(session)
    secret = second_factor.begin(session, account.id, actor=actor).secret
    rows = session.execute(text("SELECT second_factor::text, encode(sealed, 'escape') FROM second_factor")).all()
    assert secret not in str(rows)


def test_removing_needs_a_code_and_the_administration_resets(session: Session, now: list[datetime]) -> None:
    account, actor, totp, _ = enrolled(session, now)
    assert not second_factor.remove(session, account.id, "111111", actor=actor).ok
    admin = staff(session, "admin", "DIR")
    with pytest.raises(Forbidden):
        reset_second_factor(session, account.id, actor=staff(session, "gestor", "DIR"))
    token = finish(session, totp.at(now[0])).token or ""
    reset_second_factor(session, account.id, actor=admin)
    assert account_for_token(session, token) is None
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok
    totp = pyotp.TOTP(second_factor.begin(session, account.id, actor=actor).secret)
    second_factor.confirm(session, account.id, totp.at(now[0]), actor=actor)
    now[0] += timedelta(seconds=30)
    assert second_factor.remove(session, account.id, totp.at(now[0]), actor=actor).ok
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok


def test_it_is_the_staffs_and_each_ones_own(session: Session) -> None:
    account, _ = ana(session)
    somebody = citizen(session, "maria@example.org")
    with pytest.raises(Forbidden):
        second_factor.begin(session, account.id, actor=somebody)
    assert somebody.id is not None
    with pytest.raises(Forbidden):
        second_factor.begin(session, somebody.id, actor=somebody)


def test_required_staff_must_enrol_before_anything_else(session: Session, now: list[datetime]) -> None:
    people.configure(replace(people.settings(), totp_required=True))
    account, actor = ana(session)
    found = account_for_token(session, sign_in(session, LOGIN, PASSWORD, HERE).token or "")
    assert found is not None
    assert found.must_enrol
    totp = pyotp.TOTP(second_factor.begin(session, account.id, actor=actor).secret)
    second_factor.confirm(session, account.id, totp.at(now[0]), actor=actor)
    now[0] += timedelta(seconds=30)
    found = account_for_token(session, finish(session, totp.at(now[0])).token or "")
    assert found is not None
    assert not found.must_enrol
    assert units.seats(session, account.id) == []
