"""The declaração de comparecimento, run by the real engine and the real seal."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents import validation
from documents.models import Document
from people.access import Resource, allowed
from people.models import Person
from processes.declaracao_comparecimento import operations, queries
from processes.declaracao_comparecimento.errors import NotIssued
from processes.declaracao_comparecimento.models import Attendance, Declaration, Notice
from processes.declaracao_comparecimento.rules import Refusal
from processes.declaracao_comparecimento.steps import avisar, emitir
from processes.entrada import operations as gates
from processes.entrada.bridges import KnownBridge
from processes.entrada.models import Entry
from tests.processes.conftest import (
    CAC,
    GABINETE,
    GPOL,
    GRPC,
    account_of,
    at,
    enrolled,
    now_is,
    pass_gate,
    person,
)
from workflow import history, jobs
from workflow import operations as engine
from workflow import queries as workflow
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound
from workflow.models import Case, EventRow, Task
from workflow.process import ServiceContext

DAY = date(2026, 11, 24)


@pytest.fixture
def visitor(db: Session, bridge: KnownBridge) -> Person:
    """Somebody who entered on Tuesday at 10h."""
    who = person(db)
    pass_gate(db, bridge, who.id)
    return who


def day_of(session: Session, who: Person) -> queries.AttendanceRow:
    (row,) = queries.attendances_of(session, who.id)
    return row


def work(session: Session, case_id: UUID) -> None:
    """What the worker does for the case's service task, inside the test's transaction."""
    context = context_of(session, case_id)
    engine.finish_service_task(session, context.task_id, emitir(context), actor=SYSTEM)


def context_of(session: Session, case_id: UUID) -> ServiceContext:
    """What the worker hands to the case's open service."""
    task = session.scalars(select(Task).where(Task.case_id == case_id, Task.status == "open")).one()
    data = workflow.case_view(session, case_id).data
    return ServiceContext(session, case_id, task.id, task.process_key, data, SYSTEM, str(task.id))


def issued(session: Session, who: Person, actor: Actor) -> queries.AttendanceRow:
    operations.request_issue_portal(session, actor, day_of(session, who).id)
    work(session, day_of(session, who).case_id)
    return day_of(session, who)


def test_the_cases_of_a_day_tell_the_day_and_the_second_and_nobody(db: Session, visitor: Person) -> None:
    case_id = day_of(db, visitor).case_id
    assert workflow.case_view(db, case_id).subject == "Comparecimento de 24/11/2026"
    subjects = set(db.scalars(select(Case.subject)))
    assert subjects == {"Comparecimento de 24/11/2026", "Hall Principal, 24/11/2026, 10h00min00s"}


def test_R58_the_person_issues_on_the_portal_at_any_hour(db: Session, visitor: Person) -> None:
    now_is(at("23:30", "2026-11-28"))
    row = issued(db, visitor, account_of(db, visitor))
    assert (row.state, workflow.case_view(db, row.case_id).status) == ("emitida", "completed")
    assert row.code is not None
    found = validation.by_code(db, row.code)
    assert (found.result, found.date) == ("AUTENTICO", "24/11/2026")


def test_R58_only_the_person_issues_their_own(db: Session, visitor: Person) -> None:
    other = account_of(db, person(db, "José Pereira", "11144477735"))
    with pytest.raises(Forbidden):
        operations.request_issue_portal(db, other, day_of(db, visitor).id)


def test_R58_DE3_three_entries_in_two_buildings_are_one_declaration(
    db: Session, visitor: Person, bridge: KnownBridge
) -> None:
    pass_gate(db, bridge, visitor.id, instant=at("09:00"))
    pass_gate(db, enrolled(db, "DRUMMOND"), visitor.id, post="DRUMMOND", instant=at("09:30"))
    assert len(queries.attendances_of(db, visitor.id)) == 1


def test_DE2_a_denied_entry_gives_no_declaration(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id, instant=at("07:00"))
    assert queries.attendances_of(db, who.id) == []
    with pytest.raises(NotIssued) as refused:
        operations.request_issue_desk(db, CAC, who.id, DAY, document_seen=True)
    assert refused.value.refusal is Refusal.SEM_COMPARECIMENTO


def test_D8_without_cpf_nothing_is_issued_until_the_cac_adds_it(db: Session, bridge: KnownBridge) -> None:
    who = person(db, cpf=None)
    pass_gate(db, bridge, who.id)
    with pytest.raises(NotIssued) as refused:
        operations.request_issue_desk(db, CAC, who.id, DAY, document_seen=True)
    assert refused.value.refusal is Refusal.SEM_CPF


def test_PO6_a_cpf_that_nobody_proved_issues_nothing(db: Session, visitor: Person) -> None:
    visitor.cpf_verified_at = None
    db.flush()
    with pytest.raises(NotIssued) as refused:
        operations.request_issue_portal(db, account_of(db, visitor), day_of(db, visitor).id)
    assert refused.value.refusal is Refusal.CPF_NAO_COMPROVADO


