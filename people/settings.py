"""What the people part is given by the wiring: the keyring, the mailbox, the portal's addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from integrations.ldap import LdapDirectory
from integrations.mail import Mailbox
from people.keyring import Keyring


@dataclass(frozen=True)
class PeopleSettings:
    """`portal_url` without a final slash; the paths receive `{token}`.

    `directory_roles`: normalised DN of a group of the directory → pairs of unit (sigla) and role.
    """

    keyring: Keyring
    mailbox: Mailbox
    portal_url: str
    confirm_path: str = "/confirmar-cadastro/{token}"
    reset_path: str = "/redefinir-senha/{token}"
    external_confirm_path: str = "/externo/confirmar/{token}"
    directory: LdapDirectory | None = None
    directory_roles: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    totp_required: bool = False
    confirm_lifetime: timedelta = timedelta(hours=24)
    reset_lifetime: timedelta = timedelta(hours=1)
    session_idle: timedelta = timedelta(hours=2)
    session_absolute: timedelta = timedelta(hours=12)
    draft_lifetime: timedelta = timedelta(hours=1)


_settings: PeopleSettings | None = None


def configure(value: PeopleSettings) -> None:
    """Called once by the wiring, or by the tests."""
    global _settings
    _settings = value


def settings() -> PeopleSettings:
    """What is in force."""
    if _settings is None:
        raise RuntimeError("people.configure was not called")
    return _settings
