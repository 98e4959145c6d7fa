"""The whole of `carimbo audit verify`: chains and checkpoints, then every package's rows against them.

What each process holds is proved by `verify(session)` of its `audit.py`, found by itself: a new process only has to offer it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy.orm import Session

import people
import processes
from documents.operations import verify_documents
from webapp.upkeep import signature_checker
from workflow import history
from workflow.history import AuditReport, Progress


def verify(
    session: Session, anchors: Mapping[int, bytes] | None = None, progress: Progress = history.silent
) -> tuple[AuditReport, list[str]]:
    """What the chains told, and every problem in words: of the chains, of the documents, of each process."""
    report = history.verify(session, signature_checker(people.settings().keyring), anchors, progress)
    problems = [f"{problem.where}: {problem.what}" for problem in report.problems]
    problems += verify_documents(session, progress)
    for prove in _of_processes():
        problems += prove(session)
    return report, problems


def _of_processes() -> list[Callable[[Session], list[str]]]:
    found = []
    for package in sorted(pkgutil.iter_modules(processes.__path__), key=lambda module: module.name):
        name = f"processes.{package.name}.audit"
        if package.ispkg and find_spec(name) is not None:
            found.append(import_module(name).verify)
    return found
