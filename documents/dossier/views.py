"""What the pages of a dossier are shown: frozen values, made by documents.dossier.queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from workflow.queries import TaskRow


@dataclass(frozen=True, slots=True)
class TreeItem:
    """A document of the tree. `label`: as people name it, type, its own number or title, protocol number.

    `editable`: nobody of another unit saw it signed, and it is neither cancelled nor of another unit than the actor's.
    """

    id: UUID
    number: int
    position: int
    kind: str
    type_key: str
    type_name: str
    type_number: str | None
    title: str
    label: str
    unit: str
    status: str
    level: str
    locked: bool
    cancel_reason: str | None
    created_by: UUID | None
    created_at: datetime
    document_date: date | None
    version: int
    media_type: str | None
    pages: int | None
    sealed_id: UUID | None
    editable: bool
    acknowledgements: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """Where the dossier is or was."""

    unit: str
    status: str
    origin: str
    from_unit: str | None
    arrived_at: datetime
    received: bool
    assignee: UUID | None
    assignee_name: str
    return_by: date | None
    reopen_on: date | None
    due_at: datetime | None
    due_done_at: datetime | None
    priority: int


@dataclass(frozen=True, slots=True)
class PartyView:
    """An interested party."""

    name: str
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class Link:
    """Another dossier that this actor may see."""

    id: UUID
    number: str
    type_name: str
    specification: str


@dataclass(frozen=True, slots=True)
class HypothesisView:
    """Why it is not public."""

    name: str
    law: str


@dataclass(frozen=True, slots=True)
class DossierView:
    """A dossier as its page shows it to one actor. `mine`: the line of the actor's own unit."""

    id: UUID
    number: str
    type_key: str
    type_name: str
    specification: str
    level: str
    effective_level: str
    hypothesis: HypothesisView | None
    origin_unit: str
    created_by: UUID | None
    created_at: datetime
    status: str
    status_reason: str | None
    status_unit: str | None
    free_routing: bool
    case_id: UUID | None
    process_key: str | None
    parties: tuple[PartyView, ...]
    units: tuple[UnitLine, ...]
    mine: UnitLine | None
    tree: tuple[TreeItem, ...]
    tasks: tuple[TaskRow, ...]
    missing: str
    related: tuple[Link, ...]
    attached_to: Link | None
    attachments: tuple[Link, ...]

    @property
    def open_units(self) -> tuple[str, ...]:
        """Siglas of the units in which it is open."""
        return tuple(line.unit for line in self.units if line.status == "open")
