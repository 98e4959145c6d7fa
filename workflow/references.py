"""What an operation answers: a case after a step, and its form under an idempotency key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OpenTaskRef:
    """A task that is open after the step."""

    id: UUID
    node: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case after a step: what the caller needs to show, and what answers a retry."""

    id: UUID
    process_key: str
    status: str
    revision: int
    tasks: tuple[OpenTaskRef, ...] = ()


def to_response(reference: CaseRef) -> str:
    """A reference as it is kept under an idempotency key."""
    tasks = [[str(task.id), task.node, task.kind] for task in reference.tasks]
    return json.dumps([str(reference.id), reference.process_key, reference.status, reference.revision, tasks])


def from_response(stored: str) -> CaseRef:
    """The reference that `to_response` was given."""
    case_id, key, status, revision, tasks = json.loads(stored)
    refs = tuple(OpenTaskRef(UUID(task_id), node, kind) for task_id, node, kind in tasks)
    return CaseRef(UUID(case_id), key, status, revision, refs)
