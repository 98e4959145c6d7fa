"""Lists of the administration and of the CAC desk."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from people import accounts, passwords, queries, units
from people.errors import Busy
from tests.people.conftest import citizen, staff
from workflow import clock
from workflow.actor import SYSTEM


def test_accounts_in_lists(session: Session) -> None:
    ana = accounts.create_staff_account(session, "ana", "Ana Souza", "uma frase curta", actor=SYSTEM)
    maria = citizen(session, "maria@example.com")
    assert maria.id is not None
    assert [row.login for row in queries.staff_accounts(session)] == ["ana"]
    found = queries.citizen_account(session, " Maria@Example.com ")
    assert found is not None
    assert (found.id, found.kind, found.person_id) == (maria.id, "citizen", None)
    assert queries.citizen_account(session, "outra@example.com") is None
    assert queries.citizen_account_of(session, uuid4()) is None
    assert queries.account(session, uuid4()) is None
    assert queries.account_names(session, [ana.id, maria.id]) == {ana.id: "Ana Souza", maria.id: "maria@example.com"}


def test_units_memberships_and_substitutions_in_lists(session: Session) -> None:
    boss, deputy = staff(session, "gestor", "DIR"), staff(session, "cac", "CAC")
    assert boss.id is not None
    assert deputy.id is not None
    units.create_unit(session, "CAC", "outra vez", actor=SYSTEM)
    assert [sigla for sigla, _ in queries.units(session)] == ["CAC", "DIR"]
    assert {(row.unit, row.role) for row in queries.memberships(session)} == {("DIR", "gestor"), ("CAC", "cac")}
    row = units.appoint_substitute(session, boss.id, deputy.id, clock.today(), clock.today(), actor=SYSTEM)
    assert [found.id for found in queries.substitutions(session)] == [row.id]


def test_too_many_passwords_at_once_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAIT_S", 0.01)
    taken = 0
    while passwords._turns.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(Busy):
            passwords.verify_password(None, "x")
    finally:
        for _ in range(taken):
            passwords._turns.release()
    assert not passwords.verify_password(None, "x")
