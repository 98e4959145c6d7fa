"""What pages show of publications: frozen values, made by documents.publication.queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Link:
    """Another publication that this one follows, or that follows it."""

    id: UUID
    kind: str
    day: date
    vehicle: str
    edition: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PublicView:
    """What anybody sees. `withdrawn`: the processo is público no more, so that only vehicle, edition and day remain.

    `name`: the document's type and number. `code`: of validation; empty, and `file` False, when there is no file to give.
    """

    id: UUID
    kind: str
    day: date
    published_at: datetime
    vehicle_key: str
    vehicle: str
    edition: str
    withdrawn: bool
    name: str = ""
    dossier_number: str = ""
    unit: str = ""
    summary: str = ""
    reason: str = ""
    code: str = ""
    sha256: str = ""
    file: bool = False
    before: Link | None = None
    after: tuple[Link, ...] = ()

    @property
    def void(self) -> Link | None:
        """What left it without effect."""
        return next((one for one in self.after if one.kind == "voiding"), None)


@dataclass(frozen=True, slots=True)
class OwnView:
    """What who works the processo sees of a publication. `day`: of the publication once it was made, else the one chosen."""

    id: UUID
    document_id: UUID
    kind: str
    status: str
    day: date
    vehicle_key: str
    vehicle: str
    edition: str
    summary: str
    reason: str
    ended_reason: str
    unit: str
    name: str
    before: Link | None
    after: tuple[Link, ...]

    @property
    def void(self) -> Link | None:
        """What left it without effect."""
        return next((one for one in self.after if one.kind == "voiding"), None)

    @property
    def waiting(self) -> bool:
        """It may still be changed and cancelled."""
        return self.status in ("scheduled", "held")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the public list; `after` asks for the next one."""

    items: tuple[PublicView, ...]
    after: str
