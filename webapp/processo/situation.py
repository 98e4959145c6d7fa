"""Where a dossier stands for who is looking: what may be opened, and what its page must know to offer the acts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier import access, page_queries
from documents.dossier.annotations.queries import markers_on
from documents.dossier.errors import DossierDocumentNotFound
from documents.dossier.external.models import ExternalGrant
from documents.dossier.lines import lines_of
from documents.dossier.models import Dossier, DossierDocument
from people.access import allowed
from webapp.security import actor
from workflow.actor import Actor
from workflow.errors import Forbidden, NotFound

RESTRICTED = "Este processo é restrito: só as unidades por onde ele passou podem abri-lo."


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a dossier stands, for somebody acting in a unit. `here`: open, closed or never in that unit.

    `free`: it may be sent beside its diagram; `returnable`: units that may be asked to send it back; `awaited`: those that already must.
    """

    id: UUID
    status: str
    here: str
    open_units: tuple[str, ...]
    secret: bool = False
    free: bool = True
    suspended_here: bool = False
    watched: bool = False
    marked: bool = False
    related: bool = False
    mine: bool = False
    unread: bool = False
    assignee: UUID | None = None
    priority: int = 0
    due_at: datetime | None = None
    from_unit: str | None = None
    return_by: date | None = None
    reopen_on: date | None = None
    returnable: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()

    @property
    def open_here(self) -> bool:
        """The unit works on it now."""
        return self.here == "open" and self.status == "running"

    @property
    def passed(self) -> bool:
        """It passed through the unit, wherever it is now."""
        return self.here != "never"


def opened(session: Session, dossier_id: UUID, action: str) -> Dossier:
    """The dossier, for whoever may do `action` with it; the same NotFound for a sigiloso and for a wrong id."""
    try:
        return access.find(session, actor(), dossier_id, action)
    except Forbidden as refusal:
        if allowed(actor(), action):  # the profile may; it is the level that does not let this unit in
            raise Forbidden(RESTRICTED, **refusal.data) from None
        raise


def document_of(session: Session, dossier: Dossier, document_id: UUID) -> DossierDocument:
    """A document of this dossier that the actor may read."""
    document = access.authorize_document(session, actor(), document_id)
    if document.dossier_id != dossier.id:
        raise DossierDocumentNotFound(document=str(document_id))
    return document


def document_asked(text: str) -> UUID | None:
    """The document that an address or a form names; None when it names none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def situation(session: Session, dossier: Dossier, who: Actor) -> Situation:
    """Where it stands for `who`."""
    rows = lines_of(session, dossier.id)
    also = page_queries.standing(session, dossier, who.unit)
    own = next((row for row in rows if row.unit == who.unit), None)
    others = [row for row in rows if row.status == "open" and row.unit != who.unit and row.from_unit == who.unit]
    known = Situation(
        dossier.id, dossier.status, "never" if own is None else own.status,
        tuple(sorted(row.unit for row in rows if row.status == "open")),
        secret=dossier.effective_level == "sigiloso", free=also.free, suspended_here=dossier.status_unit == who.unit,
        watched=also.watched, marked=bool(markers_on(session, dossier.id, who.unit or "")), related=also.related,
        returnable=tuple(sorted(row.unit for row in others if row.return_by is None)),
        awaited=tuple(sorted(row.unit for row in others if row.return_by is not None)),
    )  # fmt: skip
    if own is None:
        return known
    return replace(
        known, unread=own.unread, assignee=own.assignee, mine=own.assignee is not None and own.assignee == who.id,
        priority=own.priority, due_at=own.due_at, from_unit=own.from_unit, return_by=own.return_by,
        reopen_on=own.reopen_on,
    )  # fmt: skip


def version(session: Session, dossier: Dossier, who: Actor) -> str:
    """What changes with everything the page shows, for whoever looks from this unit."""
    return "-".join(str(part) for part in (*page_queries.state_of(session, dossier), who.unit or ""))


def still_there(session: Session, dossier_id: UUID, document_id: UUID) -> bool:
    """Whether the document stands in this dossier's tree."""
    document = session.get(DossierDocument, document_id)
    return document is not None and document.dossier_id == dossier_id and document.status != "deleted"


def plan_of(dossier: Dossier) -> UUID:
    """The case of the dossier's plan of work; NotFound without one."""
    if dossier.case_id is None:
        raise NotFound("Este processo não tem plano de trabalho.")
    return dossier.case_id


def grant_here(session: Session, dossier_id: UUID, grant_id: UUID) -> None:
    """NotFound unless this external access is of this dossier."""
    row = session.get(ExternalGrant, grant_id)
    if row is None or row.dossier_id != dossier_id:
        raise NotFound("Não encontramos este acesso externo.")
