"""The public verbs on the real database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.workflow.conftest import CAC, GABINETE, OTHER, Declare
from tests.workflow.diagrams import end, exclusive, flow, path, service, start, user
from workflow import operations, queries
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound
from workflow.process import Field, Form, Service, ServiceContext

TWO = start() + user("a") + user("b") + end() + path("start", "a", "b", "end")


def test_a_case_goes_from_task_to_task_and_ends(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    case = operations.start_case(session, "dois", {"who": "id-1"}, actor=CAC, subject="Assunto")
    (first,) = queries.inbox(session, CAC)
    assert (first.node, first.title, first.subject) == ("a", "Tarefa a", "Assunto")
    assert case.status == "running"
    assert [task.node for task in case.tasks] == ["a"]
    case = operations.complete_task(session, first.id, {"ok": True}, actor=CAC)
    (second,) = queries.inbox(session, CAC)
    assert second.node == "b"
    case = operations.complete_task(session, second.id, {"value": 3}, actor=CAC)
    assert case.status == "completed"
    view = queries.case_view(session, case.id)
    assert (view.status, view.revision, dict(view.data)) == ("completed", 3, {"who": "id-1", "ok": True, "value": 3})
    assert queries.inbox(session, CAC) == []
    assert [entry.sentence for entry in queries.timeline(session, case.id)] == [
        "Processo iniciado.",
        "Tarefa “Tarefa a” criada.",
        "Tarefa “Tarefa a” concluída.",
        "Tarefa “Tarefa b” criada.",
        "Tarefa “Tarefa b” concluída.",
        "Processo concluído.",
    ]


def test_inline_service_runs_in_the_step_and_its_result_joins_the_case(session: Session, declare: Declare) -> None:
    seen: list[ServiceContext] = []

    def decide(context: ServiceContext) -> dict[str, object]:
        seen.append(context)
        return {"decision": "sim"}

    body = (
        start() + service("decide") + exclusive("g", "b") + user("a") + user("b") + end()
        + path("start", "decide", "g") + flow("g", "a", 'decision == "sim"') + flow("g", "b") + path("a", "end") + flow("b", "end")
    )  # fmt: skip
    declare("decisao", body, session, services={"decide": Service(decide)})
    case = operations.start_case(session, "decisao", {"x": 1}, actor=CAC)
    assert [task.node for task in case.tasks] == ["a"]
    assert (seen[0].case_id, dict(seen[0].data), seen[0].actor) == (case.id, {"x": 1}, CAC)


def test_only_who_may_do_a_task_sees_and_completes_it(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    case = operations.start_case(session, "dois", {}, actor=CAC)
    assert queries.inbox(session, GABINETE) == []
    with pytest.raises(Forbidden):
        operations.complete_task(session, case.tasks[0].id, {}, actor=GABINETE)
    operations.claim_task(session, case.tasks[0].id, actor=OTHER)
    with pytest.raises(Conflict):
        operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    operations.unclaim_task(session, case.tasks[0].id, actor=OTHER)
    operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)


def test_P10_a_completed_task_can_not_be_completed_again(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    case = operations.start_case(session, "dois", {}, actor=CAC)
    operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    with pytest.raises(Conflict):
        operations.complete_task(session, case.tasks[0].id, {}, actor=CAC)
    with pytest.raises(NotFound):
        operations.complete_task(session, case.id, {}, actor=CAC)


def test_the_form_is_checked_field_by_field(session: Session, declare: Declare) -> None:
    form = Form("Dados", (Field("value", "Valor", "decimal"), Field("x", "Dia", "date")))
    declare("dois", TWO, session, forms={"a": form})
    case = operations.start_case(session, "dois", {}, actor=CAC)
    with pytest.raises(InvalidInput) as refused:
        operations.complete_task(session, case.tasks[0].id, {"value": "abc", "other": 1}, actor=CAC)
    assert set(refused.value.fields) == {"value", "x", "other"}


def test_the_same_request_again_gets_the_stored_answer(session: Session, declare: Declare) -> None:
    declare("dois", TWO, session)
    first = operations.start_case(session, "dois", {"x": 1}, actor=CAC, idempotency_key="k1")
    assert operations.start_case(session, "dois", {"x": 1}, actor=CAC, idempotency_key="k1") == first
    with pytest.raises(Conflict):
        operations.start_case(session, "dois", {"x": 2}, actor=CAC, idempotency_key="k1")
    task = first.tasks[0].id
    done = operations.complete_task(session, task, {}, actor=CAC, idempotency_key="k2")
    assert operations.complete_task(session, task, {}, actor=CAC, idempotency_key="k2") == done
    assert len(queries.inbox(session, CAC)) == 1
