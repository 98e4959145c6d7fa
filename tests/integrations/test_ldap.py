"""The directory's client against a real slapd with TLS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.ldap import LdapDirectory, LdapError, LdapRefused, LdapSettings, normal_dn
from tests.ldap_server import BASE, PASSWORD, SERVICE, LdapServer, group_dn


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LdapServer]:
    with LdapServer(tmp_path_factory.mktemp("ldap") / "slapd") as started:
        yield started


def test_a_dn_is_compared_in_one_form() -> None:
    assert normal_dn("CN=Chefes GRI, dc=ALMG,DC=example") == normal_dn("cn=chefes gri,dc=almg,dc=example")
    assert normal_dn("cn=a\\,b,dc=x") != normal_dn("cn=a,cn=b,dc=x")
    assert normal_dn("não é um DN") == "não é um dn"


@pytest.mark.parametrize("url", ["ldap://servidor", "http://servidor", "ldaps://", "servidor"])
def test_only_addresses_with_tls_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="ldaps://"):
        LdapSettings(url, BASE, SERVICE, "x")


@pytest.mark.slow
def test_the_password_is_judged_and_groups_come_over_tls_and_starttls(server: LdapServer) -> None:
    for url in (server.ldaps, server.starttls):
        directory = LdapDirectory(server.settings(url))
        person = directory.authenticate("lucia", PASSWORD)
        assert person is not None
        assert (person.login, person.name, person.email) == ("lucia", "Lúcia Barros", "lucia@almg.example")
        assert person.groups == {normal_dn(group_dn(name)) for name in ("gri", "chefes-gri", "grpc")}
        assert len(person.id) == 36
        assert directory.authenticate("lucia", "outra senha") is None
        assert directory.authenticate("ninguem", PASSWORD) is None


@pytest.mark.slow
def test_an_empty_password_never_binds_though_the_server_would_let_it(server: LdapServer) -> None:
    directory = LdapDirectory(server.settings())
    assert directory.authenticate("lucia", "") is None
    assert directory.authenticate("", "") is None
    assert directory.authenticate("lucia", "\0") is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "typed",
    ["*", "luc*", "lucia)(uid=*", "*)(|(uid=*", "lucia)(objectClass=*))(|(uid=x", "lucia\\2a", "lucia\0", "(&)", "\\"],
)
def test_what_is_typed_never_becomes_part_of_the_filter(server: LdapServer, typed: str) -> None:
    directory = LdapDirectory(server.settings())
    assert directory.find(typed) is None
    assert directory.authenticate(typed, PASSWORD) is None


@pytest.mark.slow
def test_a_certificate_of_another_authority_or_another_name_is_refused(server: LdapServer) -> None:
    port = server.ldaps.rpartition(":")[2]
    for url in (server.ldaps, server.starttls):
        with pytest.raises(LdapRefused, match=r"TLS:.*certificate"):
            LdapDirectory(server.settings(url, server.other_ca)).authenticate("lucia", PASSWORD)
    with pytest.raises(LdapRefused, match=r"TLS:.*certificate"):
        LdapDirectory(server.settings(f"ldaps://127.0.0.1:{port}")).authenticate("lucia", PASSWORD)


@pytest.mark.slow
def test_a_wrong_service_password_is_the_configurations_fault_not_the_persons(server: LdapServer) -> None:
    with pytest.raises(LdapRefused, match="own DN or password"):
        LdapDirectory(replace(server.settings(), bind_password="outra")).authenticate("lucia", PASSWORD)


@pytest.mark.slow
def test_a_server_that_is_away_or_silent_is_told_within_the_timeout(tmp_path: Path, server: LdapServer) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        away = replace(server.settings(f"ldaps://localhost:{silent.getsockname()[1]}"), timeout_s=0.5)
        begun = time.monotonic()
        with pytest.raises(LdapError):
            LdapDirectory(away).authenticate("lucia", PASSWORD)
        assert time.monotonic() - begun < 3
    with pytest.raises(LdapError):
        LdapDirectory(away).find("lucia")
