# mypy: disable-error-code="misc"
# (SpiffWorkflow has no types: everything derived from it derives from Any.)
"""What each kind of node does: SpiffWorkflow's specifications where they are right, ours where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import (
    CallActivity,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    ParallelGateway,
    ServiceTask,
    SubWorkflowTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions import (
    ErrorEventDefinition,
    MessageEventDefinition,
    NoneEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from workflow.engine import timers, tree
from workflow.engine.expressions import compiled


class EngineError(Exception):
    """The diagram met a state that it can't handle: `node` says where."""

    def __init__(self, message: str, node: str = "") -> None:
        super().__init__(f"{node}: {message}" if node else message)
        self.node = node


class UncaughtBpmnError(EngineError):
    """A BPMN error for whose code no boundary event waits."""


# --- events -----------------------------------------------------------------------------------------------------------


class CaseMessage(EventDefinition):
    """A message: correlation is the store's, so nothing inside the tree ever takes one by itself."""

    def throw(self, my_task: Any) -> None:
        """Leave the message with the runner; it is sent when the step is written."""
        my_task.workflow.top_workflow.runner.thrown(my_task, self.name)

    def catches(self, my_task: Any, event: Any) -> bool:
        """Never: the runner delivers by task."""
        return False


class CaseError(EventDefinition):
    """An error with its code (None catches every code)."""

    def __init__(self, name: str, code: str | None) -> None:
        super().__init__(name)
        self.code = code

    def catches(self, my_task: Any, event: Any) -> bool:
        """Never by broadcast: an error goes up from the activity that raised it."""
        return False

    def throw(self, my_task: Any) -> None:
        """An error end event: leaves its subprocess by the boundary of the enclosing activity."""
        workflow = my_task.workflow
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        raise_error(parent, self.code or "")


class CaseTimer(EventDefinition):
    """A timer: it knows when it is due, and fires only when the runner says so."""

    def __init__(self, name: str, kind: timers.TimerKind, expression: str) -> None:
        super().__init__(name)
        self.kind = kind
        self.expression = expression

    def catches(self, my_task: Any, event: Any) -> bool:
        """Never: the runner fires by task."""
        return False

    def due(self, my_task: Any, slot: str = "due") -> datetime:
        """The instant it is due, decided once, when it is first asked for."""
        stored: datetime | None = my_task.internal_data.get(slot)
        if stored is None:
            workflow = my_task.workflow.top_workflow
            value = workflow.script_engine.evaluate(my_task, self.expression)
            stored = timers.first_due(self.kind, value, workflow.runner.now)
            my_task.internal_data[slot] = stored
            if self.kind == "cycle":
                my_task.internal_data["cycle"] = value
                my_task.internal_data["left"] = timers.parse_cycle(value).times
        return stored

    def update_task(self, my_task: Any) -> None:
        """Called when the timer begins to wait."""
        self.due(my_task)

    def repeat(self, my_task: Any, now: datetime) -> bool:
        """One firing of a cycle; True while more are to come."""
        left = my_task.internal_data.get("left")
        due = self.due(my_task)
        if left is not None:
            my_task.internal_data["left"] = left = left - 1
        my_task.internal_data["due"] = timers.next_due(my_task.internal_data["cycle"], due, now)
        return left is None or left > 0


def own_definition(definition: Any) -> Any:
    """Our definition in place of the library's."""
    kinds: dict[type, timers.TimerKind] = {
        TimeDateEventDefinition: "date",
        DurationTimerEventDefinition: "duration",
        CycleTimerEventDefinition: "cycle",
    }
    if type(definition) in kinds:
        return CaseTimer(definition.name, kinds[type(definition)], definition.expression)
    if isinstance(definition, MessageEventDefinition):
        return CaseMessage(definition.name)
    if isinstance(definition, ErrorEventDefinition):
        return CaseError(definition.name, definition.code)
    return definition


def raise_error(task: Any, code: str) -> None:
    """Take the nearest error boundary, from the activity outwards; UncaughtBpmnError when there is none."""
    origin = task
    while task is not None:
        split = task.workflow.tasks.get(task._parent)
        if split is not None and getattr(split.task_spec, "instances_of", None) is not None:
            split = split.workflow.tasks.get(split._parent)  # an instance: the boundary is on the whole activity
        for candidate in split.children if split is not None else ():
            spec = candidate.task_spec
            if not isinstance(spec, BoundaryEvent) or not isinstance(spec.event_definition, CaseError):
                continue
            if candidate._state == TaskState.WAITING and spec.event_definition.code in (None, code):
                candidate.internal_data["event_fired"] = True
                spec._update(candidate)
                return
        parent = task.workflow.parent_task_id
        task = task.workflow.top_workflow.get_task_from_id(parent) if parent is not None else None
    raise UncaughtBpmnError(f"no boundary event for the error {code!r}", origin.task_spec.bpmn_id or "")


