"""The engine's figures, as ratios taken in one run: `python -m bench.engine [--json]`.

A case with two user tasks and a service between them: start, complete, complete. Measured bare (SpiffWorkflow in memory),
as the engine with its serialization, and whole (public operations, audit, inbox rows, idempotency key) on an embedded
PostgreSQL of its own. Each figure is the best of several rounds, so that a busy machine disturbs it least.
"""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment

import migrations
from bench.engine_diagrams import CASE, LOOP
from bench.report import Figure, arguments, progress, show
from integrations.postgres import EmbeddedPostgres
from workflow import database, operations, process
from workflow.actor import Actor
from workflow.database import transaction
from workflow.engine import parser
from workflow.engine.runner import Execution
from workflow.process import Field, Form, Lane, Process, Service

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLERK = Actor("account", UUID(int=1), UUID(int=2), frozenset({"cac"}), "CAC")
DATA = {"pessoa_id": str(UUID(int=3)), "dia": "2026-11-23", "origem": "portaria", "valor": 1250}
FIRST = {"decisao": "sim", "observacao": "Conferido com o documento apresentado."}
SECOND = {"parecer": "De acordo.", "aprovado": True}
CASES, ROUNDS = 60, 7
ENGINE_TABLES = (
    "workflow_case", "task", "timer", "message_subscription", "received_message", "event", "chain", "incident", "diagram",
)  # fmt: skip


class _Declared(Process):
    """The benchmark's process: its diagram is in this program, not in a file."""

    def sources(self) -> dict[str, bytes]:
        """The diagram."""
        return {f"{self.key}.bpmn": {"bench": CASE, "bench_loop": LOOP}[self.key]}


def _declare() -> None:
    text = Field("observacao", "Observação", "textarea", required=False)
    decide = Field("decisao", "Decisão", "choice", choices=(("sim", "Sim"), ("nao", "Não")))
    opinion = (Field("parecer", "Parecer", "textarea"), Field("aprovado", "Aprovado", "boolean"))
    process.register(
        _Declared(
            "bench", "Medição", "Nenhuma", {"CAC": Lane("cac")}, {"analisar": Form("Analisar", (decide, text)), "aprovar": Form("Aprovar", opinion)},
            {"registrar": Service(lambda context: {"registro": str(context.task_id)}, gives=("registro",))}, starts_with=tuple(DATA),
        )
    )  # fmt: skip
    again = Form("Refazer", (Field("de_novo", "De novo", "boolean"),))
    process.register(_Declared("bench_loop", "Laço", "Nenhuma", {"CAC": Lane("cac")}, {"refazer": again}, {}))


