from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gate_bridge import gallery as gallery_module
from gate_bridge.clock import BridgeClock
from gate_bridge.gallery import Gallery
from gate_bridge.link import ServerLink
from gate_bridge.spool import Spool
from gate_bridge.status import Standing
from gate_bridge.synchronise import Synchroniser
from tests.gate_bridge.conftest import CPF, SECRET, dumped, put, vector
from tests.gate_bridge.gate_server import GateServer


@pytest.fixture
def synchroniser(spool: Spool, link: ServerLink, clock: BridgeClock, gallery: Gallery) -> Iterator[Synchroniser]:
    made = Synchroniser(spool, link, clock, gallery, sync_s=0.1, heartbeat_s=0.1)
    yield made
    made.stop()


def test_the_gallery_is_followed_by_cursor_and_opened_in_memory_only(
    synchroniser: Synchroniser, server: GateServer, spool: Spool, gallery: Gallery, clock: BridgeClock
) -> None:
    people = [str(uuid4()) for _ in range(3)]
    server.gallery = [put(person, n, cpf=CPF if n == 0 else None, name="Zélia") for n, person in enumerate(people)]
    synchroniser.synchronise()
    assert len(gallery) == 3
    known = gallery.by_cpf(CPF)
    assert known is not None
    assert known.person == people[0]
    assert "Zélia" not in dumped(spool)
    server.gallery += [
        {"op": "drop", "person": people[0]},
        {"op": "seen", "person": people[1], "seen_at": "2020-01-01T00:00:00+00:00"},
    ]
    synchroniser.synchronise()
    assert gallery.by_cpf(CPF) is None
    assert gallery.short_list(600).persons == (people[2],)
    again = Gallery(spool, SECRET, clock)
    assert len(again) == 2
    assert synchroniser.config.post == "P1"


def test_more_than_a_page_is_fetched_page_by_page(
    synchroniser: Synchroniser, server: GateServer, gallery: Gallery
) -> None:
    server.gallery = [put(str(uuid4()), n) for n in range(1201)]
    synchroniser.synchronise()
    assert len(gallery) == 1201
    assert sum("/gallery" in target for _, target, _ in server.requests) == 3


def test_the_short_list_is_the_last_30_days_latest_first_at_most_so_many(
    synchroniser: Synchroniser, server: GateServer, gallery: Gallery
) -> None:
    now = datetime.now(UTC)
    people = [str(uuid4()) for _ in range(4)]
    days = (5, 1, 31, 29)
    server.gallery = [put(person, n, seen_at=now - timedelta(days=days[n])) for n, person in enumerate(people)]
    synchroniser.synchronise()
    assert gallery.short_list(600).persons == (people[1], people[0], people[3])
    assert Gallery.short_list(gallery, 600) is gallery.short_list(600)


def test_a_box_of_somebody_else_is_refused(synchroniser: Synchroniser, server: GateServer, gallery: Gallery) -> None:
    item = put(str(uuid4()), 1)
    server.gallery = [item | {"person": str(uuid4())}]
    synchroniser.synchronise()
    assert len(gallery) == 0


