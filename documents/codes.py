"""Validation codes and QR tokens (rule DE8, VA4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
TOKEN_BYTES = 16
_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = str.maketrans(dict.fromkeys("-‐‑‒–—−. \t\r\n\u00a0", ""))


def new_code() -> str:
    """80 random bits as 16 Crockford characters, without separators (DE8)."""
    bits = secrets.randbits(80)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))


def formatted(code: str) -> str:
    """`XXXX-XXXX-XXXX-XXXX`, as printed."""
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def parse_code(typed: str) -> str | None:
    """The 16 characters meant by what was typed, or None when it cannot be a code (DE8).

    Tolerant: lower case, spaces, any dash, O for 0, I and L for 1.
    """
    if len(typed) > 64:
        return None
    code = typed.upper().translate(_SEPARATORS).translate(_CONFUSED)
    if len(code) != CODE_LENGTH or any(letter not in ALPHABET for letter in code):
        return None
    return code


def new_token() -> str:
    """128 random bits, base64url without padding: what the QR carries (VA4)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> bytes | None:
    """SHA-256 of the token's 16 bytes, which is all that rests; None when malformed."""
    if len(token) != 22:
        return None
    try:
        raw = base64.b64decode(token + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return hashlib.sha256(raw).digest() if len(raw) == TOKEN_BYTES else None
