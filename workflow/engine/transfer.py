"""A stored state on another version of its diagram: what is open stays open, or the transfer says what would be lost.

Finished tasks whose node is gone are taken out of the tree; predictions are made anew on the new diagram; whatever is
live must exist there, with the same kind and the same boundary around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflow.engine import state, tree, values
from workflow.engine.parser import Diagram
from workflow.engine.runner import JOB, Execution

TOKEN, PARENT, NAME, STATE = 0, 1, 2, 3


@dataclass(frozen=True)
class Transfer:
    """The case on the new version, or why not."""

    execution: Execution | None
    problems: tuple[str, ...]


def transfer(source: Diagram, target: Diagram, stored: bytes, data: bytes, now: datetime) -> Transfer:
    """Try it in memory; what is open before and after must be the same."""
    rows = values.unpack(stored)
    problems = _missing(source, target, rows)
    if problems:
        return Transfer(None, problems)
    before = Execution.restore(source, stored, data, now, lambda *_: JOB)
    for owner in (rows["top"], *(sub[2] for sub in rows["subs"])):
        owner[3] = _pruned(owner[3], _specs(target, rows, owner))
    try:
        workflow = state.from_rows(target, rows)
        workflow.case_data = values.load(data)
        after = Execution(target, workflow, now, lambda *_: JOB)
        _predict(workflow)
    except Exception as error:
        return Transfer(None, (f"o estado não cabe no diagrama novo ({type(error).__name__})",))
    problems = _changed(before, after)
    return Transfer(None if problems else after, problems)


def _specs(diagram: Diagram, rows: Any, owner: Any) -> dict[str, Any]:
    if owner is rows["top"]:
        found: dict[str, Any] = diagram.spec.task_specs
        return found
    name = next(sub[1] for sub in rows["subs"] if sub[2] is owner)
    spec = diagram.subprocess_specs.get(name)
    return spec.task_specs if spec is not None else {}


def _missing(source: Diagram, target: Diagram, rows: Any) -> tuple[str, ...]:
    problems = []
    for owner in (rows["top"], *(sub[2] for sub in rows["subs"])):
        old, new = _specs(source, rows, owner), _specs(target, rows, owner)
        if not new:
            problems.append("um subprocesso que o diagrama novo não tem")
            continue
        for row in owner[3]:
            name = row[NAME]
            if not row[STATE] & tree.LIVE or not new:
                continue
            title = source.titles.get(name, name)
            if name not in new:
                problems.append(f"“{title}” ({name}), que está em andamento e o diagrama novo não tem")
            elif type(new[name]) is not type(old[name]):
                problems.append(f"“{title}” ({name}), que mudou de tipo")
            elif (f"{name}.BoundaryEventSplit" in old) != (f"{name}.BoundaryEventSplit" in new):
                problems.append(f"“{title}” ({name}), que ganhou ou perdeu eventos de borda")
    return tuple(problems)


def _pruned(rows: list[Any], specs: dict[str, Any]) -> list[Any]:
    """Without predictions, and without finished tasks whose node is gone; children move up to what remains."""
    kept: list[Any] = []
    moved: dict[int, int] = {}
    for row in rows:
        parent = moved.get(row[PARENT], row[PARENT])
        if row[STATE] & tree.PREDICTED:
            moved[row[TOKEN]] = -1  # below a prediction there are only predictions
            continue
        if row[NAME] not in specs:
            moved[row[TOKEN]] = parent
            continue
        kept.append([row[TOKEN], parent, *row[2:]])
    return kept


def _predict(workflow: tree.CaseWorkflow) -> None:
    for one in workflow.workflows():
        for task in [task for task in one.tasks.values() if task._state & tree.LIVE]:
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)


def _changed(before: Execution, after: Execution) -> tuple[str, ...]:
    """The difference between what was open and what is; new timers and messages of a boundary are no loss."""
    problems = []
    old, new = before.open_tasks(), after.open_tasks()
    for token in old.keys() ^ new.keys():
        problems.append(f"a tarefa {(old.get(token) or new[token]).node}")
    waits = {(one.token, one.choice): one.node for one in before.open_messages()}
    still = {(one.token, one.choice) for one in after.open_messages()}
    problems.extend(f"a espera em {node}" for key, node in waits.items() if key not in still)
    timers = before.open_timers()
    problems.extend(f"o prazo {timers[key].node}" for key in timers.keys() - after.open_timers().keys())
    return tuple(problems)