def best(run: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    """Milliseconds of CPU for one run of `run`, the best round's mean."""
    found = []
    for _ in range(ROUNDS):
        gc.collect()
        begun = clock()
        for _ in range(CASES):
            run()
        found.append((clock() - begun) / CASES * 1000)
    return min(found)


# --- bare -------------------------------------------------------------------------------------------------------------


SCRIPTED = CASE.replace(
    b'<serviceTask id="registrar" name="Registrar">\n</serviceTask>',
    b'<scriptTask id="registrar"><script>registro = "1"</script></scriptTask>',
)


class _Environment(TaskDataEnvironment):  # type: ignore[misc]  # the library has no types
    pass


def bare() -> float:
    """SpiffWorkflow in memory: the same diagram, no store."""
    drawn = BpmnParser()
    drawn.add_bpmn_str(SCRIPTED)
    spec, subs = drawn.get_spec("bench"), drawn.get_subprocess_specs("bench")

    def run() -> None:
        workflow = BpmnWorkflow(spec, subs, script_engine=PythonScriptEngine(environment=_Environment()))
        workflow.task_tree.data.update(DATA)
        workflow.do_engine_steps()
        for data in (FIRST, SECOND):
            task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
            task.data.update(data)
            task.run()
            workflow.do_engine_steps()
        if not workflow.completed:
            raise RuntimeError("the bare case did not complete")

    return best(run)


# --- engine -----------------------------------------------------------------------------------------------------------


def _serve(token: int, _node: str, _data: Any) -> dict[str, Any]:
    return {"registro": str(token)}


def engine() -> float:
    """The engine with its serialization: three steps, each from and to stored bytes."""
    diagram = parser.diagram("bench", {"bench.bpmn": CASE})

    def run() -> None:
        execution = Execution.begin(diagram, DATA, NOW, _serve)
        execution.advance()
        for data in (FIRST, SECOND):
            execution = Execution.restore(diagram, *execution.dump(), NOW, _serve)
            (token,) = execution.open_tasks()
            execution.complete(token, data)
            execution.advance()
        execution.dump()
        if not execution.completed:
            raise RuntimeError("the engine's case did not complete")

    return best(run)


# --- whole ------------------------------------------------------------------------------------------------------------


def whole_case() -> None:
    """Start, complete, complete: three transactions, as three requests would make."""
    with transaction() as session:
        case = operations.start_case(
            session, "bench", DATA, actor=CLERK, subject="Medição", idempotency_key=str(uuid4())
        )
    for data in (FIRST, SECOND):
        with transaction() as session:
            task = case.tasks[0].id
            case = operations.complete_task(session, task, data, actor=CLERK, idempotency_key=str(uuid4()))
    if case.status != "completed":
        raise RuntimeError("the whole case did not complete")


class Server:
    """What the server did between two looks: CPU of its backend, commits and row writes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def backend_cpu(self) -> float:
        """Seconds of CPU of the one backend that the pool holds, user and system."""
        with transaction() as session:
            pid = session.connection().connection.driver_connection.info.backend_pid  # type: ignore[union-attr]  # psycopg's
        seconds: int = 0
        with open(f"/proc/{pid}/schedstat") as file:
            seconds = int(file.read().split()[0])
        return seconds / 1e9

    def counters(self) -> tuple[int, int, int]:
        """Transactions that wrote, row writes in the engine's tables, idempotency keys.

        The pool is emptied first, so that the server's counters are flushed.
        """
        database.dispose()
        time.sleep(0.2)
        with psycopg.connect(self.url) as connection:
            written = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
            rows = connection.execute(
                "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FILTER (WHERE relname = ANY(%s)),"
                " sum(n_tup_ins) FILTER (WHERE relname = 'idempotency_key') FROM pg_stat_user_tables",
                (list(ENGINE_TABLES),),
            ).fetchone()
        assert written is not None
        assert rows is not None
        return int(written[0]), int(rows[0]), int(rows[1])


def _both(server: Server) -> tuple[float, float]:
    """Client CPU and server CPU, milliseconds for a case: the best round of each."""
    client, backend = [], []
    for _ in range(ROUNDS):
        gc.collect()
        cpu, begun = server.backend_cpu(), time.process_time()
        for _ in range(CASES):
            whole_case()
        client.append((time.process_time() - begun) / CASES * 1000)
        backend.append((server.backend_cpu() - cpu) / CASES * 1000)
    return min(client), min(backend)


def _counted(server: Server) -> tuple[float, float, float]:
    """Commits, row writes and idempotency keys for a case; looking costs the same with no case at all."""
    server.counters()
    zero = server.counters()
    idle = server.counters()
    for _ in range(CASES):
        whole_case()
    after = server.counters()
    looking = [b - a for a, b in zip(zero, idle, strict=True)]
    done = [(b - a - c) / CASES for a, b, c in zip(idle, after, looking, strict=True)]
    return done[0], done[1], done[2]


def loops() -> float:
    """How much slower a step is after 200 rework loops."""
    with transaction() as session:
        case = operations.start_case(session, "bench_loop", {}, actor=CLERK)

    def step() -> float:
        nonlocal case
        begun = time.process_time()
        with transaction() as session:
            case = operations.complete_task(session, case.tasks[0].id, {"de_novo": True}, actor=CLERK)
        return time.process_time() - begun

    times = [step() for _ in range(200 + 40)]
    return min(_means(times[200:])) / min(_means(times[:40]))


def _means(times: list[float]) -> Iterator[float]:
    for start in range(0, len(times), 10):
        yield sum(times[start : start + 10]) / 10


@contextmanager
def _server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="carimbo-bench-"))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder) as postgres:
            url = postgres.ensure_database("bench")
            migrations.upgrade(url)
            database.configure(url, pool_size=1, max_overflow=0)
            with transaction() as session:
                operations.deploy(session)
            yield Server(url)
            database.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure() -> list[Figure]:
    """Every figure of the engine."""
    _declare()
    progress("bare SpiffWorkflow, and the engine with its serialization…")
    bare_ms, engine_ms = bare(), engine()
    bare_ms, engine_ms = min(bare_ms, bare()), min(engine_ms, engine())
    progress("the whole, on its own PostgreSQL…")
    with _server() as server:
        for _ in range(30):
            whole_case()
        client_ms, server_ms = _both(server)
        begun = time.perf_counter()
        for _ in range(CASES):
            whole_case()
        wall_ms = (time.perf_counter() - begun) / CASES * 1000
        commits, rows, keys = _counted(server)
        progress("200 rework loops…")
        ratio = loops()
    return [
        Figure("bare SpiffWorkflow in memory, a case", round(bare_ms, 3), "ms CPU"),
        Figure("engine with serialization, a case", round(engine_ms, 3), "ms CPU"),
        Figure("engine with serialization / bare", round(engine_ms / bare_ms, 2), "times", 3),
        Figure("whole case: client CPU", round(client_ms, 3), "ms CPU", 6),
        Figure(
            "whole case: in PostgreSQL", round(server_ms, 3), "ms CPU", 2.5, note="CPU of the backend, from the kernel"
        ),
        Figure("whole case: elapsed", round(wall_ms, 3), "ms", note="with the commits on this machine's disk"),
        Figure("whole (client and PostgreSQL) / bare", round((client_ms + server_ms) / bare_ms, 2), "times", 10),
        Figure("whole case: commits", round(commits, 2), "commits", 3, "=="),
        Figure("whole case: row writes a step", round(rows / 3, 2), "rows", 10),
        Figure("whole case: idempotency keys a step", round(keys / 3, 2), "rows", 1),
        Figure("a step after 200 rework loops / a first one", round(ratio, 2), "times", 1.5),
    ]


def main() -> int:
    """Measure and print."""
    chosen = arguments(__doc__ or "")
    return show("Engine: a case with two user tasks (start, complete, complete)", measure(), chosen.json)


if __name__ == "__main__":
    sys.exit(main())
