"""Tramitação as people know it from SEI: sending, receiving, returning, reopening, suspending; two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import people
from documents.dossier import deadlines, jobs, notices, operations, queries
from documents.dossier.errors import NotOpenHere
from documents.dossier.models import Dossier, DossierType, DossierUnit, UnitNotice
from integrations.mail import FolderMailbox
from people.keyring import Keyring
from people.settings import PeopleSettings
from tests.documents.dossier.conftest import install, make_account
from workflow import calendar, clock, database, history
from workflow.actor import Actor
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput

TOMORROW = timedelta(days=1)


@pytest.fixture
def dossier(session: Session, gri: Actor) -> Dossier:
    return operations.open_dossier(session, "administrativo_geral", actor=gri, specification="Reforma do plenário")


def line(session: Session, dossier: Dossier, unit: str) -> DossierUnit:
    return session.get_one(DossierUnit, (dossier.id, unit), populate_existing=True)


def sentences(session: Session, dossier: Dossier, actor: Actor, detail: Any = "total") -> list[str]:
    return [entry.sentence for entry in queries.andamento(session, dossier.id, actor=actor, detail=detail)]


def test_sending_concludes_here_unless_kept_open(session: Session, dossier: Dossier, gri: Actor) -> None:
    operations.send(session, dossier.id, ["GTI", "GRPC"], actor=gri, keep_open=True)
    assert queries.units_open(session, dossier.id) == ("GRI", "GTI", "GRPC")
    other = operations.open_dossier(session, "administrativo_geral", actor=gri)
    operations.send(session, other.id, ["GTI"], actor=gri)
    assert queries.units_open(session, other.id) == ("GTI",)
    there = line(session, other, "GTI")
    assert (there.origin, there.from_unit, there.unread, there.opened_at) == ("received", "GRI", True, None)
    assert other.passed_units == ["GRI", "GTI"]


@pytest.mark.slow
def test_every_change_of_an_inbox_moves_its_number(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    seen = [line(session, dossier, "GRI").changed]
    for act in (
        lambda: operations.set_priority(session, dossier.id, 5, actor=gri),
        lambda: operations.set_due(session, dossier.id, actor=gri, days=3),
        lambda: operations.assign(session, dossier.id, gri.id, actor=gri),
        lambda: operations.mark_unread(session, dossier.id, actor=gri),
        lambda: operations.add_note(session, dossier.id, "Ligar amanhã", actor=gri),
        lambda: operations.set_specification(session, dossier.id, "Reforma", actor=gri),
        lambda: operations.add_document(session, dossier.id, "internal", "despacho", actor=gri),
        lambda: operations.send(session, dossier.id, ["GTI"], actor=gri),
    ):
        act()
        seen.append(line(session, dossier, "GRI").changed)
    assert seen == sorted(set(seen))


def test_the_first_opening_is_the_recebimento(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    operations.send(session, dossier.id, ["GTI"], actor=gri)
    operations.mark_read(session, dossier.id, actor=gti)
    operations.mark_unread(session, dossier.id, actor=gti)
    operations.mark_read(session, dossier.id, actor=gti)
    assert sentences(session, dossier, gti).count("Processo recebido em GTI.") == 1


@pytest.mark.parametrize("units", [[], ["GRI"], ["NADA"], ["GTI", "GRI"], [" "]])
def test_a_wrong_destination_is_told(session: Session, dossier: Dossier, gri: Actor, units: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        operations.send(session, dossier.id, units, actor=gri)
    assert "units" in refused.value.fields
    assert queries.units_open(session, dossier.id) == ("GRI",)


def test_only_where_it_is_open_one_works_on_it(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    for verb in (
        lambda: operations.send(session, dossier.id, ["GRPC"], actor=gti),
        lambda: operations.conclude(session, dossier.id, actor=gti),
        lambda: operations.add_document(session, dossier.id, "internal", "despacho", actor=gti),
        lambda: operations.suspend(session, dossier.id, "Aguarda", actor=gti),
        lambda: operations.reopen(session, dossier.id, actor=gti),
    ):
        with pytest.raises(NotOpenHere):
            verb()
    operations.conclude(session, dossier.id, actor=gri)
    operations.reopen(session, dossier.id, actor=gri)
    assert queries.units_open(session, dossier.id) == ("GRI",)


def test_a_type_may_leave_the_way_to_its_diagram(session: Session, dossier: Dossier, gri: Actor) -> None:
    session.get_one(DossierType, "administrativo_geral").free_routing = False
    with pytest.raises(Forbidden, match="diagrama"):
        operations.send(session, dossier.id, ["GTI"], actor=gri)


def test_a_programmed_return_is_only_extended_and_only_sending_back_clears_it(
    session: Session, dossier: Dossier, gri: Actor, gti: Actor
) -> None:
    today = clock.today()
    with pytest.raises(InvalidInput):
        operations.send(session, dossier.id, ["GTI"], actor=gri, return_by=today - TOMORROW)
    operations.send(session, dossier.id, ["GTI"], actor=gri, return_by=today + 5 * TOMORROW)
    with pytest.raises(Forbidden):
        operations.extend_return(session, dossier.id, "GTI", today + 9 * TOMORROW, actor=gti)
    with pytest.raises(InvalidInput):
        operations.extend_return(session, dossier.id, "GTI", today + 4 * TOMORROW, actor=gri)
    operations.extend_return(session, dossier.id, "GTI", today + 9 * TOMORROW, actor=gri)
    for verb in (
        lambda: operations.conclude(session, dossier.id, actor=gti),
        lambda: operations.send(session, dossier.id, ["GRPC"], actor=gti),
    ):
        with pytest.raises(Conflict, match="GRI espera"):
            verb()
    operations.send(session, dossier.id, ["GRPC"], actor=gti, keep_open=True)
    assert line(session, dossier, "GTI").return_by == today + 9 * TOMORROW
    operations.send(session, dossier.id, ["GRI"], actor=gti)
    assert line(session, dossier, "GTI").return_by is None


def test_a_unit_that_kept_it_open_and_asked_for_it_gets_it_back(
    session: Session, grpc: Actor, gri: Actor, gti: Actor
) -> None:
    made = operations.open_dossier(session, "administrativo_geral", actor=grpc)
    operations.assign(session, made.id, grpc.id, actor=grpc)
    operations.send(session, made.id, ["GRI", "GTI"], actor=grpc, keep_open=True, return_by=clock.today())
    operations.mark_read(session, made.id, actor=grpc)
    operations.send(session, made.id, ["GRPC"], actor=gri)
    mine = session.get_one(DossierUnit, (made.id, "GRPC"))
    assert (mine.status, mine.unread, mine.assignee) == ("open", True, grpc.id)
    assert session.get_one(DossierUnit, (made.id, "GRI")).status == "closed"
    operations.send(session, made.id, ["GRI"], actor=gti, keep_open=True)
    with pytest.raises(InvalidInput) as refused:  # nobody asked for it back any more
        operations.send(session, made.id, ["GRPC"], actor=gri)
    assert "já está aberto em GRPC" in refused.value.fields["units"]


def test_deadlines_in_calendar_and_in_business_days(session: Session, dossier: Dossier, gri: Actor) -> None:
    operations.set_due(session, dossier.id, actor=gri, days=5)
    due = line(session, dossier, "GRI").due_at
    assert due is not None
    assert clock.local(due).date() == calendar.add_business_days(session, clock.today(), 5)
    operations.set_due(session, dossier.id, actor=gri, days=5, business=False)
    due = line(session, dossier, "GRI").due_at
    assert due is not None
    assert clock.local(due).date() == clock.today() + 5 * TOMORROW
    operations.finish_due(session, dossier.id, actor=gri)
    assert line(session, dossier, "GRI").due_done_at is not None
    with pytest.raises(Conflict):
        operations.finish_due(session, dossier.id, actor=gri)
    for wrong in ({"days": 0}, {"on": clock.today() - TOMORROW}, {"on": clock.today(), "days": 2}):
        with pytest.raises(InvalidInput):
            operations.set_due(session, dossier.id, actor=gri, **wrong)


def test_a_programmed_reopening_happens_on_its_day(session: Session, dossier: Dossier, gri: Actor) -> None:
    on = clock.today() + 2 * TOMORROW
    operations.conclude(session, dossier.id, actor=gri, reopen_on=on)
    with pytest.raises(InvalidInput):
        operations.program_reopening(session, dossier.id, on - TOMORROW, actor=gri)
    assert deadlines.due_reopenings(session) == []
    clock.configure(3 * TOMORROW)
    assert deadlines.due_reopenings(session) == [(dossier.id, "GRI")]
    deadlines.reopen_programmed(session, dossier.id, "GRI")
    here = line(session, dossier, "GRI")
    assert (here.status, here.unread, here.reopen_on) == ("open", True, None)


def test_suspended_only_when_open_in_one_unit(session: Session, dossier: Dossier, gri: Actor, gti: Actor) -> None:
    operations.send(session, dossier.id, ["GTI"], actor=gri, keep_open=True)
    with pytest.raises(Conflict, match="GTI"):
        operations.suspend(session, dossier.id, "Aguarda a Mesa", actor=gri)
    operations.conclude(session, dossier.id, actor=gti)
    with pytest.raises(InvalidInput):
        operations.suspend(session, dossier.id, " ", actor=gri)
    operations.suspend(session, dossier.id, "Aguarda a Mesa", actor=gri)
    assert queries.units_open(session, dossier.id) == ()
    for verb in (
        lambda: operations.reopen(session, dossier.id, actor=gri),
        lambda: operations.resume(session, dossier.id, actor=gti),
    ):
        with pytest.raises(Conflict):
            verb()
    operations.resume(session, dossier.id, actor=gri)
    assert queries.units_open(session, dossier.id) == ("GRI",)


def test_assigned_to_somebody_of_the_unit_without_blocking_colleagues(
    session: Session, dossier: Dossier, gri: Actor, gti: Actor
) -> None:
    colleague = make_account(session, "GRI", "servidor")
    with pytest.raises(InvalidInput):
        operations.assign(session, dossier.id, gti.id, actor=gri)
    operations.assign(session, dossier.id, colleague.id, actor=gri)
    operations.set_specification(session, dossier.id, "Outra", actor=gri)
    assert line(session, dossier, "GRI").assignee == colleague.id
    operations.assign(session, dossier.id, None, actor=colleague)
    assert line(session, dossier, "GRI").assignee is None


def test_attached_for_good_and_undone_by_an_administrator_only(
    session: Session, dossier: Dossier, gri: Actor, gti: Actor
) -> None:
    host = operations.open_dossier(session, "contratacao", actor=gri)
    with pytest.raises(InvalidInput):
        operations.attach(session, dossier.id, dossier.id, actor=gri)
    operations.send(session, dossier.id, ["GTI"], actor=gri, keep_open=True)
    with pytest.raises(Conflict, match="GTI"):
        operations.attach(session, dossier.id, host.id, actor=gri)
    operations.conclude(session, dossier.id, actor=gti)
    operations.attach(session, dossier.id, host.id, actor=gri)
    assert [one.id for one in queries.attachments(session, host.id, gri)] == [dossier.id]
    for verb in (
        lambda: operations.add_document(session, dossier.id, "internal", "despacho", actor=gri),
        lambda: operations.reopen(session, dossier.id, actor=gri),
    ):
        with pytest.raises((Conflict, NotOpenHere)):
            verb()
    with pytest.raises(Forbidden):
        operations.detach(session, dossier.id, "Foi engano", actor=gri)
    operations.detach(session, dossier.id, "Foi engano", actor=make_account(session, "GTI", "admin"))
    assert queries.units_open(session, dossier.id) == ("GRI",)
    assert f"Processo {dossier.number} desanexado deste." in sentences(session, host, gri)


def test_a_relation_is_symmetric_and_reversible(session: Session, dossier: Dossier, gri: Actor) -> None:
    other = operations.open_dossier(session, "contratacao", actor=gri)
    operations.relate(session, dossier.id, other.id, actor=gri)
    operations.relate(session, other.id, dossier.id, actor=gri)
    assert [one.id for one in queries.related(session, dossier.id, gri)] == [other.id]
    assert [one.id for one in queries.related(session, other.id, gri)] == [dossier.id]
    operations.unrelate(session, other.id, dossier.id, actor=gri)
    assert queries.related(session, dossier.id, gri) == ()


@pytest.mark.slow
def test_the_notice_to_a_unit_leaves_after_the_act(database_url: str, tmp_path: Any) -> None:
    folder = tmp_path / "correio"
    people.configure(PeopleSettings(Keyring.new(), FolderMailbox(folder), "http://127.0.0.1"))
    with database.transaction() as session:
        install(session)
        actor = make_account(session, "GRI", "servidor")
        one = operations.open_dossier(session, "contratacao", actor=actor)
        operations.send(session, one.id, ["GTI", "GRPC"], actor=actor, notify=True)
        ids = {row.unit: row.id for row in session.scalars(select(UnitNotice))}
    for identifier in (*ids.values(), *ids.values()):
        notices.send_notice(str(identifier))
    with database.transaction() as session:
        assert {row.unit: row.status for row in session.scalars(select(UnitNotice))} == {
            "GTI": "sent",
            "GRPC": "no_address",
        }
    messages = list(folder.glob("*.eml"))
    assert len(messages) == 1
    assert one.number in messages[0].read_text()
    with database.transaction() as session:
        operations.conclude(session, one.id, actor=Actor("account", uuid4(), None, frozenset({"servidor"}), "GTI"))
        row = session.get_one(DossierUnit, (one.id, "GTI"))
        row.reopen_on = clock.today()
    jobs.reopen_programmed()
    with database.transaction() as session:
        assert "GTI" in queries.units_open(session, one.id)


@pytest.mark.slow
def test_two_people_who_send_at_once_take_turns(database_url: str) -> None:
    with database.transaction() as session:
        install(session)
        actors = [make_account(session, "GRI", "servidor") for _ in range(4)]
        one = operations.open_dossier(session, "contratacao", actor=actors[0])
    start = Barrier(4)

    def send(actor: Actor) -> str:
        try:
            with database.transaction() as session:
                session.connection()
                start.wait(20)
                operations.send(session, one.id, ["GTI"], actor=actor)
        except DomainError as refused:
            return refused.code
        return "sent"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(send, actors))
    assert outcomes == ["processo_nao_aberto"] * 3 + ["sent"]
    with database.transaction() as session:
        assert queries.units_open(session, one.id) == ("GTI",)
        assert history.verify(session).ok
