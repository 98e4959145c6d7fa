"""Versions of diagrams: by content, never overwritten; refused when the checks find something."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import checks, clock, process, store
from workflow.engine import parser, values
from workflow.engine.parser import Diagram
from workflow.errors import NotFound
from workflow.history import chain
from workflow.models import DiagramRow
from workflow.process import Process


@dataclass(frozen=True, slots=True)
class DiagramVersion:
    """A deployed version; `new` says that this deployment made it."""

    id: int
    key: str
    version: int
    sha256: str
    new: bool = False


def deploy(session: Session) -> list[DiagramVersion]:
    """Every registered process: a new version where its files changed. Refused processes raise checks.Refused."""
    checks.require(process.registered())
    chain.driver(session).execute(store.LOCK_KEY, ("deploy",))  # two programs that start at once
    return [_deploy(session, declared) for declared in process.registered()]


def _deploy(session: Session, declared: Process) -> DiagramVersion:
    files = declared.sources()
    sha256 = parser.digest(files)
    known = session.scalar(
        select(DiagramRow).where(DiagramRow.key == declared.key).order_by(DiagramRow.version.desc()).limit(1)
    )
    if known is not None and known.sha256 == sha256:
        return DiagramVersion(known.id, known.key, known.version, sha256)
    number = known.version + 1 if known is not None else 1
    row = DiagramRow(
        key=declared.key,
        version=number,
        sha256=sha256,
        files=values.dump(dict(files)),
        starts=parser.diagram(declared.key, files).starts,
        deployed_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return DiagramVersion(row.id, row.key, number, sha256, new=True)


def latest(session: Session, key: str) -> DiagramVersion:
    """The newest version of a process; NotFound when it was never deployed."""
    row = chain.driver(session).execute(store.LATEST, (key,), prepare=True).fetchone()
    if row is None:
        raise NotFound("Este processo ainda não está disponível.", process=key)
    return DiagramVersion(row[0], key, row[1], row[2])


def load(session: Session, diagram_id: int, key: str, sha256: str) -> Diagram:
    """The version's diagram, parsed the first time that this program needs it."""
    found = parser.cached(key, sha256)
    if found is None:
        files = session.scalar(select(DiagramRow.files).where(DiagramRow.id == diagram_id))
        if files is None:
            raise NotFound(process=key)
        found = parser.diagram(key, values.load(files))
    return found