@pytest.mark.parametrize(
    ("clock_time", "day", "refusal"),
    [
        ("07:59:59", "2026-11-25", Refusal.FORA_DO_HORARIO),
        ("08:00:00", "2026-11-25", None),
        ("18:59:59", "2026-11-25", None),
        ("19:00:01", "2026-11-25", Refusal.FORA_DO_HORARIO),
        ("10:00:00", "2026-11-28", Refusal.DIA_NAO_UTIL),
        ("10:00:00", "2026-12-08", Refusal.DIA_NAO_UTIL),
    ],
)
def test_R59_the_cac_issues_in_its_hours(
    db: Session, visitor: Person, clock_time: str, day: str, refusal: Refusal | None
) -> None:
    now_is(at(clock_time, day))
    if refusal is None:
        row = operations.request_issue_desk(db, CAC, visitor.id, DAY, document_seen=True)
        assert (row.channel, row.requested_by) == ("cac", CAC.id)
        return
    with pytest.raises(NotIssued) as refused:
        operations.request_issue_desk(db, CAC, visitor.id, DAY, document_seen=True)
    assert refused.value.refusal is refusal


def test_DE6_the_cac_looks_at_a_document(db: Session, visitor: Person) -> None:
    with pytest.raises(NotIssued) as refused:
        operations.request_issue_desk(db, CAC, visitor.id, DAY, document_seen=False)
    assert refused.value.refusal is Refusal.DOCUMENTO_NAO_CONFERIDO
    with pytest.raises(NotIssued) as refused:
        operations.request_issue_desk(db, CAC, visitor.id, DAY, document_seen=True, third_party=True)
    assert refused.value.refusal is Refusal.PROCURACAO_NAO_CONFERIDA


def test_PO8_DE10_the_second_copy_is_the_same_bytes(db: Session, visitor: Person) -> None:
    account = account_of(db, visitor)
    row = issued(db, visitor, account)
    assert row.declaration_id is not None
    first = queries.declaration_bytes(db, account, row.declaration_id)
    now_is(at("11:00", "2026-11-25"))
    assert operations.request_issue_portal(db, account, row.id).id == row.declaration_id
    assert queries.declaration_bytes(db, CAC, row.declaration_id) == first
    assert first.startswith(b"%PDF")
    assert not allowed(GABINETE, "declaracao.read", Resource(owner_person=visitor.id))


def test_DE11_a_double_click_is_one_declaration(db: Session, visitor: Person) -> None:
    account = account_of(db, visitor)
    day = day_of(db, visitor).id
    first = operations.request_issue_portal(db, account, day)
    assert operations.request_issue_portal(db, account, day).id == first.id
    assert operations.request_issue_desk(db, CAC, visitor.id, DAY, document_seen=True).id == first.id
    assert day_of(db, visitor).state == "em_emissao"
    assert db.scalar(select(func.count()).select_from(Declaration)) == 1


def test_DE11_a_job_done_twice_makes_one_document(db: Session, visitor: Person) -> None:
    operations.request_issue_portal(db, account_of(db, visitor), day_of(db, visitor).id)
    context = context_of(db, day_of(db, visitor).case_id)
    assert emitir(context) == emitir(context)
    assert db.scalar(select(func.count()).select_from(Document)) == 1


def test_D6_a_cancelled_declaration_is_told_so_and_a_new_one_has_a_new_code(db: Session, visitor: Person) -> None:
    account = account_of(db, visitor)
    old = issued(db, visitor, account)
    assert old.declaration_id is not None
    assert old.code is not None
    operations.cancel_declaration(db, CAC, old.declaration_id, "nome escrito com erro")
    assert validation.by_code(db, old.code).result == "CANCELADO"
    new = issued(db, visitor, account)
    assert new.code != old.code
    assert new.case_id != old.case_id
    assert workflow.case_view(db, new.case_id).subject == workflow.case_view(db, old.case_id).subject
    assert [row.cancel_reason for row in queries.declarations_of(db, visitor.id)].count("nome escrito com erro") == 1
    with pytest.raises(Conflict):
        operations.cancel_declaration(db, CAC, old.declaration_id, "nome escrito com erro")


def test_D6_a_cancellation_needs_a_reason_and_an_issued_declaration(db: Session, visitor: Person) -> None:
    asked = operations.request_issue_portal(db, account_of(db, visitor), day_of(db, visitor).id)
    with pytest.raises(InvalidInput):
        operations.cancel_declaration(db, CAC, asked.id, " ")
    with pytest.raises(Conflict):
        operations.cancel_declaration(db, CAC, asked.id, "engano do atendimento")
    with pytest.raises(Forbidden):
        operations.cancel_declaration(db, account_of(db, visitor_of(db)), asked.id, "engano do atendimento")


