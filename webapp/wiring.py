"""Hands the settings to the packages below; called once in each process that serves pages or runs jobs."""

from __future__ import annotations

import json
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

import documents.settings
import people
import processes
from documents.development_ca import development_sealer
from documents.sealing import PadesSealer, pkcs11_sealer, pkcs12_sealer
from documents.settings import HOUSE
from documents.signatures import certificates
from documents.signatures.errors import CertificateRefused
from integrations.ldap import LdapDirectory, LdapSettings, normal_dn
from integrations.mail import FolderMailbox, SmtpMailbox, SmtpSettings
from integrations.mailbox_reader import ImapSettings
from people.keyring import Keyring
from people.roles import STAFF_ROLES
from processes.oficio_camaras import settings as oficio_settings
from processes.oficio_camaras.settings import OficioSettings
from webapp import log
from webapp.settings import Settings, SettingsError
from workflow import clock, database


def wire(settings: Settings) -> None:
    """Log, database, clock, keys and mail, documents, processes, in this order."""
    log.configure()
    database.configure(settings.database_url)
    clock.configure(settings.clock_offset)
    people.configure(
        people.PeopleSettings(
            keyring_of(settings),
            mailbox_of(settings),
            settings.public_url,
            directory=directory_of(settings),
            directory_roles=directory_roles_of(settings),
            totp_required=settings.totp == "required",
        )
    )
    documents.settings.configure(
        settings.storage_url or str(settings.data / "documentos"),
        sealer_of(settings),
        settings.public_url + "/validaDocumento",
        brasao=Path(settings.brasao) if settings.brasao else None,
    )
    trust_signers(settings)
    oficio_settings.configure(
        OficioSettings(
            mailbox_of(settings), settings.public_url, settings.mail_reply_to, settings.mail_rate, imap_of(settings)
        )
    )
    processes.discover()


def keyring_of(settings: Settings) -> Keyring:
    """The keyring given whole, or the one of the data folder, made at the first start."""
    if settings.keyring:
        return Keyring.from_json(settings.keyring)
    return Keyring.open(settings.data / "keys")


def mailbox_of(settings: Settings) -> SmtpMailbox | FolderMailbox:
    """The mail server of CARIMBO_MAIL_URL, else a folder of the data folder that receives `.eml` files."""
    name, sender = parseaddr(settings.mail_from)
    if not sender:
        raise SettingsError(f"CARIMBO_MAIL_FROM={settings.mail_from!r}: escreva Nome <endereco@dominio>.")
    if not settings.mail_url:
        return FolderMailbox(settings.data / "correio", sender, name)
    url = urlsplit(settings.mail_url)
    ways = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}
    if url.scheme not in ways or not url.hostname:
        raise SettingsError(
            "CARIMBO_MAIL_URL: use smtp://, smtp+starttls:// ou smtps://[usuário:senha@]servidor[:porta]."
        )
    security, port = ways[url.scheme]
    return SmtpMailbox(
        SmtpSettings(
            url.hostname,
            url.port or port,
            security,  # type: ignore[arg-type]  # the three values of the table are those of the Literal
            unquote(url.username) if url.username else None,
            unquote(url.password) if url.password else None,
            sender,
            name,
        )
    )


def directory_of(settings: Settings) -> LdapDirectory | None:
    """The directory of CARIMBO_LDAP_URL; without it there are local accounts only."""
    if not settings.ldap_url:
        return None
    ca_file = Path(settings.ldap_ca) if settings.ldap_ca else None
    try:
        return LdapDirectory(
            LdapSettings(
                settings.ldap_url,
                settings.ldap_base,
                settings.ldap_bind_dn,
                settings.ldap_bind_password,
                ca_file,
                login_attribute=settings.ldap_login_attribute,
                id_attribute=settings.ldap_id_attribute,
                timeout_s=settings.ldap_timeout_s,
            )
        )
    except (ValueError, OSError) as error:
        raise SettingsError(f"CARIMBO_LDAP_…: {error}") from None


def directory_roles_of(settings: Settings) -> dict[str, frozenset[tuple[str, str]]]:
    """Groups of the directory → units and roles, as CARIMBO_LDAP_GROUPS says; a role that does not exist is refused."""
    try:
        read = json.loads(settings.ldap_groups or "{}")
        roles = {normal_dn(group): frozenset((str(u), str(r)) for u, r in pairs) for group, pairs in read.items()}
    except (ValueError, TypeError, AttributeError):
        raise SettingsError('CARIMBO_LDAP_GROUPS: escreva {"DN do grupo": [["UNIDADE", "perfil"]]}.') from None
    unknown = {role for pairs in roles.values() for _, role in pairs} - STAFF_ROLES
    if unknown:
        raise SettingsError(f"CARIMBO_LDAP_GROUPS: perfis que não existem: {', '.join(sorted(unknown))}.")
    return roles


def imap_of(settings: Settings) -> ImapSettings | None:
    """The mailbox of CARIMBO_IMAP_URL, if there is one to be read."""
    if not settings.imap_url:
        return None
    url = urlsplit(settings.imap_url)
    ways = {"imap": ("none", 143), "imap+starttls": ("starttls", 143), "imaps": ("tls", 993)}
    if url.scheme not in ways or not url.hostname:
        raise SettingsError(
            "CARIMBO_IMAP_URL: use imap://, imap+starttls:// ou imaps://[usuário:senha@]servidor[:porta][/pasta]."
        )
    security, port = ways[url.scheme]
    return ImapSettings(
        url.hostname,
        url.port or port,
        security,  # type: ignore[arg-type]  # the three values of the table are those of the Literal
        unquote(url.username or ""),
        unquote(url.password or ""),
        unquote(url.path.strip("/")) or "INBOX",
    )


def sealer_of(settings: Settings) -> PadesSealer:
    """The institution's key: PKCS#12, PKCS#11, or the development CA of the data folder."""
    if settings.seal_pkcs12:
        return pkcs12_sealer(Path(settings.seal_pkcs12), settings.seal_password or None)
    if settings.seal_pkcs11:
        library, _, rest = settings.seal_pkcs11.partition("|")
        token, _, label = rest.partition("|")
        if not (library and token and label):
            raise SettingsError("CARIMBO_SEAL_PKCS11: escreva biblioteca|token|certificado.")
        roots = [Path(path).read_bytes() for path in settings.seal_roots.split(":") if path]
        return pkcs11_sealer(Path(library), token, settings.seal_password, label, roots)
    return development_sealer(settings.data / "keys" / "selo", HOUSE)


def trust_signers(settings: Settings) -> None:
    """The authorities of CARIMBO_SIGNER_ROOTS; without them each certificate must have been registered."""
    roots = []
    for path in filter(None, settings.signer_roots.split(":")):
        try:
            roots.append(Path(path).read_bytes())
            certificates.trust(roots)
        except OSError as error:
            raise SettingsError(f"CARIMBO_SIGNER_ROOTS: {error}") from None
        except CertificateRefused:
            raise SettingsError(f"CARIMBO_SIGNER_ROOTS: {path} não é um certificado (PEM ou DER).") from None
    certificates.trust(roots)
