"""What travels between the server and a gate's bridge, closed: gallery boxes, crops, CPF digests, the visitor's QR.

Formats: docs/architecture.md, "Gate bridge and server". AES-256-GCM (NIST SP 800-38D) with a random nonce of 12 bytes,
HKDF-SHA256 (RFC 5869), Ed25519 (RFC 8032). Both sides use these functions and no others.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from integrations.faces.embedding import Vector, from_bytes, to_bytes

GALLERY: Final = b"carimbo gallery"
CROP: Final = b"carimbo crop"
TOKEN_SECONDS: Final = 60
_TOKEN_PREFIX: Final = "CARIMBO1"  # noqa: S105  (the format's name, not a secret)
_NONCE: Final = 12
_MOST_TOKEN: Final = 400


class BoxInvalid(Exception):
    """Not ours, altered, or for somebody else; what is wrong is not told."""


class TokenInvalid(Exception):
    """The QR does not prove anything; `code` is `malformed`, `forged` or `expired`, the message is for the visitor."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, eq=False)
class GalleryEntry:
    """A person as a bridge knows them: the averaged vector, how many pictures made it, the name, the CPF's digest."""

    vector: Vector
    pictures: int
    name: str
    cpf: str | None


def new_secret() -> bytes:
    """A gallery secret: 32 random bytes."""
    return os.urandom(32)


def seal(secret: bytes, info: bytes, plain: bytes, associated: str) -> str:
    """base64(nonce ‖ AES-256-GCM) under HKDF-SHA256(secret, info), bound to `associated`."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(_derived(secret, info)).encrypt(nonce, plain, associated.encode())).decode()


def unseal(secret: bytes, info: bytes, box: str, associated: str) -> bytes:
    """The inverse of `seal`; BoxInvalid for anything else."""
    try:
        raw = base64.b64decode(box, validate=True)
        return AESGCM(_derived(secret, info)).decrypt(raw[:_NONCE], raw[_NONCE:], associated.encode())
    except (binascii.Error, InvalidTag, ValueError):
        raise BoxInvalid("caixa inválida") from None


def seal_entry(secret: bytes, person: UUID | str, entry: GalleryEntry) -> str:
    """A gallery box; the person's id is its associated data, so that boxes cannot be exchanged."""
    plain = {
        "vector": base64.b64encode(to_bytes(entry.vector)).decode(),
        "pictures": entry.pictures,
        "name": entry.name,
        "cpf": entry.cpf,
    }
    return seal(secret, GALLERY, json.dumps(plain, ensure_ascii=False).encode(), str(person))


def open_entry(secret: bytes, person: UUID | str, box: str) -> GalleryEntry:
    """The entry in a gallery box of that person, or BoxInvalid."""
    plain = unseal(secret, GALLERY, box, str(person))
    try:
        values: dict[str, Any] = json.loads(plain)
        vector = from_bytes(base64.b64decode(values["vector"], validate=True))
        cpf = values["cpf"]
        return GalleryEntry(vector, int(values["pictures"]), str(values["name"]), None if cpf is None else str(cpf))
    except (KeyError, TypeError, ValueError):
        raise BoxInvalid("caixa inválida") from None


def seal_crop(secret: bytes, event: UUID | str, jpeg: bytes) -> str:
    """A face's crop on its way to the attendant, bound to its event."""
    return seal(secret, CROP, jpeg, str(event))


def open_crop(secret: bytes, event: UUID | str, box: str) -> bytes:
    """The crop of that event, or BoxInvalid."""
    return unseal(secret, CROP, box, str(event))


def cpf_digest(key: bytes, cpf: str) -> str:
    """hex HMAC-SHA256 of the CPF's eleven digits under the gallery key: a bridge finds a claim without holding CPFs."""
    digits = re.sub(r"[.\-\s]", "", cpf)
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise ValueError("a CPF has eleven digits")
    return hmac.new(_derived(key, GALLERY), digits.encode(), hashlib.sha256).hexdigest()


def sign_token(private: Ed25519PrivateKey, person: UUID, now: float) -> str:
    """The visitor's QR: who, until when (60 s), signed. `now` is real time in unix seconds."""
    claims = json.dumps({"p": str(person), "e": int(now) + TOKEN_SECONDS}, separators=(",", ":"))
    body = f"{_TOKEN_PREFIX}.{_url64(claims.encode())}"
    return f"{body}.{_url64(private.sign(body.encode()))}"


def verify_token(public: Ed25519PublicKey | bytes, token: str, now: float) -> UUID:
    """The person of a QR, checked offline; TokenInvalid otherwise. A clock up to 60 s behind the server's still works."""
    key = Ed25519PublicKey.from_public_bytes(public) if isinstance(public, bytes) else public
    text = token.strip()
    parts = text.split(".")
    if len(text) > _MOST_TOKEN or len(parts) != 3 or parts[0] != _TOKEN_PREFIX:
        raise TokenInvalid("malformed", "Este não é o QR da área do usuário. Abra a área do usuário e mostre o QR.")
    try:
        key.verify(_unurl64(parts[2]), f"{parts[0]}.{parts[1]}".encode())
        claims = json.loads(_unurl64(parts[1]))
        person, expiry = UUID(claims["p"]), int(claims["e"])
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        raise TokenInvalid("forged", "O QR não pôde ser confirmado. Abra a área do usuário e mostre o QR.") from None
    if not now <= expiry <= now + 2 * TOKEN_SECONDS:
        raise TokenInvalid("expired", "O QR venceu: ele vale por 60 segundos. Atualize a página e mostre o novo.")
    return person


def _derived(secret: bytes, info: bytes) -> bytes:
    if len(secret) < 32:
        raise ValueError("a gallery secret has 32 bytes")
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret)


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unurl64(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
