"""Units, memberships and substitution: in which unit, with which roles and in whose place somebody acts.

A person acts in one unit at a time. Without a choice it is the unit of the oldest membership in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from people import rules
from people.models import Account, Membership, Organ, Substitution, Unit
from people.roles import ROLES, STAFF_ROLES
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Forbidden, InvalidInput, NotFound

CHEFIA_LENDS = frozenset({"servidor", "chefia", "protocolo"})
"""The roles that a chefia may have somebody else exercise for a person of the unit; the others only their holder lends."""


@dataclass(frozen=True)
class Seat:
    """A place from which somebody may act: a unit, the roles there, and for whom when substituting."""

    unit: str
    unit_name: str
    roles: frozenset[str]
    acting_for: UUID | None = None


def create_organ(session: Session, sigla: str, code: str, name: str, *, actor: Actor) -> Organ:
    """A new órgão with its code of four digits; the same sigla twice gives the one that is there."""
    existing = session.get(Organ, sigla)
    if existing is not None:
        return existing
    if not re.fullmatch(r"[0-9]{4}", code):
        raise InvalidInput({"code": "O código do órgão tem quatro números, por exemplo 0100."})
    if session.scalar(select(Organ.sigla).where(Organ.code == code)) is not None:
        raise InvalidInput({"code": "Outro órgão já usa este código."})
    organ = Organ(sigla=sigla, code=code, name=name)
    session.add(organ)
    session.flush()
    history.record(session, "orgao_criado", {"organ": sigla, "code": code}, actor=actor)
    return organ


def create_unit(
    session: Session,
    sigla: str,
    name: str,
    *,
    actor: Actor,
    code: str | None = None,
    organ: str | None = None,
    parent: str | None = None,
    email: str | None = None,
) -> Unit:
    """A new unit; the same sigla twice gives the unit that is there."""
    existing = session.scalar(select(Unit).where(Unit.sigla == sigla))
    if existing is not None:
        return existing
    require_place(session, sigla, code, organ, parent)
    unit = Unit(sigla=sigla, name=name, code=code, organ=organ, parent=parent)
    unit.email = rules.normalize_email(email) if email else None
    session.add(unit)
    session.flush()
    history.record(session, "unidade_criada", {"unit": str(unit.id), "sigla": sigla}, actor=actor)
    return unit


def require_new_sigla(session: Session, sigla: str) -> None:
    """InvalidInput unless the sigla can be a new unit's: letters, numbers and hyphens, and nobody has it."""
    if not re.fullmatch(r"[A-Za-zÀ-ú][A-Za-zÀ-ú0-9-]{1,19}", sigla):
        raise InvalidInput({"sigla": "Use de 2 a 20 letras, números ou hífens, começando por letra."})
    if session.scalar(select(Unit.id).where(Unit.sigla == sigla)) is not None:
        raise InvalidInput({"sigla": "Já existe uma unidade com esta sigla."})


def change_unit(
    session: Session,
    sigla: str,
    *,
    actor: Actor,
    name: str,
    code: str | None = None,
    organ: str | None = None,
    parent: str | None = None,
    email: str | None = None,
    active: bool = True,
) -> Unit:
    """Everything of a unit but its sigla, which papers already carry."""
    unit = session.scalar(select(Unit).where(Unit.sigla == sigla).with_for_update())
    if unit is None:
        raise NotFound("Não encontramos essa unidade.")
    require_place(session, sigla, code, organ, parent)
    unit.name, unit.code, unit.organ, unit.parent, unit.active = name, code, organ, parent, active
    unit.email = rules.normalize_email(email) if email else None
    session.flush()
    history.record(session, "unidade_alterada", {"unit": str(unit.id), "sigla": sigla}, actor=actor)
    return unit


def path(session: Session, sigla: str) -> tuple[str, ...]:
    """The unit and those above it, larger → smaller: ("GRPC", "GRI"). An unknown sigla is its own path."""
    parents = {row.sigla: row.parent for row in session.execute(select(Unit.sigla, Unit.parent))}
    found: list[str] = []
    at: str | None = sigla
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return tuple(reversed(found))


