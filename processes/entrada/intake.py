"""Accepting what a bridge sends: whole batches, at least once sent, once kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from integrations.faces import boxes
from people.settings import settings
from processes.entrada.bridges import KnownBridge
from processes.entrada.models import Bridge, Crop, GateDevice, GateEvent, Post
from processes.entrada.received import Acceptance, DeviceReport, ReceivedEvent, Rejection
from processes.entrada.rules import CROP_LIFETIME, MAX_SKEW_S
from workflow import clock, jobs

MAX_CROP = 400_000
JOB_SIZE = 100


def accept_events(session: Session, bridge: KnownBridge, events: Sequence[ReceivedEvent]) -> Acceptance:
    """Keep the events not known yet and enqueue their handling in the same transaction; the rest is told apart."""
    post = session.get_one(Post, bridge.post_id)
    ours = {event.id: event for event in events if post.active and event.post == post.code}
    rejected = [Rejection(str(event.id), "posto_desconhecido") for event in events if event.id not in ours]
    fresh = _insert(session, bridge, list(ours.values()))
    known = _owners(session, [key for key in ours if key not in fresh])
    taken = [key for key in ours if key not in fresh and known.get(key) != bridge.id]
    accepted = tuple(key for key in ours if key in fresh)
    _keep_crops(session, bridge, [ours[key] for key in accepted])
    for start in range(0, len(accepted), JOB_SIZE):
        batch = [str(key) for key in accepted[start : start + JOB_SIZE]]
        jobs.defer(session, "entrada.process_batch", queue="gate", events=batch)
    return Acceptance(
        accepted,
        tuple(key for key in ours if key not in fresh and known.get(key) == bridge.id),
        (*rejected, *(Rejection(str(key), "identificador_em_uso") for key in taken)),
    )


def record_heartbeat(
    session: Session, bridge: KnownBridge, devices: Sequence[DeviceReport], spool: int, gallery_cursor: int
) -> None:
    """What the bridge says of itself and its devices."""
    row = session.get_one(Bridge, bridge.id)
    row.seen_at, row.spool, row.gallery_cursor = clock.real_now(), spool, gallery_cursor
    for device in devices:
        values = {"kind": device.kind, "last_seen": device.last_seen, "skew_s": device.skew_s}
        statement = insert(GateDevice).values(bridge_id=bridge.id, name=device.name, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["bridge_id", "name"], set_=values))
    session.flush()


def needs_review(event: ReceivedEvent, now: datetime) -> bool:
    """A device's clock off by more than a minute, or an instant that has not come yet: never an automatic entry."""
    return abs(event.skew_s) > MAX_SKEW_S or event.instant > now + timedelta(seconds=MAX_SKEW_S)


def _insert(session: Session, bridge: KnownBridge, events: list[ReceivedEvent]) -> set[UUID]:
    if not events:
        return set()
    now = clock.now()
    statement = insert(GateEvent).on_conflict_do_nothing(index_elements=["id"]).returning(GateEvent.id)
    in_order = sorted(events, key=lambda event: event.id)  # two batches with the same events never wait for each other
    return set(session.scalars(statement, [_row(bridge, event, now) for event in in_order]))


def _row(bridge: KnownBridge, event: ReceivedEvent, now: datetime) -> dict[str, Any]:
    return {
        "id": event.id,
        "bridge_id": bridge.id,
        "post_id": bridge.post_id,
        "sequence": event.sequence,
        "device": event.device,
        "device_kind": event.device_kind,
        "device_time": event.device_time,
        "bridge_time": event.bridge_time,
        "instant": event.instant,
        "skew_s": event.skew_s,
        "review": needs_review(event, now),
        "replayed": event.replayed,
        "way": event.way,
        "claim": event.claim,
        "decision": event.decision,
        "kind": "visitante",
        "person_id": event.person,
        "score": event.score,
        "limit": event.limit,
        "candidates": [[str(one.person), one.score] for one in event.candidates],
        "candidate_ids": [one.person for one in event.candidates],
        "frames": event.frames,
        "calibration": event.calibration,
        "raw_sha256": event.raw_sha256,
        "accepted_at": now,
    }


def _owners(session: Session, ids: list[UUID]) -> dict[UUID, UUID | None]:
    if not ids:
        return {}
    rows = session.execute(select(GateEvent.id, GateEvent.bridge_id).where(GateEvent.id.in_(ids)))
    return {row.id: row.bridge_id for row in rows}


def _keep_crops(session: Session, bridge: KnownBridge, events: list[ReceivedEvent]) -> None:
    """Open each doubtful event's crop and seal it under the house's key; what isn't a JPEG of ours is not kept."""
    for event in events:
        if event.crop is None or event.decision == "recognised":
            continue
        try:
            jpeg = boxes.open_crop(bridge.gallery_secret, event.id, event.crop)
        except boxes.BoxInvalid:
            continue
        if jpeg[:3] == b"\xff\xd8\xff" and len(jpeg) <= MAX_CROP:
            sealed = settings().keyring.seal(jpeg, crop_context(event.id))
            session.add(Crop(event_id=event.id, sealed=sealed, kept_until=clock.real_now() + CROP_LIFETIME))
    session.flush()


def crop_context(event_id: UUID) -> bytes:
    """What a crop is sealed for: its event and no other."""
    return f"carimbo/crop/{event_id}".encode()
