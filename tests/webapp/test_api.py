"""The gates' endpoints over HTTP: signature, time, nonce, size, shape; then what they do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import func, select, update

from gate_bridge.sender import BATCH
from gate_bridge.settings import Key
from gate_bridge.spool import BATCH_BYTES
from integrations.faces import boxes, calibration
from people import faces
from people.keyring import verify
from people.persons import create_person
from people.settings import settings as people_settings
from processes.entrada import operations, queries
from processes.entrada.jobs import forget_used_nonces, process_batch
from processes.entrada.models import BridgeKey, BridgeNonce, Crop, Entry, GateEvent
from tests.webapp.signing import Installation, Wire, event, installation
from webapp.api.gate import EVENTS_LIMIT
from webapp.api.wire import MOST_EVENTS
from workflow import clock, jobs
from workflow.actor import Actor
from workflow.database import transaction

TUESDAY = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
EVENTS = "/api/v1/gate/events"
__all__ = ["installation"]


@pytest.fixture
def wire(installation: Installation) -> Wire:
    """A bridge of this test's own at PI-HALL; the legal clock reads Tuesday, 10h."""
    clock.configure(TUESDAY - clock.real_now())
    with transaction() as session:
        credentials = operations.enrol_bridge(session, operations.post_by_code(session, "PI-HALL"))
    return Wire(installation.app, credentials)


@pytest.fixture(scope="module")
def visitor(installation: Installation) -> Iterator[UUID]:
    """Somebody enrolled with a face, on the Monday before."""
    clock.configure(TUESDAY - timedelta(days=1) - clock.real_now())
    faces.forget_cache()
    with transaction() as session:
        who = create_person(session, "Maria Aparecida", "52998224725", verified=True)
        vectors = [np.eye(128, dtype=np.float32)[0]]
        faces.enrol(session, who.id, vectors=vectors, face_jpeg=b"\xff\xd8\xff face", document_jpeg=None)
    yield who.id
    faces.forget_cache()


def stored(wire: Wire) -> int:
    """How many events of this bridge there are."""
    mine = GateEvent.bridge_id == wire.credentials.bridge_id
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(GateEvent).where(mine)) or 0


def test_a_signed_batch_is_accepted_once(wire: Wire, visitor: UUID) -> None:
    sent = event(visitor)
    first = wire.events(sent)
    assert first.status_code == 200
    assert first.json is not None
    assert first.json["accepted"] == [sent["id"]]
    assert abs(first.json["server_time"] - clock.real_now().timestamp()) < 5
    again = wire.events(sent).json
    assert again is not None
    assert (again["accepted"], again["duplicates"]) == ([], [sent["id"]])
    assert stored(wire) == 1


def test_an_event_ends_as_an_answer(wire: Wire, visitor: UUID) -> None:
    sent = event(visitor)
    wire.events(sent)
    before = wire.send("GET", f"{EVENTS}/{sent['id']}").json
    assert before is not None
    assert (before["result"], before["case"]) == (None, None)
    process_batch([sent["id"]])
    process_batch([sent["id"]])
    after = wire.send("GET", f"{EVENTS}/{sent['id']}").json
    assert after is not None
    assert (after["result"], after["message"]) == ("LIBERADO", "Entrada liberada.")
    assert UUID(after["case"])
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Entry).where(Entry.event_id == UUID(sent["id"]))) == 1


@pytest.mark.slow
def test_the_worker_takes_up_what_was_accepted(wire: Wire, visitor: UUID, installation: Installation) -> None:
    sent = [event(visitor), event()]
    wire.events(*sent)
    jobs.run_worker(installation.url, wait=False, install_signal_handlers=False)
    results = [(wire.send("GET", f"{EVENTS}/{one['id']}").json or {})["result"] for one in sent]
    assert results == ["LIBERADO", "PENDENTE_VERIFICACAO"]


def test_a_forged_signature_is_refused(wire: Wire) -> None:
    body = json.dumps({"events": [event()]}).encode()
    good = wire.signed("POST", EVENTS, body)
    forged = {
        "signature": {**good, "X-Carimbo-Signature": "0" * 64},
        "body": {**good, **wire.signed("POST", EVENTS, b"{}"), "X-Carimbo-Nonce": good["X-Carimbo-Nonce"]},
        "bridge": {**good, "X-Carimbo-Bridge": str(uuid4())},
        "key": {**good, "X-Carimbo-Key": "k-0"},
        "not ascii": {**good, "X-Carimbo-Signature": "é" * 64},
        "no uuid": {**good, "X-Carimbo-Bridge": "ponte"},
    }
    for name, signature in forged.items():
        answer = wire.send("POST", EVENTS, body, signature)
        assert (name, answer.status_code, (answer.json or {})["error"]) == (name, 401, "unauthorised")
    assert wire.client.post(EVENTS, json={"events": []}).status_code == 401
    assert stored(wire) == 0


