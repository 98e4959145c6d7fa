"""Events that come wrong, through the real gate of a real installation.

Each is proved in detail where it belongs; here the whole way is gone. The same event twice: tests/gate_bridge/test_devices
(replayed identification), tests/webapp/test_api (a signed batch is accepted once), tests/processes/test_entrada. Out of
order: test_devices (a backlog replayed out of order), test_entrada. Forged and stale requests: test_api, test_sender.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
import requests

from gate_bridge.clock import BridgeClock
from gate_bridge.link import ServerLink
from gate_bridge.settings import Key
from gate_bridge.signing import headers
from gate_bridge.simulators.controlid import ControlIdTerminal
from people.persons import create_person
from processes.entrada.bridges import enrol_bridge
from processes.entrada.posts import post_by_code
from tests.resilience.house import SECRET_PATH, House
from tests.webapp.signing import event
from workflow import clock
from workflow.database import transaction

pytestmark = pytest.mark.slow
EVENTS = "/api/v1/gate/events"


def test_a_device_clock_10_minutes_off_goes_to_review_and_the_same_event_twice_is_one(house: House) -> None:
    with house.inside(), transaction() as session:
        who = create_person(session, "Visitante Do Relógio", None, verified=False).id
    house.install_terminal({"1": who})
    terminal = ControlIdTerminal(f"{house.keypad}/{SECRET_PATH}", clock_error_s=600)
    unique = str(uuid4())
    answers = [terminal.identify(1, uuid=unique) for _ in range(2)]
    assert [one.json()["result"]["event"] for one in answers] == [6, 6]  # the door stays shut
    digest = hashlib.sha256(str(answers[0].request.body).encode()).hexdigest()
    ours = "SELECT review, result, ground, abs(skew_s - 600) < 5 FROM gate_event WHERE raw_sha256 = %s"
    house.wait("a decisão", lambda: house.rows(ours + " AND result IS NOT NULL", digest))
    assert house.rows(ours, digest) == [(True, "PENDENTE_VERIFICACAO", "relogio", True)]
    assert house.one("SELECT count(*) FROM gate_event WHERE person_id = %s OR %s = ANY(candidate_ids)", who, who) == 1
    assert house.one("SELECT count(*) FROM entry WHERE person_id = %s", who) == 0


def test_forged_signature_and_stale_request_are_refused_and_the_one_signed_anew_is_accepted(house: House) -> None:
    with house.inside(), transaction() as session:
        made = enrol_bridge(session, post_by_code(session, "PI-HALL"))
    key, bridge = Key(made.key_id, made.secret.encode()), str(made.bridge_id)
    sent = event()
    body = json.dumps({"events": [sent]}).encode()
    now = clock.real_now().timestamp()

    def post(signed: dict[str, str]) -> tuple[int, str]:
        answer = requests.post(
            house.url + EVENTS, data=body, headers={**signed, "Content-Type": "application/json"}, timeout=10
        )
        return answer.status_code, answer.json().get("error", "")

    forged = headers(bridge, Key(key.id, b"another secret"), "POST", EVENTS, now, body)
    assert post(forged) == (401, "unauthorised")
    assert post(headers(bridge, key, "POST", EVENTS, now - 301, body)) == (401, "stale")
    assert house.one("SELECT count(*) FROM gate_event WHERE id = %s", sent["id"]) == 0
    slow = BridgeClock(own_error=timedelta(seconds=-400))
    link = ServerLink(house.url, bridge, (key,), slow)
    assert link.post(EVENTS, {"events": [sent]})["accepted"] == [sent["id"]]
