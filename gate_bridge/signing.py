"""Signed requests of the bridge (architecture: Gate bridge and server). Signatures are made when sent, never stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from gate_bridge.settings import Key


def message(method: str, target: str, unix: str, nonce: str, body: bytes) -> bytes:
    """What is signed; ``target`` is the path, with ``?query`` when there is one."""
    return "\n".join((method, target, unix, nonce, hashlib.sha256(body).hexdigest())).encode()


def signature(secret: bytes, method: str, target: str, unix: str, nonce: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of a request (RFC 2104)."""
    return hmac.new(secret, message(method, target, unix, nonce, body), hashlib.sha256).hexdigest()


def headers(bridge_id: str, key: Key, method: str, target: str, unix: float, body: bytes) -> dict[str, str]:
    """The headers that sign one request now, with a fresh nonce."""
    time_text, nonce = str(int(unix)), secrets.token_hex(16)
    return {
        "X-Carimbo-Bridge": bridge_id,
        "X-Carimbo-Key": key.id,
        "X-Carimbo-Time": time_text,
        "X-Carimbo-Nonce": nonce,
        "X-Carimbo-Signature": signature(key.secret, method, target, time_text, nonce, body),
    }
