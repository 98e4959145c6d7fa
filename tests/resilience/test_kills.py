"""kill -9 of web, worker (in the middle of a job too), bridge and postgres at random during a burst.

Acknowledged ⊆ stored; no entry without its event; no declaration without an entry; numbers without gap; the chain whole;
every job ends; nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
import requests

from gate_bridge.clock import BridgeClock
from gate_bridge.errors import ServerRefused, ServerUnavailable
from gate_bridge.link import ServerLink
from gate_bridge.sender import Sender
from gate_bridge.settings import Key
from gate_bridge.simulators.controlid import ControlIdTerminal
from gate_bridge.simulators.gate_load import entries, fill
from gate_bridge.spool import Spool
from people.persons import create_person
from processes.entrada.bridges import enrol_bridge
from processes.entrada.posts import post_by_code
from tests.resilience.house import DAY, SECRET_PATH, House, cpf
from webapp.cli.visit import Refused, Visit
from workflow.database import transaction

pytestmark = pytest.mark.slow
SEED = 20261124
PEOPLE = 24
EVENTS_OF_THE_SENDER = 300


@dataclass
class Burst:
    """What was done and what was acknowledged, from every side at once."""

    house: House
    people: list[UUID]
    over: threading.Event = field(default_factory=threading.Event)
    reports: set[str] = field(default_factory=set)
    issued: Counter[UUID] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def side(self, act: Callable[[], None]) -> threading.Thread:
        """One side of the burst in its thread; what it raises fails the test."""

        def run() -> None:
            try:
                act()
            except Exception as error:
                self.failures.append(f"{act.__name__}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def terminal(self) -> None:
        """A Control iD that identifies without pause: the people in turn, and users that nobody mapped."""
        device = ControlIdTerminal(f"{self.house.keypad}/{SECRET_PATH}")
        chance = random.Random(SEED)
        number = 0
        while not self.over.is_set():
            number += 1
            known = number <= PEOPLE
            fields = {
                "device_id": 935449, "event": 8, "portal_id": 1, "user_name": "", "time": device.clock(), "card_value": 0,
                "user_id": number if known else 10_000 + number, "uuid": f"{number:08x}", "confidence": 1200,
            }  # fmt: skip
            while not self._identify(device, fields):
                time.sleep(0.2)  # as a terminal does: nothing was acknowledged, so it says it again
            time.sleep(chance.uniform(0.02, 0.15))

    def _identify(self, device: ControlIdTerminal, fields: dict[str, object]) -> bool:
        try:
            answer = device.repeat(fields)
        except requests.RequestException:
            return False
        if answer.status_code != 200:
            return False
        assert answer.request.body is not None
        self.reports.add(hashlib.sha256(str(answer.request.body).encode()).hexdigest())
        return True

    def desk(self) -> None:
        """The CAC issues for each person as soon as the day is listed, clicking twice, again after every failure."""
        visit = self._signed_in()
        waiting = [*self.people, *self.people]
        while waiting and not self.over.is_set():
            person = waiting.pop(0)
            try:
                page = f"/cac/pessoa/{person}/{DAY.isoformat()}"
                visit.get(page)
                visit.post(page, who="holder", document_seen="y")
                self.issued[person] += 1
            except (Refused, requests.RequestException):
                waiting.append(person)
                time.sleep(0.2)

    def _signed_in(self) -> Visit:
        while True:
            try:
                return self.house.staff("cac")
            except (Refused, requests.RequestException):
                time.sleep(0.3)


@dataclass
class OwnBridge:
    """A second bridge: its own spool and sender, in this process."""

    spool: Spool
    sender: Sender
    bridge_id: UUID
    stored: list[str]

    @classmethod
    def of(cls, house: House, folder: Path, people: list[UUID]) -> OwnBridge:
        """Enrolled at another post of the same house."""
        with house.inside(), transaction() as session:
            made = enrol_bridge(session, post_by_code(session, "PI-HALL"))
        offset = house.offset()
        clock = BridgeClock(offset)
        spool = Spool(folder / "spool.sqlite")
        link = ServerLink(house.url, str(made.bridge_id), (Key(made.key_id, made.secret.encode()),), clock)
        events = entries(
            EVENTS_OF_THE_SENDER, post="PI-HALL", people=[str(one) for one in people], clock=clock, apart_s=3
        )
        return cls(spool, Sender(spool, link, batch=20), made.bridge_id, fill(spool, events))

    def send_slowly(self) -> None:
        """Small batches, so that kills fall between and inside them."""
        while self.spool.depth():
            try:
                self.sender.send_once()
                time.sleep(0.5)
            except (ServerUnavailable, ServerRefused):
                time.sleep(0.3)


def people_of(house: House) -> list[UUID]:
    """Visitors with a verified CPF."""
    with house.inside(), transaction() as session:
        return [
            create_person(session, f"Visitante Letra {chr(65 + number)}", cpf(700_000_000 + number), verified=True).id
            for number in range(PEOPLE)
        ]


def in_the_middle_of_a_job(house: House, seconds: float = 15) -> bool:
    """Wait until a worker takes a job that makes a declaration or opens cases; what a dead one left does not count."""
    query = (
        "SELECT array_agg(id) FROM procrastinate_jobs WHERE status = 'doing'"
        " AND task_name IN ('workflow.service', 'entrada.process_batch')"
    )
    before, deadline = set(house.one(query) or ()), time.monotonic() + seconds
    while time.monotonic() < deadline:
        if set(house.one(query) or ()) - before:
            return True
    return False


def kill_at_random(house: House) -> Counter[str]:
    """Each program twice, in an order that the seed gives; who is down already, killed by another's fall, gets up first."""
    chance = random.Random(SEED)
    order = ["web", "worker", "bridge", "postgres"] * 2
    chance.shuffle(order)
    killed: Counter[str] = Counter()
    for program in order:
        time.sleep(chance.uniform(0.3, 2.0))
        house.wait(f"{program} de pé", lambda name=program: house.alive(name) and house.answers_queries(), 40)
        if program == "worker" and in_the_middle_of_a_job(house):
            killed["worker inside a job"] += 1
        house.kill(program)
        killed[program] += 1
    return killed


