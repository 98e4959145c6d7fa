"""Bridges: enrolling, keys that rotate, and the proof that a request is a bridge's.

The proof (docs/architecture.md, "Gate bridge and server"): HMAC-SHA256 (RFC 2104) over method, target, time, nonce and
the body's digest, with a key valid now; a time within 300 s of the real clock; a nonce never used before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from integrations.faces import boxes
from people.access import authorize
from people.settings import settings
from processes.entrada.errors import RequestRefused
from processes.entrada.models import Bridge, BridgeKey, BridgeNonce, Post
from workflow import clock, history
from workflow.actor import SYSTEM, Actor
from workflow.errors import NotFound

FRESH_S = 300
OVERLAP = timedelta(days=7)
_NONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a bridge is configured with; the secrets are shown once and never again."""

    bridge_id: UUID
    key_id: str
    secret: str
    """Its UTF-8 bytes are the HMAC key."""
    gallery_secret: str
    """base64 of 32 bytes."""
    post: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The headers of a request and what they sign; `target` is the path with its query."""

    bridge: str
    key: str
    time: str
    nonce: str
    signature: str
    method: str
    target: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class KnownBridge:
    """A bridge whose request was proved."""

    id: UUID
    post_id: UUID
    gallery_secret: bytes

    @property
    def actor(self) -> Actor:
        """Who acts when the bridge does."""
        return Actor("bridge", id=self.id)


def enrol_bridge(session: Session, post: Post, *, actor: Actor = SYSTEM) -> Credentials:
    """Enrol a bridge for a post; the program itself (SYSTEM) or the administration does."""
    _may_manage(actor)
    bridge_id, gallery = uuid4(), boxes.new_secret()
    sealed = settings().keyring.seal(gallery, _context("gallery", bridge_id))
    session.add(Bridge(id=bridge_id, post_id=post.id, gallery_secret=sealed, enrolled_at=clock.real_now()))
    session.flush()
    key_id, secret = _add_key(session, bridge_id)
    history.record(session, "ponte_cadastrada", {"bridge": str(bridge_id), "post": str(post.id)}, actor=actor)
    return Credentials(bridge_id, key_id, secret, base64.b64encode(gallery).decode(), post.code)


def rotate_key(session: Session, bridge_id: UUID, *, actor: Actor) -> Credentials:
    """Give the bridge a new HMAC key; the former ones stay valid for a week."""
    _may_manage(actor)
    bridge = session.get(Bridge, bridge_id, with_for_update=True)
    if bridge is None or bridge.disabled_at is not None:
        raise NotFound("Não há ponte ativa com esse identificador.")
    until = clock.real_now() + OVERLAP
    session.execute(
        update(BridgeKey)
        .where(BridgeKey.bridge_id == bridge_id, BridgeKey.valid_to.is_(None) | (BridgeKey.valid_to > until))
        .values(valid_to=until)
    )
    key_id, secret = _add_key(session, bridge_id)
    history.record(session, "chave_da_ponte_trocada", {"bridge": str(bridge_id)}, actor=actor)
    post = session.get_one(Post, bridge.post_id)
    gallery = base64.b64encode(_gallery_secret(bridge)).decode()
    return Credentials(bridge_id, key_id, secret, gallery, post.code)


def disable_bridge(session: Session, bridge_id: UUID, *, actor: Actor) -> None:
    """From now on nothing that the bridge sends is accepted."""
    _may_manage(actor)
    bridge = session.get(Bridge, bridge_id, with_for_update=True)
    if bridge is None:
        raise NotFound("Não há ponte com esse identificador.")
    bridge.disabled_at = bridge.disabled_at or clock.real_now()
    session.flush()
    history.record(session, "ponte_desativada", {"bridge": str(bridge_id)}, actor=actor)


def authenticate(session: Session, request: SignedRequest) -> KnownBridge:
    """The bridge that signed the request, its nonce used up; RequestRefused otherwise.

    The signature is checked before anything else is told: only who holds a key learns that its clock is off.
    """
    bridge, key = _bridge_and_key(session, request)
    secret = b"" if key is None else settings().keyring.unseal(key.secret, _context(key.id, key.bridge_id))
    expected = hmac.new(secret or secrets.token_bytes(32), _signed(request), hashlib.sha256).hexdigest()
    if bridge is None or key is None or not hmac.compare_digest(expected.encode(), request.signature.encode()):
        raise RequestRefused("unauthorised")
    _check_time(request.time)
    _use_nonce(session, bridge.id, request.nonce)
    return KnownBridge(bridge.id, bridge.post_id, _gallery_secret(bridge))


def forget_nonces(session: Session) -> int:
    """Delete the nonces whose requests would be refused as stale anyway."""
    limit = clock.real_now() - timedelta(seconds=3 * FRESH_S)
    gone = session.execute(delete(BridgeNonce).where(BridgeNonce.used_at < limit).returning(BridgeNonce.nonce))
    return len(gone.all())


def _may_manage(actor: Actor) -> None:
    """The administration, or the program itself: a command typed on the server's own machine."""
    if actor.kind != "system":
        authorize(actor, "bridges.manage")


def _bridge_and_key(session: Session, request: SignedRequest) -> tuple[Bridge | None, BridgeKey | None]:
    try:
        bridge_id = UUID(request.bridge)
    except ValueError:
        return None, None
    now = clock.real_now()
    found = session.execute(
        select(Bridge, BridgeKey)
        .join(BridgeKey, BridgeKey.bridge_id == Bridge.id)
        .where(Bridge.id == bridge_id, Bridge.disabled_at.is_(None), BridgeKey.id == request.key)
        .where(BridgeKey.valid_from <= now, BridgeKey.valid_to.is_(None) | (BridgeKey.valid_to > now))
    ).one_or_none()
    return (None, None) if found is None else (found[0], found[1])


def _signed(request: SignedRequest) -> bytes:
    parts = (request.method, request.target, request.time, request.nonce, request.body_sha256)
    return "\n".join(parts).encode("utf-8", "surrogateescape")


def _check_time(text: str) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise RequestRefused("unauthorised")
    if abs(datetime.fromtimestamp(int(text), UTC) - clock.real_now()) > timedelta(seconds=FRESH_S):
        raise RequestRefused("stale")


def _use_nonce(session: Session, bridge_id: UUID, nonce: str) -> None:
    if not _NONCE.fullmatch(nonce):
        raise RequestRefused("unauthorised")
    row = {"bridge_id": bridge_id, "nonce": bytes.fromhex(nonce), "used_at": clock.real_now()}
    fresh = session.execute(
        insert(BridgeNonce).values(row).on_conflict_do_nothing().returning(BridgeNonce.nonce)
    ).first()
    if fresh is None:
        raise RequestRefused("replayed")


def _add_key(session: Session, bridge_id: UUID) -> tuple[str, str]:
    key_id, secret = f"k-{secrets.token_hex(8)}", secrets.token_urlsafe(32)
    sealed = settings().keyring.seal(secret.encode(), _context(key_id, bridge_id))
    session.add(BridgeKey(id=key_id, bridge_id=bridge_id, secret=sealed, valid_from=clock.real_now()))
    session.flush()
    return key_id, secret


def _gallery_secret(bridge: Bridge) -> bytes:
    return settings().keyring.unseal(bridge.gallery_secret, _context("gallery", bridge.id))


def _context(name: str, bridge_id: UUID) -> bytes:
    return f"carimbo/bridge/{name}/{bridge_id}".encode()
