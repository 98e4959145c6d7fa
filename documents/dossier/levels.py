"""Levels of access and credentials."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier import access, events, lines, rules
from documents.dossier.errors import DossierDocumentNotFound
from documents.dossier.models import Dossier, DossierCredential, DossierDocument, LegalHypothesis
from people.models import Account
from people.roles import DOSSIER_ROLES
from people.units import seats
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput


def change_access(
    session: Session,
    dossier_id: UUID,
    level: str,
    hypothesis_id: UUID | None = None,
    *,
    actor: Actor,
    document_id: UUID | None = None,
) -> Dossier:
    """Another level for the dossier, or for one document of it, with the hypothesis that the law asks for."""
    dossier = access.locked(session, actor, dossier_id)
    if actor.kind != "system":
        access.open_line(session, dossier, actor)
    rules.require_running(dossier)
    hypothesis = session.get(LegalHypothesis, hypothesis_id) if hypothesis_id else None
    rules.require_hypothesis(level, hypothesis)
    if document_id is not None:
        _change_document(session, dossier, document_id, level, hypothesis_id, actor)
    else:
        dossier.level, dossier.hypothesis_id = level, hypothesis_id
        session.flush()
        facts = {"level": level, "after": rules.LEVEL_NAMES[level], "hypothesis": hypothesis_id}
        events.append(session, dossier_id, events.OWN_LEVEL, facts, actor=actor)
    raise_level(session, dossier, actor)
    lines.touch_all(session, dossier_id)
    return dossier


def raise_level(session: Session, dossier: Dossier, actor: Actor) -> None:
    """Make the effective level what the dossier and its documents ask for; who raises it to sigiloso keeps a credential."""
    query = select(DossierDocument).where(DossierDocument.dossier_id == dossier.id)
    now = rules.effective_level(dossier.level, session.scalars(query))
    before = dossier.effective_level
    if now == before:
        return
    dossier.effective_level = now
    if now == "sigiloso" and actor.id is not None and actor.kind == "account":
        give(session, dossier.id, actor.id, actor)
    session.flush()
    names = {"before": rules.LEVEL_NAMES[before], "after": rules.LEVEL_NAMES[now]}
    events.append(session, dossier.id, events.LEVEL, {**names, "level": now}, actor=actor)


def grant_credential(session: Session, dossier_id: UUID, account_id: UUID, *, actor: Actor) -> None:
    """Somebody with a credential gives one to a colleague of the electronic process."""
    dossier = access.locked(session, actor, dossier_id)
    if dossier.effective_level != "sigiloso":
        raise Conflict("Só processos sigilosos têm credenciais de acesso.")
    account = session.get(Account, account_id)
    roles = {role for seat in seats(session, account_id) for role in seat.roles}
    if account is None or account.disabled_at is not None or not roles & DOSSIER_ROLES:
        raise InvalidInput({"account_id": "Escolha uma pessoa que trabalhe com processos eletrônicos."})
    give(session, dossier_id, account_id, actor)


def revoke_credential(session: Session, dossier_id: UUID, account_id: UUID, *, actor: Actor) -> None:
    """Take a credential away, or give one's own back; never the last, since nobody could open the dossier again."""
    access.locked(session, actor, dossier_id)
    row = session.get(DossierCredential, (dossier_id, account_id))
    if row is None:
        return
    others = select(func.count()).select_from(DossierCredential).where(DossierCredential.dossier_id == dossier_id)
    if (session.scalar(others) or 0) < 2:
        raise Conflict("Esta é a última credencial do processo. Conceda outra antes de retirar esta.")
    session.delete(row)
    session.flush()
    events.append(session, dossier_id, events.CREDENTIAL_REVOKED, {"account": str(account_id)}, actor=actor)


def _change_document(
    session: Session, dossier: Dossier, document_id: UUID, level: str, hypothesis_id: UUID | None, actor: Actor
) -> None:
    document = session.get(DossierDocument, document_id, populate_existing=True)
    if document is None or document.dossier_id != dossier.id or document.status == "deleted":
        raise DossierDocumentNotFound(document=str(document_id))
    before = document.level
    document.level, document.hypothesis_id = level, hypothesis_id
    session.flush()
    facts = {"document": str(document.id), "number": document.number, "level": level}
    names = {"before": rules.LEVEL_NAMES[before], "after": rules.LEVEL_NAMES[level]}
    events.append(session, dossier.id, events.DOCUMENT_LEVEL, {**facts, **names}, actor=actor)


def give(session: Session, dossier_id: UUID, account_id: UUID, actor: Actor) -> None:
    """The credential and its event, unless the account has one. The dossier must be locked."""
    if session.get(DossierCredential, (dossier_id, account_id)) is not None:
        return
    row = DossierCredential(dossier_id=dossier_id, account_id=account_id, granted_by=actor.id, granted_at=clock.now())
    session.add(row)
    session.flush()
    events.append(session, dossier_id, events.CREDENTIAL_GRANTED, {"account": str(account_id)}, actor=actor)