class CaseEventGateway(EventBasedGateway):
    """Waits for the first of its events; each child's definition is kept here, and the child passes at once."""

    def __init__(self, wf_spec: Any, bpmn_id: str, event_definition: Any, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, EventDefinition(), **kwargs)
        self.choices: dict[str, Any] = {}

    def connect(self, child: Any) -> None:
        """Take over the child's event."""
        TaskSpec.connect(self, child)
        self.choices[child.name] = own_definition(child.event_definition)
        child.event_definition = NoneEventDefinition()

    def _update_hook(self, my_task: Any) -> Any:
        for name, definition in self.choices.items():
            if isinstance(definition, CaseTimer):
                definition.due(my_task, f"due {name}")
        return super()._update_hook(my_task)

    def _run_hook(self, my_task: Any) -> bool:
        chosen = my_task.internal_data["choice"]
        my_task._sync_children([self._wf_spec.task_specs[chosen]], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class CaseExclusiveGateway(ExclusiveGateway):
    """An exclusive gateway that can tell by which of its flows a token left; `flows` by the name of the node they lead to."""

    def __init__(self, wf_spec: Any, name: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.flows: dict[str, list[str]] = {}

    def taken(self, my_task: Any) -> str | None:
        """The id of the flow; None when there is no choice, or when two flows lead to one node and nobody knows which it was."""
        if len(self.outputs) < 2:
            return None
        found = [flow for child in my_task.children for flow in self.flows.get(child.task_spec.name, ())]
        return found[0] if len(found) == 1 else None


class CaseEndEvent(EndEvent):
    """An end event; an error end event stops here and lets the boundary go on."""

    def _run_hook(self, my_task: Any) -> Any:
        if isinstance(self.event_definition, CaseError):
            self.event_definition.throw(my_task)
            return None
        return super()._run_hook(my_task)


# --- activities -------------------------------------------------------------------------------------------------------


class CaseServiceTask(ServiceTask):
    """A service task: runs in the step, or waits (STARTED) for the job that was enqueued for it."""

    def _run_hook(self, my_task: Any) -> Any:
        return my_task.workflow.top_workflow.runner.serve(my_task)


class CaseCallActivity(CallActivity):
    """A call activity: only the data of the instance are handed in and out; the case's are common."""

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        """Hand the instance's own data in."""
        subworkflow.task_tree.data.update(deepcopy(my_task.data))

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        """Hand them out again."""
        my_task.data = deepcopy(subworkflow.last_task.data)


class CaseSubProcess(SubWorkflowTask):
    """An embedded subprocess."""

    copy_data = CaseCallActivity.copy_data
    update_data = CaseCallActivity.update_data


class CaseParallelGateway(ParallelGateway):
    """A parallel gateway whose merge copies deeply and loses nothing."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        waiting = set(self._inputs)
        for task in [task for task in my_task.workflow.tasks.values() if task.task_spec is self]:
            parent = task.workflow.tasks[task._parent]
            if task is not my_task and task.is_descendant_of(my_task):
                arrived = next((up for up in task.ancestors() if up.task_spec.name in waiting), None)
                if arrived is not None:
                    waiting.discard(arrived.task_spec.name)
            elif task is not my_task and my_task.is_descendant_of(task):
                continue
            elif parent._state == TaskState.COMPLETED:
                waiting.discard(parent.task_spec.name)
        return not waiting

    def _run_hook(self, my_task: Any) -> bool:
        others = [task for task in my_task.workflow.tasks.values() if task.task_spec is self and task is not my_task]
        for task in sorted(others, key=lambda task: task.last_state_change):
            if task._state & tree.FINISHED and not my_task.is_descendant_of(task):
                my_task.data.update(deepcopy(task.parent.data))
        my_task._inherit_data()
        return True


# --- expressions -------------------------------------------------------------------------------------------------------


class ScriptEngine:
    """SpiffWorkflow's door to expressions, leading to ours; scripts have none."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """The value of an accepted expression over the case's data and the instance's own."""
        return compiled(expression).evaluate(scope(task))

    def execute(self, task: Any, script: str, external_context: Any = None) -> Any:
        """Never: a diagram runs no script."""
        raise EngineError("a diagram runs no script", task.task_spec.name)


def scope(task: Any) -> Mapping[str, Any]:
    """What an expression at this task may read."""
    case_data: dict[str, Any] = task.workflow.top_workflow.case_data
    return {**case_data, **task.data} if task.data else case_data
