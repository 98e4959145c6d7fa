"""A directory over LDAP (RFC 4511): who somebody is there, whether a password is theirs, which groups they are in.

Always under TLS (`ldaps://`, or StartTLS: `ldap+starttls://`) with the server's certificate and name verified. What a
person types reaches the server only escaped (RFC 4515, section 3) or as a password; an empty password is refused here,
because a bind without one succeeds for anybody (RFC 4513, 5.1.2). Referrals are not followed.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ldap3 import AUTO_BIND_NONE, NONE, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPInvalidDnError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

_WAYS = {"ldaps": 636, "ldap+starttls": 389}
_SIZE_LIMIT = 4
_TROUBLE = frozenset({1, 2, 7, 8, 13, 51, 52, 80})
"""Results of a bind that speak of the server or the protocol, not of this person (RFC 4511, appendix A)."""


class LdapError(Exception):
    """The directory did not answer, or not as it should; the message is for the log."""


class LdapRefused(LdapError):
    """The server is not who it should be (certificate), or refuses the service's own account: wrong configuration."""


@dataclass(frozen=True)
class LdapSettings:
    """Where the directory is. `url`: ldaps://host[:port] or ldap+starttls://host[:port]; timeouts in seconds."""

    url: str
    base: str
    bind_dn: str
    bind_password: str = field(repr=False)
    ca_file: Path | None = None
    login_attribute: str = "uid"
    id_attribute: str = "entryUUID"
    name_attribute: str = "cn"
    email_attribute: str = "mail"
    timeout_s: float = 4.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in _WAYS or not parts.hostname:
            raise ValueError("use ldaps://servidor[:porta] ou ldap+starttls://servidor[:porta]")
        if not (self.base and self.bind_dn and self.bind_password):
            raise ValueError("faltam a base da busca, o DN ou a senha da conta de serviço")


@dataclass(frozen=True)
class LdapPerson:
    """An entry of the directory. `id` never changes and is never given to another; `groups`: normalised DNs."""

    id: str
    login: str
    name: str
    email: str | None
    groups: frozenset[str]
    dn: str = field(repr=False, default="")


