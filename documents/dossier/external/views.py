"""What is shown of external access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from documents.dossier.views import TreeItem


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant as the dossier's unit sees it. `state`: vigente, vencido or revogado."""

    id: UUID
    email: str
    unit: str
    days: int
    expires_on: date
    all_documents: bool
    documents: tuple[UUID, ...]
    may_sign: bool
    may_add: bool
    state: str
    created_at: datetime
    opened_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExternalDossier:
    """A dossier in an external user's list. `until`: the last day of access; `to_sign`: how many wait for a signature."""

    id: UUID
    number: str
    type_name: str
    unit: str
    until: date
    may_sign: bool
    may_add: bool
    to_sign: int


@dataclass(frozen=True, slots=True)
class ExternalView:
    """A dossier as an external user sees it: the documents that the grants cover and nothing of the units' work.

    `signable`: ids of the documents that the user may sign.
    """

    id: UUID
    number: str
    type_name: str
    unit: str
    until: date
    may_add: bool
    documents: tuple[TreeItem, ...]
    signable: frozenset[UUID]
