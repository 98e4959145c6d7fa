"""What the inbox is asked and what it answers: filters, items, pages, the place where a page ends."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from workflow import clock
from workflow.errors import InvalidInput

Kind = Literal["task", "dossier"]
SCOPES = ("todas", "minhas", "livres", "concluidas")
DUES = ("", "late", "today", "week", "none")
SORTS = ("urgency", "newest", "oldest", "due")
GROUPS = ("", "type", "due", "assignee", "marker")
PAGE = 50


@dataclass(frozen=True, slots=True)
class WorkFilters:
    """What to show and in which order.

    `scope`: everything, what the actor holds, what nobody holds, or the dossiers that the unit has concluded.
    `type`: `task:<process>` or `dossier:<type>`. `text`: words (or their beginnings) of number, subject, specification.
    """

    scope: str = "todas"
    kind: str = ""
    origin: str = ""
    type: str = ""
    marker: UUID | None = None
    due: str = ""
    unread: bool = False
    text: str = ""
    sort: str = "urgency"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker on an item."""

    id: UUID
    name: str
    colour: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One line of the inbox: a BPMN task or a dossier open in the actor's unit.

    `number`: of the dossier (of a task: the dossier's that carries it, if any). `type`: title of the process or name of
    the type. `process_key` and `node` tell a task's page; `dossier_id` the dossier behind either.
    """

    kind: Kind
    id: UUID
    number: str
    title: str
    subject: str
    type: str
    unit: str | None
    origin: str
    from_unit: str | None
    assignee: UUID | None
    assignee_name: str
    mine: bool
    due_at: datetime | None
    priority: int
    unread: bool
    arrived_at: datetime
    dossier_id: UUID | None
    changed: int
    markers: tuple[Mark, ...] = ()
    note: str = ""
    watch: bool = False
    process_key: str = ""
    node: str = ""
    group: str = ""
    closed_at: datetime | None = None

    @property
    def key(self) -> str:
        """`task:<id>` or `dossier:<id>`."""
        return f"{self.kind}:{self.id}"

    @property
    def late(self) -> bool:
        """Its due instant has passed on the legal clock."""
        return self.due_at is not None and self.due_at < clock.now()

    @property
    def today(self) -> bool:
        """It falls due today, later than now."""
        return self.due_at is not None and not self.late and clock.local(self.due_at).date() == clock.today()


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Some items in order; `after` is the cursor of the next page, None at the end."""

    items: tuple[WorkItem, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """The instants between which the buckets lie: late before `now`, today before `tomorrow`, soon before `week`."""

    now: datetime
    tomorrow: datetime
    week: datetime

    @classmethod
    def at(cls, now: datetime) -> Moment:
        """The buckets of a list that was begun at that instant."""
        day = clock.local(now).date()

        def midnight(days: int) -> datetime:
            return datetime.combine(day + timedelta(days=days), time.min, clock.TZ).astimezone(UTC)

        return cls(now, midnight(1), midnight(8))

    def bucket(self, due_at: datetime | None) -> int:
        """0 late, 1 due today, 2 later or without a due date."""
        if due_at is None or due_at >= self.tomorrow:
            return 2
        return 0 if due_at < self.now else 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in the order; of the last item of a page, it is the cursor."""

    now: datetime
    group: int
    priority: int
    due_at: datetime | None
    arrived: datetime
    id: UUID

    def cursor(self) -> str:
        """As text for an address."""
        due = self.due_at.isoformat() if self.due_at else None
        parts = [self.now.isoformat(), self.group, self.priority, due, self.arrived.isoformat(), str(self.id)]
        return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str) -> Place:
        """From the text of an address; InvalidInput when it is none of ours."""
        try:
            parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            now, group, priority, due, arrived, identifier = parts
            due_at = None if due is None else _instant(due)
            return cls(_instant(now), int(group), int(priority), due_at, _instant(arrived), UUID(identifier))
        except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
            raise InvalidInput(message="A lista mudou. Volte ao início dela.") from None


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("naive datetime")
    return found