class LdapDirectory:
    """The client; holds no connection between calls."""

    def __init__(self, settings: LdapSettings) -> None:
        self.settings = settings
        parts = urlsplit(settings.url)
        self._host, self._port = parts.hostname or "", parts.port or _WAYS[parts.scheme]
        self._starttls = parts.scheme == "ldap+starttls"
        self._tls = _VerifyingTls(settings.ca_file)

    def find(self, login: str) -> LdapPerson | None:
        """The one entry of this login with its groups; None when there is none, or more than one."""
        with self._service() as connection:
            return self._find(connection, login)

    def authenticate(self, login: str, password: str) -> LdapPerson | None:
        """The person when the password is theirs, else None. Raises LdapError when the directory can't say."""
        if not login or not password or "\0" in password:
            return None
        with self._service() as connection:
            person = self._find(connection, login)
        if person is None:
            return None
        with self._open(person.dn, password) as own:
            if self._bind(own):
                return person
        return None

    def _find(self, connection: Connection, login: str) -> LdapPerson | None:
        wanted = self.settings
        attributes = [wanted.login_attribute, wanted.id_attribute, wanted.name_attribute, wanted.email_attribute]
        query = f"({wanted.login_attribute}={escape_filter_chars(login)})"
        entries = self._search(connection, query, attributes, limit=2)
        if len(entries) != 1:
            return None
        dn, values = entries[0]
        identifier = _first(values, wanted.id_attribute)
        if not identifier:
            raise LdapRefused(f"the entry has no {wanted.id_attribute}")
        name = _first(values, wanted.name_attribute) or login
        email = _first(values, wanted.email_attribute) or None
        return LdapPerson(identifier, login, name, email, self._groups(connection, dn, login), dn)

    def _groups(self, connection: Connection, dn: str, login: str) -> frozenset[str]:
        """Groups that name the entry (groupOfNames, groupOfUniqueNames, posixGroup, Active Directory's group)."""
        member, uid = escape_filter_chars(dn), escape_filter_chars(login)
        query = f"(|(member={member})(uniqueMember={member})(memberUid={uid}))"
        return frozenset(normal_dn(found) for found, _ in self._search(connection, query, ["1.1"]))

    def _search(
        self, connection: Connection, query: str, attributes: list[str], limit: int = 0
    ) -> list[tuple[str, dict[str, Any]]]:
        connection.search(self.settings.base, query, SUBTREE, attributes=attributes, size_limit=limit)
        if connection.result["result"] not in (0, _SIZE_LIMIT):
            raise LdapRefused(f"search: {connection.result['description']}")
        response = connection.response or []
        return [(row["dn"], row["raw_attributes"]) for row in response if row["type"] == "searchResEntry"]

    @contextmanager
    def _service(self) -> Iterator[Connection]:
        """A connection bound as the program's own account."""
        with self._open(self.settings.bind_dn, self.settings.bind_password) as connection:
            if not self._bind(connection):
                raise LdapRefused("the directory refused the service's own DN or password")
            yield connection

    @contextmanager
    def _open(self, dn: str, password: str) -> Iterator[Connection]:
        timeout = self.settings.timeout_s
        server = Server(
            self._host, self._port, use_ssl=not self._starttls, tls=self._tls, get_info=NONE, connect_timeout=timeout
        )
        connection = Connection(
            server, dn, password, auto_bind=AUTO_BIND_NONE, authentication=SIMPLE, auto_referrals=False,
            receive_timeout=max(1, ceil(timeout)), read_only=True, check_names=False,
        )  # fmt: skip
        try:
            connection.open(read_server_info=False)
            if self._starttls and not connection.start_tls(read_server_info=False):
                raise LdapRefused("the server offers no StartTLS")
            yield connection
        except (LDAPException, OSError) as error:
            raise _told(error) from error
        finally:
            _close(connection)

    def _bind(self, connection: Connection) -> bool:
        """True when bound, False when the password is wrong or the entry locked; raises when the server is in trouble."""
        if connection.bind(read_server_info=False):
            return True
        if connection.result["result"] in _TROUBLE:
            raise LdapError(f"bind: {connection.result['description']}")
        return False


def normal_dn(dn: str) -> str:
    """A DN in one form, to compare: no spaces around, no case. What is not a DN stays as it is, without case."""
    try:
        parts = parse_dn(dn, escape=True, strip=True)
    except LDAPInvalidDnError:
        return dn.strip().casefold()
    return "".join(f"{name.strip()}={value.strip()}{glue}" for name, value, glue in parts).casefold()


class _VerifyingTls(Tls):
    """TLS as the standard library does it: chain and host name verified in the handshake, whatever ldap3 would do."""

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: ARG002 - ldap3's signature
        """Called by ldap3 once the socket is connected, and after StartTLS."""
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)


def _first(values: dict[str, Any], name: str) -> str:
    """The first value of an attribute, as text; a binary one (objectGUID) in hexadecimal."""
    found = next((values[key] for key in values if key.casefold() == name.casefold()), None)
    raw: bytes = found[0] if found else b""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.hex()


def _told(error: Exception) -> LdapError:
    """What went wrong, for the log: a certificate that does not verify is told apart from a server that is away."""
    text = f"{type(error).__name__}: {error}"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "certificate" in str(cause).casefold():
            return LdapRefused(f"TLS: {cause}")
        cause = cause.__cause__ or cause.__context__
    return LdapError(text)


def _close(connection: Connection) -> None:
    """Say goodbye and close the socket, which ldap3 leaves open when it failed to connect."""
    with suppress(LDAPException, OSError):
        connection.unbind()
    if connection.socket is not None:
        connection.socket.close()