def require_place(session: Session, sigla: str, code: str | None, organ: str | None, parent: str | None) -> None:
    """InvalidInput unless the code can be a unit's, the órgão exists, and the unit above is none of those below."""
    if code is not None and not re.fullmatch(r"[0-9]{2}", code):
        raise InvalidInput({"code": "O código da unidade tem dois números, por exemplo 01."})
    if organ is not None and session.get(Organ, organ) is None:
        raise InvalidInput({"organ": "Escolha um órgão da lista."})
    if parent is None:
        return
    if session.scalar(select(Unit.id).where(Unit.sigla == parent)) is None:
        raise InvalidInput({"parent": "Escolha uma unidade da lista."})
    if sigla in path(session, parent):
        raise InvalidInput({"parent": "Uma unidade não pode ficar abaixo de si mesma."})


def add_membership(
    session: Session,
    account_id: UUID,
    sigla: str,
    role: str,
    *,
    actor: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Give a staff account a role in a unit from a date (today by default) until another (open by default).

    The very same once more is the one that is there.
    """
    account = session.get(Account, account_id, with_for_update=True)
    unit = session.scalar(select(Unit).where(Unit.sigla == sigla))
    starts = starts_on or clock.today()
    if account is None or account.kind != "staff" or unit is None:
        raise NotFound("Não encontramos a conta de servidor ou a unidade indicada.")
    if role not in STAFF_ROLES:
        raise InvalidInput({"role": "Escolha um dos perfis da lista."})
    if ends_on is not None and ends_on < starts:
        raise InvalidInput({"ends_on": "O fim da lotação não pode ser anterior ao início."})
    membership = Membership(account_id=account_id, unit_id=unit.id, role=role, starts_on=starts, ends_on=ends_on)
    same = Membership.ends_on.is_(None) if ends_on is None else Membership.ends_on == ends_on
    held = select(Membership).where(Membership.account_id == account_id, Membership.unit_id == unit.id, same)
    held = held.where(Membership.role == role, Membership.starts_on == starts, Membership.revoked_at.is_(None))
    earlier = session.scalars(held.limit(1)).first()
    if earlier is not None:
        return earlier
    session.add(membership)
    session.flush()
    history.record(session, "lotacao_criada", {"account": str(account_id), "unit": sigla, "role": role}, actor=actor)
    return membership


def end_membership(session: Session, membership_id: UUID, on: date, *, actor: Actor) -> None:
    """The last day on which the role holds."""
    membership = session.get(Membership, membership_id)
    if membership is None:
        raise NotFound("Não encontramos essa lotação.")
    if on < membership.starts_on:
        raise InvalidInput({"ends_on": "O fim da lotação não pode ser anterior ao início."})
    membership.ends_on = on
    session.flush()
    data = {"account": str(membership.account_id), "role": membership.role}
    history.record(session, "lotacao_encerrada", data, actor=actor)


def revoke_membership(session: Session, membership_id: UUID, *, actor: Actor) -> None:
    """The role is lost now, also in sessions that are open: roles are read at each request."""
    membership = session.get(Membership, membership_id)
    if membership is None:
        raise NotFound("Não encontramos essa lotação.")
    if membership.revoked_at is None:
        membership.revoked_at = clock.now()
        session.flush()
        data = {"account": str(membership.account_id), "role": membership.role}
        history.record(session, "lotacao_revogada", data, actor=actor)


def appoint_substitute(
    session: Session,
    substituted_id: UUID,
    substitute_id: UUID,
    starts_on: date,
    ends_on: date,
    *,
    actor: Actor,
    unit: str | None = None,
) -> Substitution:
    """In the period the substitute may act with the substituted's roles; each act is recorded as done for them.

    With `unit`, only there and only with the roles that a chefia lends (`CHEFIA_LENDS`). Who may appoint whom is decided
    by `people.substitutions`.
    """
    if substituted_id == substitute_id:
        raise InvalidInput({"substitute": "Escolha outra pessoa: ninguém substitui a si mesmo."})
    if ends_on < starts_on:
        raise InvalidInput({"ends_on": "O fim da substituição não pode ser anterior ao início."})
    for account_id in (substituted_id, substitute_id):
        account = session.get(Account, account_id, with_for_update=account_id == substituted_id)
        if account is None or account.kind != "staff":
            raise NotFound("A substituição é entre contas de servidores.")
    same = (
        Substitution.substituted_id == substituted_id, Substitution.substitute_id == substitute_id,
        Substitution.starts_on == starts_on, Substitution.ends_on == ends_on, Substitution.ended_at.is_(None),
        Substitution.unit.is_(None) if unit is None else Substitution.unit == unit,
    )  # fmt: skip
    earlier = session.scalars(select(Substitution).where(*same).limit(1)).first()
    if earlier is not None:
        return earlier
    row = Substitution(substituted_id=substituted_id, substitute_id=substitute_id, starts_on=starts_on, ends_on=ends_on)
    row.unit = unit
    session.add(row)
    session.flush()
    data = {"substituted": str(substituted_id), "substitute": str(substitute_id)}
    history.record(session, "substituicao_designada", data, actor=actor)
    return row


def seats(session: Session, account_id: UUID) -> list[Seat]:
    """Where the account may act today: own units first (oldest membership first), then as a substitute."""
    today = clock.today()
    found = _own_seats(session, account_id, today, None)
    rows = session.execute(
        select(Substitution.substituted_id, Substitution.unit)
        .where(
            Substitution.substitute_id == account_id,
            Substitution.starts_on <= today,
            Substitution.ends_on >= today,
            Substitution.ended_at.is_(None),
        )
        .order_by(Substitution.unit.is_not(None), Substitution.starts_on, Substitution.id)
    )
    lent: dict[tuple[UUID, str], Seat] = {}
    for substituted_id, unit in rows:
        for seat in _own_seats(session, substituted_id, today, substituted_id):
            if unit is None or seat.unit == unit:
                roles = seat.roles if unit is None else seat.roles & CHEFIA_LENDS
                lent.setdefault((substituted_id, seat.unit), replace(seat, roles=roles))
    return found + [seat for seat in lent.values() if seat.roles]


def actor_of(session: Session, account_id: UUID, unit: str | None = None, acting_for: UUID | None = None) -> Actor:
    """The actor that this account is now, in `unit` and in the place of `acting_for` when a substitution allows it.

    Forbidden when the account is disabled or not confirmed, or has no such seat today. A staff account without any
    membership has no roles; a citizen's only role is `cidadao`, an
    external user's `externo`.
    """
    account = session.get(Account, account_id)
    if account is None or account.disabled_at is not None or account.confirmed_at is None:
        raise Forbidden("Esta conta não está ativa.")
    if account.kind != "staff":
        role = "externo" if account.kind == "external" else "cidadao"
        return Actor("account", account.id, account.person_id, frozenset({role}))
    chosen = _choose(seats(session, account_id), unit, acting_for)
    if chosen is None:
        if unit is not None or acting_for is not None:
            raise Forbidden("Você não está lotado nessa unidade hoje.")
        return Actor("account", account.id, account.person_id)
    return Actor("account", account.id, account.person_id, chosen.roles, chosen.unit, chosen.acting_for)


def _choose(options: Iterable[Seat], unit: str | None, acting_for: UUID | None) -> Seat | None:
    """The first seat that fits; with only a unit, an own seat comes before a substitution."""
    for seat in options:
        if unit is not None and seat.unit != unit:
            continue
        if acting_for is not None and seat.acting_for != acting_for:
            continue
        return seat
    return None


def _own_seats(session: Session, account_id: UUID, today: date, acting_for: UUID | None) -> list[Seat]:
    rows = session.execute(
        select(Unit.sigla, Unit.name, Membership.role)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(
            Membership.account_id == account_id,
            Membership.revoked_at.is_(None),
            Membership.starts_on <= today,
            or_(Membership.ends_on.is_(None), Membership.ends_on >= today),
        )
        .order_by(Membership.starts_on, Unit.sigla, Membership.role)
    )
    units: dict[str, tuple[str, set[str]]] = {}
    for sigla, name, role in rows:
        if role in ROLES:
            units.setdefault(sigla, (name, set()))[1].add(role)
    return [Seat(sigla, name, frozenset(roles), acting_for) for sigla, (name, roles) in units.items()]
