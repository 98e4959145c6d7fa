"""What waits in the queues of jobs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow import clock

_WAITING = text("""
SELECT count(*), min(coalesce(job.scheduled_at, deferred.at))
FROM procrastinate_jobs job
LEFT JOIN procrastinate_events deferred ON deferred.job_id = job.id AND deferred.type = 'deferred'
WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= :now)
""")


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many jobs are due and waiting, and the age of the oldest in seconds. Real time."""

    waiting: int
    oldest_s: float


def backlog(session: Session) -> Backlog:
    """The jobs that could run now and wait for a worker."""
    now = clock.real_now()
    waiting, oldest = session.execute(_WAITING, {"now": now}).one()
    return Backlog(int(waiting), 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
