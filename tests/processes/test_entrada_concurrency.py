"""Entries when several workers run, and when one is killed in the middle: none lost, none doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from people.settings import settings
from processes.declaracao_comparecimento.models import Attendance
from processes.entrada import operations
from processes.entrada.jobs import FORGOTTEN_AFTER, erase_crops, process_batch, take_up_forgotten
from processes.entrada.models import Crop, Entry, GateEvent, Presence
from processes.entrada.received import Candidate, ReceivedEvent
from tests.processes.conftest import at, enrolled, person, received
from workflow import clock, history, jobs
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.database import transaction

pytestmark = pytest.mark.slow
WORKER = """
import sys
from datetime import timedelta
import people, processes
from integrations.mail import FolderMailbox
from people.keyring import Keyring
from workflow import clock, database
from pathlib import Path
database.configure(sys.argv[1])
clock.configure(timedelta(seconds=float(sys.argv[2])))
people.configure(people.PeopleSettings(Keyring.from_json(sys.stdin.read()), FolderMailbox(Path(sys.argv[3])), ""))
processes.discover()
from processes.entrada.jobs import FORGOTTEN_AFTER, erase_crops, process_batch, take_up_forgotten
print("ready", flush=True)
process_batch(sys.argv[4:])
"""


@pytest.fixture
def accept(database_url: str, configured: None) -> Callable[..., list[str]]:
    """Accepts events of so many people at PI-HALL; their ids."""
    with transaction() as session:
        engine.deploy(session)
        operations.install_posts(session)
        bridge = enrolled(session)

    def events(people: list[UUID], **changes: object) -> list[str]:
        sent: list[ReceivedEvent] = [received(who, **changes) for who in people]
        with transaction() as session:
            done = operations.accept_events(session, bridge, sent)
        return [str(key) for key in done.accepted]

    return events


def people_made(number: int) -> list[UUID]:
    with transaction() as session:
        return [person(session, f"Pessoa {'abcdefghij'[n % 10]}", None).id for n in range(number)]


def at_once(*work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def counted() -> dict[str, int]:
    with transaction() as session:
        tables = {"events": GateEvent, "entries": Entry, "days": Attendance, "people": Presence}
        found = {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}
        found["handled"] = session.scalar(select(func.count(GateEvent.case_id.distinct()))) or 0
    return found


def test_two_workers_on_the_same_batch_start_each_case_once(accept: Callable[..., list[str]]) -> None:
    ids = accept(people_made(10))
    at_once(lambda: process_batch(ids), lambda: process_batch(ids[::-1]))
    assert counted() == {"events": 10, "entries": 10, "days": 10, "people": 10, "handled": 10}


def test_one_passage_seen_twice_by_two_workers_is_one_entry(accept: Callable[..., list[str]]) -> None:
    people = people_made(8)
    ids = accept(people, instant=at("09:59:50")) + accept(people, instant=at("09:59:55"))
    at_once(lambda: process_batch(ids[:8]), lambda: process_batch(ids[8:]))
    assert counted() == {"events": 16, "entries": 8, "days": 8, "people": 8, "handled": 16}


def test_two_gates_at_once_give_one_day(accept: Callable[..., list[str]]) -> None:
    people = people_made(8)
    ids = accept(people, instant=at("09:00")) + accept(people, instant=at("09:30"))
    at_once(lambda: process_batch(ids[:8]), lambda: process_batch(ids[8:]))
    assert counted() == {"events": 16, "entries": 16, "days": 8, "people": 8, "handled": 16}


def test_a_worker_killed_in_the_middle_of_its_batch_loses_and_doubles_nothing(
    accept: Callable[..., list[str]], database_url: str, tmp_path: str
) -> None:
    ids = accept(people_made(60))
    line = [sys.executable, "-c", WORKER, database_url, str(clock.offset().total_seconds()), str(tmp_path), *ids]
    worker = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(settings().keyring.to_json())
    worker.stdin.close()
    assert worker.stdout.readline() == "ready\n"
    until = time.monotonic() + 30
    while counted()["handled"] < 5 and time.monotonic() < until:
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert 5 <= counted()["handled"] < 60
    process_batch(ids)
    assert counted() == {"events": 60, "entries": 60, "days": 60, "people": 60, "handled": 60}
    with transaction() as session:
        assert history.verify(session).ok


def test_an_event_whose_job_was_lost_is_taken_up_a_minute_later(
    accept: Callable[..., list[str]], database_url: str
) -> None:
    ids = accept(people_made(2))
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    take_up_forgotten()
    jobs.run_worker(database_url, ["gate"], wait=False, install_signal_handlers=False)
    assert counted()["handled"] == 0
    clock.configure(clock.offset() + FORGOTTEN_AFTER + timedelta(seconds=1))
    take_up_forgotten()
    jobs.run_worker(database_url, ["gate"], wait=False, install_signal_handlers=False)
    assert counted()["handled"] == len(ids)


def test_P7_crops_and_candidates_are_erased_after_24_hours(accept: Callable[..., list[str]]) -> None:
    (who,) = people_made(1)
    kept, old = (
        UUID(one) for one in accept([who, who], decision="doubtful", person=None, candidates=(Candidate(who, 0.3),))
    )
    with transaction() as session:
        for event, lifetime in ((kept, timedelta(minutes=1)), (old, timedelta(seconds=-1))):
            session.add(Crop(event_id=event, sealed=b"sealed", kept_until=clock.real_now() + lifetime))
    erase_crops()
    with transaction() as session:
        assert [crop.event_id for crop in session.scalars(select(Crop))] == [kept]
        assert session.get_one(GateEvent, kept).candidate_ids == [who]
        assert (session.get_one(GateEvent, old).candidates, session.get_one(GateEvent, old).candidate_ids) == ([], [])


def test_P7_the_crop_of_a_cancelled_case_is_erased(accept: Callable[..., list[str]]) -> None:
    (who,) = people_made(1)
    (event,) = accept([who], decision="doubtful", person=None, candidates=(Candidate(who, 0.3),))
    process_batch([event])
    with transaction() as session:
        session.add(Crop(event_id=UUID(event), sealed=b"sealed", kept_until=clock.real_now() + timedelta(hours=1)))
        case = session.get_one(GateEvent, UUID(event)).case_id
    erase_crops()
    with transaction() as session:
        assert session.get(Crop, UUID(event)) is not None
        assert case is not None
        engine.cancel_case(session, case, "Teste da portaria.", actor=SYSTEM)
    erase_crops()
    with transaction() as session:
        assert session.get(Crop, UUID(event)) is None
        assert session.get_one(GateEvent, UUID(event)).candidate_ids == []


def test_one_event_that_fails_keeps_no_other_from_its_case(accept: Callable[..., list[str]]) -> None:
    ids = accept(people_made(3))
    with pytest.raises(ValueError, match="badly formed"):
        process_batch([ids[0], "no uuid", ids[1], ids[2]])
    assert counted()["handled"] == 3
