"""Relating dossiers (symmetric, reversible) and attaching one to another (for good; only an administrator undoes it)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier import access, events, lines, rules
from documents.dossier.models import Dossier, DossierRelation, DossierStatus, DossierUnit
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput


def relate(session: Session, dossier_id: UUID, other_id: UUID, *, actor: Actor) -> None:
    """Two dossiers that have to do with one another; each shows the other to whoever may see it."""
    one, other = _two(session, dossier_id, other_id, actor)
    key = _pair(dossier_id, other_id)
    if session.get(DossierRelation, key) is not None:
        return
    row = DossierRelation(dossier_id=key[0], other_id=key[1], created_by=actor.id, created_at=clock.now())
    session.add(row)
    session.flush()
    _tell_both(session, one, other, events.RELATED, events.RELATED, actor)


def unrelate(session: Session, dossier_id: UUID, other_id: UUID, *, actor: Actor) -> None:
    """Undo the relation."""
    one, other = _two(session, dossier_id, other_id, actor)
    row = session.get(DossierRelation, _pair(dossier_id, other_id))
    if row is None:
        return
    session.delete(row)
    session.flush()
    _tell_both(session, one, other, events.UNRELATED, events.UNRELATED, actor)


def attach(session: Session, dossier_id: UUID, to_id: UUID, *, actor: Actor) -> None:
    """Anexar: the first becomes part of the second for good, receives nothing more and leaves the inbox."""
    one, other = access.locked_together(session, actor, (dossier_id, to_id))
    if one.id == other.id:
        raise InvalidInput({"number": "Um processo não pode ser anexado a si mesmo."})
    for dossier in (one, other):
        rules.require_running(dossier)
    line = access.open_line(session, one, actor)
    access.open_line(session, other, actor)
    open_units = [row.unit for row in lines.lines_of(session, one.id, only_open=True)]
    if open_units != [line.unit]:
        others = ", ".join(sorted(set(open_units) - {line.unit}))
        raise Conflict(f"Só se anexa um processo que está aberto apenas na sua unidade. Aberto também em: {others}.")
    one.status, one.attached_to, one.status_unit = DossierStatus.ATTACHED, other.id, line.unit
    line.status, line.closed_at = "closed", clock.now()
    lines.touch(session, line)
    _tell_both(session, one, other, events.ATTACHED, events.ATTACHMENT_RECEIVED, actor)


def detach(session: Session, dossier_id: UUID, reason: str, *, actor: Actor) -> None:
    """Undo an attachment: only the administration, with a reason; it is open again in the unit that attached it."""
    text = rules.reason(reason)
    found = access.find(session, actor, dossier_id, "dossier.detach")
    if found.attached_to is None or found.status_unit is None:
        raise Conflict("Este processo não está anexado a outro.")
    one, other = access.locked_together(session, actor, (dossier_id, found.attached_to), "dossier.detach")
    if one.status_unit is None:
        raise Conflict("Este processo não está mais anexado a outro.")
    line = session.get_one(DossierUnit, (dossier_id, one.status_unit), populate_existing=True)
    line.status, line.closed_at = "open", None
    one.status, one.attached_to, one.status_unit = DossierStatus.RUNNING, None, None
    lines.touch(session, line)
    facts = {"reason": events.digest(one.id, text)}
    _tell_both(session, one, other, events.DETACHED, events.ATTACHMENT_LEFT, actor, facts)


def _two(session: Session, dossier_id: UUID, other_id: UUID, actor: Actor) -> list[Dossier]:
    if dossier_id == other_id:
        raise InvalidInput({"number": "Escolha outro processo: este não se relaciona consigo mesmo."})
    pair = access.locked_together(session, actor, (dossier_id, other_id))
    access.open_line(session, pair[0], actor)
    return pair


def _pair(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _tell_both(
    session: Session,
    one: Dossier,
    other: Dossier,
    kind: str,
    there: str,
    actor: Actor,
    facts: Mapping[str, str] | None = None,
) -> None:
    """An event in each chain, always in the same order of dossiers."""
    told = [(one, other, kind), (other, one, there)]
    for here, partner, name in sorted(told, key=lambda entry: entry[0].id):
        data = {"other": str(partner.id), "number": _known_number(partner), **(facts or {})}
        events.append(session, here.id, name, data, actor=actor)


def _known_number(dossier: Dossier) -> str:
    """The number, unless even the existence of that dossier is a secret."""
    return dossier.number if dossier.effective_level != "sigiloso" else "sigiloso"