def test_a_signature_of_another_path_or_query_is_refused(wire: Wire) -> None:
    signed = wire.signed("GET", "/api/v1/gate/gallery?cursor=5")
    assert wire.send("GET", "/api/v1/gate/gallery?cursor=0", signature=signed).status_code == 401
    signed = wire.signed("GET", "/api/v1/gate/config")
    assert wire.send("GET", "/api/v1/gate/gallery", signature=signed).status_code == 401


@pytest.mark.parametrize("off", [-301, 301, -100_000])
def test_a_request_older_than_five_minutes_is_refused_and_accepted_when_signed_anew(wire: Wire, off: int) -> None:
    body = json.dumps({"events": [event()]}).encode()
    stale = wire.signed("POST", EVENTS, body, at=clock.real_now().timestamp() + off)
    refused = wire.send("POST", EVENTS, body, stale)
    assert refused.status_code == 401
    assert refused.json is not None
    assert refused.json["error"] == "stale"
    anew = wire.signed("POST", EVENTS, body, at=refused.json["server_time"])
    assert wire.send("POST", EVENTS, body, anew).status_code == 200
    assert stored(wire) == 1


def test_a_clock_that_is_a_little_off_is_accepted(wire: Wire) -> None:
    for off in (-290, 290):
        body = json.dumps({"events": [event()]}).encode()
        signed = wire.signed("POST", EVENTS, body, at=clock.real_now().timestamp() + off)
        assert wire.send("POST", EVENTS, body, signed).status_code == 200


def test_a_replayed_request_is_refused(wire: Wire) -> None:
    body = json.dumps({"events": [event()]}).encode()
    signed = wire.signed("POST", EVENTS, body)
    assert wire.send("POST", EVENTS, body, signed).status_code == 200
    again = wire.send("POST", EVENTS, body, signed)
    assert (again.status_code, (again.json or {})["error"]) == (401, "replayed")


def test_nonces_are_forgotten_when_they_protect_nothing(wire: Wire) -> None:
    wire.send("GET", "/api/v1/gate/config")
    with transaction() as session:
        session.execute(update(BridgeNonce).values(used_at=clock.real_now() - timedelta(minutes=20)))
    wire.send("GET", "/api/v1/gate/config")
    forget_used_nonces()
    mine = BridgeNonce.bridge_id == wire.credentials.bridge_id
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(BridgeNonce).where(mine)) == 1


def test_keys_rotate_and_the_former_one_ends(wire: Wire) -> None:
    admin = Actor("account", uuid4(), None, frozenset({"admin"}), "DIR")
    with transaction() as session:
        fresh = operations.rotate_key(session, wire.credentials.bridge_id, actor=admin)
    former = wire.key
    assert wire.send("GET", "/api/v1/gate/config").status_code == 200
    wire.key = Key(fresh.key_id, fresh.secret.encode())
    assert wire.send("GET", "/api/v1/gate/config").status_code == 200
    with transaction() as session:
        ended = clock.real_now() - timedelta(seconds=1)
        session.execute(update(BridgeKey).where(BridgeKey.id == former.id).values(valid_to=ended))
    wire.key = former
    assert wire.send("GET", "/api/v1/gate/config").status_code == 401


def test_a_disabled_bridge_is_refused(wire: Wire) -> None:
    admin = Actor("account", uuid4(), None, frozenset({"admin"}), "DIR")
    with transaction() as session:
        operations.disable_bridge(session, wire.credentials.bridge_id, actor=admin)
    assert wire.send("GET", "/api/v1/gate/config").status_code == 401


def test_a_bad_event_keeps_no_other_out(wire: Wire, visitor: UUID) -> None:
    good = event(visitor)
    bad = [
        event(visitor, post="ESCOLA"),
        event(visitor, instant="2026-11-24T10:00:00"),
        event(visitor, instant="0001-01-01T00:00:00+14:00"),
        event(visitor, decision="unknown"),
        event(None, decision="recognised"),
        event(visitor, score=float("nan")),
        event(visitor, device="x" * 81),
        event(visitor, id="no uuid"),
        {"id": 7},
        "nothing",
    ]
    answer = wire.events(good, *bad).json
    assert answer is not None
    assert answer["accepted"] == [good["id"]]
    assert len(answer["rejected"]) == len(bad)
    assert {one["reason"] for one in answer["rejected"]} == {"posto_desconhecido", "dados_invalidos"}
    assert stored(wire) == 1


@pytest.mark.parametrize("name", ["finalidade", "motivo", "destino", "visitado", "endereco"])
def test_R7_R6_an_event_with_a_reason_or_an_address_is_refused(wire: Wire, visitor: UUID, name: str) -> None:
    answer = wire.events(event(visitor, **{name: "texto"})).json
    assert answer is not None
    assert answer["rejected"][0]["reason"] == "dados_invalidos"
    assert stored(wire) == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"events": 3}', b'{"events": [], "x": 1}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_body_of_another_shape_is_refused_in_words(wire: Wire, body: bytes) -> None:
    answer = wire.send("POST", EVENTS, body)
    assert (answer.status_code, (answer.json or {})["error"]) == (422, "invalid")


def test_more_than_five_hundred_events_are_refused(wire: Wire) -> None:
    assert wire.events(*[{} for _ in range(501)]).status_code == 422


