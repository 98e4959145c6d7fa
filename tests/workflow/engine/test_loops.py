"""Random walks over a process with loops, parallel branches and a call activity, against a model of it.

After every step, what is open in the engine is what the model says, what is READY in the tree is what would be a row,
and the tree stays small.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflow.diagrams import diagram, end, exclusive, flow, parallel, path, start, user
from tests.workflow.engine.stock import Ours

CALLED = (
    '<startEvent id="c_start"/>' + user("c1") + exclusive("c_g", "c2") + user("c2") + '<endEvent id="c_end"/>'
    + path("c_start", "c1", "c_g") + flow("c_g", "c1", "again") + flow("c_g", "c2") + path("c2", "c_end")
)  # fmt: skip
# start → a → split → (b with a loop of its own | c → called) → join → r → back to a, back to split, or end
BODY = (
    start() + user("a") + parallel("s") + user("b") + exclusive("bg", "j") + '<callActivity id="call" calledElement="called"/>'
    + user("c") + parallel("j") + user("r") + exclusive("x", "end") + end()
    + path("start", "a", "s", "b", "bg") + flow("bg", "b", "again") + flow("bg", "j")
    + path("s", "c", "call", "j", "r", "x") + flow("x", "a", 'n == "a"') + flow("x", "s", 'n == "s"') + flow("x", "end")
)  # fmt: skip
DRAWN = diagram("walk", BODY, others={"called": CALLED})


@dataclass
class Model:
    """Which user tasks are open."""

    open: set[str] = field(default_factory=lambda: {"a"})
    ended: bool = False

    def complete(self, node: str, again: bool, back: str) -> None:
        self.open.discard(node)
        if node == "a":
            self.open |= {"b", "c"}
        elif node in ("b", "c1"):
            self.open.add(node if again else {"b": "j1", "c1": "c2"}[node])
        elif node == "c":
            self.open.add("c1")
        elif node == "c2":
            self.open.add("j2")
        elif node == "r":
            self.open |= {"a": {"a"}, "s": {"b", "c"}}.get(back, set())
            self.ended = not self.open
        if {"j1", "j2"} <= self.open:
            self.open = {"r"}

    def tasks(self) -> list[str]:
        return sorted(self.open - {"j1", "j2"})


STEP = st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from(["a", "s", "s", "a", "end"]))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(STEP, min_size=5, max_size=60))
def test_cutting_loops_leaves_open_what_the_model_says(walk: list[tuple[int, bool, str]]) -> None:
    ours, model = Ours(DRAWN, "walk"), Model()
    for choice, again, back in walk:
        if model.ended:
            break
        node = model.tasks()[choice % len(model.tasks())]
        ours.complete(node, {"again": again, "n": back})
        model.complete(node, again, back)
        assert ours.open_list == model.tasks()
        assert ours.completed == model.ended
        execution = ours.restore()
        names = Counter(task.task_spec.bpmn_id for task in execution.workflow.live() if task.task_spec.manual)
        assert names == Counter(model.tasks())
        assert ours.tasks < 40


def test_what_was_passed_is_told_by_every_step() -> None:
    ours = Ours(DRAWN, "walk")
    for node, again in (
        ("a", False),
        ("b", True),
        ("b", False),
        ("c", False),
        ("c1", False),
        ("c2", False),
        ("r", False),
    ):
        ours.complete(node, {"again": again, "n": "end"})
    assert ours.completed
    counted = Counter(ours.passed)
    assert (counted["a"], counted["b"], counted["bg"], counted["call"], counted["c1"], counted["end"]) == (
        1,
        2,
        2,
        1,
        1,
        1,
    )
