"""Tramitação: sending, receiving, concluding, reopening; who has it in hands; suspension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access, events, lines, notices, rules
from documents.dossier.errors import NotOpenHere, WithoutUnit
from documents.dossier.models import Dossier, DossierStatus, DossierType, DossierUnit
from people.models import Unit
from people.units import seats
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput


def send(
    session: Session,
    dossier_id: UUID,
    units: Iterable[str],
    *,
    actor: Actor,
    keep_open: bool = False,
    return_by: date | None = None,
    notify: bool = False,
) -> Dossier:
    """To one or several units at once. It is concluded in the sender's unit unless kept open there.

    `return_by`: when the sender wants it back. `notify`: an e-mail to each unit. Back to a unit that asked for it and kept
    it open: what that unit had on it stays, and it is unread there.
    """
    dossier = access.locked(session, actor, dossier_id)
    rules.require_running(dossier)
    mine = access.open_line(session, dossier, actor)
    if actor.kind != "system":
        rules.require_free_routing(session.get_one(DossierType, dossier.type_key).free_routing)
    known = session.scalars(select(Unit.sigla).where(Unit.active))
    targets = rules.require_targets(units, mine.unit, known)
    if return_by is not None:
        rules.require_later(return_by, None, clock.today())
    if not keep_open:
        rules.require_returned(mine, targets)
    there = {line.unit: line for line in lines.lines_of(session, dossier_id)}
    back = mine.from_unit if mine.return_by is not None else None
    kept = [unit for unit in targets if unit in there and there[unit].status == "open"]
    already = [unit for unit in kept if unit != back]
    if already:
        raise InvalidInput(
            {"units": f"O processo já está aberto em {', '.join(already)}. Retire essa unidade do envio."}
        )
    if mine.from_unit in targets:
        mine.return_by = None
    for unit in targets:
        if unit in kept:
            _given_back(session, there[unit])
        else:
            _arrive(session, dossier, unit, mine.unit, return_by, there.get(unit))
    if not keep_open:
        _close(mine)
    lines.touch(session, mine)
    facts = {"from_unit": mine.unit, "to": ", ".join(targets), "units": list(targets), "kept_open": keep_open}
    facts |= {"return_by": return_by}
    events.append(session, dossier_id, events.SENT, facts, actor=actor)
    if notify:
        notices.announce(session, dossier, targets, mine.unit)
    return dossier


def mark_read(session: Session, dossier_id: UUID, *, actor: Actor) -> None:
    """Call when somebody of the unit opens the dossier: the first time is its recebimento. Otherwise nothing happens."""
    dossier = access.find(session, actor, dossier_id)
    line = access.line_of(session, dossier, actor)
    if line is None or line.status != "open" or not line.unread:
        return
    access.locked(session, actor, dossier_id, access.READ)
    line = access.open_line(session, dossier, actor)
    first = line.opened_at is None
    line.unread = False
    line.opened_at = line.opened_at or clock.now()
    lines.touch(session, line)
    if first:
        events.append(session, dossier_id, events.RECEIVED, {"unit": line.unit}, actor=actor)


def mark_unread(session: Session, dossier_id: UUID, *, actor: Actor) -> None:
    """Put it among the unread ones of the unit again."""
    dossier = access.locked(session, actor, dossier_id)
    line = access.open_line(session, dossier, actor)
    if line.unread:
        return
    line.unread = True
    lines.touch(session, line)
    events.append(session, dossier_id, events.UNREAD, {"unit": line.unit}, actor=actor)


def conclude(session: Session, dossier_id: UUID, *, actor: Actor, reopen_on: date | None = None) -> None:
    """The unit has done its part; it leaves the unit's inbox, until `reopen_on` when a date is given."""
    dossier = access.locked(session, actor, dossier_id)
    line = access.open_line(session, dossier, actor)
    rules.require_returned(line, ())
    if reopen_on is not None:
        rules.require_later(reopen_on, None, clock.today())
    _close(line)
    line.reopen_on = reopen_on
    lines.touch(session, line)
    events.append(session, dossier_id, events.CONCLUDED, {"unit": line.unit}, actor=actor)
    if reopen_on is not None:
        facts = {"unit": line.unit, "on": f"{reopen_on:%d/%m/%Y}"}
        events.append(session, dossier_id, events.REOPENING_SET, facts, actor=actor)


def reopen(session: Session, dossier_id: UUID, *, actor: Actor, unit: str | None = None) -> None:
    """Open it again, only where it passed. `unit` is for the system, which reopens on the date that was programmed."""
    dossier = access.locked(session, actor, dossier_id)
    where = unit if actor.kind == "system" and unit is not None else actor.unit
    if where is None:
        raise WithoutUnit(dossier=str(dossier_id))
    rules.require_running(dossier)
    line = session.get(DossierUnit, (dossier_id, where), populate_existing=True)
    if line is None:
        raise NotOpenHere("Este processo nunca passou pela sua unidade: só pode ser reaberto onde já esteve.")
    if line.status == "open":
        return
    line.status, line.closed_at, line.reopen_on = "open", None, None
    line.unread = actor.kind == "system"
    lines.touch(session, line)
    events.append(session, dossier_id, events.REOPENED, {"unit": where}, actor=actor)


