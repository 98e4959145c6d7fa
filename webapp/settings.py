"""Configuration from the environment, read once.

Only the processes' start (`carimbo serve`, `carimbo worker`, the tests) calls `Settings.from_environment`; everything
else receives the frozen value.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


class SettingsError(ValueError):
    """A variable of the environment can't be used; the message says which and why."""


@dataclass(frozen=True)
class Settings:
    """What the program may be told from outside; one field a variable `CARIMBO_<NAME>`, but for DATABASE_URL."""

    database_url: str
    """DATABASE_URL: any PostgreSQL URL; `carimbo serve` puts the embedded server's when it is empty."""
    data: Path
    """CARIMBO_DATA: keys, certificates, stored documents, spool."""
    secret_key: str = field(repr=False)
    """CARIMBO_SECRET_KEY: signs CSRF tokens and notices; without it, `secret.key` of the data folder, made once."""
    public_url: str = "http://127.0.0.1:8000"
    """CARIMBO_PUBLIC_URL: what people type; goes into e-mails and QR codes."""
    clock_offset: timedelta = timedelta(0)
    """CARIMBO_CLOCK_OFFSET: seconds that the legal clock runs ahead (demonstrations only)."""
    trusted_proxies: int = 0
    """CARIMBO_TRUSTED_PROXIES: how many reverse proxies stand before the server and write X-Forwarded-*."""
    mail_url: str = ""
    """CARIMBO_MAIL_URL: smtp://, smtp+starttls:// or smtps://[user:password@]host[:port]; empty keeps the messages in
    the data folder (`correio/`)."""
    mail_from: str = "Portal da Assembleia <nao-responda@localhost>"
    """CARIMBO_MAIL_FROM."""
    mail_rate: int = 60
    """CARIMBO_MAIL_RATE: messages of ofícios a minute; 0 sends without limit (EM4)."""
    mail_reply_to: str = "ceac@localhost"
    """CARIMBO_MAIL_REPLY_TO: the mailbox of the Ceac, to whose plus-addresses replies and bounces of ofícios come."""
    imap_url: str = field(default="", repr=False)
    """CARIMBO_IMAP_URL: imap://, imap+starttls:// or imaps://[user:password@]host[:port][/folder] of that mailbox; empty:
    it is not read."""
    storage_url: str = ""
    """CARIMBO_STORAGE_URL: any fsspec URL; empty is `documentos/` of the data folder."""
    keyring: str = field(default="", repr=False)
    """CARIMBO_KEYRING: the keyring whole, as JSON; empty is `keys/keyring.json` of the data folder."""
    seal_pkcs12: str = ""
    """CARIMBO_SEAL_PKCS12: path of the institution's key; empty uses the development CA made at first start."""
    seal_pkcs11: str = ""
    """CARIMBO_SEAL_PKCS11: `library|token label|certificate label` of a token or HSM."""
    seal_password: str = field(default="", repr=False)
    """CARIMBO_SEAL_PASSWORD: of the PKCS#12 file, or the PIN of the token."""
    seal_roots: str = ""
    """CARIMBO_SEAL_ROOTS: with PKCS#11, the DER certificates that the chain ends in, separated by colons."""
    signer_roots: str = ""
    """CARIMBO_SIGNER_ROOTS: PEM or DER files of the authorities (ICP-Brasil) whose certificates people sign with without
    registration, separated by colons."""
    brasao: str = ""
    """CARIMBO_BRASAO: path of the house's own emblem (SVG) for documents."""
    encarregado: str = "Encarregado pelo tratamento de dados pessoais da Assembleia"
    """CARIMBO_ENCARREGADO: who answers for personal data (LGPD, art. 41)."""
    metrics_token: str = field(default="", repr=False)
    """CARIMBO_METRICS_TOKEN: who sends it as `Authorization: Bearer …` reads /metrics; empty: only this machine does."""
    ldap_url: str = ""
    """CARIMBO_LDAP_URL: ldaps://host[:port] or ldap+starttls://host[:port]; empty: local accounts only."""
    ldap_ca: str = ""
    """CARIMBO_LDAP_CA: PEM file of the authority that the directory's certificate is verified against; empty: the
    system's authorities."""
    ldap_bind_dn: str = ""
    """CARIMBO_LDAP_BIND_DN: the service's own account, which searches."""
    ldap_bind_password: str = field(default="", repr=False)
    """CARIMBO_LDAP_BIND_PASSWORD."""
    ldap_base: str = ""
    """CARIMBO_LDAP_BASE: DN under which people and groups are."""
    ldap_login_attribute: str = "uid"
    """CARIMBO_LDAP_LOGIN_ATTRIBUTE: what people type; sAMAccountName in Active Directory."""
    ldap_id_attribute: str = "entryUUID"
    """CARIMBO_LDAP_ID_ATTRIBUTE: never changes and is never given to another; objectGUID in Active Directory."""
    ldap_groups: str = ""
    """CARIMBO_LDAP_GROUPS: JSON, DN of a group → list of [unit, role] pairs."""
    ldap_timeout_s: float = 4.0
    """CARIMBO_LDAP_TIMEOUT: seconds to wait for the directory, for the connection and for each answer."""
    totp: str = "optional"
    """CARIMBO_TOTP: `required` makes the staff enrol a second factor before anything else; `optional`."""
    demonstration: bool = False
    """CARIMBO_DEMONSTRATION=1: pages say that this is a demonstration."""

    @property
    def secure(self) -> bool:
        """True when the public address is https: cookies are then `Secure` and HSTS is sent."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process; raises SettingsError."""
        env = os.environ if environment is None else environment
        data = Path(env.get("CARIMBO_DATA") or "data").absolute()
        return cls(
            database_url=env.get("DATABASE_URL", ""),
            data=data,
            secret_key=env.get("CARIMBO_SECRET_KEY") or _kept_secret(data),
            public_url=(env.get("CARIMBO_PUBLIC_URL") or cls.public_url).rstrip("/"),
            clock_offset=timedelta(seconds=_number(env, "CARIMBO_CLOCK_OFFSET")),
            trusted_proxies=int(_number(env, "CARIMBO_TRUSTED_PROXIES")),
            mail_url=env.get("CARIMBO_MAIL_URL", ""),
            mail_from=env.get("CARIMBO_MAIL_FROM") or cls.mail_from,
            mail_rate=_mail_rate(env),
            mail_reply_to=env.get("CARIMBO_MAIL_REPLY_TO") or cls.mail_reply_to,
            imap_url=env.get("CARIMBO_IMAP_URL", ""),
            storage_url=env.get("CARIMBO_STORAGE_URL", ""),
            keyring=env.get("CARIMBO_KEYRING", ""),
            seal_pkcs12=env.get("CARIMBO_SEAL_PKCS12", ""),
            seal_pkcs11=env.get("CARIMBO_SEAL_PKCS11", ""),
            seal_roots=env.get("CARIMBO_SEAL_ROOTS", ""),
            signer_roots=env.get("CARIMBO_SIGNER_ROOTS", ""),
            brasao=env.get("CARIMBO_BRASAO", ""),
            seal_password=env.get("CARIMBO_SEAL_PASSWORD", ""),
            encarregado=env.get("CARIMBO_ENCARREGADO") or cls.encarregado,
            metrics_token=env.get("CARIMBO_METRICS_TOKEN", "").strip(),
            ldap_url=env.get("CARIMBO_LDAP_URL", ""),
            ldap_ca=env.get("CARIMBO_LDAP_CA", ""),
            ldap_bind_dn=env.get("CARIMBO_LDAP_BIND_DN", ""),
            ldap_bind_password=env.get("CARIMBO_LDAP_BIND_PASSWORD", ""),
            ldap_base=env.get("CARIMBO_LDAP_BASE", ""),
            ldap_login_attribute=env.get("CARIMBO_LDAP_LOGIN_ATTRIBUTE") or cls.ldap_login_attribute,
            ldap_id_attribute=env.get("CARIMBO_LDAP_ID_ATTRIBUTE") or cls.ldap_id_attribute,
            ldap_groups=env.get("CARIMBO_LDAP_GROUPS", ""),
            ldap_timeout_s=_number(env, "CARIMBO_LDAP_TIMEOUT") or cls.ldap_timeout_s,
            totp=_choice(env, "CARIMBO_TOTP", ("optional", "required")),
            demonstration=env.get("CARIMBO_DEMONSTRATION", "") in {"1", "true", "sim"},
        )


def _number(env: Mapping[str, str], name: str) -> float:
    text = env.get(name) or "0"
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{name}={text!r}: escreva um número.") from None


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first when the variable is empty."""
    text = env.get(name) or choices[0]
    if text not in choices:
        raise SettingsError(f"{name}={text!r}: escreva {' ou '.join(choices)}.")
    return text


def _mail_rate(env: Mapping[str, str]) -> int:
    """60 a minute unless told otherwise; 0 has to be said."""
    rate = int(_number(env, "CARIMBO_MAIL_RATE")) if env.get("CARIMBO_MAIL_RATE") else Settings.mail_rate
    if rate < 0:
        raise SettingsError("CARIMBO_MAIL_RATE: escreva quantas mensagens por minuto; 0 envia sem limite.")
    return rate


def _kept_secret(data: Path) -> str:
    """The secret of the data folder, made at the first start; two processes that start together agree on one."""
    path = data / "secret.key"
    data.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
