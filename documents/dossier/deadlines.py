"""Dates: the unit's own deadline, programmed return, programmed reopening; in calendar or in business days."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access, events, lines, rules
from documents.dossier.errors import NotOpenHere
from documents.dossier.models import Dossier, DossierStatus, DossierUnit
from documents.dossier.routing import reopen
from workflow import calendar, clock
from workflow.actor import SYSTEM, Actor
from workflow.errors import Conflict, Forbidden, InvalidInput

MAX_DAYS = 3650


def day_of(session: Session, on: date | None, days: int | None, *, business: bool = True) -> date:
    """The day itself, or so many days from today, business days (those of the house's calendar) or calendar days."""
    if (on is None) == (days is None):
        raise InvalidInput({"on": "Escolha uma data ou um número de dias."})
    if on is not None:
        return on
    assert days is not None
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput({"days": f"Informe de 1 a {MAX_DAYS} dias."})
    today = clock.today()
    return calendar.add_business_days(session, today, days) if business else today + timedelta(days=days)


def set_due(
    session: Session,
    dossier_id: UUID,
    *,
    actor: Actor,
    on: date | None = None,
    days: int | None = None,
    business: bool = True,
) -> None:
    """The unit's deadline for itself; neither date nor days takes it away."""
    dossier = access.locked(session, actor, dossier_id)
    line = access.open_line(session, dossier, actor)
    if on is None and days is None:
        line.due_at = line.due_done_at = None
        lines.touch(session, line)
        events.append(session, dossier_id, events.DUE_CLEARED, {"unit": line.unit}, actor=actor)
        return
    day = day_of(session, on, days, business=business)
    rules.require_later(day, None, clock.today())
    line.due_at, line.due_done_at = rules.end_of(day), None
    lines.touch(session, line)
    events.append(session, dossier_id, events.DUE_SET, {"unit": line.unit, "on": f"{day:%d/%m/%Y}"}, actor=actor)


def finish_due(session: Session, dossier_id: UUID, *, actor: Actor) -> None:
    """What the unit's deadline was for is done."""
    dossier = access.locked(session, actor, dossier_id)
    line = access.open_line(session, dossier, actor)
    if line.due_at is None:
        raise Conflict("Este processo não tem prazo em curso na sua unidade.")
    line.due_at, line.due_done_at = None, clock.now()
    lines.touch(session, line)
    events.append(session, dossier_id, events.DUE_DONE, {"unit": line.unit}, actor=actor)


def program_return(
    session: Session,
    dossier_id: UUID,
    unit: str,
    on: date | None = None,
    *,
    actor: Actor,
    days: int | None = None,
    business: bool = True,
) -> date:
    """The unit that sent it says when it wants it back."""
    line = _sent_line(session, dossier_id, unit, actor)
    if line.return_by is not None:
        raise Conflict("O retorno já está programado. Prorrogue a data em vez de programar outra.")
    return _set_return(session, line, actor, events.RETURN_SET, day_of(session, on, days, business=business))


def extend_return(
    session: Session,
    dossier_id: UUID,
    unit: str,
    on: date | None = None,
    *,
    actor: Actor,
    days: int | None = None,
    business: bool = True,
) -> date:
    """A later day for the return; never an earlier one, and only sending back clears it."""
    line = _sent_line(session, dossier_id, unit, actor)
    if line.return_by is None:
        raise Conflict("Não há retorno programado para essa unidade.")
    return _set_return(session, line, actor, events.RETURN_EXTENDED, day_of(session, on, days, business=business))


def program_reopening(
    session: Session,
    dossier_id: UUID,
    on: date | None = None,
    *,
    actor: Actor,
    days: int | None = None,
    business: bool = True,
) -> date:
    """The day on which a dossier concluded in the unit is back in its inbox; only extendable."""
    dossier = access.locked(session, actor, dossier_id)
    rules.require_running(dossier)
    line = access.line_of(session, dossier, actor)
    if line is None:
        raise NotOpenHere("Este processo nunca passou pela sua unidade: só pode ser reaberto onde já esteve.")
    if line.status == "open":
        raise Conflict("O processo está aberto na sua unidade. Conclua-o antes de programar a reabertura.")
    day = day_of(session, on, days, business=business)
    rules.require_later(day, line.reopen_on, clock.today())
    line.reopen_on = day
    lines.touch(session, line)
    facts = {"unit": line.unit, "on": f"{day:%d/%m/%Y}"}
    events.append(session, dossier_id, events.REOPENING_SET, facts, actor=actor)
    return day


def due_reopenings(session: Session, limit: int = 500) -> list[tuple[UUID, str]]:
    """What is to be reopened by now, on the legal clock."""
    query = (
        select(DossierUnit.dossier_id, DossierUnit.unit)
        .join(Dossier, Dossier.id == DossierUnit.dossier_id)
        .where(
            DossierUnit.reopen_on <= clock.today(),
            DossierUnit.status == "closed",
            Dossier.status == DossierStatus.RUNNING,
        )
    )
    return [(row.dossier_id, row.unit) for row in session.execute(query.order_by(DossierUnit.reopen_on).limit(limit))]


def reopen_programmed(session: Session, dossier_id: UUID, unit: str) -> None:
    """Reopen one, unless somebody did meanwhile."""
    reopen(session, dossier_id, actor=SYSTEM, unit=unit)


def _sent_line(session: Session, dossier_id: UUID, unit: str, actor: Actor) -> DossierUnit:
    access.locked(session, actor, dossier_id)
    line = session.get(DossierUnit, (dossier_id, unit), populate_existing=True)
    if line is None or line.status != "open":
        raise Conflict(f"O processo não está aberto em {unit}.")
    if actor.kind != "system" and line.from_unit != actor.unit:
        raise Forbidden("Só a unidade que enviou o processo programa o retorno.")
    return line


def _set_return(session: Session, line: DossierUnit, actor: Actor, kind: str, day: date) -> date:
    rules.require_later(day, line.return_by, clock.today())
    line.return_by = day
    lines.touch(session, line)
    events.append(session, line.dossier_id, kind, {"unit": line.unit, "on": f"{day:%d/%m/%Y}"}, actor=actor)
    return day