def assign(session: Session, dossier_id: UUID, account_id: UUID | None, *, actor: Actor) -> None:
    """Into the hands of somebody of the unit (None: nobody's); it keeps no colleague from working on it."""
    dossier = access.locked(session, actor, dossier_id)
    line = access.open_line(session, dossier, actor)
    if line.assignee == account_id:
        return
    if account_id is not None and line.unit not in {seat.unit for seat in seats(session, account_id)}:
        raise InvalidInput({"account_id": f"Escolha uma pessoa lotada em {line.unit}."})
    line.assignee = account_id
    lines.touch(session, line)
    kind = events.ASSIGNED if account_id is not None else events.RELEASED
    events.append(session, dossier_id, kind, {"unit": line.unit, "account": account_id}, actor=actor)


def set_priority(session: Session, dossier_id: UUID, priority: int, *, actor: Actor) -> None:
    """How urgent it is to the unit: 0 ordinary, higher first."""
    dossier = access.locked(session, actor, dossier_id)
    line = access.open_line(session, dossier, actor)
    if not 0 <= priority <= 9:
        raise InvalidInput({"priority": "A prioridade vai de 0 (comum) a 9 (máxima)."})
    if line.priority == priority:
        return
    line.priority = priority
    lines.touch(session, line)
    events.append(session, dossier_id, events.PRIORITY, {"unit": line.unit, "priority": priority}, actor=actor)


def suspend(session: Session, dossier_id: UUID, reason: str, *, actor: Actor) -> None:
    """Sobrestar: with a reason, only when it is open in one unit; it leaves the inbox until resumed."""
    text = rules.reason(reason)
    dossier = access.locked(session, actor, dossier_id)
    rules.require_running(dossier)
    line = access.open_line(session, dossier, actor)
    rules.require_suspendable([one.unit for one in lines.lines_of(session, dossier_id, only_open=True)], line.unit)
    dossier.status, dossier.status_reason, dossier.status_unit = DossierStatus.SUSPENDED, text, line.unit
    line.status, line.closed_at = "closed", clock.now()
    lines.touch(session, line)
    facts = {"unit": line.unit, "reason": events.digest(dossier.id, text)}
    events.append(session, dossier_id, events.SUSPENDED, facts, actor=actor)


def resume(session: Session, dossier_id: UUID, *, actor: Actor) -> None:
    """End the suspension, by the unit that suspended it; it is back in that unit's inbox."""
    dossier = access.locked(session, actor, dossier_id)
    if dossier.status != DossierStatus.SUSPENDED or dossier.status_unit is None:
        raise Conflict("Este processo não está sobrestado.")
    if actor.kind != "system" and actor.unit != dossier.status_unit:
        raise Conflict(f"O sobrestamento é encerrado por {dossier.status_unit}, que o fez.")
    line = session.get_one(DossierUnit, (dossier_id, dossier.status_unit), populate_existing=True)
    line.status, line.closed_at = "open", None
    dossier.status, dossier.status_reason, dossier.status_unit = DossierStatus.RUNNING, None, None
    lines.touch(session, line)
    events.append(session, dossier_id, events.RESUMED, {"unit": line.unit}, actor=actor)


def members_of(session: Session, unit: str) -> Sequence[UUID]:
    """The accounts to whom a dossier of this unit may be assigned."""
    from people.models import Membership

    today = clock.today()
    query = (
        select(Membership.account_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Unit.sigla == unit, Membership.starts_on <= today)
        .distinct()
    )
    return [one for one in session.scalars(query) if unit in {seat.unit for seat in seats(session, one)}]


def _arrive(
    session: Session, dossier: Dossier, unit: str, sender: str, return_by: date | None, line: DossierUnit | None
) -> None:
    if line is None:
        line = DossierUnit(dossier_id=dossier.id, unit=unit)
        session.add(line)
    line.status, line.origin, line.from_unit = "open", "received", sender
    line.arrived_at, line.opened_at, line.unread = clock.now(), None, True
    line.assignee, line.priority, line.due_at, line.due_done_at = None, 0, None, None
    line.return_by, line.reopen_on, line.closed_at = return_by, None, None
    if unit not in dossier.passed_units:
        dossier.passed_units = [*dossier.passed_units, unit]
    lines.touch(session, line)


def _given_back(session: Session, line: DossierUnit) -> None:
    """To a unit that asked for it and kept it open meanwhile."""
    line.unread = True
    lines.touch(session, line)


def _close(line: DossierUnit) -> None:
    line.status, line.closed_at, line.unread = "closed", clock.now(), False
    line.assignee, line.due_at, line.return_by = None, None, None
