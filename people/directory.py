"""Staff of the directory (LDAP): their accounts are made at the first sign-in, their roles follow their groups.

A group that is lost takes its roles away at the next sign-in or, for who does not sign in again, within ten minutes
(job `people.refresh_directory`); actors are built from the roles at each request, so open sessions lose them too.
"""

from __future__ import annotations

import time

import structlog
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from integrations.ldap import LdapError, LdapPerson, LdapRefused
from people import sessions, units
from people.errors import DirectoryDown
from people.models import Account, Membership, Unit
from people.settings import settings
from workflow import clock, history, jobs
from workflow.actor import SYSTEM
from workflow.database import transaction

log = structlog.get_logger(__name__)
_REST_S = 15.0
_away_until = 0.0


def prove(login: str, password: str) -> LdapPerson | None:
    """The person when the password is theirs in the directory. DirectoryDown when it does not answer.

    After a failure it is left alone for some seconds, so that nobody waits for one timeout after another.
    """
    global _away_until
    directory = settings().directory
    if directory is None:
        return None
    if time.monotonic() < _away_until:
        raise DirectoryDown
    try:
        return directory.authenticate(login, password)
    except LdapError as error:
        _away_until = time.monotonic() + _REST_S
        say = log.error if isinstance(error, LdapRefused) else log.warning
        say("directory not usable", server=directory.settings.url, error=str(error))
        raise DirectoryDown from error


def forget_failure() -> None:
    """Ask the directory again at once (its configuration changed; tests)."""
    global _away_until
    _away_until = 0.0


def admit(session: Session, person: LdapPerson, login: str) -> Account | None:
    """The account of a person of the directory, made when new, with the roles of the groups as they are now.

    None when the login belongs to another account: a local one, or that of who had this login in the directory before,
    who then keeps nothing.
    """
    account = _account_of(session, person, login)
    if account is None:
        return None
    account.display_name, account.email = person.name[:200], person.email and person.email[:254].casefold()
    session.flush()
    follow_groups(session, account, person.groups)
    return account


def follow_groups(session: Session, account: Account, groups: frozenset[str]) -> None:
    """Give the roles of the groups and revoke, at once, those of groups that the person left."""
    rules_of = settings().directory_roles
    wanted = {pair for group in groups for pair in rules_of.get(group, frozenset())}
    held = {(sigla, row.role): row for row, sigla in _in_force(session, account)}
    for pair, row in held.items():
        if row.source == "ldap" and pair not in wanted:
            units.revoke_membership(session, row.id, actor=SYSTEM)
    for sigla, role in sorted(wanted - set(held)):
        _give(session, account, sigla, role)


def take_everything(session: Session, account: Account) -> None:
    """The directory knows this person no more: what it gave is revoked and the sessions end."""
    follow_groups(session, account, frozenset())
    sessions.revoke_all(session, account.id, actor=SYSTEM)


@jobs.job("people.refresh_directory", queue="maintenance", every="*/10 * * * *")
def refresh_directory() -> None:
    """Compare the accounts of the directory with it, one transaction each; what it does not answer changes nothing."""
    directory = settings().directory
    if directory is None:
        return
    with transaction() as session:
        query = select(Account.id, Account.login).where(Account.source == "ldap", Account.disabled_at.is_(None))
        known = session.execute(query.order_by(Account.login)).all()
    for account_id, login in known:
        try:
            person = directory.find(login or "")
        except LdapError as error:
            log.warning("directory not refreshed", error=str(error))
            return
        with transaction() as session:
            account = session.get_one(Account, account_id, with_for_update=True)
            if person is None or person.id != account.directory_id:
                take_everything(session, account)
            else:
                follow_groups(session, account, person.groups)


def _account_of(session: Session, person: LdapPerson, login: str) -> Account | None:
    """Found by the directory's own id, so that a new login stays the same account; made when there is none."""
    found = session.scalar(select(Account).where(Account.directory_id == person.id).with_for_update())
    if found is not None:
        return found
    there = session.scalar(select(Account).where(Account.login == login).with_for_update())
    if there is not None:
        if there.source == "ldap":
            take_everything(session, there)
        log.error("login of the directory belongs to another account", account=str(there.id))
        return None
    made = insert(Account).values(
        kind="staff",
        source="ldap",
        directory_id=person.id,
        login=login,
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )
    account: Account | None = session.scalar(made.on_conflict_do_nothing().returning(Account))
    if account is None:  # two first sign-ins at once
        return session.scalar(select(Account).where(Account.directory_id == person.id).with_for_update())
    history.record(session, "conta_do_diretorio_criada", {"account": str(account.id)}, actor=SYSTEM)
    return account


def _in_force(session: Session, account: Account) -> list[tuple[Membership, str]]:
    today = clock.today()
    rows = session.execute(
        select(Membership, Unit.sigla)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(
            Membership.account_id == account.id,
            Membership.revoked_at.is_(None),
            Membership.starts_on <= today,
            or_(Membership.ends_on.is_(None), Membership.ends_on >= today),
        )
    )
    return [(row, sigla) for row, sigla in rows]


def _give(session: Session, account: Account, sigla: str, role: str) -> None:
    unit = session.scalar(select(Unit).where(Unit.sigla == sigla))
    if unit is None:
        log.error("unit of the directory's map does not exist", unit=sigla)
        return
    today = clock.today()
    key = (Membership.account_id == account.id, Membership.unit_id == unit.id, Membership.role == role)
    row = session.scalar(select(Membership).where(*key, Membership.starts_on == today))
    if row is None:
        row = Membership(account_id=account.id, unit_id=unit.id, role=role, starts_on=today)
        session.add(row)
    row.source, row.ends_on, row.revoked_at = "ldap", None, None
    session.flush()
    data = {"account": str(account.id), "unit": sigla, "role": role}
    history.record(session, "lotacao_criada", data, actor=SYSTEM)
