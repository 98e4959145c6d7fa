"""The one list: its order equals a naive reference, page by page; who sees what; the version; the counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from documents import inbox
from documents.dossier.models import DossierCredential
from documents.inbox.items import Moment, Place, WorkFilters
from tests.documents.inbox import rows
from workflow import clock
from workflow.actor import Actor
from workflow.errors import InvalidInput

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Line:
    """What the reference knows of a row."""

    id: UUID
    kind: str
    priority: int
    due: datetime | None
    arrived: datetime
    assignee: UUID | None
    unread: bool
    origin: str


def filled(session: Session, seed: int, me: UUID, other: UUID) -> list[Line]:
    """Tasks and dossiers at random, with many equal values."""
    drawn = random.Random(seed)
    case_id = rows.case(session)
    lines = []
    for number in range(drawn.randint(25, 60)):
        due = drawn.choice([None, None, -3, -0.5, -0.001, 0.02, 0.02, 1.5, 3, 20])
        values: dict[str, Any] = {
            "priority": drawn.choice([0, 0, 0, 1, 5]), "due_at": None if due is None else rows.days(due),
            "assignee": drawn.choice([None, None, me, other]), "unread": drawn.random() < 0.4,
        }  # fmt: skip
        arrived = rows.days(-drawn.randint(0, 4))
        if drawn.random() < 0.6:
            task = rows.task(
                session, case_id, created_at=arrived, unit=drawn.choice([rows.UNIT, None]),
                role=drawn.choice(["servidor", "chefia"]), **values,
            )  # fmt: skip
            lines.append(Line(task.id, "task", task.priority, task.due_at, arrived, task.assignee, task.unread, "received"))  # fmt: skip
        else:
            made = rows.dossier(session, f"{seed}.{number}")
            origin = drawn.choice(["received", "generated"])
            rows.in_unit(session, made.id, arrived_at=arrived, origin=origin, **values)
            lines.append(Line(made.id, "dossier", values["priority"], values["due_at"], arrived, values["assignee"], values["unread"], origin))  # fmt: skip
    return lines


def reference(lines: list[Line], filters: WorkFilters, moment: Moment, me: UUID) -> list[UUID]:
    """The order in words: late, due today, the rest; in each by priority, due date, arrival."""
    tests: dict[str, Callable[[Line], bool]] = {
        "": lambda line: True,
        "late": lambda line: line.due is not None and line.due < moment.now,
        "today": lambda line: line.due is not None and moment.now <= line.due < moment.tomorrow,
        "week": lambda line: line.due is not None and moment.now <= line.due < moment.week,
        "none": lambda line: line.due is None,
    }
    kept = [
        line
        for line in lines
        if tests[filters.due](line)
        and (filters.scope != "minhas" or line.assignee == me)
        and (filters.scope != "livres" or line.assignee is None)
        and (not filters.unread or line.unread)
        and (not filters.origin or line.origin == filters.origin)
        and (not filters.kind or line.kind == filters.kind)
    ]
    orders: dict[str, Callable[[Line], Any]] = {
        "urgency": lambda one: (moment.bucket(one.due), -one.priority, one.due or FOREVER, one.arrived, one.id),
        "due": lambda one: (one.due or FOREVER, -one.priority, one.arrived, one.id),
        "oldest": lambda one: (one.arrived, one.id),
        "newest": lambda one: (one.arrived, one.id),
    }
    return [line.id for line in sorted(kept, key=orders[filters.sort], reverse=filters.sort == "newest")]


def read(session: Session, who: Actor, filters: WorkFilters, limit: int) -> list[UUID]:
    """The whole list, page after page."""
    found: list[UUID] = []
    after: str | None = ""
    while after is not None:
        page = inbox.work(session, who, filters, after=after, limit=limit)
        assert len(page.items) <= limit
        found += [item.id for item in page.items]
        after = page.after
    return found


@pytest.fixture
def people(session: Session) -> tuple[UUID, UUID]:
    # at noon: what is due in half an hour is due today
    noon = datetime(2026, 11, 24, 15, tzinfo=UTC)
    clock.configure(noon - clock.real_now())
    return rows.account(session), rows.account(session, "Bruno Reis")


@pytest.mark.parametrize("seed", range(3))
def test_the_list_equals_the_naive_reference_page_by_page(
    session: Session, people: tuple[UUID, UUID], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, other = people
    lines = filled(session, seed, me, other)
    who = rows.actor(me, "servidor", "chefia")
    frozen = clock.now()
    monkeypatch.setattr(clock, "now", lambda: frozen)
    moment = Moment.at(frozen)
    asked = [
        WorkFilters(), WorkFilters(scope="livres"), WorkFilters(scope="minhas"), WorkFilters(unread=True),
        WorkFilters(origin="generated"), WorkFilters(kind="task"), WorkFilters(kind="dossier", unread=True),
        *(WorkFilters(due=due) for due in ("late", "today", "week", "none")),
        *(WorkFilters(sort=sort) for sort in ("newest", "oldest", "due")),
        WorkFilters(scope="minhas", due="late"),
    ]  # fmt: skip
    for filters in asked:
        expected = reference(lines, filters, moment, me)
        assert read(session, who, filters, 7) == expected, filters
        assert read(session, who, filters, 500) == expected, filters
    counted = inbox.counts(session, who)
    assert counted.everything == len(lines)
    assert counted.mine == len(reference(lines, WorkFilters(scope="minhas"), moment, me))
    assert counted.late == len(reference(lines, WorkFilters(due="late"), moment, me))
    assert counted.unread == sum(line.unread for line in lines)


@pytest.mark.parametrize("group", ["type", "due", "assignee"])
def test_grouped_lists_hold_the_same_items_group_after_group(
    session: Session, people: tuple[UUID, UUID], group: str
) -> None:
    me, other = people
    lines = filled(session, 9, me, other)
    who = rows.actor(me, "servidor", "chefia")
    filters = WorkFilters(group=group)
    found = read(session, who, filters, 6)
    assert sorted(found) == sorted(line.id for line in lines)
    headings = [item.group for item in inbox.work(session, who, filters, limit=500).items]
    starts = [here for here, before in zip(headings, [None, *headings], strict=False) if here != before]
    assert len(starts) == len(set(starts))
    assert all(headings)


def test_only_the_actors_own_work_is_seen(session: Session, people: tuple[UUID, UUID]) -> None:
    me, other = people
    case_id = rows.case(session)
    mine = rows.task(session, case_id)
    rows.task(session, case_id, unit="CAC")
    rows.task(session, case_id, role="gpol")
    rows.task(session, case_id, person_id=other)
    rows.task(session, case_id, status="done")
    here, there, gone = (rows.dossier(session, f"v.{n}") for n in range(3))
    rows.in_unit(session, here.id)
    rows.in_unit(session, there.id, unit="CAC")
    rows.in_unit(session, gone.id, status="closed", closed_at=clock.now())
    rows.in_unit(session, rows.dossier(session, "v.9", status="suspended", status_reason="Diligência.").id)
    who = rows.actor(me)
    assert set(read(session, who, WorkFilters(), 50)) == {mine.id, here.id}
    assert read(session, who, WorkFilters(scope="concluidas"), 50) == [gone.id]
    attendant = rows.actor(me, "identificacao")
    assert read(session, attendant, WorkFilters(), 50) == []
    assert read(session, replace(who, unit=None), WorkFilters(), 50) == []


def test_a_sigiloso_is_told_to_nobody_without_its_credential_nor_are_its_tasks(
    session: Session, people: tuple[UUID, UUID]
) -> None:
    me, other = people
    case_id = rows.case(session, "Assunto de um sigiloso")
    task = rows.task(session, case_id)
    secret = rows.dossier(session, "s.1", level="sigiloso", case_id=case_id)
    rows.in_unit(session, secret.id)
    session.add(DossierCredential(dossier_id=secret.id, account_id=me, granted_at=clock.now()))
    session.flush()
    assert set(read(session, rows.actor(me), WorkFilters(), 50)) == {task.id, secret.id}
    stranger = rows.actor(other)
    for filters in (WorkFilters(), WorkFilters(text="sigiloso"), WorkFilters(text="s.1"), WorkFilters(sort="newest")):
        assert read(session, stranger, filters, 50) == []
    assert inbox.counts(session, stranger).everything == 0


def test_words_find_number_subject_and_specification_without_accents(
    session: Session, people: tuple[UUID, UUID]
) -> None:
    task = rows.task(session, rows.case(session, "Licença de José da Conceição"))
    dossier = rows.dossier(session, "0100.01.0000012/2026-34", specification="Aquisição de café")
    rows.in_unit(session, dossier.id)
    who = rows.actor(people[0])
    for text, expected in {
        "conceicao": [task.id], "Licença JOSÉ": [task.id], "0000012/2026": [dossier.id], "caf": [dossier.id],
        "café licença": [], "' & | !": [task.id, dossier.id], "aquisicao": [dossier.id],
    }.items():  # fmt: skip
        found = read(session, who, WorkFilters(text=text), 50)
        assert sorted(found) == sorted(expected), text


def test_a_cursor_of_somebody_else_is_refused_in_words(session: Session, people: tuple[UUID, UUID]) -> None:
    naive = Place(datetime(2026, 1, 1), 0, 0, None, datetime(2026, 1, 1), people[0]).cursor()  # noqa: DTZ001
    for cursor in ("x", "W10", "bnVsbA", "é", naive):
        with pytest.raises(InvalidInput):
            inbox.work(session, rows.actor(people[0]), after=cursor)


def test_an_instant_that_has_passed_makes_another_version(session: Session, people: tuple[UUID, UUID]) -> None:
    who = rows.actor(people[0])
    rows.task(session, rows.case(session), due_at=rows.days(0.001))
    before = inbox.work_version(session, who)
    assert inbox.work_version(session, who) == before
    clock.configure(clock.now() + timedelta(minutes=6) - clock.real_now())
    assert inbox.work_version(session, who) != before
