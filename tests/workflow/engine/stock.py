"""SpiffWorkflow 3.2.0 used as it comes, beside the engine's Execution: what each defect test compares."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG

from workflow.engine.parser import Diagram, diagram
from workflow.engine.runner import Execution

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def serializer() -> Any:
    """The library's serializer with its spiff configuration."""
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))


def parse(content: bytes, key: str, parser: Any = SpiffBpmnParser) -> tuple[Any, Any]:
    """Specification and those of its subprocesses."""
    one = parser()
    one.add_bpmn_str(content)
    return one.get_spec(key), one.get_subprocess_specs(key)


def workflow(
    content: bytes,
    key: str,
    data: Mapping[str, Any] | None = None,
    environment: Any = None,
    parser: Any = SpiffBpmnParser,
) -> Any:
    """A running workflow, advanced to its first wait."""
    spec, subs = parse(content, key, parser)
    running = BpmnWorkflow(
        spec, subs, script_engine=PythonScriptEngine(environment=environment or TaskDataEnvironment())
    )
    running.task_tree.data.update(data or {})
    running.do_engine_steps()
    return running


def ready(running: Any, name: str | None = None) -> list[Any]:
    """The manual tasks that the library finds ready."""
    wanted = {"spec_name": name} if name else {}
    found: list[Any] = running.get_tasks(state=TaskState.READY, manual=True, **wanted)
    return found


def complete(running: Any, task: Any, data: Mapping[str, Any]) -> None:
    """Complete a task and run on."""
    task.data.update(data)
    task.run()
    running.do_engine_steps()


def round_trip(running: Any) -> Any:
    """Through the library's own serializer."""
    one = serializer()
    restored = one.deserialize_json(one.serialize_json(running))
    restored.script_engine = PythonScriptEngine(environment=TaskDataEnvironment())
    return restored


def sorted_keys(running: Any) -> Any:
    """As a JSONB column would give it back."""
    one = serializer()
    return one.deserialize_json(json.dumps(json.loads(one.serialize_json(running)), sort_keys=True))


Serve = Callable[[int, str, Mapping[str, Any]], Any]


class Ours:
    """The engine on the same diagram; every step goes through the stored bytes."""

    def __init__(
        self,
        content: bytes,
        key: str,
        data: Mapping[str, Any] | None = None,
        serve: Serve | None = None,
        now: datetime = NOW,
    ):
        self.diagram: Diagram = diagram(key, {f"{key}.bpmn": content})
        self.serve: Serve = serve or (lambda _token, _node, _data: None)
        self.now = now
        self.passed: list[str] = []
        self._store(Execution.begin(self.diagram, data or {}, now, self.serve))

    def _store(self, execution: Execution) -> None:
        execution.advance()
        self.passed.extend(execution.passed)
        self.thrown = execution.messages
        self.completed = execution.completed
        self.data = dict(execution.data)
        self.tasks = len(execution.workflow.tasks)
        self.open = {task.node: token for token, task in execution.open_tasks().items()}
        self.open_list = sorted(task.node for task in execution.open_tasks().values())
        self.timers = {timer.node: key for key, timer in execution.open_timers().items()}
        self.due = {timer.node: timer.due for timer in execution.open_timers().values()}
        self.waiting = {message.node: (message.token, message.choice) for message in execution.open_messages()}
        self.state, self.stored = execution.dump()

    def restore(self) -> Execution:
        """The case as stored."""
        return Execution.restore(self.diagram, self.state, self.stored, self.now, self.serve)

    def complete(self, node: str, data: Mapping[str, Any] | None = None, token: int | None = None) -> None:
        """A person completes the open task of that node."""
        execution = self.restore()
        execution.complete(token or self.open[node], data or {})
        self._store(execution)

    def finish(self, node: str, result: Mapping[str, Any]) -> None:
        """A job finishes the service of that node."""
        execution = self.restore()
        execution.finish_service(self.open[node], result)
        self._store(execution)

    def fail(self, node: str, code: str) -> None:
        """A job ends in a BPMN error."""
        execution = self.restore()
        execution.fail_service(self.open[node], code)
        self._store(execution)

    def fire(self, node: str, now: datetime | None = None) -> None:
        """The timer of that node fires."""
        self.now = now or self.due[node]
        execution = self.restore()
        execution.fire(*self.timers[node])
        self._store(execution)

    def receive(self, node: str, payload: Mapping[str, Any] | None = None) -> None:
        """A message comes for that node."""
        execution = self.restore()
        execution.receive(*self.waiting[node], payload or {})
        self._store(execution)