def visitor_of(session: Session) -> Person:
    return person(session, "Outra Pessoa", "12345678909")


def correct(session: Session, right: Person | None) -> None:
    """The entry was somebody else's; then what the worker does: the notices."""
    entry = session.scalars(select(Entry)).one()
    gates.correct_entry(session, CAC, entry.id, None if right is None else right.id, "Conferido na portaria.")
    _notices(session)


def _notices(session: Session) -> None:
    for task in session.scalars(select(Task).where(Task.node == "avisar", Task.status == "open")):
        context = context_of(session, task.case_id)
        avisar(context)
        avisar(context)


def test_DE12_a_false_match_cancels_the_declaration_and_tells_both(db: Session, visitor: Person) -> None:
    account = account_of(db, visitor)
    right = person(db, "José Pereira", "11144477735")
    account_of(db, right)
    row = issued(db, visitor, account)
    assert row.code is not None
    correct(db, right)
    found = validation.by_code(db, row.code)
    assert (found.result, found.reason) == ("CANCELADO", "comparecimento atribuído a outra pessoa")
    assert queries.attendances_of(db, visitor.id) == []
    told = {notice.person_id: (notice.kind, notice.mailed) for notice in db.scalars(select(Notice))}
    assert told == {
        visitor.id: ("declaracao_cancelada", True),
        right.id: ("comparecimento_incluido", True),
    }
    assert day_of(db, right).state == "disponivel"


def test_DE12_a_day_not_yet_asked_for_ends_with_its_case(db: Session, visitor: Person) -> None:
    case_id = day_of(db, visitor).case_id
    correct(db, None)
    assert workflow.case_view(db, case_id).status == "cancelled"
    assert [notice.kind for notice in db.scalars(select(Notice))] == ["comparecimento_retirado"]


def test_PO8_the_history_of_interactions_is_in_words(db: Session, visitor: Person) -> None:
    issued(db, visitor, account_of(db, visitor))
    sentences = [line.sentence for line in queries.interactions(db, visitor.id)]
    assert set(sentences) == {"Comparecimento à Assembleia.", "Declaração pedida no Portal.", "Declaração emitida."}


def test_LGPD_erasing_a_person_ends_what_waits_for_them(db: Session, visitor: Person) -> None:
    row = day_of(db, visitor)
    operations.erase_for(db, visitor.id)
    assert workflow.case_view(db, row.case_id).status == "cancelled"
    assert queries.attendances_of(db, visitor.id) == []
    assert db.get_one(Attendance, row.id).person_id == visitor.id
    assert history.verify(db).ok


def test_an_attendance_that_is_not_there_is_not_found(db: Session, visitor: Person) -> None:
    with pytest.raises(NotFound):
        operations.request_issue_portal(db, account_of(db, visitor), visitor.id)


@pytest.fixture
def committed(database_url: str, configured: None) -> tuple[UUID, UUID, Actor]:
    """A visitor's day in a database of the test's own: person, attendance, account."""
    with transaction() as session:
        engine.deploy(session)
        gates.install_posts(session)
        who = person(session)
        account = account_of(session, who)
        pass_gate(session, enrolled(session), who.id)
        return who.id, day_of(session, who).id, account


@pytest.mark.slow
def test_R60_DE7_a_gabinete_is_refused_and_the_attempt_recorded(committed: tuple[UUID, UUID, Actor]) -> None:
    who, day, _ = committed
    for attempt in (
        lambda session: operations.request_issue_desk(session, GABINETE, who, DAY, document_seen=True),
        lambda session: operations.request_issue_portal(session, GABINETE, day),
    ):
        with pytest.raises(Forbidden), transaction() as session:
            attempt(session)
    with transaction() as session:
        attempts = session.scalars(select(EventRow).where(EventRow.kind == "declaracao_recusada")).all()
        assert [row.actor_id for row in attempts] == [GABINETE.id, GABINETE.id]
        assert session.scalar(select(func.count()).select_from(Declaration)) == 0


@pytest.mark.slow
def test_DE5_nobody_else_of_the_house_issues(committed: tuple[UUID, UUID, Actor]) -> None:
    for other in (GRPC, GPOL):
        with pytest.raises(Forbidden), transaction() as session:
            operations.request_issue_desk(session, other, committed[0], DAY, document_seen=True)


@pytest.mark.slow
def test_DE11_two_requests_at_once_are_one_row_and_the_worker_issues_it(
    committed: tuple[UUID, UUID, Actor], database_url: str
) -> None:
    who, day, account = committed
    start = threading.Barrier(2)
    found: list[UUID] = []

    def ask() -> None:
        start.wait()
        with transaction() as session:
            found.append(operations.request_issue_portal(session, account, day).id)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    jobs.run_worker(database_url, wait=False, install_signal_handlers=False)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Declaration)) == 1
        (row,) = queries.attendances_of(session, who)
        assert row.state == "emitida"
        assert history.verify(session).ok
