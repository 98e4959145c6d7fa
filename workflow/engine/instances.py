# mypy: disable-error-code="misc"
# (SpiffWorkflow has no types: everything derived from it derives from Any.)
"""Multi-instance activities: a limit, data of their own, and results that go to the case."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.defaults import ParallelMultiInstanceTask, SequentialMultiInstanceTask

from workflow.engine import tree
from workflow.engine.specs import EngineError

MAX_INSTANCES = 200


class CaseDataReference(TaskDataReference):
    """The collection of a multi-instance activity: the instance's own data first, then the case's."""

    def get(self, my_task: Any) -> Any:
        """The value, a copy."""
        case_data = my_task.workflow.top_workflow.case_data
        return deepcopy(my_task.data.get(self.bpmn_id, case_data.get(self.bpmn_id)))

    def exists(self, my_task: Any) -> bool:
        """True when the case has it."""
        return self.bpmn_id in my_task.data or self.bpmn_id in my_task.workflow.top_workflow.case_data


class _Instances:
    """What both kinds of multi-instance activity add: a limit, and results that go to the case."""

    task_spec: str
    data_input: Any
    data_output: Any
    input_item: Any
    output_item: Any
    cardinality: str | None
    name: str

    @property
    def instances_of(self) -> str:
        """The name of the spec of one instance."""
        return self.task_spec

    def _update_hook(self, my_task: Any) -> Any:
        if not my_task.internal_data.get("counted"):
            count = self._count(my_task)
            if count > MAX_INSTANCES:
                raise EngineError(f"{count} instances: at most {MAX_INSTANCES}; more is one case each", self.name)
            my_task.internal_data["counted"] = True
        return super()._update_hook(my_task)

    def _count(self, my_task: Any) -> int:
        if self.data_input is None:
            number = my_task.workflow.top_workflow.script_engine.evaluate(my_task, self.cardinality)
            if not isinstance(number, int) or number < 0:
                raise EngineError(f"the cardinality is {number!r}, not a number of instances", self.name)
            return number
        items = self.data_input.get(my_task)
        if not isinstance(items, list | tuple | dict | set | frozenset):
            raise EngineError(f"{self.data_input.bpmn_id!r} is not a list in this case", self.name)
        return len(items)

    def _in_order(self, my_task: Any) -> None:
        """Results in the order of the items, whichever instance was done first."""
        results = my_task.data.get(self.data_output.bpmn_id) if self.data_output is not None else None
        order = my_task.internal_data.get("order", [])
        if isinstance(results, list) and len(results) == len(order) and all(isinstance(key, int) for key in order):
            pairs = sorted(zip(order, results, strict=True), key=lambda pair: pair[0])
            my_task.data[self.data_output.bpmn_id] = [result for _, result in pairs]

    def merge_child(self, workflow: Any, child: Any) -> None:
        """An instance is done: its output item defaults to nothing, its input item stays its own."""
        if self.data_output is None:
            for item in (self.input_item, self.output_item):
                if item is not None:
                    child.data.pop(item.bpmn_id, None)
        elif self.output_item is not None and not self.output_item.exists(child):
            self.output_item.set(child, None)
        child.parent.internal_data.setdefault("order", []).append(child.internal_data.get("key_or_index"))
        super().merge_child(workflow, child)

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        self._in_order(my_task)
        if not tree.is_local(my_task):
            my_task.workflow.top_workflow.case_data.update(my_task.data)
            my_task.data = {}


class CaseParallelInstances(_Instances, ParallelMultiInstanceTask):
    """All instances at once."""


class CaseSequentialInstances(_Instances, SequentialMultiInstanceTask):
    """One instance after the other."""
