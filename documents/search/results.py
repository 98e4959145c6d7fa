"""What a search is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from documents.search.snippets import Piece
from workflow.errors import DomainError

PAGE = 20


@dataclass(frozen=True)
class Filters:
    """What else must hold. `number`: of a processo or document, whole or its beginning, any punctuation; `person`: the
    name of an interested party or of who made the document; `since` and `until`: days of inclusion, both included."""

    number: str = ""
    unit: str = ""
    type_key: str = ""
    kind: str = ""
    person: str = ""
    author: UUID | None = None
    since: date | None = None
    until: date | None = None
    dossier_id: UUID | None = None

    @property
    def given(self) -> bool:
        """Whether any holds something."""
        return self != Filters()


@dataclass(frozen=True)
class Place:
    """Where a page of results ended: the next one begins after it."""

    stamp: int
    id: int

    def __str__(self) -> str:
        return f"{self.stamp}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """From an address; None when it is none."""
        stamp, _, identifier = text.partition("-")
        plain = stamp.isascii() and identifier.isascii() and stamp.isdigit() and identifier.isdigit()
        if not plain or max(len(stamp), len(identifier)) > 18:
            return None
        return cls(int(stamp), int(identifier))


@dataclass(frozen=True)
class Found:
    """One result, newest first. `document_id` None: the processo itself. `snippet`: pieces of its text."""

    dossier_id: UUID
    document_id: UUID | None
    kind: str
    type_name: str
    title: str
    number: str
    dossier_number: str
    specification: str
    unit: str
    level: str
    status: str
    author: UUID | None
    created_at: datetime
    snippet: tuple[Piece, ...] = field(default=())

    @property
    def called(self) -> str:
        """Type and number, the type once: a mask may already begin with it (Nota técnica 001/2026/GRI)."""
        if self.number.casefold().startswith(self.type_name.casefold()):
            return self.number
        return f"{self.type_name} {self.number}".strip()


@dataclass(frozen=True)
class Results:
    """A page. `total` None: not known yet, ask `count`. `after`: where the next page begins; None at the end."""

    items: tuple[Found, ...]
    total: int | None
    after: Place | None
    notice: str = ""


class SearchTooSlow(DomainError):
    """The database took too long; nothing is wrong with what was saved."""

    code = "pesquisa_demorada"
    message = (
        "A pesquisa demorou mais do que o limite e foi interrompida. Acrescente uma palavra com &&, ou escolha"
        " a unidade, o tipo ou o período, e pesquise de novo."
    )
