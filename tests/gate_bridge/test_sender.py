from __future__ import annotations

import time

import pytest

from gate_bridge.clock import BridgeClock
from gate_bridge.errors import ServerRefused, ServerUnavailable
from gate_bridge.link import ServerLink
from gate_bridge.sender import Sender, backoff
from gate_bridge.settings import Key
from gate_bridge.simulators.gate_load import entries, fill
from gate_bridge.spool import Spool
from tests.gate_bridge.conftest import KEY, dumped, event
from tests.gate_bridge.gate_server import GateServer


def test_a_backlog_is_drained_in_batches_none_lost_none_doubled(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    ids = fill(spool, entries(1234, post="P1", people=[f"person-{n}" for n in range(400)]))
    assert len(ids) == 1234
    assert sender.drain() == 1234
    assert set(server.events) == set(ids)
    assert spool.depth() == 0
    batches = [one for one in server.requests if one[1] == "/api/v1/gate/events"]
    assert len(batches) == 3
    sequences = [one["sequence"] for one in server.events.values()]
    assert sequences == sorted(sequences)


def test_an_outage_keeps_everything_and_the_thread_works_through_it(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    ids = [spool.add(event()).id for _ in range(5)]
    server.failing = 2
    with pytest.raises(ServerUnavailable):
        sender.send_once()
    assert spool.depth() == 5
    sender.start()
    until = time.monotonic() + 10
    while spool.depth() and time.monotonic() < until:
        time.sleep(0.02)
    sender.stop()
    assert set(server.events) == set(ids)


def test_a_server_that_is_not_there_is_unavailable(spool: Spool, clock: BridgeClock) -> None:
    gone = GateServer({})
    gone.close()
    spool.add(event())
    with pytest.raises(ServerUnavailable):
        Sender(spool, ServerLink(gone.url, "b1", (KEY,), clock)).send_once()
    assert spool.depth() == 1


def test_an_answer_that_was_lost_leads_to_a_duplicate_and_one_entry(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    one = spool.add(event())
    server.forget_answer = 1
    with pytest.raises(ServerUnavailable):
        sender.send_once()
    assert sender.send_once() == 1
    assert list(server.events) == [one.id]
    assert spool.depth() == 0


def test_a_stale_request_is_signed_anew_once_with_the_servers_clock(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    server.clock_error = 3600.0
    spool.add(event())
    assert sender.send_once() == 1
    assert server.refusals == ["stale"]
    times = [int(headers["X-Carimbo-Time"]) for _, _, headers in server.requests]
    assert times[1] - times[0] == pytest.approx(3600, abs=3)
    spool.add(event())
    sender.send_once()
    assert server.refusals == ["stale"]


def test_a_clock_that_cannot_be_mended_gives_up_the_request_not_the_event(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    spool.add(event())
    server.refusal = lambda *_: "stale"  # type: ignore[method-assign]
    with pytest.raises(ServerRefused):
        sender.send_once()
    assert len(server.requests) == 2
    assert spool.depth() == 1


def test_a_forged_key_is_refused(spool: Spool, clock: BridgeClock, server: GateServer) -> None:
    spool.add(event())
    with pytest.raises(ServerRefused):
        Sender(spool, ServerLink(server.url, "b1", (Key(KEY.id, b"forged"),), clock)).send_once()
    assert server.refusals == ["signature"]
    assert not server.events
    assert spool.depth() == 1


def test_keys_rotate_and_the_one_that_is_taken_stays_in_use(
    spool: Spool, clock: BridgeClock, server: GateServer
) -> None:
    link = ServerLink(server.url, "b1", (Key("old", b"old"), KEY), clock)
    sender = Sender(spool, link)
    for _ in range(2):
        spool.add(event())
        assert sender.send_once() == 1
    assert server.refusals == ["unknown_key"]
    assert link.key_id == KEY.id


def test_signatures_are_never_stored(spool: Spool, sender: Sender, server: GateServer) -> None:
    spool.add(event())
    sender.send_once()
    signature = server.requests[0][2]["X-Carimbo-Signature"]
    assert signature not in dumped(spool)


def test_rejected_events_go_to_quarantine_and_the_rest_goes_through(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    bad, good = spool.add(event()), spool.add(event())
    server.rejected[bad.id] = "posto_desconhecido"
    assert sender.send_once() == 2
    assert [(one.id, one.reason) for one in spool.quarantine()] == [(bad.id, "posto_desconhecido")]
    assert set(server.events) == {good.id}
    assert sender.send_once() == 0


def test_a_batch_that_the_server_cannot_read_is_halved_down_to_the_one_bad_event(
    spool: Spool, sender: Sender, server: GateServer
) -> None:
    ids = [spool.add(event()).id for _ in range(9)]
    server.poison.add(ids[4])
    assert sender.send_once() == 9
    assert [one.id for one in spool.quarantine()] == [ids[4]]
    assert set(server.events) == set(ids) - {ids[4]}


def test_an_event_from_before_the_first_configuration_learns_its_post_when_sent(
    spool: Spool, link: ServerLink, server: GateServer
) -> None:
    post = ""
    sender = Sender(spool, link, post=lambda: post)
    one = spool.add(event(post=""))
    with pytest.raises(ServerUnavailable):
        sender.send_once()
    post = "P1"
    sender.send_once()
    assert server.events[one.id]["post"] == "P1"


def test_every_request_has_its_own_nonce(spool: Spool, sender: Sender, server: GateServer) -> None:
    for _ in range(3):
        spool.add(event())
        sender.send_once()
    assert len({headers["X-Carimbo-Nonce"] for _, _, headers in server.requests}) == 3


def test_backoff_grows_with_jitter_to_a_minute() -> None:
    assert 0.25 <= backoff(1) <= 0.5
    assert all(30 <= backoff(n) <= 60 for n in (8, 20, 1000))
    assert len({backoff(5) for _ in range(5)}) > 1