def test_a_body_over_the_limit_is_refused(wire: Wire) -> None:
    for target, size in (("/api/v1/gate/heartbeat", 70_000), (EVENTS, EVENTS_LIMIT + 1)):
        answer = wire.send("POST", target, b" " * size)
        assert (answer.status_code, (answer.json or {})["error"]) == (413, "too_large")


@pytest.mark.slow
def test_a_full_batch_of_doubtful_events_with_large_crops_is_accepted(wire: Wire) -> None:
    secret = base64.b64decode(wire.credentials.gallery_secret)
    batch = [event() for _ in range(500)]
    for one in batch:
        one["crop"] = boxes.seal_crop(secret, one["id"], b"\xff\xd8\xff" + bytes(30_000))
    body = json.dumps({"events": batch}).encode()
    assert len(body) > (wire.client.application.config["MAX_CONTENT_LENGTH"] or 0)
    answer = wire.send("POST", EVENTS, body)
    assert answer.status_code == 200, answer.text
    assert len((answer.json or {})["accepted"]) == 500
    with transaction() as session:
        crops = select(func.count()).select_from(Crop).join(GateEvent, GateEvent.id == Crop.event_id)
        assert session.scalar(crops.where(GateEvent.bridge_id == wire.credentials.bridge_id)) == 500


def test_what_the_bridge_sends_at_once_is_within_the_limit() -> None:
    assert BATCH == MOST_EVENTS
    assert 2 * BATCH_BYTES <= EVENTS_LIMIT


def test_the_gallery_is_sealed_for_its_bridge(wire: Wire, visitor: UUID) -> None:
    answer = wire.send("GET", "/api/v1/gate/gallery?cursor=0&limit=500").json
    assert answer is not None
    (item,) = answer["items"]
    assert (item["op"], item["person"], answer["more"]) == ("put", str(visitor), False)
    secret = base64.b64decode(wire.credentials.gallery_secret)
    entry = boxes.open_entry(secret, visitor, item["box"])
    assert (entry.name, entry.pictures) == ("Maria Aparecida", 1)
    assert entry.cpf == boxes.cpf_digest(secret, "52998224725")
    with pytest.raises(boxes.BoxInvalid):
        boxes.open_entry(boxes.new_secret(), visitor, item["box"])
    rest = wire.send("GET", f"/api/v1/gate/gallery?cursor={answer['cursor']}").json
    assert rest is not None
    assert rest["items"] == []


def test_an_entry_is_told_to_the_gallery_as_seen(wire: Wire, visitor: UUID) -> None:
    first = wire.send("GET", "/api/v1/gate/gallery").json
    sent = event(visitor, instant=(clock.now() + timedelta(seconds=50)).isoformat())  # no passage of another test
    wire.events(sent)
    process_batch([sent["id"]])
    assert first is not None
    answer = wire.send("GET", f"/api/v1/gate/gallery?cursor={first['cursor']}").json
    assert answer is not None
    assert [(item["op"], item["person"], item["box"]) for item in answer["items"]] == [("seen", str(visitor), None)]


@pytest.mark.parametrize("query", ["cursor=-1", "cursor=x", "cursor=99999999999999999999", "limit=²"])
def test_a_cursor_of_another_shape_is_refused(wire: Wire, query: str) -> None:
    assert wire.send("GET", f"/api/v1/gate/gallery?{quote(query, safe='=')}").status_code == 422


def test_config_tells_what_the_server_decides(wire: Wire) -> None:
    found = wire.send("GET", "/api/v1/gate/config").json
    assert found is not None
    assert (found["bridge"], found["post"]) == (str(wire.credentials.bridge_id), "PI-HALL")
    assert calibration.from_dict(found["calibration"]).version == calibration.load().version
    assert found["windows"][0] == {"from": "2026-11-24T10:30:00Z", "to": "2026-11-24T22:00:00Z"}
    assert abs(datetime.fromisoformat(found["legal_time"]) - TUESDAY) < timedelta(minutes=2)
    signer = people_settings().keyring.signer("visitor")
    assert verify(base64.b64decode(found["token_key"]), b"x", signer.sign(b"x"))
    assert found["one_to_many"] is True


def test_a_heartbeat_is_kept(wire: Wire) -> None:
    device = {"name": "camera-1", "kind": "camera", "last_seen": clock.real_now().isoformat(), "skew_s": 0.0}
    assert (
        wire.post("/api/v1/gate/heartbeat", {"devices": [device], "spool": 3, "gallery_cursor": 9}).status_code == 200
    )
    with transaction() as session:
        (row,) = [one for one in queries.bridges(session) if one.id == wire.credentials.bridge_id]
    assert (row.spool, row.silent) == (3, ())


def test_an_event_of_another_bridge_is_not_found(wire: Wire, installation: Installation, visitor: UUID) -> None:
    sent = event(visitor)
    wire.events(sent)
    with transaction() as session:
        other = operations.enrol_bridge(session, operations.post_by_code(session, "PI-HALL"))
    assert Wire(installation.app, other).send("GET", f"{EVENTS}/{sent['id']}").status_code == 404
