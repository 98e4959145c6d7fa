"""The one decision on dossiers, for one (`resource_of`, with `people.access.authorize`) and for lists (`visible`).

Público: whoever works the electronic process. Restrito: the units through which it passed. Sigiloso: the accounts with
a credential, and to the others it does not exist. External users see only what a grant covers (documents.dossier.external).
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, exists, false, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from documents.dossier.errors import DossierDocumentNotFound, DossierNotFound, NotOpenHere, WithoutUnit
from documents.dossier.models import Dossier, DossierCredential, DossierDocument, DossierUnit
from people.access import ACTIONS, Resource, allowed, authorize
from workflow.actor import Actor
from workflow.errors import NotFound

READ = "dossier.read"
WORK = "dossier.work"


def resource_of(session: Session, dossier: Dossier) -> Resource:
    """What `people.access.authorize` needs to know of a dossier."""
    accounts: frozenset[UUID] = frozenset()
    if dossier.effective_level == "sigiloso":
        query = select(DossierCredential.account_id).where(DossierCredential.dossier_id == dossier.id)
        accounts = frozenset(session.scalars(query))
    level = dossier.effective_level
    assert level in ("publico", "restrito", "sigiloso")
    return Resource(level=level, units=frozenset(dossier.passed_units), accounts=accounts, id=dossier.id)  # type: ignore[arg-type]  # the assertion and the table's check say that it is a Level


def visible(actor: Actor) -> ColumnElement[bool]:
    """The same decision over `Dossier` in SQL: list and detail agree."""
    rule = ACTIONS[READ]
    if actor.kind != rule.kind or actor.id is None or actor.has(*rule.never) or not actor.has(*rule.roles):
        return false()
    passed = literal(actor.unit) == Dossier.passed_units.any_() if actor.unit is not None else false()
    credential = exists().where(DossierCredential.dossier_id == Dossier.id, DossierCredential.account_id == actor.id)
    return or_(
        Dossier.effective_level == "publico",
        and_(Dossier.effective_level == "restrito", passed),
        and_(Dossier.effective_level == "sigiloso", credential),
    )


def may(session: Session, actor: Actor, dossier: Dossier, action: str = READ) -> bool:
    """What `authorize` would decide, without recording anything."""
    return actor.kind == "system" or allowed(actor, action, resource_of(session, dossier))


def find(session: Session, actor: Actor, dossier_id: UUID, action: str = READ) -> Dossier:
    """The dossier, when this actor may do that; DossierNotFound for what does not exist and for what is sigiloso."""
    return _decided(session, actor, session.get(Dossier, dossier_id), action)


def locked(session: Session, actor: Actor, dossier_id: UUID, action: str = WORK) -> Dossier:
    """The same with its row locked until the transaction ends: every verb begins here, so two at once take turns.

    FOR NO KEY UPDATE: who holds a chain and writes a row that names the dossier does not wait for who holds the dossier.
    """
    query = select(Dossier).where(Dossier.id == dossier_id).with_for_update(key_share=True)
    query = query.execution_options(populate_existing=True)
    session.flush()
    return _decided(session, actor, session.scalar(query), action)


def locked_together(session: Session, actor: Actor, ids: Iterable[UUID], action: str = WORK) -> list[Dossier]:
    """Several at once, always locked in the same order, so that two verbs never wait for one another."""
    wanted = list(ids)
    found = {one: locked(session, actor, one, action) for one in sorted(set(wanted))}
    return [found[one] for one in wanted]


def authorize_document(session: Session, actor: Actor, document_id: UUID, action: str = READ) -> DossierDocument:
    """The document, when this actor may do that to its dossier; NotFound for sigiloso and for what does not exist."""
    document = session.get(DossierDocument, document_id)
    if document is None or document.status == "deleted":
        raise DossierDocumentNotFound(document=str(document_id))
    try:
        find(session, actor, document.dossier_id, action)
    except NotFound:
        raise DossierDocumentNotFound(document=str(document_id)) from None
    return document


def hidden_case(actor: Actor, case_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether a case is the plan of work of a sigiloso dossier that this actor holds no credential for: to the pages of
    tasks and cases, which know no dossiers, it does not exist either."""
    credential = exists().where(DossierCredential.dossier_id == Dossier.id, DossierCredential.account_id == actor.id)
    return exists().where(Dossier.case_id == case_id, Dossier.effective_level == "sigiloso", ~credential)


def authorize_case(session: Session, actor: Actor, case_id: UUID) -> None:
    """DossierNotFound for the case of a sigiloso dossier that this actor holds no credential for."""
    if actor.kind != "system" and session.scalar(select(hidden_case(actor, literal(case_id, Uuid)))):
        raise DossierNotFound()


def line_of(session: Session, dossier: Dossier, actor: Actor) -> DossierUnit | None:
    """The dossier's line in the actor's unit, open or closed."""
    return session.get(DossierUnit, (dossier.id, actor.unit)) if actor.unit is not None else None


def open_line(session: Session, dossier: Dossier, actor: Actor) -> DossierUnit:
    """The line in the actor's unit, open; NotOpenHere otherwise. The dossier must be locked."""
    if actor.unit is None:
        raise WithoutUnit(dossier=str(dossier.id))
    line = session.get(DossierUnit, (dossier.id, actor.unit), populate_existing=True)
    if line is None or line.status != "open":
        raise NotOpenHere(dossier=str(dossier.id), unit=actor.unit)
    return line


def _decided(session: Session, actor: Actor, dossier: Dossier | None, action: str) -> Dossier:
    if dossier is None:
        raise DossierNotFound()
    if actor.kind == "system":
        return dossier
    try:
        authorize(actor, action, resource_of(session, dossier))
    except NotFound:
        raise DossierNotFound() from None
    return dossier


__all__ = [
    "READ",
    "WORK",
    "authorize_case",
    "authorize_document",
    "find",
    "hidden_case",
    "line_of",
    "locked",
    "locked_together",
    "may",
    "open_line",
    "resource_of",
    "visible",
]