def test_the_gallery_lapses_24_hours_after_its_last_refresh_and_comes_back_whole(
    synchroniser: Synchroniser,
    server: GateServer,
    gallery: Gallery,
    spool: Spool,
    clock: BridgeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = str(uuid4())
    server.gallery = [put(person, 1, cpf=CPF)]
    synchroniser.synchronise()
    assert not gallery.lapsed
    monkeypatch.setattr(clock, "_own_error", 24 * 3600.0 + 5)
    assert gallery.lapsed
    assert gallery.person(person) is None
    assert gallery.by_cpf(CPF) is None
    assert gallery.short_list(600).persons == ()
    assert gallery.expire()
    assert spool.gallery() == []
    server.clock_error = 24 * 3600.0 + 5
    synchroniser.synchronise()
    assert gallery.by_cpf(CPF) is not None


def test_a_clock_that_was_set_back_does_not_lengthen_the_gallerys_life(
    synchroniser: Synchroniser,
    server: GateServer,
    gallery: Gallery,
    clock: BridgeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.gallery = [put(str(uuid4()), 1)]
    synchroniser.synchronise()
    monkeypatch.setattr(clock, "_own_error", -7200.0)
    assert gallery.lapsed
    monkeypatch.setattr(clock, "_own_error", 0.0)
    monkeypatch.setattr(gallery_module, "LIFE_S", 0.0)
    assert gallery.lapsed


def test_configuration_and_gallery_outlive_a_restart_without_the_server(
    synchroniser: Synchroniser, server: GateServer, spool: Spool, link: ServerLink, clock: BridgeClock, gallery: Gallery
) -> None:
    key = bytes(range(32))
    server.config |= {"one_to_many": True, "token_key": base64.b64encode(key).decode()}
    server.open_windows()
    server.gallery = [put(str(uuid4()), 1)]
    synchroniser.synchronise()
    server.close()
    restarted = Synchroniser(spool, link, clock, Gallery(spool, SECRET, clock))
    assert restarted.config == synchroniser.config
    assert restarted.config.token_key == key
    assert restarted.config.is_open(datetime.now(UTC))
    assert not restarted.config.is_open(datetime.now(UTC) + timedelta(hours=3))


def test_R53_the_window_that_has_just_ended_is_kept_also_over_a_restart(
    synchroniser: Synchroniser,
    server: GateServer,
    spool: Spool,
    link: ServerLink,
    clock: BridgeClock,
    gallery: Gallery,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today, tomorrow = (
        {"from": f"2026-11-{day}T10:30:00+00:00", "to": f"2026-11-{day}T22:00:00+00:00"} for day in (24, 25)
    )
    evening = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    server.config["windows"] = [today, tomorrow]
    synchroniser.synchronise()
    monkeypatch.setattr(clock, "legal_now", lambda: evening)
    server.config["windows"] = [tomorrow]
    synchroniser.synchronise()
    synchroniser.synchronise()
    restarted = Synchroniser(spool, link, clock, gallery)
    for config in (synchroniser.config, restarted.config):
        assert [one.start.isoformat() for one in config.windows] == [today["from"], tomorrow["from"]]
        assert config.standing(evening) is Standing.AFTER_HOURS


def test_the_legal_clock_follows_the_servers_demonstration(
    synchroniser: Synchroniser, server: GateServer, clock: BridgeClock
) -> None:
    server.legal_offset = timedelta(hours=31)
    server.clock_error = 40.0
    synchroniser.synchronise()
    assert clock.legal_offset.total_seconds() == pytest.approx(31 * 3600, abs=2)
    assert (clock.legal_now() - datetime.now(UTC)).total_seconds() == pytest.approx(31 * 3600 + 40, abs=3)


def test_the_thread_sends_heartbeats_and_lives_through_an_outage(
    synchroniser: Synchroniser, server: GateServer
) -> None:
    server.failing = 2
    synchroniser.start()
    import time

    until = time.monotonic() + 10
    while not (server.heartbeats and synchroniser.config.post) and time.monotonic() < until:
        time.sleep(0.02)
    assert server.heartbeats[0] == {"devices": [], "spool": 0, "gallery_cursor": 0}
    assert synchroniser.config.post == "P1"


def test_an_answer_that_is_no_configuration_changes_nothing(synchroniser: Synchroniser, server: GateServer) -> None:
    synchroniser.synchronise()
    server.config = {"windows": [{"from": "ontem", "to": "hoje"}]}
    from gate_bridge.errors import BridgeError

    with pytest.raises(BridgeError):
        synchroniser.synchronise()
    assert synchroniser.config.post == "P1"


def test_vectors_are_never_written(synchroniser: Synchroniser, server: GateServer, spool: Spool) -> None:
    server.gallery = [put(str(uuid4()), 7)]
    synchroniser.synchronise()
    assert vector(7).tobytes() not in (
        spool._path.read_bytes() + spool._path.with_name("spool.sqlite-wal").read_bytes()
    )
