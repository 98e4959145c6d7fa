"""What a process declares: who acts, what they fill in, what the machine does; and the registry of processes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.actor import Actor

BPMN_FOLDER = Path(__file__).parent / "bpmn"

FieldKind = Literal["text", "textarea", "choice", "boolean", "date", "integer", "decimal"]
ServiceMode = Literal["inline", "job"]
DueIn = Literal["calendar_days", "business_days", "hours"]

_KEY = re.compile(r"^[a-z][a-z0-9_]{1,62}$")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; `choices` are pairs (value, label)."""

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    max_length: int = 4000


@dataclass(frozen=True, slots=True)
class Form:
    """What a person fills in to complete a user task; `page` names a web endpoint when the task has a page of its own.

    `gives` names the data that the task's own page adds to the case beyond the fields shown.
    """

    title: str
    fields: tuple[Field, ...] = ()
    help: str = ""
    action: str = "Concluir"
    page: str | None = None
    gives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """Who may do the tasks of a lane of the diagram: a role and, when it matters, the sigla of the unit.

    `person` names the case datum that holds a person's id: then nobody but that person may see and do the task.
    """

    role: str
    unit: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """What a service receives. `idempotency_key` is the task's id: the same in each retry."""

    session: Session
    case_id: UUID
    task_id: UUID
    process: str
    data: Mapping[str, Any]
    actor: Actor
    idempotency_key: str


ServiceFunction = Callable[[ServiceContext], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Service:
    """A service task's work; its result merges into the case data.

    `inline` work stays in the database and runs in the step; `job` work sends, renders, calls or waits and runs in a worker.
    `gives` names the data that the result holds, so that the conformance check knows them. `gives=("*",)`: not known ahead.
    """

    run: ServiceFunction
    mode: ServiceMode = "inline"
    queue: str = "default"
    retries: int = 5
    gives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the process waits for or throws.

    `key` is an expression over the case data (allowlisted) that gives the correlation key; `payload` names the data sent along
    or, for one received, the data it brings. `subject` makes, of these data, the subject of a case that the message begins: lists
    show it, so it names nobody.
    """

    key: str
    payload: tuple[str, ...] = ()
    subject: Callable[[Mapping[str, Any]], str] | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a task falls due, counted from its creation; `warn_before` days ahead it appears as "a vencer" (follow-up)."""

    amount: int
    unit: DueIn = "business_days"
    warn_before: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its diagram files and everything that the diagram only names.

    `lanes`, `forms`, `services` and `due` are keyed by the lane's name and by the node ids of the diagram; `messages` by the
    message's name. `start` is the form with which a person begins a case, when a person may; `starts_with` names the data that
    a case begins with when it is begun otherwise.
    """

    key: str
    title: str
    legal_basis: str
    lanes: Mapping[str, Lane]
    forms: Mapping[str, Form]
    services: Mapping[str, Service]
    messages: Mapping[str, Message] = field(default_factory=dict)
    due: Mapping[str, Due] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    folder: Path = BPMN_FOLDER
    priority: int = 0
    start: Form | None = None

    def __post_init__(self) -> None:
        if not _KEY.match(self.key):
            raise ValueError(f"process key {self.key!r}: use lower case letters, digits and underscores")
        if not self.files:
            object.__setattr__(self, "files", (f"{self.key}.bpmn",))

    def sources(self) -> dict[str, bytes]:
        """The diagram files as bytes, by name."""
        return {name: (self.folder / name).read_bytes() for name in self.files}


_registry: dict[str, Process] = {}


def register(process: Process) -> None:
    """Adds a process to the registry; the same key twice must be the same declaration."""
    known = _registry.get(process.key)
    if known is not None and known is not process:
        raise ValueError(f"process {process.key!r} is declared twice")
    _registry[process.key] = process


def unregister(key: str) -> None:
    """Forgets a process (tests, and the check of one folder by itself)."""
    _registry.pop(key, None)


def registered() -> tuple[Process, ...]:
    """Every registered process, by key."""
    return tuple(_registry[key] for key in sorted(_registry))


def get(key: str) -> Process:
    """The process with this key; LookupError when nobody registered it."""
    try:
        return _registry[key]
    except KeyError:
        raise LookupError(f"process {key!r} is not registered") from None
