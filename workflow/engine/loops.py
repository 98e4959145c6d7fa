"""Cutting finished loops out of a live tree, so that its size depends on the diagram and not on how often one went round.

If an unfinished path runs A → … → T with the same specification, and everything below A except T's own subtree is
finished, T takes A's place under A's parent: the tree looks as if the loop had never been taken. What is removed has
been written to the history before. Without this the library loses sight of tasks deeper than 1000 levels, and a
parallel join inside a rework loop may fire after one branch.
"""

from __future__ import annotations

from typing import Any

from workflow.engine.specs import CaseTimer
from workflow.engine.tree import FINISHED, LIVE, CaseTask, CaseWorkflow


def compact(top: CaseWorkflow) -> int:
    """Cut what is finished and done with; the number of tasks removed."""
    removed = 0
    for workflow in top.workflows():
        for leaf in [task for task in workflow.tasks.values() if task._state & LIVE]:
            if leaf.id in workflow.tasks:
                removed += _cut_path(top, workflow, leaf)
        removed += _drop_firings(top, workflow)
        _strip_instances(workflow)
    return removed


def _cut_path(top: CaseWorkflow, workflow: Any, leaf: CaseTask) -> int:
    path = [leaf, *leaf.ancestors()]
    path.reverse()
    if len({task.task_spec.name for task in path}) == len(path):
        return 0
    removed, first, index = 0, dict[str, int](), 0
    while index < len(path):
        task = path[index]
        name = task.task_spec.name
        start = first.get(name)
        if start is not None and (gone := _cut(top, workflow, path[start], task)):
            removed += gone
            del path[start:index]
            first = {step.task_spec.name: place for place, step in reversed(list(enumerate(path[: start + 1])))}
            index = start + 1
            continue
        first[name] = index
        index += 1
    return removed


def _below(task: CaseTask, stop: CaseTask | None) -> list[CaseTask]:
    found, stack = [], [task]
    while stack:
        one = stack.pop()
        if one is not stop:
            found.append(one)
            stack.extend(one.children)
    return found


def _is_finished(top: CaseWorkflow, task: CaseTask) -> bool:
    subprocess = top.subprocesses.get(task.id)
    return bool(task._state & FINISHED) and (subprocess is None or subprocess.completed)


def _remove(top: CaseWorkflow, workflow: Any, doomed: list[CaseTask]) -> int:
    count = len(doomed)
    for task in doomed:
        del workflow.tasks[task.id]
        if workflow.last_task is task:
            workflow.last_task = None
        subprocess = top.subprocesses.pop(task.id, None)
        if subprocess is not None:
            count += _remove(top, subprocess, list(subprocess.tasks.values()))
    return count


def _cut(top: CaseWorkflow, workflow: Any, old: CaseTask, new: CaseTask) -> int:
    """Put `new` in the place of `old`; 0 when something between them is still alive."""
    parent = old.parent
    if parent is None or new.triggered or old.triggered:
        return 0
    doomed = _below(old, new)
    if not all(_is_finished(top, task) for task in doomed):
        return 0
    new.parent._children.remove(new.id)
    parent._children[parent._children.index(old.id)] = new.id
    new._parent = parent.id
    return _remove(top, workflow, doomed)


def _drop_firings(top: CaseWorkflow, workflow: Any) -> int:
    """A repeating timer that still runs keeps nothing of the firings that are over."""
    removed = 0
    for task in list(workflow.tasks.values()):
        definition = getattr(task.task_spec, "event_definition", None)
        if not isinstance(definition, CaseTimer) or definition.kind != "cycle" or not task._state & LIVE:
            continue
        for child in task.children:
            doomed = _below(child, None)
            if all(_is_finished(top, one) for one in doomed):
                task._children.remove(child.id)
                removed += _remove(top, workflow, doomed)
    return removed


def _strip_instances(workflow: Any) -> None:
    """The data of a finished instance are in the activity's result already."""
    for task in workflow.tasks.values():
        if task.triggered and task._state & FINISHED and task.data:
            task.data = {}
