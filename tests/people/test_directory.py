"""Signing in by the directory: a real slapd, groups that give and take roles, the directory away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import people
from integrations.ldap import LdapDirectory, LdapPerson, normal_dn
from people import accounts, directory, units
from people.errors import DirectoryDown
from people.models import Account, Membership
from people.operations import account_for_token, prove_password, sign_in
from people.sign_in import NO_ROLE, WRONG
from tests.ldap_server import PASSWORD, LdapServer, group_dn
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.errors import InvalidInput

HERE = "203.0.113.9"
LOCAL = "uma frase só daqui"
ROLES = {
    normal_dn(group_dn("gri")): frozenset({("GRI", "servidor")}),
    normal_dn(group_dn("chefes-gri")): frozenset({("GRI", "chefia")}),
    normal_dn(group_dn("grpc")): frozenset({("GRPC", "servidor"), ("NENHUMA", "admin")}),
}


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LdapServer]:
    with LdapServer(tmp_path_factory.mktemp("ldap") / "slapd") as started:
        yield started


@pytest.fixture
def use(slapd: LdapServer, mailbox: object) -> Iterator[None]:
    """The part configured with the directory, which is up."""
    directory.forget_failure()
    configure(slapd)
    yield
    directory.forget_failure()


def configure(slapd: LdapServer, url: str = "", ca_file: Path | None = None) -> None:
    found = people.settings()
    client = LdapDirectory(slapd.settings(url, ca_file))
    people.configure(
        people.PeopleSettings(
            found.keyring, found.mailbox, found.portal_url, directory=client, directory_roles=ROLES
        )
    )  # fmt: skip


def house(session: Session) -> None:
    for sigla in ("GRPC", "GRI"):
        units.create_unit(session, sigla, sigla, actor=SYSTEM)


def seats_of(session: Session, account: Account) -> dict[str, frozenset[str]]:
    return {seat.unit: seat.roles for seat in units.seats(session, account.id)}


def account_of(session: Session, login: str) -> Account:
    return session.execute(select(Account).where(Account.login == login)).scalar_one()


@pytest.mark.slow
def test_the_first_sign_in_makes_the_account_and_groups_give_and_take_roles_at_once(
    session: Session, slapd: LdapServer, use: None
) -> None:
    house(session)
    assert sign_in(session, "lucia", "outra senha", HERE).message == WRONG
    token = sign_in(session, " LUCIA ", PASSWORD, HERE).token or ""
    lucia = account_of(session, "lucia")
    assert (lucia.source, lucia.password_hash, lucia.display_name) == ("ldap", None, "Lúcia Barros")
    assert seats_of(session, lucia) == {"GRI": frozenset({"servidor", "chefia"}), "GRPC": frozenset({"servidor"})}
    open_before = account_for_token(session, token)
    assert open_before is not None
    assert open_before.actor.has("chefia")
    slapd.leave("chefes-gri", "lucia")
    try:
        assert sign_in(session, "lucia", PASSWORD, HERE).ok
        after = account_for_token(session, token)
        assert after is not None
        assert not after.actor.has("chefia")
        assert after.actor.has("servidor")
    finally:
        slapd.join("chefes-gri", "lucia")
    assert sign_in(session, "lucia", PASSWORD, HERE).ok
    assert "chefia" in seats_of(session, lucia)["GRI"]


@pytest.mark.slow
def test_who_is_in_no_group_any_more_does_not_enter_and_open_sessions_end(
    session: Session, slapd: LdapServer, use: None
) -> None:
    house(session)
    token = sign_in(session, "marcos", PASSWORD, HERE).token or ""
    slapd.leave("gri", "marcos")
    try:
        refused = sign_in(session, "marcos", PASSWORD, HERE)
        assert (refused.ok, refused.message) == (False, NO_ROLE)
        assert account_for_token(session, token) is None
    finally:
        slapd.join("gri", "marcos")


@pytest.mark.slow
def test_roles_given_here_stay_and_the_directory_takes_only_its_own(
    session: Session, slapd: LdapServer, use: None
) -> None:
    house(session)
    sign_in(session, "marcos", PASSWORD, HERE)
    marcos = account_of(session, "marcos")
    units.add_membership(session, marcos.id, "GRPC", "protocolo", actor=SYSTEM)
    directory.follow_groups(session, marcos, frozenset())
    assert seats_of(session, marcos) == {"GRPC": frozenset({"protocolo"})}


@pytest.mark.slow
def test_the_directory_down_or_with_a_wrong_certificate_stops_nobody_who_is_local(
    session: Session, slapd: LdapServer, use: None, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    house(session)
    accounts.create_staff_account(session, "ana", "Ana Souza", LOCAL, actor=SYSTEM)
    assert sign_in(session, "lucia", PASSWORD, HERE).ok
    lucia = account_of(session, "lucia")
    configure(slapd, ca_file=slapd.other_ca)
    refused = sign_in(session, "lucia", PASSWORD, HERE)
    assert "não está respondendo" in refused.message
    # printed, or logged where a test before this one has configured the log
    assert "CERTIFICATE_VERIFY_FAILED" in capsys.readouterr().out + caplog.text
    assert sign_in(session, "ana", LOCAL, HERE).ok
    configure(slapd)
    directory.forget_failure()
    slapd.stop()
    try:
        for _ in range(8):  # taken back each time: the directory's absence locks nobody out
            assert "não está respondendo" in sign_in(session, "lucia", PASSWORD, HERE).message
        assert sign_in(session, "ana", LOCAL, HERE).ok
        with pytest.raises(DirectoryDown):
            prove_password(session, lucia.id, PASSWORD, HERE)
    finally:
        slapd.start()
        directory.forget_failure()
    assert sign_in(session, "lucia", PASSWORD, HERE).ok


@pytest.mark.slow
def test_an_entry_with_the_login_of_a_local_account_never_enters_as_it(
    session: Session, slapd: LdapServer, use: None
) -> None:
    house(session)
    local = accounts.create_staff_account(session, "lucia", "Lúcia Local", LOCAL, actor=SYSTEM)
    assert not sign_in(session, "lucia", PASSWORD, HERE).ok
    assert sign_in(session, "lucia", LOCAL, HERE).account_id == local.id


@pytest.mark.slow
def test_a_login_given_to_somebody_else_in_the_directory_inherits_nothing(
    session: Session, slapd: LdapServer, use: None
) -> None:
    house(session)
    token = sign_in(session, "lucia", PASSWORD, HERE).token or ""
    old = account_of(session, "lucia")
    impostor = LdapPerson(str(uuid4()), "lucia", "Outra Pessoa", None, frozenset(ROLES))
    assert directory.admit(session, impostor, "lucia") is None
    assert seats_of(session, old) == {}
    assert account_for_token(session, token) is None


@pytest.mark.slow
def test_injection_and_empty_passwords_are_wrong_like_any_other(session: Session, slapd: LdapServer, use: None) -> None:
    house(session)
    for login in ("*", "lucia)(uid=*", "*)(|(uid=*", "lucia\0", "uid=lucia,dc=almg,dc=example"):
        assert sign_in(session, login, PASSWORD, HERE).message == WRONG
    assert sign_in(session, "lucia", "", HERE).message == WRONG
    assert session.scalar(select(Account).where(Account.source == "ldap")) is None


@pytest.mark.slow
def test_the_password_for_a_signature_is_asked_of_the_directory(session: Session, slapd: LdapServer, use: None) -> None:
    house(session)
    sign_in(session, "lucia", PASSWORD, HERE)
    lucia = account_of(session, "lucia")
    assert prove_password(session, lucia.id, PASSWORD, HERE)
    assert not prove_password(session, lucia.id, "outra", HERE)
    assert not prove_password(session, lucia.id, "", HERE)
    actor = units.actor_of(session, lucia.id)
    with pytest.raises(InvalidInput) as refused:
        accounts.change_password(session, lucia.id, PASSWORD, "outra frase comprida", actor=actor)
    assert "diretório" in refused.value.fields["current"]


@pytest.mark.slow
def test_the_job_takes_away_what_the_directory_took_without_a_sign_in(
    database_url: str, slapd: LdapServer, use: None
) -> None:
    with transaction() as db:
        house(db)
        assert sign_in(db, "lucia", PASSWORD, HERE).ok
        token = sign_in(db, "marcos", PASSWORD, HERE).token or ""
    slapd.leave("chefes-gri", "lucia")
    slapd.replace_person("marcos")
    try:
        directory.refresh_directory()
    finally:
        slapd.join("chefes-gri", "lucia")
    with transaction() as db:
        assert seats_of(db, account_of(db, "lucia"))["GRI"] == {"servidor"}
        assert seats_of(db, account_of(db, "marcos")) == {}
        assert account_for_token(db, token) is None
        revoked = db.scalars(select(Membership).where(Membership.revoked_at.is_not(None))).all()
        assert {row.role for row in revoked} == {"chefia", "servidor"}
