"""Cancelling, due dates, versions, migration, diagram and timeline."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.workflow.conftest import CAC, OTHER, Declare
from tests.workflow.diagrams import (
    boundary,
    catch,
    end,
    exclusive,
    flow,
    message,
    parallel,
    path,
    service,
    start,
    timer,
    user,
)
from workflow import clock, history, operations, queries
from workflow.actor import SYSTEM, Actor
from workflow.checks import Refused
from workflow.errors import BpmnError, Conflict, Forbidden, InvalidInput
from workflow.process import Due, Form, Lane, Message, Service, ServiceContext

TWO = start() + user("a") + user("b") + end() + path("start", "a", "b", "end")
THREE = start() + user("a") + user("n") + user("b") + end() + path("start", "a", "n", "b", "end")
WITHOUT_A = start() + user("n") + user("b") + end() + path("start", "n", "b", "end")


def test_a_cancelled_case_keeps_its_reason_and_nothing_open(session: Session, declare: Declare) -> None:
    body = start() + user("a") + catch("w", timer("timeDuration", '"P1D"')) + end() + path("start", "a", "w", "end")
    declare("dois", body, session)
    case = operations.start_case(session, "dois", {}, actor=CAC, business_key="k")
    with pytest.raises(InvalidInput):
        operations.cancel_case(session, case.id, "  ", actor=CAC)
    with pytest.raises(Conflict):
        operations.start_case(session, "dois", {}, actor=CAC, business_key="k")
    session.rollback()
    declare("dois", body, session)
    case = operations.start_case(session, "dois", {}, actor=CAC, business_key="k")
    assert operations.cancel_case(session, case.id, "Aberto por engano", actor=CAC).status == "cancelled"
    view = queries.case_view(session, case.id)
    assert (view.status, view.cancel_reason, view.tasks) == ("cancelled", "Aberto por engano", ())
    assert queries.timeline(session, case.id)[-1].sentence == "Processo cancelado."
    assert "engano" not in str([entry.data for entry in queries.timeline(session, case.id)])
    assert operations.start_case(session, "dois", {}, actor=CAC, business_key="k").status == "running"


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (Due(2, "business_days"), "2026-11-26T02:59:59+00:00"),  # Monday 23 → Wednesday 25, 23:59:59 in Belo Horizonte
        (Due(6, "calendar_days"), "2026-11-30T02:59:59+00:00"),
        (Due(5, "business_days"), "2026-12-01T02:59:59+00:00"),
        (Due(4, "hours"), "2026-11-23T16:00:00+00:00"),
    ],
)
def test_due_dates(session: Session, declare: Declare, due: Due, expected: str) -> None:
    clock.configure(datetime(2026, 11, 23, 12, tzinfo=UTC) - datetime.now(UTC))
    declare("dois", TWO, session, due={"a": due})
    operations.start_case(session, "dois", {}, actor=CAC)
    (task,) = queries.inbox(session, CAC)
    assert task.due_at is not None
    assert abs(task.due_at - datetime.fromisoformat(expected)) < timedelta(seconds=5)
    assert not task.late
    clock.configure(clock.offset() + timedelta(days=20))
    assert task.late


def test_a_task_of_one_person_is_nobody_elses(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session, lanes={"CAC": Lane("cidadao", person="who")})
    citizens = [
        Actor("account", CAC.id, CAC.person_id, frozenset({"cidadao"})),
        Actor("account", OTHER.id, OTHER.person_id, frozenset({"cidadao"})),
    ]
    case = operations.start_case(session, "dois", {"who": str(CAC.person_id)}, actor=SYSTEM)
    assert [len(queries.inbox(session, one)) for one in citizens] == [1, 0]
    with pytest.raises(Forbidden):
        operations.complete_task(session, case.tasks[0].id, {}, actor=citizens[1])
    operations.complete_task(session, case.tasks[0].id, {}, actor=citizens[0])


def deployed(session: Session, key: str) -> tuple[int, bool]:
    """Version of one process after a deployment of all, and whether it is new."""
    return next((one.version, one.new) for one in operations.deploy(session) if one.key == key)


def test_a_deployment_makes_a_version_only_when_the_content_changed(session: Session, declare: Declare) -> None:
    declare("dois", TWO)
    assert deployed(session, "dois") == (1, True)
    assert deployed(session, "dois") == (1, False)
    case = operations.start_case(session, "dois", {}, actor=CAC)
    declare("dois", THREE)
    assert deployed(session, "dois") == (2, True)
    assert queries.case_view(session, case.id).version == 1
    operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    assert [task.node for task in queries.inbox(session, CAC)] == ["b"], "a running case stays on its own version"
    declare("dois", TWO)
    assert deployed(session, "dois") == (3, True)


def test_a_refused_diagram_is_not_deployed(session: Session, declare: Declare) -> None:
    declare("dois", TWO, forms={"ghost": Form("Fantasma")})
    with pytest.raises(Refused, match="ghost"):
        operations.deploy(session)


def test_running_cases_move_to_a_new_version(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    case = operations.start_case(session, "dois", {"x": 1}, actor=CAC)
    declare("dois", THREE, session)
    plan = operations.plan_migration(session, "dois")
    assert [(one.case_id, one.from_version, one.problems) for one in plan.cases] == [(case.id, 1, ())]
    assert queries.case_view(session, case.id).version == 1, "the plan is a dry run"
    operations.migrate_case(session, case.id, plan.version, actor=CAC)
    assert operations.plan_migration(session, "dois").cases == ()
    for node in ("a", "n", "b"):
        (task,) = queries.inbox(session, CAC)
        assert task.node == node
        operations.complete_task(session, task.id, {}, actor=CAC)
    view = queries.case_view(session, case.id)
    assert (view.status, view.version, view.data["x"]) == ("completed", 2, 1)
    assert any("versão 1 para a versão 2" in entry.sentence for entry in queries.timeline(session, case.id))


def test_a_migration_that_would_lose_something_says_what(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    case = operations.start_case(session, "dois", {}, actor=CAC)
    declare("dois", WITHOUT_A, session)
    (planned,) = operations.plan_migration(session, "dois").cases
    assert not planned.movable
    assert "Tarefa a" in planned.problems[0]
    with pytest.raises(Conflict, match="Tarefa a"):
        operations.migrate_case(session, case.id, 2, actor=CAC)
    operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    (planned,) = operations.plan_migration(session, "dois").cases
    assert planned.movable, "what is finished may be gone"
    operations.migrate_case(session, case.id, 2, actor=CAC)
    (task,) = queries.inbox(session, CAC)
    assert operations.complete_task(session, task.id, {}, actor=CAC).status == "completed"


def test_the_diagram_shows_where_the_case_is_and_where_it_went(session: Session, declare: Declare) -> None:
    body = (
        start()
        + user("a")
        + exclusive("g", "b")
        + user("b")
        + end()
        + path("start", "a", "g")
        + flow("g", "a", "again")
        + flow("g", "b")
        + path("b", "end")
    )
    declare("laco", body, session)
    case = operations.start_case(session, "laco", {}, actor=CAC)
    for again in (True, True, False):
        (task,) = queries.inbox(session, CAC)
        operations.complete_task(session, task.id, {"again": again}, actor=CAC)
    view = queries.diagram_view(session, case.id)
    assert view.where == {"b"}
    assert dict(view.passed) == {"start": 1, "a": 3, "g": 3}
    assert view.flows == {"f_start_a", "f_a_g", "f_g_a", "f_g_b"}
    assert '<process id="laco"' in view.xml


def test_the_diagram_shows_only_the_arrows_that_were_taken(session: Session, declare: Declare) -> None:
    """Both ends of `g` → `end` are passed, and nobody went that way; the other branch's task is waiting."""
    body = (
        start() + exclusive("g", "end") + parallel("fork") + user("a") + user("b") + parallel("join") + end()
        + path("start", "g") + flow("g", "fork", "work") + flow("g", "end")
        + path("fork", "a", "join", "end") + path("fork", "b", "join")
    )  # fmt: skip
    declare("ramos", body, session)
    case = operations.start_case(session, "ramos", {"work": True}, actor=CAC)
    at_the_fork = {"f_start_g", "f_g_fork", "f_fork_a", "f_fork_b"}
    assert queries.diagram_view(session, case.id).flows == at_the_fork
    for node in ("a", "b"):
        task = next(row for row in queries.inbox(session, CAC) if row.node == node)
        operations.complete_task(session, task.id, {}, actor=CAC)
        at_the_fork.add(f"f_{node}_join")
        taken = queries.diagram_view(session, case.id).flows
        assert taken == at_the_fork | ({"f_join_end"} if node == "b" else set())
    assert queries.case_view(session, case.id).status == "completed"


