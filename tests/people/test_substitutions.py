"""Substitution: who may appoint whom, where and with which roles; what ends is lost at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from people import queries, substitutions, units
from people.operations import revoke_membership
from people.queries import memberships
from tests.people.conftest import staff
from workflow import clock
from workflow.actor import SYSTEM, Actor
from workflow.errors import Forbidden, InvalidInput, NotFound


def appoint(session: Session, substituted: Actor, substitute: Actor, actor: Actor, days: int = 5) -> None:
    assert substituted.id is not None
    assert substitute.id is not None
    today = clock.today()
    substitutions.appoint(session, substituted.id, substitute.id, today, today + timedelta(days=days), actor=actor)


def acts_for(session: Session, who: Actor) -> dict[tuple[str, object], frozenset[str]]:
    assert who.id is not None
    return {(seat.unit, seat.acting_for): seat.roles for seat in units.seats(session, who.id) if seat.acting_for}


def test_for_oneself_with_all_roles_and_taken_back_at_once(session: Session) -> None:
    chefe, colega = staff(session, "chefia", "GRI"), staff(session, "servidor", "CAC")
    appoint(session, chefe, colega, chefe)
    assert acts_for(session, colega) == {("GRI", chefe.id): {"chefia"}}
    actor = units.actor_of(session, colega.id, "GRI", chefe.id)  # type: ignore[arg-type]  # has an id
    row = queries.substitutions(session, chefe.id)[0]
    with pytest.raises(NotFound):
        substitutions.end(session, row.id, actor=actor)  # in another's place nothing is taken back
    substitutions.end(session, row.id, actor=chefe)
    assert acts_for(session, colega) == {}
    with pytest.raises(Forbidden):
        units.actor_of(session, colega.id, "GRI", chefe.id)  # type: ignore[arg-type]  # has an id


def test_the_chefia_appoints_for_its_unit_there_only_and_lends_no_administration(session: Session) -> None:
    chefe, colega = staff(session, "chefia", "DIR"), staff(session, "servidor", "CAC")
    admin = staff(session, "admin", "DIR")
    assert admin.id is not None
    units.add_membership(session, admin.id, "DIR", "protocolo", actor=SYSTEM)
    units.add_membership(session, admin.id, "CAC", "gestor", actor=SYSTEM)
    appoint(session, admin, colega, chefe)
    assert acts_for(session, colega) == {("DIR", admin.id): {"protocolo"}}
    outsider = staff(session, "servidor", "GPOL")
    with pytest.raises(InvalidInput):
        appoint(session, outsider, colega, chefe)
    only_admin = staff(session, "admin", "DIR")
    appoint(session, only_admin, chefe, chefe)
    assert acts_for(session, chefe) == {}


def test_who_is_no_chefia_appoints_only_for_oneself_and_nobody_in_anothers_place(session: Session) -> None:
    um, outro, chefe = (staff(session, role, "GRI") for role in ("servidor", "servidor", "chefia"))
    with pytest.raises(Forbidden):
        appoint(session, outro, um, um)
    appoint(session, chefe, um, chefe)
    in_place = units.actor_of(session, um.id, "GRI", chefe.id)  # type: ignore[arg-type]  # has an id
    with pytest.raises(Forbidden):
        appoint(session, outro, um, in_place)


@pytest.mark.parametrize(("start", "days", "field"), [(-1, 3, "starts_on"), (0, 400, "ends_on"), (2, 1, "ends_on")])
def test_the_period_begins_today_or_later_and_ends_within_a_year(
    session: Session, start: int, days: int, field: str
) -> None:
    um, outro = staff(session, "servidor", "GRI"), staff(session, "servidor", "GRI")
    assert um.id is not None
    assert outro.id is not None
    first, last = clock.today() + timedelta(days=start), clock.today() + timedelta(days=days)
    with pytest.raises(InvalidInput) as refused:
        substitutions.appoint(session, um.id, outro.id, first, last, actor=um)
    assert field in refused.value.fields


def test_a_revoked_role_is_lost_at_once_by_holder_and_substitute(session: Session) -> None:
    chefe, colega = staff(session, "chefia", "GRI"), staff(session, "servidor", "CAC")
    appoint(session, chefe, colega, chefe)
    revoke_membership(session, memberships(session, chefe.id)[0].id, actor=SYSTEM)
    assert units.seats(session, chefe.id) == []  # type: ignore[arg-type]  # has an id
    assert acts_for(session, colega) == {}
