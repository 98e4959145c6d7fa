"""Much work at once, always the same for the same seed: for `carimbo demo --scale N` and for the benchmark of the inbox.

`fill_work(session, tasks, seed)` adds tasks, one in five open in one unit and one in ten in the others, and dossiers in
the same units. The cases are copies of two that the engine made (one running, one cancelled), each with a chain of its
own, so that the audit holds and a copied task can be worked. Rows go in by COPY.
"""
# ruff: noqa: S608, S311 - statements of constants; a demonstration's luck is no secret

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents.dossier import events
from documents.dossier import operations as dossiers
from documents.dossier.models import Dossier
from documents.dossier.opening import record_digest
from documents.numbering.rules import SEIMG_MASK, process_number
from people import operations as people
from workflow import clock, history
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.history import chain
from workflow.operations import task_id_of

UNIT, ROLE, PROCESS, CODE = "GRI", "servidor", "oficio_pendencia", "03"
OTHERS = tuple(f"GAB-{number:02d}" for number in range(11, 51))
COLLEAGUES = (
    "Amanda Ribeiro", "Breno Castro", "Clarice Duarte", "Davi Moreira", "Elisa Campos", "Fábio Teixeira", "Helena Prado",
    "Igor Salles", "Juliana Aguiar", "Leandro Pires", "Marina Couto", "Otávio Braga",
)  # fmt: skip
SUBJECTS = ("E-mail inválido", "Mensagem devolvida", "Caixa cheia", "Endereço mudou", "Envio em dúvida", "Sem resposta")
TOWNS = (
    "Abaeté", "Barbacena", "Caeté", "Diamantina", "Espinosa", "Formiga", "Guanhães", "Itabira", "Januária", "Lavras",
    "Manhuaçu", "Nova Lima", "Ouro Preto", "Paracatu", "Sabará", "Três Pontas", "Uberaba", "Viçosa",
)  # fmt: skip
MATTERS = (
    "Aquisição de mobiliário", "Contratação de transporte", "Pedido de informação", "Apoio a evento", "Visita técnica",
    "Convênio de cooperação", "Reforma de sala", "Cessão de servidor", "Renovação de assinatura", "Prestação de contas",
)  # fmt: skip
A_CLOSED_CASE = 5
DONE_SHARE, HERE_SHARE = 0.7, 0.2
DOSSIERS_A_TASK = 0.05
LARGE = ("ix_task_inbox", "ix_task_changed", "ix_task_assignee", "ix_workflow_case_words")
"""Indexes that are quicker to make at the end."""


@dataclass(frozen=True)
class Filled:
    """What was added: tasks, those open in the unit, dossiers, those open in the unit."""

    tasks: int
    open_here: int
    dossiers: int
    dossiers_here: int


@dataclass(frozen=True)
class Template:
    """A case of the engine, to be copied: its id, its task's token, its events."""

    case_id: UUID
    token: int
    events: tuple[tuple[str, str], ...]


def fill_work(session: Session, tasks: int, seed: int) -> Filled:
    """Add `tasks` tasks and a twentieth as many dossiers, in the caller's transaction."""
    luck = random.Random(seed)
    hands = _colleagues(session)
    running, closed = _template(session, ""), _template(session, "Demonstração.")
    session.flush()
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor:
        kept = [_row(cursor, f"SELECT indexdef FROM pg_indexes WHERE indexname = '{name}'")[0] for name in LARGE]
        for name in LARGE:
            cursor.execute(f"DROP INDEX {name}".encode())
        here = _open_tasks(cursor, luck, running, tasks, hands)
        _closed_tasks(cursor, luck, closed, int(tasks * DONE_SHARE))
        filed, filed_here = _dossiers(cursor, luck, session, int(tasks * DOSSIERS_A_TASK), hands)
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for statement in kept:
            cursor.execute(statement.encode())
        engine.cancel_case(session, running.case_id, "Modelo da demonstração.", actor=SYSTEM)
        cursor.execute("ANALYZE task, workflow_case, dossier, dossier_unit, event, chain")
    return Filled(tasks, here, filed, filed_here)


