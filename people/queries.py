"""Reading about people: the desk's and the CAC's searches, names for pages, lists of the administration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from people import rules
from people.models import Account, FaceRecord, Membership, Organ, Person, Substitution, Unit
from workflow import clock
from workflow.errors import InvalidInput

ERASED_NAME = "Pessoa eliminada a pedido"


@dataclass(frozen=True)
class PersonRow:
    """A registered person in a list; `has_face` says whether the face can be compared."""

    id: UUID
    full_name: str
    cpf: str | None
    cpf_verified_at: datetime | None
    without_document: bool
    has_face: bool
    created_at: datetime

    @property
    def masked_cpf(self) -> str:
        """***.982.247-**, or nothing."""
        return rules.mask_cpf(self.cpf) if self.cpf else ""


@dataclass(frozen=True)
class AccountRow:
    """An account in a list."""

    id: UUID
    kind: str
    login: str
    display_name: str
    email: str | None
    person_id: UUID | None
    claimed_cpf: str | None
    confirmed_at: datetime | None
    disabled_at: datetime | None
    source: str = "local"


@dataclass(frozen=True)
class MembershipRow:
    """A role of an account in a unit."""

    id: UUID
    account_id: UUID
    unit: str
    role: str
    starts_on: date
    ends_on: date | None
    source: str = "local"
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class SubstitutionRow:
    """Who substitutes whom, and when."""

    id: UUID
    substituted_id: UUID
    substitute_id: UUID
    starts_on: date
    ends_on: date
    unit: str | None = None
    ended_at: datetime | None = None


def person(session: Session, person_id: UUID) -> PersonRow | None:
    """One living person."""
    found = _people(session, Person.id == person_id, 1)
    return found[0] if found else None


def person_by_cpf(session: Session, cpf: str) -> PersonRow | None:
    """The person of a CPF; InvalidInput when it cannot be one."""
    found = _people(session, Person.cpf == rules.normalize_cpf(cpf), 1)
    return found[0] if found else None


def search_people(session: Session, text: str, limit: int = 20) -> list[PersonRow]:
    """By CPF when there are digits, else by all the words of the name (R5). Homonyms all come (I10)."""
    if any(char.isdigit() for char in text):
        found = person_by_cpf(session, text)
        return [found] if found else []
    tokens = rules.name_tokens(text)
    if not tokens or max(map(len, tokens)) < 3:
        raise InvalidInput({"q": "Escreva ao menos um nome com três letras, ou o CPF."})
    return _people(session, Person.name_tokens.contains(tokens), limit)


def names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Full names for a page; erased people by what they are."""
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(list(person_ids))))
    return {identifier: name or ERASED_NAME for identifier, name in rows}