def test_an_interrupted_task_leaves_by_its_boundary_only(session: Session, declare: Declare) -> None:
    body = (
        start() + user("a") + boundary("late", "a", timer("timeDuration", '"P1D"')) + user("b") + end()
        + path("start", "a", "end") + path("late", "b", "end")
    )  # fmt: skip
    declare("prazo", body, session)
    case = operations.start_case(session, "prazo", {}, actor=CAC)
    clock.configure(timedelta(days=2))
    assert operations.fire_due_timers(lambda: nullcontext(session)) == 1
    assert queries.diagram_view(session, case.id).flows == {"f_start_a", "f_late_b"}


def test_an_event_that_is_waited_for_was_not_reached(session: Session, declare: Declare) -> None:
    body = (
        start() + '<eventBasedGateway id="w"/>' + catch("one", timer("timeDuration", '"P1D"'))
        + catch("two", timer("timeDuration", '"P9D"')) + end()
        + path("start", "w", "one", "end") + path("w", "two", "end")
    )  # fmt: skip
    declare("espera", body, session)
    case = operations.start_case(session, "espera", {}, actor=CAC)
    assert queries.diagram_view(session, case.id).flows == {"f_start_w"}
    clock.configure(timedelta(days=2))
    assert operations.fire_due_timers(lambda: nullcontext(session)) == 1
    assert queries.diagram_view(session, case.id).flows == {"f_start_w", "f_w_one", "f_one_end"}


