"""The gates' endpoints (docs/architecture.md, "Gate bridge and server")."""

from __future__ import annotations

import base64
from datetime import UTC
from uuid import UUID

from flask import current_app, request
from pydantic import ValidationError
from sqlalchemy.orm import Session

from integrations.faces import boxes, calibration
from people import faces
from people.settings import settings as people_settings
from processes.entrada import operations, queries
from processes.entrada.bridges import KnownBridge
from processes.entrada.received import ReceivedEvent, Rejection
from webapp.api import blueprint, metrics
from webapp.api.signed import Unreadable, body_as, server_time, signed
from webapp.api.wire import (
    ConfigOut,
    EventIn,
    EventOut,
    EventsOut,
    GalleryItemOut,
    GalleryOut,
    HeartbeatIn,
    HeartbeatOut,
    RawEventsIn,
    RejectionOut,
    WindowOut,
)
from workflow import clock

EVENTS_LIMIT = 32 * 1024 * 1024
"""500 events, each with a crop in base64 (320 px, some 15 kB), three times over. The bridge sends some 4 MiB at once."""
MOST_ITEMS = 500


@blueprint.post("/api/v1/gate/events")
@signed("gate.events", limit=EVENTS_LIMIT)
def accept(session: Session, bridge: KnownBridge) -> EventsOut:
    """Accept a batch: each event once, however often it is sent."""
    with metrics.BATCH.time():
        good, bad = _sorted_out(body_as(RawEventsIn))
        done = operations.accept_events(session, bridge, good)
    metrics.EVENTS.labels("accepted").inc(len(done.accepted))
    metrics.EVENTS.labels("duplicate").inc(len(done.duplicates))
    metrics.EVENTS.labels("rejected").inc(len(done.rejected) + len(bad))
    return EventsOut(
        accepted=list(done.accepted),
        duplicates=list(done.duplicates),
        rejected=[RejectionOut(id=one.id, reason=one.reason) for one in (*bad, *done.rejected)],
        server_time=server_time(),
    )


@blueprint.get("/api/v1/gate/events/<uuid:event_id>")
@signed("gate.events")
def answer(session: Session, bridge: KnownBridge, event_id: UUID) -> EventOut:
    """What became of an event of this bridge."""
    found = queries.event_answer(session, bridge, event_id)
    return EventOut.model_validate(
        {"id": found.id, "result": found.result, "message": found.message, "case": found.case_id}
        | {"server_time": server_time()}
    )


@blueprint.get("/api/v1/gate/gallery")
@signed("gate.gallery")
def gallery(session: Session, bridge: KnownBridge) -> GalleryOut:
    """The changes of the gallery after a cursor, sealed for this bridge alone."""
    cursor, limit = _number("cursor", 0, 2**53), min(_number("limit", MOST_ITEMS, 10_000) or MOST_ITEMS, MOST_ITEMS)
    page = faces.gallery_changes(session, cursor, limit)
    items = [_boxed(bridge, item) for item in page.items]
    return GalleryOut(cursor=page.cursor, more=page.more, items=items, server_time=server_time())


@blueprint.get("/api/v1/gate/config")
@signed("gate.config")
def config(session: Session, bridge: KnownBridge) -> ConfigOut:
    """Post, limits, opening hours, and the key of the visitor's QR."""
    found, limits = queries.config_of(session, bridge), limits_in_force()
    windows = [
        WindowOut.model_validate({"from": start.astimezone(UTC), "to": end.astimezone(UTC)})
        for start, end in found.windows
    ]
    return ConfigOut(
        bridge=found.bridge_id,
        post=found.post,
        building=found.building,
        calibration=limits.as_dict(),
        token_key=base64.b64encode(people_settings().keyring.signer("visitor").public_key).decode(),
        one_to_many=limits.one_to_many.most_persons >= faces.SHORT_LIST_LENGTH,
        windows=windows,
        legal_time=clock.now(),
        server_time=server_time(),
    )


@blueprint.post("/api/v1/gate/heartbeat")
@signed("gate.heartbeat")
def heartbeat(session: Session, bridge: KnownBridge) -> HeartbeatOut:
    """That the bridge lives, and how its devices are."""
    told = body_as(HeartbeatIn)
    reports = [device.report() for device in told.devices]
    operations.record_heartbeat(session, bridge, reports, told.spool, told.gallery_cursor)
    return HeartbeatOut(server_time=server_time())


def limits_in_force() -> calibration.Calibration:
    """The installation's own calibration, where there is one in the data folder, else the one shipped."""
    own = current_app.extensions["settings"].data / "calibration.json"
    return calibration.load(own) if own.is_file() else calibration.load()


def _sorted_out(batch: RawEventsIn) -> tuple[list[ReceivedEvent], list[Rejection]]:
    good: list[ReceivedEvent] = []
    bad: list[Rejection] = []
    for raw in batch.events:
        try:
            good.append(EventIn.model_validate(raw).received())
        except ValidationError:
            bad.append(Rejection(str(raw.get("id", ""))[:64] if isinstance(raw, dict) else "", "dados_invalidos"))
    return good, bad


def _boxed(bridge: KnownBridge, item: faces.GalleryItem) -> GalleryItemOut:
    if item.op != "put" or item.vector is None:
        return GalleryItemOut(op=item.op, person=item.person_id, seen_at=item.seen_at)
    digest = None if item.cpf is None else boxes.cpf_digest(bridge.gallery_secret, item.cpf)
    entry = boxes.GalleryEntry(item.vector, item.pictures, item.full_name, digest)
    box = boxes.seal_entry(bridge.gallery_secret, item.person_id, entry)
    return GalleryItemOut(op="put", person=item.person_id, box=box, seen_at=item.seen_at)


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > most:
        raise Unreadable
    return int(text)