def _row(cursor: psycopg.Cursor[Any], statement: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = cursor.execute(statement.encode()).fetchone()
    assert found is not None
    return found


def _colleagues(session: Session) -> list[UUID]:
    """Who has the work in hands: accounts without a password, so that nobody signs in with them."""
    made = []
    for number, name in enumerate(COLLEAGUES):
        account = people.create_staff_account(session, f"escala{number:02d}", name, uuid4().hex, actor=SYSTEM)
        people.add_membership(session, account.id, UNIT, ROLE, actor=SYSTEM)
        made.append(account.id)
    for number, sigla in enumerate(OTHERS, 11):
        people.create_unit(session, sigla, f"Gabinete {number}", actor=SYSTEM, code="06", organ="ALMG")
    return made


def _template(session: Session, cancelled: str) -> Template:
    """A case made by the engine; with a reason, one that was cancelled."""
    data = {"exemplar": str(UUID(int=0)), "problema": "sem_email"}
    case = engine.start_case(session, PROCESS, data, actor=SYSTEM, subject="Modelo da demonstração")
    (task,) = (one for one in case.tasks if one.kind == "human")
    token = session.scalar(text("SELECT token FROM task WHERE id = :id"), {"id": task.id})
    if cancelled:
        engine.cancel_case(session, case.id, cancelled, actor=SYSTEM)
    rows = session.execute(
        text("SELECT kind, data FROM event WHERE chain = :name ORDER BY seq"), {"name": history.case_chain(case.id)}
    )
    events = tuple((kind, data.replace(str(task.id), "{task}")) for kind, data in rows)
    return Template(case.id, int(token or 0), events)


class _Sink:
    """Lines for COPY into several tables, a batch at a time."""

    COLUMNS = {  # noqa: RUF012 - constant
        "scale_case": "id, subject, created_at",
        "task": "id, case_id, token, process_key, kind, node, scope, title, status, role, unit, assignee, priority,"
        " created_at, due_at, unread",
        "chain": "name, length, head, sealed",
        "event": "chain, seq, at, kind, data, actor_kind, hash",
        "dossier": "id, number, type_key, specification, level, effective_level, origin_unit, created_at, status, passed_units",
        "dossier_unit": "dossier_id, unit, status, origin, from_unit, arrived_at, unread, assignee, priority, due_at",
    }  # fmt: skip

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self.cursor = cursor
        self.rows: dict[str, list[str]] = {name: [] for name in self.COLUMNS}

    def add(self, table: str, *values: object) -> None:
        """One row."""
        self.rows[table].append("\t".join("\\N" if value is None else str(value) for value in values) + "\n")

    def chained(self, name: str, at: datetime, events: Iterator[tuple[str, str]]) -> None:
        """A chain of its own with these events."""
        head = chain.Head(0, chain.GENESIS)
        for kind, data in events:
            body = (name, head.length + 1, at, kind, data, "system", None, None, None)
            head = chain.Head(head.length + 1, chain.link(head.hash, body))
            escaped = data.replace("\\", "\\\\")
            self.add("event", name, head.length, at.isoformat(), kind, escaped, "system", f"\\\\x{head.hash.hex()}")
        self.add("chain", name, head.length, f"\\\\x{head.hash.hex()}", 0)

    def flush(self, template: Template | None, *, every: int = 0) -> None:
        """Send what there is, once it is `every` rows of a table."""
        if every and max(map(len, self.rows.values())) < every:
            return
        self._copy("scale_case")
        if template is not None:
            self.cursor.execute(
                "INSERT INTO workflow_case (id, process_key, diagram_id, subject, status, revision, state, data, created_at,"
                " updated_at, finished_at, cancel_reason) SELECT s.id, c.process_key, c.diagram_id, s.subject, c.status,"
                " c.revision, c.state, c.data, s.created_at, s.created_at, c.finished_at, c.cancel_reason"
                " FROM scale_case s, workflow_case c WHERE c.id = %s",
                (template.case_id,),
            )
            self.cursor.execute("TRUNCATE scale_case")
        for table in ("task", "dossier", "dossier_unit", "chain", "event"):
            self._copy(table)

    def _copy(self, table: str) -> None:
        if self.rows[table]:
            with self.cursor.copy(f"COPY {table} ({self.COLUMNS[table]}) FROM STDIN".encode()) as copy:
                copy.write("".join(self.rows[table]))
            self.rows[table].clear()


def _case(sink: _Sink, luck: random.Random, template: Template, created: datetime) -> UUID:
    case_id = UUID(int=luck.getrandbits(128), version=4)
    subject = f"{luck.choice(SUBJECTS)}: Câmara Municipal de {luck.choice(TOWNS)}, exemplar {luck.randint(1, 99999)}"
    sink.add("scale_case", case_id, subject, created.isoformat())
    task = str(task_id_of(case_id, template.token))
    sink.chained(
        history.case_chain(case_id), created, ((kind, data.replace("{task}", task)) for kind, data in template.events)
    )
    return case_id


def _due(luck: random.Random, now: datetime) -> str | None:
    """One in seven late, a few today, most in a month, some without."""
    drawn = luck.random()
    if drawn < 0.15:
        return (now - timedelta(minutes=luck.randint(1, 60 * 24 * 40))).isoformat()
    if drawn < 0.17:
        return (now + timedelta(minutes=luck.randint(1, 180))).isoformat()
    return None if drawn > 0.85 else (now + timedelta(minutes=luck.randint(600, 60 * 24 * 30))).isoformat()


def _rank(luck: random.Random) -> int:
    drawn = luck.random()
    return 0 if drawn < 0.9 else 1 if drawn < 0.98 else 2


def _open_tasks(
    cursor: psycopg.Cursor[Any], luck: random.Random, template: Template, tasks: int, hands: list[UUID]
) -> int:
    cursor.execute("CREATE TEMPORARY TABLE scale_case (id uuid, subject text, created_at timestamptz) ON COMMIT DROP")
    node, title = _row(cursor, f"SELECT node, title FROM task WHERE case_id = '{template.case_id}' AND kind = 'human'")
    sink, now = _Sink(cursor), clock.now()
    here = int(tasks * HERE_SHARE)
    for number in range(here + int(tasks * (1 - DONE_SHARE - HERE_SHARE))):
        created = now - timedelta(minutes=luck.randint(1, 60 * 24 * 60))
        case_id = _case(sink, luck, template, created)
        held = luck.choice(hands) if luck.random() < 0.3 else None
        sink.add(
            "task", task_id_of(case_id, template.token), case_id, template.token, PROCESS, "human", node, "", title, "open",
            ROLE, UNIT if number < here else luck.choice(OTHERS), held if number < here else None, _rank(luck), created.isoformat(),
            _due(luck, now), "f" if held or luck.random() < 0.5 else "t",
        )  # fmt: skip
        sink.flush(template, every=20_000)
    sink.flush(template)
    return here


def _closed_tasks(cursor: psycopg.Cursor[Any], luck: random.Random, template: Template, tasks: int) -> None:
    node, title = _row(cursor, f"SELECT node, title FROM task WHERE case_id = '{template.case_id}' AND kind = 'human'")
    sink, now = _Sink(cursor), clock.now()
    for number in range(tasks):
        if number % A_CLOSED_CASE == 0:
            created = now - timedelta(minutes=luck.randint(1, 60 * 24 * 700))
            case_id = _case(sink, luck, template, created)
        token = template.token + number % A_CLOSED_CASE * 1000
        unit = UNIT if luck.random() < 0.2 else luck.choice(OTHERS)
        sink.add(
            "task", task_id_of(case_id, token), case_id, token, PROCESS, "human", node, "", title, "cancelled", ROLE, unit,
            None, 0, created.isoformat(), None, "f",
        )  # fmt: skip
        sink.flush(template, every=50_000)
    sink.flush(template)


def _dossiers(
    cursor: psycopg.Cursor[Any], luck: random.Random, session: Session, count: int, hands: list[UUID]
) -> tuple[int, int]:
    dossiers.install_types(session)
    session.flush()
    kinds = [
        row[0]
        for row in cursor.execute("SELECT key FROM dossier_type WHERE process_key IS NULL ORDER BY key").fetchall()
    ]
    sink, now, open_here = _Sink(cursor), clock.now(), 0
    for number in range(count):
        created = now - timedelta(minutes=luck.randint(1, 60 * 24 * 300))
        identifier = UUID(int=luck.getrandbits(128), version=4)
        year = 2014 + number % 10
        written = process_number(SEIMG_MASK, "0100", CODE, 5_000_000 + number // 10, year, "mod97")
        sender, unit = luck.choice(OTHERS), UNIT if luck.random() < 0.4 else luck.choice(OTHERS)
        kind = luck.choice(kinds)
        about = f"{luck.choice(MATTERS)}: {luck.choice(TOWNS)} {luck.randint(1, 9999)}"
        sink.add(
            "dossier",
            identifier,
            written,
            kind,
            about,
            "publico",
            "publico",
            sender,
            created.isoformat(),
            "running",
            f"{{{','.join(dict.fromkeys((sender, unit)))}}}",
        )
        told = [_opened(identifier, written, kind, sender, created, about)]
        sink.chained(f"dossier:{identifier}", created, iter([*told, _sent(sender, unit)] if unit != sender else told))
        closed = luck.random() < 0.3
        open_here += unit == UNIT and not closed
        held = luck.choice(hands) if unit == UNIT and luck.random() < 0.3 else None
        if unit != sender:
            sink.add(
                "dossier_unit", identifier, sender, "closed", "generated", None, created.isoformat(), "f", None, 0, None
            )
        sink.add(
            "dossier_unit", identifier, unit, "closed" if closed else "open", "received", sender, created.isoformat(),
            "f" if held or luck.random() < 0.5 else "t", held, _rank(luck), _due(luck, now),
        )  # fmt: skip
        sink.flush(None, every=20_000)
    sink.flush(None)
    return count, open_here


def _opened(identifier: UUID, number: str, kind: str, unit: str, created: datetime, about: str) -> tuple[str, str]:
    """The event that its opening would have left."""
    record = record_digest(
        Dossier(id=identifier, number=number, type_key=kind, origin_unit=unit, created_by=None, created_at=created)
    )
    facts = {"number": number, "type": kind, "unit": unit, "level": "publico", "informed": False, "record": record}
    facts["specification"] = events.digest(identifier, about)
    return events.OPENED, json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _sent(sender: str, unit: str) -> tuple[str, str]:
    """The event that sending it would have left."""
    facts = {"from_unit": sender, "to": unit, "units": [unit], "kept_open": False, "return_by": None}
    return events.SENT, json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
