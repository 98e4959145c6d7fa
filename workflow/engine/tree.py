# mypy: disable-error-code="misc"
# (SpiffWorkflow has no types: everything derived from it derives from Any.)
"""The live tree of one case: SpiffWorkflow's tree with numbered tokens, one scope of data and no depth limit.

What differs from the library, and why:
- a task's id is a number, never given twice in a case, so the stored state is small and rows keep their identity;
- case data are one scope (`CaseWorkflow.case_data`); a task's own data hold only what belongs to one instance of a
  multi-instance activity, and are copied deeply whenever they pass from task to task;
- waiting tasks are found by looking at all of them, not by walking down at most 1000 levels;
- the order of changes is a counter, not the machine's clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
FINISHED = TaskState.FINISHED_MASK
PREDICTED = TaskState.PREDICTED_MASK | TaskState.FUTURE


class CaseTask(Task):
    """A token of the tree."""

    def __init__(self, workflow: Any, task_spec: Any, parent: Any = None, state: int = TaskState.MAYBE, id: int = 0):
        top = workflow.top_workflow
        if not id:
            top.tokens += 1
            id = top.tokens
        self.id = id
        workflow.tasks[id] = self
        self.workflow = workflow
        self._parent = None
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = top.changes
        if parent is not None:
            self._parent = parent.id
            parent._children.append(id)

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> CaseTask:
        task = CaseTask(self.workflow, task_spec, self, state=state)
        if state == TaskState.READY:
            task._ready()
        return task

    def _set_state(self, value: int) -> None:
        if value != self._state:
            top = self.workflow.top_workflow
            top.changes += 1
            self.last_state_change = top.changes
            self._state = value

    def _inherit_data(self) -> None:
        parent = self.workflow.tasks[self._parent]
        if parent.data:
            self.data.update(deepcopy(parent.data))

    def ancestors(self) -> Iterator[CaseTask]:
        """From the parent up to the root of this workflow."""
        tasks = self.workflow.tasks
        parent = self._parent
        while parent is not None:
            task = tasks[parent]
            yield task
            parent = task._parent

    def is_descendant_of(self, task: Any) -> bool:
        """Without recursion: a long path is no reason to fail."""
        return any(ancestor is task for ancestor in self.ancestors())

    def find_ancestor(self, spec_name: str) -> CaseTask | None:
        """The nearest ancestor of this spec."""
        return next((task for task in self.ancestors() if task.task_spec.name == spec_name), None)


class _Tree:
    """What the case's workflow and its subprocesses share."""

    tasks: dict[int, CaseTask]
    spec: Any
    task_tree: Any

    def plant(self) -> None:
        """Create the root, as Workflow.__init__ does when it is not deserializing."""
        self.task_tree = CaseTask(self, self.spec.start, state=TaskState.FUTURE)
        self.task_tree.task_spec._predict(self.task_tree, mask=TaskState.NOT_FINISHED_MASK)
        self.task_tree._ready()

    def update_waiting_tasks(self) -> None:
        """Ask every waiting task whether it may go on."""
        for task in [task for task in self.tasks.values() if task._state == TaskState.WAITING]:
            if task._state == TaskState.WAITING and task.id in self.tasks:
                task.task_spec._update(task)

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        """Nothing is logged from inside the tree: it would hold data of the case."""
        return dct or {}


class CaseSubWorkflow(_Tree, BpmnSubWorkflow):
    """A subprocess or called process inside a case."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: CaseWorkflow):
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)


class CaseWorkflow(_Tree, BpmnWorkflow):
    """The tree of a case. `runner` is the Execution that drives it."""

    def __init__(self, spec: Any, subprocess_specs: Any, script_engine: Any):
        self.tokens = 0
        self.changes = 0
        self.case_data: dict[str, Any] = {}
        self.runner: Any = None
        super().__init__(spec, subprocess_specs, script_engine=script_engine, deserializing=True)

    def create_subprocess(self, my_task: Any, spec_name: str) -> CaseSubWorkflow:
        """A subprocess of our own class for the task."""
        subprocess = CaseSubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = subprocess
        subprocess.plant()
        return subprocess

    def workflows(self) -> list[Any]:
        """The subprocesses that are not completed, deepest first, and the case's own workflow at the end."""
        active = [sub for sub in self.subprocesses.values() if not sub.completed]
        return [*sorted(active, key=lambda sub: -sub.depth), self]

    def live(self) -> list[CaseTask]:
        """Every task that is ready, waiting or started."""
        found: list[CaseTask] = []
        for workflow in self.workflows():
            found.extend(task for task in workflow.tasks.values() if task._state & LIVE)
        return found


def scope_path(task: Any) -> tuple[str, ...]:
    """The nodes of the enclosing subprocesses and call activities, outermost first."""
    path: list[str] = []
    workflow = task.workflow
    while workflow.parent_task_id is not None:
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        path.append(parent.task_spec.bpmn_id or parent.task_spec.name)
        workflow = parent.workflow
    return tuple(reversed(path))


def is_local(task: Any) -> bool:
    """True when the task's data are its own: inside one instance of a multi-instance activity."""
    while task is not None:
        parent = task.workflow.tasks.get(task._parent)
        if task.triggered and parent is not None and getattr(parent.task_spec, "instances_of", None) is not None:
            return True
        if task.workflow.parent_task_id is None:
            return False
        task = task.workflow.top_workflow.get_task_from_id(task.workflow.parent_task_id)
    return False


def write(task: Any, values: dict[str, Any]) -> None:
    """Put values where they belong: into the instance's own data, or into the case's."""
    target = task.data if is_local(task) else task.workflow.top_workflow.case_data
    target.update(deepcopy(values))
