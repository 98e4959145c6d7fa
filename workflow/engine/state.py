"""The stored form of a live tree: state only, never the specification, and always bytes.

Bytes because a round trip through JSONB reorders keys; state only because the specification is the version's and is
parsed once. A task is a row of nine columns in the order of the tree, so its parent comes before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.engine import values
from workflow.engine.parser import Diagram
from workflow.engine.specs import ScriptEngine
from workflow.engine.tree import CaseSubWorkflow, CaseTask, CaseWorkflow

FORMAT = 1
_SCRIPTS = ScriptEngine()


class StateRefused(ValueError):
    """The stored state does not fit the diagram."""


def empty(diagram: Diagram) -> CaseWorkflow:
    """A tree without tasks."""
    return CaseWorkflow(diagram.spec, diagram.subprocess_specs, _SCRIPTS)


def dump(top: CaseWorkflow) -> bytes:
    """The tree as compressed bytes."""
    return values.pack(to_rows(top))


def to_rows(top: CaseWorkflow) -> dict[str, Any]:
    """The tree as what JSON can hold."""
    subprocesses = sorted(top.subprocesses.items(), key=lambda item: item[1].depth)
    return {
        "v": FORMAT,
        "tokens": top.tokens,
        "changes": top.changes,
        "top": _workflow(top),
        "subs": [[token, sub.spec.name, _workflow(sub)] for token, sub in subprocesses],
    }


def _workflow(workflow: Any) -> list[Any]:
    last = workflow.last_task
    rows, stack, tasks, encode = [], [workflow.task_tree], workflow.tasks, values.encode
    while stack:
        task = stack.pop()
        rows.append(
            [
                task.id,
                task._parent,
                task.task_spec.name,
                task._state,
                task.last_state_change,
                1 if task.triggered else 0,
                encode(task.internal_data) if task.internal_data else 0,
                encode(task.data) if task.data else 0,
            ]
        )
        stack.extend([tasks[child] for child in reversed(task._children)])
    return [workflow.completed, workflow.success, last.id if last is not None else None, rows]


def load(diagram: Diagram, stored: bytes) -> CaseWorkflow:
    """The tree that `dump` was given, on the diagram's cached specification."""
    return from_rows(diagram, values.unpack(stored))


def from_rows(diagram: Diagram, rows: Mapping[str, Any]) -> CaseWorkflow:
    """The inverse of `to_rows`."""
    if rows["v"] != FORMAT:
        raise StateRefused(f"state format {rows['v']!r} is unknown")
    top = empty(diagram)
    top.tokens, top.changes = rows["tokens"], rows["changes"]
    _restore(top, rows["top"])
    for token, name, stored in rows["subs"]:
        owner = top.get_task_from_id(token)
        subprocess = CaseSubWorkflow(diagram.subprocess_specs[name], token, top)
        top.subprocesses[token] = subprocess
        _restore(subprocess, stored)
        subprocess.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    return top


def _restore(workflow: Any, stored: list[Any]) -> None:
    workflow.completed, workflow.success, last, rows = stored
    specs, tasks, decode = workflow.spec.task_specs, workflow.tasks, values.decode
    new = CaseTask.__new__
    for token, parent, name, state, changed, triggered, internal, data in rows:
        spec = specs.get(name)
        if spec is None:
            raise StateRefused(f"the diagram has no node {name!r}")
        task = new(CaseTask)
        task.id, task.workflow, task._parent, task._children = token, workflow, parent, []
        task._state, task.triggered, task.task_spec, task.thread_id = state, bool(triggered), spec, 0
        task.last_state_change = changed
        task.internal_data = decode(internal) if internal else {}
        task.data = decode(data) if data else {}
        tasks[token] = task
        if parent is not None:
            tasks[parent]._children.append(token)
    workflow.task_tree = tasks[rows[0][0]]
    workflow.last_task = tasks.get(last)
