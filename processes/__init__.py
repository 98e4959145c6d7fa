"""The processes of the house, one folder each; they meet through BPMN messages and never import one another."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from workflow.process import Process, register


def discover() -> tuple[Process, ...]:
    """Imports every `processes/*/process.py` and registers what it declares: `PROCESS` and, where there are, `PROCESSES`.

    A folder's `jobs.py` is imported as well, so that a worker knows its jobs.
    A folder is all that a new process needs; nothing lists the folders by name.
    """
    found: list[Process] = []
    for declaration in sorted(Path(__file__).parent.glob("*/process.py")):
        module = import_module(f"{__name__}.{declaration.parent.name}.process")
        found.extend(getattr(module, "PROCESSES", ()) or (module.PROCESS,))
    for jobs in sorted(Path(__file__).parent.glob("*/jobs.py")):
        import_module(f"{__name__}.{jobs.parent.name}.jobs")
    for process in found:
        register(process)
    return tuple(found)