def account_names(session: Session, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Display names (or logins) of accounts, for timelines and lists."""
    columns = (Account.id, Account.display_name, Account.email, Account.login)
    rows = session.execute(select(*columns).where(Account.id.in_(list(account_ids))))
    return {identifier: name or email or login or ERASED_NAME for identifier, name, email, login in rows}


def citizen_account(session: Session, email: str) -> AccountRow | None:
    """The citizen's account of an e-mail, for the CAC desk."""
    query = select(Account).where(Account.login == rules.normalize_email(email), Account.kind == "citizen")
    found = session.scalar(query)
    return None if found is None else _account_row(found)


def citizen_account_of(session: Session, person_id: UUID) -> AccountRow | None:
    """The citizen's account tied to a person."""
    found = session.scalar(select(Account).where(Account.person_id == person_id, Account.kind == "citizen"))
    return None if found is None else _account_row(found)


def account(session: Session, account_id: UUID) -> AccountRow | None:
    """One account."""
    found = session.get(Account, account_id)
    return None if found is None else _account_row(found)


def staff_accounts(session: Session) -> list[AccountRow]:
    """Every staff account, by login."""
    query = select(Account).where(Account.kind == "staff").order_by(Account.login)
    return [_account_row(found) for found in session.scalars(query)]


def units(session: Session) -> list[tuple[str, str]]:
    """Sigla and name of every unit."""
    return [(sigla, name) for sigla, name in session.execute(select(Unit.sigla, Unit.name).order_by(Unit.sigla))]


def unit_rows(session: Session) -> list[Unit]:
    """Every unit with all that is known of it, by sigla."""
    return list(session.scalars(select(Unit).order_by(Unit.sigla)))


def organs(session: Session) -> list[Organ]:
    """Every órgão, by code."""
    return list(session.scalars(select(Organ).order_by(Organ.code)))


def memberships(session: Session, account_id: UUID | None = None) -> list[MembershipRow]:
    """Roles of one account or of all, the latest first."""
    query = select(Membership, Unit.sigla).join(Unit, Unit.id == Membership.unit_id)
    if account_id is not None:
        query = query.where(Membership.account_id == account_id)
    rows = session.execute(query.order_by(Membership.starts_on.desc(), Unit.sigla, Membership.role))
    return [
        MembershipRow(m.id, m.account_id, sigla, m.role, m.starts_on, m.ends_on, m.source, m.revoked_at)
        for m, sigla in rows
    ]


def substitutions(session: Session, account_id: UUID | None = None) -> list[SubstitutionRow]:
    """Every substitution, or those in which the account takes part, the latest first."""
    query = select(Substitution).order_by(Substitution.starts_on.desc(), Substitution.id)
    if account_id is not None:
        query = query.where(or_(Substitution.substituted_id == account_id, Substitution.substitute_id == account_id))
    return [_substitution_row(row) for row in session.scalars(query)]


def substitutions_in(session: Session, unit: str) -> list[SubstitutionRow]:
    """Substitutions that the chefia of a unit appointed, the latest first."""
    query = select(Substitution).where(Substitution.unit == unit)
    rows = session.scalars(query.order_by(Substitution.starts_on.desc(), Substitution.id))
    return [_substitution_row(row) for row in rows]


def colleagues(session: Session, unit: str | None = None) -> list[AccountRow]:
    """Staff accounts that hold a role today, in one unit or in any, by name."""
    today = clock.today()
    held = (
        select(Membership.account_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(
            Membership.revoked_at.is_(None),
            Membership.starts_on <= today,
            or_(Membership.ends_on.is_(None), Membership.ends_on >= today),
        )
    )
    if unit is not None:
        held = held.where(Unit.sigla == unit)
    query = select(Account).where(Account.kind == "staff", Account.disabled_at.is_(None), Account.id.in_(held))
    return [_account_row(found) for found in session.scalars(query.order_by(Account.display_name, Account.login))]


def external_account_of_email(session: Session, email: str) -> AccountRow | None:
    """The external user's account of an e-mail, confirmed or not; None when there is none."""
    login = rules.external_login(rules.normalize_email(email))
    found = session.scalar(select(Account).where(Account.login == login, Account.kind == "external"))
    return None if found is None else _account_row(found)


def _people(session: Session, condition: object, limit: int) -> list[PersonRow]:
    rows = session.execute(
        select(Person, FaceRecord.person_id)
        .outerjoin(FaceRecord, FaceRecord.person_id == Person.id)
        .where(condition, Person.erased_at.is_(None))  # type: ignore[arg-type]  # any SQL condition over Person
        .order_by(Person.name_folded, Person.id)
        .limit(limit)
    )
    return [
        PersonRow(p.id, p.full_name or "", p.cpf, p.cpf_verified_at, p.without_document, face is not None, p.created_at)
        for p, face in rows
    ]


def _substitution_row(row: Substitution) -> SubstitutionRow:
    return SubstitutionRow(
        row.id, row.substituted_id, row.substitute_id, row.starts_on, row.ends_on, row.unit, row.ended_at
    )


def _account_row(row: Account) -> AccountRow:
    return AccountRow(
        row.id,
        row.kind,
        row.login or "",
        row.display_name or "",
        row.email,
        row.person_id,
        row.claimed_cpf,
        row.confirmed_at,
        row.disabled_at,
        row.source,
    )
