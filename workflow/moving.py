"""Moving running cases to the newest version of their diagram: a dry run that names what would be lost, then case by case."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import clock, deployment, steps
from workflow.actor import Actor
from workflow.engine import transfer
from workflow.engine.parser import Diagram
from workflow.errors import Conflict
from workflow.models import Case, DiagramRow
from workflow.references import CaseRef


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One running case: from which version, and what stands against moving it (empty: it can move)."""

    case_id: UUID
    from_version: int
    problems: tuple[str, ...]

    @property
    def movable(self) -> bool:
        """True when nothing would be lost."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """The dry run over all running cases of a process that are not on its newest version."""

    process_key: str
    version: int
    cases: tuple[CasePlan, ...]


def plan_migration(session: Session, process_key: str) -> MigrationPlan:
    """Try every running case in memory; nothing is written."""
    newest = deployment.latest(session, process_key)
    target = deployment.load(session, newest.id, process_key, newest.sha256)
    rows = session.execute(
        select(Case.id, Case.state, Case.data, DiagramRow.id, DiagramRow.version, DiagramRow.sha256)
        .join(DiagramRow, DiagramRow.id == Case.diagram_id)
        .where(Case.process_key == process_key, Case.status == "running", Case.diagram_id != newest.id)
        .order_by(Case.created_at)
    ).all()
    plans = []
    for case_id, state, data, diagram_id, version, sha256 in rows:
        source = deployment.load(session, diagram_id, process_key, sha256)
        plans.append(CasePlan(case_id, version, _problems(source, target, state, data)))
    return MigrationPlan(process_key, newest.version, tuple(plans))


def _problems(source: Diagram, target: Diagram, state: bytes, data: bytes) -> tuple[str, ...]:
    return transfer.transfer(source, target, state, data, clock.now()).problems


def migrate_case(session: Session, case_id: UUID, version: int, *, actor: Actor) -> CaseRef:
    """Move one case to that version; Conflict names what would be lost, and nothing changes."""
    step = steps.resume(session, actor, case_id=case_id)
    assert step.case is not None
    row = session.execute(
        select(DiagramRow.id, DiagramRow.sha256).where(
            DiagramRow.key == step.declared.key, DiagramRow.version == version
        )
    ).first()
    if row is None:
        raise Conflict(f"A versão {version} deste processo não existe.", case=case_id)
    if row.id == step.case.diagram_id:
        raise Conflict(f"Este processo já está na versão {version}.", case=case_id)
    target = deployment.load(session, row.id, step.declared.key, row.sha256)
    moved = transfer.transfer(step.diagram, target, step.case.state, step.case.data, step.now)
    if moved.execution is None:
        raise Conflict("A migração perderia: " + "; ".join(moved.problems) + ".", case=case_id)
    step.execution, step.diagram, step.diagram_id = moved.execution, target, row.id
    facts = {"from_version": step.case.version, "version": version, "diagram": row.sha256}
    return steps.finish(step, "case_migrated", facts)
