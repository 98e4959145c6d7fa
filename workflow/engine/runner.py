"""One case in memory: start or restore it, apply one thing, run until nothing is ready, say what is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

from workflow.engine import loops, specs, state, tree, values
from workflow.engine.expressions import compiled
from workflow.engine.parser import Diagram
from workflow.engine.specs import EngineError, UncaughtBpmnError
from workflow.errors import BpmnError

MAX_STEPS = 20_000
COMPACT_EVERY = 200


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits for a person or for a job."""

    token: int
    kind: Literal["human", "service"]
    node: str
    scope: tuple[str, ...]
    lane: str | None
    instance: str | None


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """A timer that waits; `choice` is the branch when an event-based gateway waits for it."""

    token: int
    choice: str
    node: str
    scope: tuple[str, ...]
    due: datetime
    boundary: bool


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message that is waited for."""

    token: int
    choice: str
    node: str
    scope: tuple[str, ...]
    name: str
    boundary: bool


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message that the step throws; `token` makes its id."""

    token: int
    node: str
    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What a server of services answers when the work is to be done by a job."""


JOB = Job()
Serve = Callable[[int, str, Mapping[str, Any]], "Mapping[str, Any] | Job | None"]


class NotOpen(EngineError):
    """The token is not, or no longer, open."""


class Execution:
    """A case restored for one step; thrown away when anything raises."""

    def __init__(self, diagram: Diagram, workflow: tree.CaseWorkflow, now: datetime, serve: Serve) -> None:
        self.diagram = diagram
        self.workflow = workflow
        self.now = now
        self.passed: list[str] = []
        self.chosen: list[str] = []
        self.messages: list[Thrown] = []
        self.data_size = 0
        self._serve = serve
        workflow.runner = self

    @classmethod
    def begin(cls, diagram: Diagram, data: Mapping[str, Any], now: datetime, serve: Serve) -> Execution:
        """A new case, before its first step is run; `data` are copied through the codec."""
        workflow = state.empty(diagram)
        workflow.case_data = values.decode(values.encode(dict(data)))
        execution = cls(diagram, workflow, now, serve)
        workflow.plant()
        return execution

    @classmethod
    def restore(cls, diagram: Diagram, stored: bytes, data: bytes, now: datetime, serve: Serve) -> Execution:
        """The case as the last step left it."""
        workflow = state.load(diagram, stored)
        workflow.case_data = values.load(data)
        return cls(diagram, workflow, now, serve)

    # --- called from inside the tree ---

    def thrown(self, task: Any, name: str) -> None:
        """A throwing event was passed."""
        self.messages.append(Thrown(task.id, task.task_spec.bpmn_id, name, dict(specs.scope(task))))

    def serve(self, task: Any) -> bool | None:
        """Run a service task: True when it is done, None while it waits for its job or has taken its error boundary."""
        node = task.task_spec.bpmn_id
        try:
            result = self._serve(task.id, node, values.decode(values.encode(dict(specs.scope(task)))))
        except BpmnError as error:
            specs.raise_error(task, error.error_code)
            return None
        if isinstance(result, Job):
            return None
        if result:
            tree.write(task, dict(result))
        return True

    # --- one thing applied ---

    def complete(self, token: int, data: Mapping[str, Any]) -> None:
        """A person has done the task."""
        task = self._open(token, TaskState.READY)
        if not task.task_spec.manual:
            raise NotOpen("not a task of a person", task.task_spec.name)
        tree.write(task, dict(data))
        self._run(task)

    def finish_service(self, token: int, result: Mapping[str, Any]) -> None:
        """A job has done the task."""
        task = self._open(token, TaskState.STARTED)
        tree.write(task, dict(result))
        self._note(task)
        task.complete()

    def fail_service(self, token: int, code: str) -> None:
        """A job ended in a BPMN error; UncaughtBpmnError when no boundary takes it."""
        specs.raise_error(self._open(token, TaskState.STARTED), code)

    def receive(self, token: int, choice: str, payload: Mapping[str, Any]) -> None:
        """A message has come for a waiting event."""
        task = self._open(token, TaskState.WAITING)
        tree.write(task, dict(payload))
        self._fire(task, choice)

    def receive_start(self, payload: Mapping[str, Any]) -> None:
        """The message that begins this case."""
        self.workflow.case_data.update(values.decode(values.encode(dict(payload))))
        self.advance()
        for message in self.open_messages():
            if isinstance(self._find(message.token).task_spec, CatchingEvent) and not message.scope:
                self._fire(self._find(message.token), message.choice)
                return

    def fire(self, token: int, choice: str) -> None:
        """A timer is due: one firing, however long it has been due."""
        task = self._open(token, TaskState.WAITING)
        definition = task.task_spec.event_definition
        if choice or definition.kind != "cycle":
            self._fire(task, choice)
            return
        if definition.repeat(task, self.now):
            self._spawn(task)
        else:
            self._fire(task, "")  # the last one: the event itself goes on

    def cancel(self) -> None:
        """Everything that is open ends."""
        for workflow in self.workflow.workflows():
            for task in [task for task in workflow.tasks.values() if not task._state & tree.FINISHED]:
                task._set_state(TaskState.CANCELLED)
            workflow.completed = True
            workflow.success = False

    def advance(self) -> None:
        """Run whatever needs nobody, until nothing is ready; then cut what is over."""
        steps = 0
        while ready := self._ready():
            for task in ready:
                if task._state != TaskState.READY or task.id not in task.workflow.tasks:
                    continue
                self._run(task)
                steps += 1
                if steps % COMPACT_EVERY == 0:
                    loops.compact(self.workflow)
                    break
            if steps > MAX_STEPS:
                raise EngineError(f"more than {MAX_STEPS} steps without waiting for anybody", self.passed[-1])
        loops.compact(self.workflow)

    # --- what is open ---

    @property
    def completed(self) -> bool:
        """True when nothing is left to do."""
        return bool(self.workflow.completed)

    @property
    def data(self) -> dict[str, Any]:
        """The data of the case."""
        return self.workflow.case_data

    def open_tasks(self) -> dict[int, OpenTask]:
        """What waits for a person or a job, by token."""
        found = {}
        for task in self.workflow.live():
            spec = task.task_spec
            human = spec.manual and task._state == TaskState.READY
            if human or (task._state == TaskState.STARTED and isinstance(spec, specs.CaseServiceTask)):
                kind: Literal["human", "service"] = "human" if human else "service"
                found[task.id] = OpenTask(
                    task.id, kind, spec.bpmn_id, tree.scope_path(task), spec.lane, _instance(task)
                )
        return found

    def open_timers(self) -> dict[tuple[int, str], OpenTimer]:
        """Timers that wait, by token and choice."""
        found = {}
        for task, choice, node, definition in self._waiting():
            if isinstance(definition, specs.CaseTimer):
                due = definition.due(task, f"due {choice}" if choice else "due")
                boundary = isinstance(task.task_spec, BoundaryEvent)
                found[task.id, choice] = OpenTimer(task.id, choice, node, tree.scope_path(task), due, boundary)
        return found

    def open_messages(self) -> list[OpenMessage]:
        """Messages that are waited for."""
        found = []
        for task, choice, node, definition in self._waiting():
            if isinstance(definition, specs.CaseMessage):
                boundary = isinstance(task.task_spec, BoundaryEvent)
                found.append(OpenMessage(task.id, choice, node, tree.scope_path(task), definition.name, boundary))
        return found

    def evaluate(self, expression: str, token: int | None = None) -> Any:
        """An accepted expression over the data that the token sees."""
        scope = self.data if token is None else specs.scope(self._find(token))
        return compiled(expression).evaluate(scope)

    def scope(self, token: int) -> dict[str, Any]:
        """A copy of what the token sees: the case's data, and the instance's own over them."""
        copy: dict[str, Any] = values.decode(values.encode(dict(specs.scope(self._find(token)))))
        return copy

    def dump(self) -> tuple[bytes, bytes]:
        """State and data, to be stored; `data_size` is then how large the data are before compression."""
        plain = values.plain(values.encode(self.workflow.case_data))
        self.data_size = len(plain)
        return state.dump(self.workflow), values.compress(plain)

    # --- inside ---

    def _ready(self) -> list[Any]:
        for workflow in self.workflow.workflows():
            ready = [t for t in workflow.tasks.values() if t._state == TaskState.READY and not t.task_spec.manual]
            if ready:
                return ready
        return []

    def _run(self, task: Any) -> None:
        if task.run():
            self._note(task)

    def _note(self, task: Any) -> None:
        node = task.task_spec.bpmn_id
        if node and getattr(task.task_spec, "instances_of", None) is None:
            self.passed.append(node)
        if isinstance(task.task_spec, specs.CaseExclusiveGateway) and (flow := task.task_spec.taken(task)):
            self.chosen.append(flow)

    def _find(self, token: int) -> Any:
        for workflow in self.workflow.workflows():
            if token in workflow.tasks:
                return workflow.tasks[token]
        raise NotOpen(f"token {token} is not open")

    def _open(self, token: int, wanted: int) -> Any:
        task = self._find(token)
        if task._state != wanted:
            raise NotOpen(f"token {token} is not open", task.task_spec.name)
        return task

    def _fire(self, task: Any, choice: str) -> None:
        if choice:
            task.internal_data["choice"] = choice
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)

    def _spawn(self, task: Any) -> None:
        for output in task.task_spec.outputs:
            if output.name.endswith(".BoundaryEventJoin"):
                continue
            child = task._add_child(output, TaskState.FUTURE)
            child.task_spec._predict(child, mask=TaskState.NOT_FINISHED_MASK)
            child.task_spec._update(child)
        self._note(task)

    def _waiting(self) -> list[tuple[Any, str, str, Any]]:
        found: list[tuple[Any, str, str, Any]] = []
        for task in self.workflow.live():
            spec = task.task_spec
            if task._state != TaskState.WAITING or not isinstance(spec, CatchingEvent):
                continue
            if isinstance(spec, specs.CaseEventGateway):
                found.extend((task, choice, choice, definition) for choice, definition in spec.choices.items())
            else:
                found.append((task, "", spec.bpmn_id, spec.event_definition))
        return found


def _instance(task: Any) -> str | None:
    internal = task.internal_data
    if "key_or_index" in internal or "item" in internal:
        key = internal.get("key_or_index", internal.get("item"))
        return str(key + 1 if isinstance(key, int) else key)[:100]
    return None


__all__ = [
    "JOB",
    "EngineError",
    "Execution",
    "Job",
    "NotOpen",
    "OpenMessage",
    "OpenTask",
    "OpenTimer",
    "Thrown",
    "UncaughtBpmnError",
]
