"""The institution's keys: master keys by id (AES-256-GCM), signing keys by name (Ed25519, RFC 8032), one digest key.

Kept as JSON in `keyring.json` (mode 0600) in a folder of its own (0700) beside the data, or given whole by
configuration. Whoever holds the database without the keyring reads no picture, no vector and no draft; keep the
keyring's backup apart from the database's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workflow.errors import DomainError

FORM = b"\x01"
NONCE = 12
SIGNING = ("audit", "visitor")


class Unreadable(DomainError):
    """Sealed bytes that are not what was sealed, or whose master key is not in the keyring."""

    code = "cifra_ilegivel"
    message = "Não foi possível abrir um dado protegido. Avise a administração do sistema."


class KeyringError(Exception):
    """The keyring cannot be used; the message says what to do."""


class Signer:
    """One signing key of the institution."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self.private = private
        self.public_key: bytes = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        """32 raw bytes."""

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self.private.sign(data)

    def verify(self, data: bytes, signature: bytes) -> bool:
        """True when the signature is this key's over `data`."""
        return verify(self.public_key, data, signature)


def verify(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """Ed25519 verification with a raw public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


class Keyring:
    """Master keys by id (one current), signing keys by name, a key for digests."""

    def __init__(
        self, current: str, masters: Mapping[str, bytes], signing: Mapping[str, bytes], digest_key: bytes
    ) -> None:
        if current not in masters or any(len(key) != 32 for key in masters.values()):
            raise KeyringError("O chaveiro está incompleto: falta a chave mestra em uso ou alguma não tem 32 bytes.")
        if any(name not in signing for name in SIGNING) or len(digest_key) < 32:
            raise KeyringError("O chaveiro está incompleto: faltam chaves de assinatura ou de resumo.")
        self.current = current
        self._masters = dict(masters)
        self._signing = dict(signing)
        self._signers = {name: Signer(Ed25519PrivateKey.from_private_bytes(seed)) for name, seed in signing.items()}
        self._digest_key = digest_key
        self._path: Path | None = None

    @property
    def master_ids(self) -> tuple[str, ...]:
        """The ids of the master keys, in the order in which they were made."""
        return tuple(self._masters)

    @property
    def signing_names(self) -> tuple[str, ...]:
        """The names of the signing keys."""
        return tuple(sorted(self._signing))

    @classmethod
    def new(cls) -> Keyring:
        """A fresh keyring in memory."""
        signing = {name: secrets.token_bytes(32) for name in SIGNING}
        return cls("m1", {"m1": secrets.token_bytes(32)}, signing, secrets.token_bytes(32))

    @classmethod
    def open(cls, folder: Path) -> Keyring:
        """The keyring in `folder`, made at the first start. Two processes starting at once get the same one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "keyring.json"
        if not path.exists():
            _write_new(path, cls.new().to_json())
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyringError(f"O chaveiro {path} pode ser lido por outros usuários. Corrija com: chmod 600 {path}")
        keyring = cls.from_json(path.read_text())
        keyring._path = path
        return keyring

    @classmethod
    def from_json(cls, text: str) -> Keyring:
        """The keyring in its JSON form (the content of keyring.json), for configuration by the environment."""
        try:
            raw = json.loads(text)
            decode = {part: {k: base64.b64decode(v) for k, v in raw[part].items()} for part in ("masters", "signing")}
            return cls(raw["current"], decode["masters"], decode["signing"], base64.b64decode(raw["digest"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyringError("O chaveiro não está na forma esperada. Restaure a cópia de segurança dele.") from None

    def to_json(self) -> str:
        """The whole keyring, secret keys included."""
        form = {
            "current": self.current,
            "masters": {k: base64.b64encode(v).decode() for k, v in self._masters.items()},
            "signing": {k: base64.b64encode(v).decode() for k, v in self._signing.items()},
            "digest": base64.b64encode(self._digest_key).decode(),
        }
        return json.dumps(form, indent=1)

    def rotate(self) -> str:
        """Add a master key and make it current; older ones still open what they sealed (`crypto.rewrap_keys`).

        Keys that another process has added to the file meanwhile stay in it.
        """
        if self._path is not None:
            self._masters = {**self._in_file(self._path), **self._masters}
        number = 1 + max((int(key[1:]) for key in self._masters if key[1:].isdigit()), default=0)
        self._masters[f"m{number}"] = secrets.token_bytes(32)
        self.current = f"m{number}"
        if self._path is not None:
            _replace(self._path, self.to_json())
        return self.current

    def seal(self, data: bytes, context: bytes) -> bytes:
        """`data` under the current master key, with `context` as associated data."""
        key_id = self.current.encode()
        nonce = secrets.token_bytes(NONCE)
        head = FORM + bytes([len(key_id)]) + key_id
        return head + nonce + AESGCM(self._masters[self.current]).encrypt(nonce, data, context)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """The reverse of `seal`, whichever master key sealed it."""
        size = sealed[1] if len(sealed) > 1 else 0
        master = self._master(sealed[2 : 2 + size].decode(errors="replace"))
        if sealed[:1] != FORM or master is None:
            raise Unreadable
        body = sealed[2 + size :]
        try:
            return AESGCM(master).decrypt(body[:NONCE], body[NONCE:], context)
        except (InvalidTag, ValueError):
            raise Unreadable from None

    def _master(self, key_id: str) -> bytes | None:
        """A master key; one that another process has made meanwhile is read from the file."""
        if key_id not in self._masters and self._path is not None:
            self._masters = {**self._in_file(self._path), **self._masters}
        return self._masters.get(key_id)

    @staticmethod
    def _in_file(path: Path) -> dict[str, bytes]:
        return Keyring.from_json(path.read_text())._masters

    def signer(self, name: str) -> Signer:
        """The signing key `audit` (checkpoints of the history) or `visitor` (the visitor's QR)."""
        return self._signers[name]

    def digest(self, scope: str, value: str) -> bytes:
        """Keyed digest of a value that must be recognised again without being kept (an address, a typed login)."""
        return hmac.new(self._digest_key, f"{scope}\n{value}".encode(), hashlib.sha256).digest()


def _write_new(path: Path, text: str) -> None:
    """Create the file whole or not at all; when another process was first, theirs stays."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write_secret(temporary, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write_secret(temporary, text)
    temporary.replace(path)


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
