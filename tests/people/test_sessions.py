"""Signing in: sessions as rows, guessing, no telling who has an account."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from people import accounts, passwords, sessions, throttle, units
from people import sign_in as attempts
from people.models import Account, AccountSession, Throttle
from people.operations import account_for_token, revoke_all, sign_in, sign_out
from workflow import clock
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.errors import Forbidden

LOGIN, PASSWORD, HERE, THERE = "ana", "uma frase curta", "203.0.113.9", "198.51.100.7"


@pytest.fixture(scope="module")
def hashed() -> str:
    return passwords.hash_password(PASSWORD)


def ana(session: Session) -> Account:
    return accounts.create_staff_account(session, LOGIN, "Ana Souza", PASSWORD, actor=SYSTEM)


def test_the_token_is_not_in_the_database(session: Session) -> None:
    ana(session)
    token = sign_in(session, LOGIN, PASSWORD, HERE).token or ""
    assert len(token) >= 43
    rows = session.execute(text("SELECT account_session::text FROM account_session")).scalars().all()
    assert all(token not in row and token.encode().hex() not in row for row in rows)


def test_sign_out_and_revoke_all(session: Session) -> None:
    account = ana(session)
    tokens = [sign_in(session, LOGIN, PASSWORD, HERE).token or "" for _ in range(3)]
    sign_out(session, tokens[0])
    sign_out(session, "nada")
    assert [account_for_token(session, token) is not None for token in tokens] == [False, True, True]
    assert revoke_all(session, account.id, actor=SYSTEM) == 2
    assert all(account_for_token(session, token) is None for token in tokens)


def test_idle_and_absolute_expiry_are_real_time(session: Session) -> None:
    ana(session)
    clock.configure(timedelta(days=400))
    token = sign_in(session, LOGIN, PASSWORD, HERE).token or ""
    assert account_for_token(session, token) is not None
    session.execute(update(AccountSession).values(seen_at=clock.real_now() - timedelta(minutes=119)))
    assert account_for_token(session, token) is not None
    session.execute(update(AccountSession).values(seen_at=clock.real_now() - timedelta(hours=2)))
    session.expire_all()
    assert account_for_token(session, token) is None
    session.execute(update(AccountSession).values(seen_at=clock.real_now(), expires_at=clock.real_now()))
    session.expire_all()
    assert account_for_token(session, token) is None


def test_a_touch_is_written_at_most_once_a_minute(session: Session) -> None:
    ana(session)
    token = sign_in(session, LOGIN, PASSWORD, HERE).token or ""
    before = session.scalars(select(AccountSession.seen_at)).one()
    account_for_token(session, token)
    assert session.scalars(select(AccountSession.seen_at)).one() == before
    session.execute(update(AccountSession).values(seen_at=before - timedelta(seconds=61)))
    session.expire_all()
    account_for_token(session, token)
    assert session.scalars(select(AccountSession.seen_at)).one() >= before


def test_wrong_and_unknown_answer_the_same(session: Session) -> None:
    account = ana(session)
    wrong = sign_in(session, LOGIN, "errada de todo", HERE)
    unknown = sign_in(session, "ninguem", "errada de todo", HERE)
    accounts.disable_account(session, account.id, actor=SYSTEM)
    disabled = sign_in(session, LOGIN, PASSWORD, HERE)
    assert wrong == unknown == disabled
    assert not wrong.ok


def test_unknown_takes_the_time_of_wrong(session: Session) -> None:
    ana(session)
    sign_in(session, "aquecer", "x", HERE)

    def spent(login: str) -> float:
        started = time.process_time()
        sign_in(session, login, "errada de todo", "")
        return time.process_time() - started

    wrong = [spent(LOGIN) for _ in range(4)]
    unknown = [spent(f"ninguem{number}") for number in range(4)]
    assert statistics.median(unknown) > 0.5 * statistics.median(wrong)


def test_five_wrong_guesses_lock_login_and_address_but_nobody_else(session: Session) -> None:
    ana(session)
    for _ in range(5):
        assert sign_in(session, LOGIN, "errada de todo", HERE).wait_s == 0
    locked = sign_in(session, LOGIN, PASSWORD, HERE)
    assert not locked.ok
    assert 0 < locked.wait_s <= 900
    assert "Aguarde 15 min" in locked.message
    assert sign_in(session, LOGIN, PASSWORD, THERE).ok
    session.execute(update(Throttle).values(locked_until=clock.real_now()))
    session.expire_all()
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok


def test_one_address_cannot_lock_an_account_for_everybody(session: Session) -> None:
    ana(session)
    for _ in range(60):
        attempts._count(session, LOGIN, HERE)
    assert sign_in(session, LOGIN, PASSWORD, THERE).ok


def test_many_addresses_on_one_account_are_stopped(session: Session) -> None:
    ana(session)
    waits = [attempts._count(session, LOGIN, f"203.0.{number // 250}.{number % 250}") for number in range(52)]
    assert waits[:50] == [0] * 50
    assert waits[51] > 0


def test_one_address_on_many_accounts_is_stopped(session: Session) -> None:
    waits = [attempts._count(session, f"pessoa{number}", HERE) for number in range(62)]
    assert waits[:60] == [0] * 60
    assert waits[61] > 0


def test_signing_in_to_ones_own_account_does_not_forgive_the_address(session: Session) -> None:
    ana(session)
    for number in range(10):
        attempts._count(session, f"pessoa{number}", HERE)
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok
    row = session.scalars(select(Throttle).where(Throttle.scope == "entrar/endereco")).one()
    assert row.attempts == 10


def test_guesses_at_once_are_counted_one_after_the_other(database_url: str) -> None:
    def guess(_: int) -> int:
        with transaction() as session:
            return attempts._count(session, LOGIN, HERE)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(guess, range(16)))
    assert sum(wait == 0 for wait in waits) == 5


def test_counters_hold_no_login_and_no_address(session: Session) -> None:
    sign_in(session, LOGIN, "errada de todo", HERE)
    rows = session.execute(text("SELECT throttle::text FROM throttle")).scalars().all()
    assert len(rows) == 3
    for value in (LOGIN, HERE):
        assert all(value not in row and value.encode().hex() not in row for row in rows)


def test_addresses_count_by_network() -> None:
    assert throttle.network_of("2001:db8::1") == throttle.network_of("2001:db8::ffff") == "2001:db8::/64"
    assert throttle.network_of("::ffff:203.0.113.9") == throttle.network_of(HERE) == HERE
    assert throttle.network_of("rubbish") == "?"


def test_old_counters_are_purged(session: Session) -> None:
    sign_in(session, LOGIN, "errada de todo", HERE)
    assert throttle.purge(session) == 0
    session.execute(update(Throttle).values(started_at=clock.real_now() - timedelta(days=2)))
    assert throttle.purge(session) == 3


def test_a_hash_of_other_parameters_is_made_anew(session: Session, hashed: str) -> None:
    from argon2 import PasswordHasher

    account = ana(session)
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    session.flush()
    assert sign_in(session, LOGIN, PASSWORD, HERE).ok
    assert (account.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.outdated(hashed)


def test_a_very_long_password_costs_no_more(session: Session) -> None:
    ana(session)
    assert not sign_in(session, LOGIN, "x" * 1_000_000, HERE).ok


def test_switching_the_seat_and_losing_it(session: Session) -> None:
    account = ana(session)
    units.create_unit(session, "CAC", "Centro de Atendimento ao Cidadão", actor=SYSTEM)
    units.create_unit(session, "GRPC", "Relações Públicas", actor=SYSTEM)
    units.add_membership(session, account.id, "CAC", "cac", actor=SYSTEM, starts_on=clock.today() - timedelta(days=9))
    second = units.add_membership(session, account.id, "GRPC", "identificacao", actor=SYSTEM)
    token = sign_in(session, LOGIN, PASSWORD, HERE).token or ""
    found = account_for_token(session, token)
    assert found is not None
    assert (found.actor.unit, found.actor.roles) == ("CAC", frozenset({"cac"}))
    sessions.switch_seat(session, found.session_id, "GRPC")
    found = account_for_token(session, token)
    assert found is not None
    assert (found.actor.unit, found.actor.roles) == ("GRPC", frozenset({"identificacao"}))
    with pytest.raises(Forbidden):
        sessions.switch_seat(session, found.session_id, "DIR")
    session.delete(second)
    session.flush()
    found = account_for_token(session, token)
    assert found is not None
    assert found.actor.unit == "CAC"
