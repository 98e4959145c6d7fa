"""What the pages of management read beyond the engine's own queries: the list of cases, who did a task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from documents.dossier.access import hidden_case
from workflow.actor import Actor
from workflow.models import Case, DiagramRow, IncidentRow, Task


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list; `open_titles`: what waits for somebody, `stopped`: an incident waits."""

    id: UUID
    process_key: str
    subject: str
    status: str
    created_at: datetime
    open_titles: tuple[str, ...]
    stopped: bool


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """Which cases: of a process, in a status (`stopped` is one), whose subject has every word, older than `before`."""

    process_key: str = ""
    status: str = ""
    text: str = ""
    before: datetime | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task stands: open, done, cancelled or failed; who finished it and when."""

    status: str
    finished_by: UUID | None
    finished_at: datetime | None


def cases(session: Session, filters: CaseFilters, actor: Actor) -> list[CaseRow]:
    """Cases, latest first; none of a sigiloso dossier that the actor holds no credential for."""
    stopped = exists().where(IncidentRow.case_id == Case.id, IncidentRow.status == "open")
    query = select(Case.id, Case.process_key, Case.subject, Case.status, Case.created_at, stopped.label("stopped"))
    if filters.process_key:
        query = query.where(Case.process_key == filters.process_key)
    if filters.status == "stopped":
        query = query.where(stopped)
    elif filters.status:
        query = query.where(Case.status == filters.status)
    query = query.where(~hidden_case(actor, Case.id))
    for word in filters.text.split():
        query = query.where(func.lower(Case.subject).contains(word.lower(), autoescape=True))
    if filters.before is not None:
        query = query.where(Case.created_at < filters.before)
    rows = session.execute(query.order_by(Case.created_at.desc(), Case.id).limit(filters.limit)).all()
    titles = _open_titles(session, [row.id for row in rows])
    return [
        CaseRow(row.id, row.process_key, row.subject, row.status, row.created_at, titles.get(row.id, ()), row.stopped)
        for row in rows
    ]


def _open_titles(session: Session, ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    query = select(Task.case_id, Task.title).where(
        Task.case_id.in_(list(ids)), Task.status == "open", Task.kind == "human"
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for case_id, title in session.execute(query.order_by(Task.created_at)):
        found[case_id] = (*found.get(case_id, ()), title)
    return found


def outcome(session: Session, task_id: UUID) -> Outcome | None:
    """How a human task ended, or that it is open."""
    row = session.execute(
        select(Task.status, Task.finished_by, Task.finished_at).where(Task.id == task_id, Task.kind == "human")
    ).first()
    return None if row is None else Outcome(*row)


def has_newer_version(session: Session, case_id: UUID) -> bool:
    """True when the case runs on an older version of its diagram than the newest."""
    own = select(Case.process_key, DiagramRow.version).join(DiagramRow, DiagramRow.id == Case.diagram_id)
    key, version = session.execute(own.where(Case.id == case_id)).one()
    return session.scalar(select(exists().where(DiagramRow.key == key, DiagramRow.version > version))) or False


def subjects(session: Session, case_ids: Iterable[UUID], actor: Actor) -> dict[UUID, str]:
    """The subjects of cases; of a sigiloso dossier only to who holds its credential."""
    query = select(Case.id, Case.subject, hidden_case(actor, Case.id)).where(Case.id.in_(list(case_ids)))
    return {one: "Processo sigiloso" if hidden else subject for one, subject, hidden in session.execute(query)}
