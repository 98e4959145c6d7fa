"""Who may appoint a substitute: each for oneself; the chefia for the people of its unit, there only.

What a chefia lends stays within the electronic process of its unit (`units.CHEFIA_LENDS`): nobody becomes an
administrator by appointing oneself in an administrator's place. Nobody appoints while acting in another's place.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from people import queries, units
from people.access import authorize
from people.models import Account, Substitution
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Forbidden, InvalidInput, NotFound


def appoint(
    session: Session, substituted_id: UUID, substitute_id: UUID, starts_on: date, ends_on: date, *, actor: Actor
) -> Substitution:
    """A substitution from today on, at most a year ahead; for oneself everywhere, for another in the chefia's unit."""
    authorize(actor, "substitution.manage")
    if actor.acting_for is not None:
        raise Forbidden("Você está atuando em substituição. Volte à sua própria lotação para designar um substituto.")
    unit = None if substituted_id == actor.id else _unit_of_chefia(session, substituted_id, actor)
    today = clock.today()
    if starts_on < today:
        raise InvalidInput({"starts_on": "A substituição começa hoje ou depois."})
    if (ends_on - today).days > 366:
        raise InvalidInput({"ends_on": "Escolha um fim em até um ano."})
    substitute = session.get(Account, substitute_id)
    if substitute is None or substitute.kind != "staff" or substitute.disabled_at is not None:
        raise InvalidInput({"substitute": "Escolha uma pessoa da lista."})
    return units.appoint_substitute(session, substituted_id, substitute_id, starts_on, ends_on, actor=actor, unit=unit)


def end(session: Session, substitution_id: UUID, *, actor: Actor) -> None:
    """Take a substitution back now: the substituted, the substitute, or the chefia of the unit where it holds."""
    authorize(actor, "substitution.manage")
    row = session.get(Substitution, substitution_id, with_for_update=True)
    if row is None or not _may_end(row, actor):
        raise NotFound("Não encontramos essa substituição.")
    if row.ended_at is None:
        row.ended_at = clock.now()
        session.flush()
        data = {"substituted": str(row.substituted_id), "substitute": str(row.substitute_id)}
        history.record(session, "substituicao_encerrada", data, actor=actor)


def _unit_of_chefia(session: Session, substituted_id: UUID, actor: Actor) -> str:
    if actor.unit is None or not actor.has("chefia"):
        raise Forbidden("Só a chefia designa substituto para outra pessoa, na sua unidade.")
    if substituted_id not in {found.id for found in queries.colleagues(session, actor.unit)}:
        raise InvalidInput({"substituted": "Escolha uma pessoa da sua unidade."})
    return actor.unit


def _may_end(row: Substitution, actor: Actor) -> bool:
    if actor.acting_for is not None:
        return False
    chefia = row.unit is not None and row.unit == actor.unit and actor.has("chefia")
    return chefia or actor.id in (row.substituted_id, row.substitute_id)
