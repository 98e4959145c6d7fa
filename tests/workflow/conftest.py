"""Processes of one test, deployed and forgotten again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.workflow import diagrams
from workflow import operations, process
from workflow.actor import Actor
from workflow.process import Process

CAC = Actor("account", UUID(int=1), UUID(int=101), frozenset({"cac"}), "CAC")
OTHER = Actor("account", UUID(int=2), UUID(int=102), frozenset({"cac"}), "CAC")
GABINETE = Actor("account", UUID(int=3), UUID(int=103), frozenset({"gabinete"}), "GAB-01")

Declare = Callable[..., Process]


@pytest.fixture
def declare(tmp_path: Path) -> Iterator[Declare]:
    """Declare and register a process from its diagram's body; deployed at once when a session is given."""
    keys: list[str] = []

    def make(key: str, body: str, session: Session | None = None, **more: Any) -> Process:
        if key in keys:
            process.unregister(key)
        made = diagrams.declare(tmp_path, key, body, **more)
        process.register(made)
        keys.append(key)
        if session is not None:
            operations.deploy(session)
        return made

    yield make
    for key in keys:
        process.unregister(key)
