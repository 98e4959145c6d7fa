"""Work outside a step: enqueued in the caller's own transaction, run by workers with retries and backoff.

A rolled-back transaction leaves no job. `defer` needs no open connector: it writes through the session's connection.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import procrastinate
import structlog
from procrastinate import retry
from sqlalchemy.orm import Session

from workflow import clock
from workflow.actor import Actor
from workflow.history import chain

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 10
STALLED_SECONDS = 30
LONGEST_WAIT_SECONDS = 3600

SERVICE = "workflow.service"
MESSAGE = "workflow.message"

_enqueuing = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


class TryAgain(Exception):
    """Raised inside a job: run it again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class JobFunction:
    """A registered job. `every` is a cron expression (a sixth field counts seconds) for periodic ones."""

    name: str
    function: Callable[..., Any]
    queue: str
    retries: int
    every: str | None
    with_attempt: bool


JOBS: dict[str, JobFunction] = {}


def job(
    name: str, queue: str = "default", *, retries: int = 5, every: str | None = None, with_attempt: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a job: it opens its own transaction, and may be run again with the same arguments.

    `with_attempt` hands in `attempt`, the number of attempts before this one. A periodic job takes no arguments.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in JOBS and JOBS[name].function.__qualname__ != function.__qualname__:
            raise ValueError(f"job {name!r} is registered twice")
        JOBS[name] = JobFunction(name, function, queue, retries, every, with_attempt)
        return function

    return register


def backoff(attempt: int) -> float:
    """Seconds before the next attempt: 2, 4, 8, … up to an hour."""
    return float(min(2 ** (attempt + 1), LONGEST_WAIT_SECONDS))


def defer(
    session: Session,
    name: str,
    /,
    *,
    queue: str | None = None,
    lock: str | None = None,
    run_in: timedelta | None = None,
    **args: Any,
) -> int:
    """Enqueue a job in the session's transaction; its number. `args` must be what JSON can hold."""
    session.flush()
    registered = JOBS.get(name)
    chosen = queue or (registered.queue if registered is not None else "default")
    when = clock.real_now() + run_in if run_in is not None else None
    deferrer = _enqueuing.configure_task(
        name=name, queue=chosen, lock=lock, schedule_at=when, connection=chain.driver(session)
    )
    return int(deferrer.defer(**args))


def defer_many(
    session: Session, name: str, /, arguments: Sequence[Mapping[str, Any]], *, queue: str | None = None
) -> None:
    """Enqueue the same job once for each of `arguments`, in one statement of the session's transaction."""
    if not arguments:
        return
    session.flush()
    registered = JOBS.get(name)
    chosen = queue or (registered.queue if registered is not None else "default")
    deferrer = _enqueuing.configure_task(name=name, queue=chosen, connection=chain.driver(session))
    deferrer.batch_defer(*(dict(args) for args in arguments))


def defer_service(session: Session, task_id: UUID, queue: str, actor: Actor) -> int:
    """Enqueue the work of a service task, on behalf of whoever caused it."""
    return defer(session, SERVICE, queue=queue, task_id=str(task_id), actor=actor_to_json(actor))


def actor_to_json(actor: Actor) -> dict[str, Any]:
    """An actor as arguments of a job."""
    ids = {"id": actor.id, "person_id": actor.person_id, "acting_for": actor.acting_for}
    return {
        "kind": actor.kind,
        "roles": sorted(actor.roles),
        "unit": actor.unit,
        **{name: str(value) if value is not None else None for name, value in ids.items()},
    }


def actor_from_json(stored: Mapping[str, Any]) -> Actor:
    """The actor that `actor_to_json` was given."""
    ids = {name: UUID(stored[name]) if stored[name] else None for name in ("id", "person_id", "acting_for")}
    return Actor(stored["kind"], roles=frozenset(stored["roles"]), unit=stored["unit"], **ids)


class _Backoff(retry.BaseRetryStrategy):
    def __init__(self, retries: int) -> None:
        self.retries = retries

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> retry.RetryDecision | None:
        if isinstance(exception, TryAgain):
            return retry.RetryDecision(retry_at=_after(exception.seconds))
        if job.attempts >= self.retries:
            log.error("job given up", job=job.task_name, id=job.id, error=type(exception).__name__)
            return None
        return retry.RetryDecision(retry_at=_after(backoff(job.attempts)))


def _after(seconds: float) -> datetime:
    return clock.real_now() + timedelta(seconds=seconds)


def build_app(database_url: str) -> procrastinate.App:
    """The worker's application: every registered job, on a pool of its own."""
    importlib.import_module("workflow.operations")  # registers the engine's own jobs
    url = database_url.replace("postgresql+psycopg://", "postgresql://")
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=6))
    for registered in JOBS.values():
        _add(app, registered)
    _add_rescue(app)
    return app


def _add(app: procrastinate.App, registered: JobFunction) -> None:
    def run(context: Any, /, **args: Any) -> None:
        args.pop("timestamp", None)  # periodic jobs are told when they were due
        if registered.with_attempt:
            args["attempt"] = context.job.attempts
        registered.function(**args)

    strategy = _Backoff(registered.retries if registered.every is None else 0)
    task = app.task(name=registered.name, queue=registered.queue, pass_context=True, retry=strategy)(run)
    if registered.every is not None:
        _periodic(app, task, registered.name, registered.every)


def _add_rescue(app: procrastinate.App) -> None:
    """A worker killed inside a job leaves it `doing` for ever: find those and have them run again."""

    async def rescue(**_when: int) -> None:
        for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            log.warning("stalled job retried", job=stalled.task_name, id=stalled.id)
            await app.job_manager.retry_job(stalled)

    task = app.task(name="workflow.rescue_stalled_jobs", queue="maintenance")(rescue)
    _periodic(app, task, "workflow.rescue_stalled_jobs", "* * * * * */10")


def _periodic(app: procrastinate.App, task: Any, name: str, every: str) -> None:
    """Enqueue the task at each instant of `every`, once at a time over all workers."""
    app.periodic(cron=every, queueing_lock=name)(task)


def run_worker(
    database_url: str,
    queues: Iterable[str] | None = None,
    concurrency: int = 2,
    *,
    wait: bool = True,
    install_signal_handlers: bool = True,
) -> None:
    """Work off jobs until stopped (`wait=False`: until none is left). `database.configure` must have been called."""
    asyncio.run(_work(database_url, queues, concurrency, wait, install_signal_handlers))


async def _work(
    database_url: str, queues: Iterable[str] | None, concurrency: int, wait: bool, install_signal_handlers: bool
) -> None:
    app = build_app(database_url)
    chosen: dict[str, Any] = {} if queues is None else {"queues": list(queues)}
    async with app.open_async():
        await app.run_worker_async(
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=POLL_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=install_signal_handlers,
            **chosen,
        )
