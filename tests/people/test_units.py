"""Units, memberships in time, substitution."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from people import queries, units
from people.access import actor_of
from people.models import Account, Membership
from tests.people.conftest import citizen, staff
from workflow import clock
from workflow.actor import SYSTEM
from workflow.errors import Forbidden, InvalidInput, NotFound


def test_a_membership_holds_on_its_first_and_last_day_only(session: Session) -> None:
    actor = staff(session, "gestor", "DIR")
    assert actor.id is not None
    row = session.query(Membership).filter_by(account_id=actor.id).one()
    day = clock.today()
    for starts, ends, holds in [
        (day, day, True),
        (day - timedelta(days=1), None, True),
        (day + timedelta(days=1), None, False),
        (day - timedelta(days=2), day - timedelta(days=1), False),
    ]:
        row.starts_on, row.ends_on = starts, ends
        session.flush()
        assert actor_of(session, actor.id).roles == (frozenset({"gestor"}) if holds else frozenset())


def test_the_legal_clock_decides_which_day_it_is(session: Session) -> None:
    actor = staff(session, "gestor", "DIR")
    assert actor.id is not None
    clock.configure(timedelta(days=-1))
    assert actor_of(session, actor.id).roles == frozenset()


def test_one_unit_at_a_time(session: Session) -> None:
    actor = staff(session, "cac", "CAC")
    assert actor.id is not None
    units.create_unit(session, "GAB-01", "Gabinete", actor=SYSTEM)
    units.add_membership(session, actor.id, "GAB-01", "gabinete", actor=SYSTEM)
    units.add_membership(session, actor.id, "CAC", "gestor", actor=SYSTEM)
    assert actor_of(session, actor.id, "CAC").roles == {"cac", "gestor"}
    assert actor_of(session, actor.id, "GAB-01").roles == {"gabinete"}
    with pytest.raises(Forbidden):
        actor_of(session, actor.id, "DIR")


def test_the_substitute_acts_with_the_substituteds_roles_in_the_period(session: Session) -> None:
    boss, deputy = staff(session, "gestor", "DIR"), staff(session, "identificacao", "GRPC")
    assert boss.id is not None
    assert deputy.id is not None
    day = clock.today()
    units.appoint_substitute(session, boss.id, deputy.id, day, day + timedelta(days=5), actor=SYSTEM)
    assert actor_of(session, deputy.id).roles == {"identificacao"}
    acting = actor_of(session, deputy.id, "DIR")
    assert (acting.id, acting.roles, acting.acting_for) == (deputy.id, frozenset({"gestor"}), boss.id)
    assert actor_of(session, deputy.id, acting_for=boss.id) == acting
    assert [seat.unit for seat in units.seats(session, deputy.id)] == ["GRPC", "DIR"]
    clock.configure(timedelta(days=6))
    with pytest.raises(Forbidden):
        actor_of(session, deputy.id, "DIR")


def test_nobody_acts_for_whom_they_do_not_substitute(session: Session) -> None:
    boss, other = staff(session, "gestor", "DIR"), staff(session, "identificacao", "GRPC")
    assert other.id is not None
    with pytest.raises(Forbidden):
        actor_of(session, other.id, "DIR", boss.id)


def test_an_own_seat_comes_before_a_substitution(session: Session) -> None:
    boss, deputy = staff(session, "gestor", "DIR"), staff(session, "identificacao", "DIR")
    assert boss.id is not None
    assert deputy.id is not None
    units.appoint_substitute(session, boss.id, deputy.id, clock.today(), clock.today(), actor=SYSTEM)
    assert actor_of(session, deputy.id, "DIR").acting_for is None
    assert actor_of(session, deputy.id, "DIR", boss.id).roles == {"gestor"}


def test_substitution_is_not_passed_on(session: Session) -> None:
    first, second, third = (
        staff(session, role, sigla) for role, sigla in [("gestor", "A"), ("cac", "B"), ("gpol", "C")]
    )
    assert first.id is not None
    assert second.id is not None
    assert third.id is not None
    today = clock.today()
    units.appoint_substitute(session, first.id, second.id, today, today, actor=SYSTEM)
    units.appoint_substitute(session, second.id, third.id, today, today, actor=SYSTEM)
    assert {seat.unit for seat in units.seats(session, third.id)} == {"C", "B"}


def test_what_cannot_be_is_refused(session: Session) -> None:
    actor = staff(session, "gestor", "DIR")
    assert actor.id is not None
    today = clock.today()
    visitor = citizen(session, "maria@example.com")
    assert visitor.id is not None
    with pytest.raises(InvalidInput):
        units.add_membership(session, actor.id, "DIR", "rei", actor=SYSTEM)
    with pytest.raises(InvalidInput):
        units.add_membership(session, actor.id, "DIR", "cidadao", actor=SYSTEM)
    with pytest.raises(NotFound):
        units.add_membership(session, visitor.id, "DIR", "gestor", actor=SYSTEM)
    with pytest.raises(InvalidInput):
        units.appoint_substitute(session, actor.id, actor.id, today, today, actor=SYSTEM)
    with pytest.raises(NotFound):
        units.appoint_substitute(session, actor.id, visitor.id, today, today, actor=SYSTEM)


def test_disabled_and_unconfirmed_accounts_are_nobody(session: Session) -> None:
    actor = staff(session, "admin", "DIR")
    assert actor.id is not None
    account = session.get_one(Account, actor.id)
    account.confirmed_at = None
    session.flush()
    with pytest.raises(Forbidden):
        actor_of(session, actor.id)
    account.confirmed_at, account.disabled_at = clock.now(), clock.now()
    session.flush()
    with pytest.raises(Forbidden):
        actor_of(session, actor.id)


def test_ending_a_membership(session: Session) -> None:
    actor = staff(session, "gestor", "DIR")
    assert actor.id is not None
    (row,) = queries.memberships(session, actor.id)
    with pytest.raises(InvalidInput):
        units.end_membership(session, row.id, clock.today() - timedelta(days=1), actor=SYSTEM)
    units.end_membership(session, row.id, clock.today(), actor=SYSTEM)
    clock.configure(timedelta(days=1))
    assert actor_of(session, actor.id).roles == frozenset()


def test_OF2_the_path_of_a_unit_goes_from_larger_to_smaller(session: Session) -> None:
    units.create_organ(session, "ALMG", "0100", "Assembleia Legislativa", actor=SYSTEM)
    units.create_unit(session, "GRPC", "Cerimonial", actor=SYSTEM, code="02", organ="ALMG")
    units.create_unit(session, "GRI", "Relações", actor=SYSTEM, code="03", organ="ALMG", parent="GRPC")
    assert units.path(session, "GRI") == ("GRPC", "GRI")
    assert units.path(session, "GRPC") == ("GRPC",)
    assert units.path(session, "NENHUMA") == ("NENHUMA",)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"code": "1"}, "code"), ({"organ": "X"}, "organ"), ({"parent": "X"}, "parent"), ({"parent": "GRI"}, "parent")],
)
def test_a_unit_with_wrong_data_is_refused_with_the_field(session: Session, values: dict[str, str], field: str) -> None:
    units.create_unit(session, "GRPC", "Cerimonial", actor=SYSTEM)
    units.create_unit(session, "GRI", "Relações", actor=SYSTEM, parent="GRPC")
    with pytest.raises(InvalidInput) as refused:
        units.change_unit(session, "GRPC", actor=SYSTEM, name="Cerimonial", **values)  # type: ignore[arg-type]  # no bool
    assert list(refused.value.fields) == [field]


def test_an_organ_has_a_code_of_its_own(session: Session) -> None:
    units.create_organ(session, "ALMG", "0100", "Assembleia", actor=SYSTEM)
    assert units.create_organ(session, "ALMG", "0200", "Outra", actor=SYSTEM).code == "0100"
    for code in ("0100", "100", "abcd"):
        with pytest.raises(InvalidInput):
            units.create_organ(session, "TCE", code, "Tribunal", actor=SYSTEM)