def test_kill_9_at_random_during_a_burst(house: House, tmp_path: Path) -> None:
    people = people_of(house)
    house.install_terminal({str(number): person for number, person in enumerate(people, 1)})
    own = OwnBridge.of(house, tmp_path, people)
    burst = Burst(house, people)
    sides = [burst.side(act) for act in (burst.terminal, burst.desk, own.send_slowly)]
    killed = kill_at_random(house)
    assert killed["worker inside a job"] >= 1, killed
    house.wait_up()
    house.wait("a emissão de todas as declarações", lambda: len(burst.issued) == PEOPLE or burst.failures, 60)
    burst.over.set()
    for side in sides:
        side.join(60)
    assert burst.failures == []
    drained(house, own)

    acknowledged_is_stored(house, burst, own)
    nothing_without_its_cause(house, people)
    numbers_have_no_gap(house, own)
    nothing_twice(house, people)
    verdict = house.audit()
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert json.loads(verdict.stdout)["ok"] is True


def drained(house: House, own: OwnBridge) -> None:
    """Nothing waits any more: spools, events without case, jobs, declarations asked for and not issued."""
    house.wait("o envio de tudo", lambda: own.spool.depth() == 0, 60)
    house.wait(
        "a ponte vazia", lambda: requests.get(f"{house.keypad}/healthz", timeout=5).json()["spool"]["depth"] == 0, 90
    )
    house.wait(
        "um processo por evento", lambda: not house.one("SELECT count(*) FROM gate_event WHERE case_id IS NULL"), 120
    )
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queueing_lock IS NULL AND queue_name <> 'mail'"
    house.wait("o fim dos trabalhos", lambda: house.one(jobs) == 0, 90)
    assert (
        house.rows(
            "SELECT task_name, status FROM procrastinate_jobs WHERE status NOT IN ('succeeded', 'todo', 'doing')"
        )
        == []
    )
    assert house.one("SELECT count(*) FROM incident") == 0