def test_after_a_migration_the_old_drawing_s_arrows_are_not_claimed(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    case = operations.start_case(session, "dois", {}, actor=CAC)
    operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    declare("dois", THREE, session)
    operations.migrate_case(session, case.id, 2, actor=CAC)
    view = queries.diagram_view(session, case.id)
    assert view.where == {"b"}
    assert dict(view.passed) == {"start": 1, "a": 1}
    assert not view.flows


def test_the_inbox_version_changes_when_the_inbox_does(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    versions = [queries.inbox_version(session, CAC)]
    case = operations.start_case(session, "dois", {}, actor=CAC)
    versions.append(queries.inbox_version(session, CAC))
    operations.claim_task(session, case.tasks[0].id, actor=CAC)
    versions.append(queries.inbox_version(session, CAC))
    assert len(set(versions)) == 3
    assert queries.inbox_version(session, CAC) == versions[-1]


def test_every_kind_of_event_has_its_sentence() -> None:
    for kind, text in history.SENTENCES.items():
        assert text.endswith(".") or "“" in text, kind
        assert history.sentence(kind, {}, "X")
    with pytest.raises(ValueError, match="another sentence"):
        history.register_kinds({"case_started": "Outra."})


def test_an_event_of_an_unknown_kind_is_not_written(session: Session) -> None:
    with pytest.raises(history.UnknownKind):
        history.record(session, "nobody_declared_this", {}, actor=SYSTEM)


def test_a_service_may_write_rows_and_events_of_the_case_that_is_only_beginning(
    session: Session, declare: Declare
) -> None:
    def note(context: ServiceContext) -> None:
        assert queries.case_status(context.session, context.case_id) == "running"
        history.append(
            context.session,
            history.case_chain(context.case_id),
            "incident_resolved",
            {"node": "s"},
            actor=context.actor,
        )

    body = start() + service("s") + user("a") + end() + path("start", "s", "a", "end")
    declare("nota", body, session, services={"s": Service(note)})
    case = operations.start_case(session, "nota", {}, actor=CAC)
    kinds = [entry.kind for entry in queries.timeline(session, case.id)]
    assert kinds == ["case_started", "incident_resolved", "case_advanced", "task_created"]
    assert history.verify(session).ok


def test_an_inline_service_that_raises_leaves_everything_as_it_was(session: Session, declare: Declare) -> None:
    def refuse(context: ServiceContext) -> None:
        raise BpmnError("NOBODY_CATCHES")

    body = start() + user("a") + service("s") + end() + path("start", "a", "s", "end")
    declare("falha", body, session, services={"s": Service(refuse)})
    case = operations.start_case(session, "falha", {}, actor=CAC)
    with pytest.raises(Exception, match="NOBODY_CATCHES"), session.begin_nested():
        operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    assert [task.node for task in queries.inbox(session, CAC)] == ["a"]
    assert queries.case_view(session, case.id).revision == 1


def test_data_that_are_too_large_are_refused(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    with pytest.raises(InvalidInput, match="dados demais"):
        operations.start_case(session, "dois", {"x": "á" * 600_000}, actor=CAC)


def test_a_case_waits_for_a_message_and_says_so_on_the_diagram(session: Session, declare: Declare) -> None:
    body = start() + catch("w", message("answer")) + end() + path("start", "w", "end")
    declare("espera", body, session, messages={"answer": Message("key")})
    case = operations.start_case(session, "espera", {"key": "k"}, actor=CAC)
    assert queries.diagram_view(session, case.id).where == {"w"}