def acknowledged_is_stored(house: House, burst: Burst, own: OwnBridge) -> None:
    """Every report that the terminal was thanked for and every event that a sender was thanked for is there."""
    assert len(burst.reports) > PEOPLE
    stored = {digest for (digest,) in house.rows("SELECT raw_sha256 FROM gate_event WHERE raw_sha256 IS NOT NULL")}
    assert burst.reports - stored == set()
    assert len(own.stored) == EVENTS_OF_THE_SENDER
    kept = {str(key) for (key,) in house.rows("SELECT id FROM gate_event WHERE bridge_id = %s", own.bridge_id)}
    assert kept == set(own.stored)
    assert own.spool.quarantine() == []


def nothing_without_its_cause(house: House, people: list[UUID]) -> None:
    """No entry without its event and case; of these people no declaration without an entry, no document without one."""
    assert house.one("SELECT count(*) FROM entry") > PEOPLE
    assert (
        house.one("""SELECT count(*) FROM entry e LEFT JOIN gate_event g ON g.id = e.event_id
        LEFT JOIN workflow_case c ON c.id = e.case_id
        WHERE g.id IS NULL OR c.id IS NULL OR g.case_id <> e.case_id OR g.result <> 'LIBERADO'""")
        == 0
    )
    assert (
        house.one(
            """SELECT count(*) FROM declaration d JOIN attendance a ON a.id = d.attendance_id
        WHERE a.person_id = ANY(%s)
        AND NOT EXISTS (SELECT FROM entry e WHERE e.person_id = a.person_id AND e.date = a.date)""",
            people,
        )
        == 0
    )
    assert (
        house.one(
            """SELECT count(*) FROM document o WHERE owner_person_id = ANY(%s)
        AND NOT EXISTS (SELECT FROM declaration d WHERE d.document_id = o.id)""",
            people,
        )
        == 0
    )


def numbers_have_no_gap(house: House, own: OwnBridge) -> None:
    """Sequences per bridge and per chain run from 1; a chain's length is that of its events."""
    gaps = "SELECT bridge_id FROM gate_event WHERE bridge_id IS NOT NULL GROUP BY bridge_id HAVING count(*) <> max(sequence) OR count(DISTINCT sequence) <> count(*) OR min(sequence) <> 1"
    assert house.rows(gaps) == []
    assert house.one("SELECT count(*) FROM gate_event WHERE bridge_id = %s", own.bridge_id) == len(own.stored)
    assert (
        house.rows("""SELECT c.name FROM chain c LEFT JOIN event e ON e.chain = c.name GROUP BY c.name, c.length
        HAVING count(e.seq) <> c.length OR coalesce(max(e.seq), 0) <> c.length""")
        == []
    )


def nothing_twice(house: House, people: list[UUID]) -> None:
    """One case an event, one standing declaration with one document a person and day, one entry a passage."""
    assert house.one("SELECT count(*) FROM declaration WHERE document_id IS NULL") == 0
    counted = dict(
        house.rows(
            """SELECT a.person_id, count(DISTINCT d.document_id) FROM declaration d
        JOIN attendance a ON a.id = d.attendance_id WHERE a.person_id = ANY(%s) GROUP BY 1""",
            people,
        )
    )
    assert counted == dict.fromkeys(people, 1)
    assert house.one("SELECT count(*) - count(DISTINCT event_id) FROM entry") == 0
    assert (
        house.one("SELECT count(*) - count(DISTINCT business_key) FROM workflow_case WHERE process_key = 'entrada'")
        == 0
    )
    assert (
        house.one("""SELECT count(*) FROM presence p WHERE entries <>
        (SELECT count(*) FROM entry e WHERE e.person_id = p.person_id AND e.date = p.date)""")
        == 0
    )
