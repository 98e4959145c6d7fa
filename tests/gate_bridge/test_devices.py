"""Terminals by their simulators, over real HTTP to the bridge's own site."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
import requests

from gate_bridge.claims import ClaimDesk
from gate_bridge.clock import BridgeClock
from gate_bridge.devices import controlid
from gate_bridge.devices.controlid import ControlId
from gate_bridge.devices.hikvision import Hikvision, event_document
from gate_bridge.devices.terminal import TerminalBase
from gate_bridge.errors import SpoolFull, UnreadableReport
from gate_bridge.gallery import Gallery
from gate_bridge.http_server import HttpServer
from gate_bridge.intake import Intake
from gate_bridge.settings import Address, DeviceSettings
from gate_bridge.simulators.controlid import ControlIdApi, ControlIdTerminal
from gate_bridge.simulators.hikvision import AlertStream, HikvisionTerminal, as_multipart, as_xml
from gate_bridge.spool import GalleryChange, GalleryRow, Spool
from gate_bridge.status import GateConfig, Window
from gate_bridge.web import GateSite
from tests.gate_bridge.conftest import put
from tests.gate_bridge.test_spool import wait_until

SECRET_PATH = "abcdefghijklmnop"
USER, PERSON = 1657, str(uuid4())
LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)
DOOR = (("sec_box", "id=65793, reason=1"),)
CONTROLID = DeviceSettings("term", "controlid", secret_path=SECRET_PATH, allow=LOOPBACK, door=DOOR)
HIKVISION = DeviceSettings("hik", "hikvision", secret_path=SECRET_PATH, allow=LOOPBACK)


@dataclass
class Gate:
    """One terminal of the bridge, served; the intake acts when told to, so that tests see each step."""

    url: str
    terminal: TerminalBase
    intake: Intake
    spool: Spool

    def events(self) -> list[dict[str, Any]]:
        self.intake.settle_pending()
        return [one.document for one in self.spool.batch()]


@pytest.fixture
def gate(spool: Spool, clock: BridgeClock, gallery: Gallery) -> Iterator[Callable[..., Gate]]:
    servers: list[HttpServer] = []
    terminals: list[TerminalBase] = []

    def open_gate(settings: DeviceSettings, *, refreshed: bool = True, is_open: bool = True) -> Gate:
        row = put(PERSON, 1)
        spool.apply_gallery([GalleryChange("put", PERSON, row["box"], row["seen_at"])], 1)
        gallery.update([GalleryRow(PERSON, row["box"], row["seen_at"])], (), ())
        if refreshed:
            gallery.refreshed()
        spool.map_user(settings.name, str(USER), PERSON)
        now = clock.now()
        window = (Window(now.replace(year=now.year - 1), now.replace(year=now.year + 1)),) if is_open else ()
        config = GateConfig(post="P1", windows=window)
        intake = Intake(spool, clock, gallery, lambda: config)
        made: TerminalBase = (
            ControlId(settings, spool, clock, intake.store, intake.welcomes, poll_s=0.05)
            if settings.kind == "controlid"
            else Hikvision(settings, spool, clock, intake.store, retry_s=0.05)
        )
        intake.serve([made])
        site = GateSite(
            intake=intake,
            claims=ClaimDesk(gallery, clock, lambda: config),
            clock=clock,
            config=lambda: config,
            terminals={made.name: made},
            health=dict,
            metrics=bytes,
        )
        server = HttpServer(site, Address("127.0.0.1", 0))
        server.start()
        servers.append(server)
        terminals.append(made)
        return Gate(f"{server.url}/{SECRET_PATH}", made, intake, spool)

    yield open_gate
    for terminal in terminals:
        terminal.stop()
    for server in servers:
        server.stop()


# Control iD


def test_an_identification_is_stored_answered_and_becomes_an_event(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    answer = ControlIdTerminal(here.url).identify(USER, uuid="u1")
    result = answer.json()["result"]
    assert (answer.status_code, result["event"], result["user_id"]) == (200, 7, USER)
    assert result["actions"] == [{"action": "sec_box", "parameters": "id=65793, reason=1"}]
    assert len(here.spool.new_raw()) == 1
    (event,) = here.events()
    assert (event["person"], event["decision"], event["way"], event["device_kind"]) == (
        PERSON,
        "recognised",
        "device",
        "controlid",
    )
    assert event["score"] == 1000  # the most that the contract takes
    assert event["raw_sha256"]
    assert abs(event["skew_s"]) < 5
    assert here.spool.new_raw() == []


def test_a_replayed_identification_never_opens_the_door_and_makes_no_second_event(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    terminal = ControlIdTerminal(here.url)
    fields = {"event": 8, "user_id": USER, "portal_id": 1, "time": terminal.clock(), "uuid": "same"}
    first, second = terminal.repeat(fields).json()["result"], terminal.repeat(fields).json()["result"]
    assert (first["event"], len(first["actions"])) == (7, 1)
    assert (second["event"], second["actions"]) == (6, [])
    assert len(here.events()) == 1
    third = terminal.repeat(fields).json()["result"]
    assert (third["event"], third["actions"]) == (6, [])
    assert len(here.events()) == 1


def test_older_firmware_without_uuid_and_time_opens_the_door_once_in_ten_seconds(
    gate: Callable[..., Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = gate(CONTROLID)
    here.spool.map_user("term", "2000", PERSON)
    terminal = ControlIdTerminal(here.url)

    def opens(user: int) -> bool:
        return bool(terminal.repeat({"event": 8, "user_id": user, "portal_id": 1}).json()["result"]["actions"])

    assert [opens(USER), opens(USER), opens(USER)] == [True, False, False]
    assert opens(2000)
    assert len(here.events()) == 1
    monkeypatch.setattr(controlid, "REPEATED_S", 0.0)
    assert opens(USER)


@pytest.mark.parametrize("case", ["unmapped", "lapsed", "closed", "old"])
def test_no_door_opens_for_whom_the_bridge_cannot_vouch(gate: Callable[..., Gate], case: str) -> None:
    here = gate(CONTROLID, refreshed=case != "lapsed", is_open=case != "closed")
    terminal = ControlIdTerminal(here.url, clock_error_s=-600 if case == "old" else 0)
    answer = terminal.identify(999 if case == "unmapped" else USER, uuid="u1").json()["result"]
    assert (answer["event"], answer["actions"], answer["message"]) == (6, [], "Aguarde o atendente")
    (event,) = here.events()
    expected = {
        "unmapped": ("doubtful", None),
        "lapsed": ("doubtful", None),
        "closed": ("recognised", PERSON),
        "old": ("recognised", PERSON),
    }
    assert (event["decision"], event["person"]) == expected[case]
    if case == "lapsed":
        assert [one["person"] for one in event["candidates"]] == [PERSON]


def test_a_device_clock_10_minutes_off_is_flagged_and_the_instant_is_ours(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    ControlIdTerminal(here.url, clock_error_s=600).identify(USER, uuid="u1")
    (event,) = here.events()
    assert event["skew_s"] == pytest.approx(600, abs=5)
    apart = datetime.fromisoformat(event["device_time"]) - datetime.fromisoformat(event["instant"])
    assert apart.total_seconds() == pytest.approx(600, abs=5)
    assert here.terminal.status().skew_s == pytest.approx(600, abs=5)


def test_a_device_that_lost_its_clock_is_flagged_and_nothing_impossible_is_sent(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    ControlIdTerminal(here.url, clock_error_s=-1_700_000_000).identify(USER, uuid="u1")
    (event,) = here.events()
    assert (event["device_time"], event["skew_s"] < -1_600_000_000) == (None, True)
    assert event["instant"] == event["bridge_time"]


def test_the_monitor_and_the_log_tell_of_one_passage_once_in_the_devices_order(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    terminal = ControlIdTerminal(here.url)
    row = terminal.record(USER, 7)
    assert terminal.monitor(row).status_code == 200
    assert terminal.monitor(row).status_code == 200
    assert terminal.identify(USER, uuid="u9").status_code == 200
    assert len(here.events()) == 1
    unknown, second = terminal.record(0, 3), terminal.record(0, 3)
    terminal.monitor(second, unknown)
    documents = here.events()
    assert [one["decision"] for one in documents] == ["recognised", "unknown", "unknown"]
    assert [one["sequence"] for one in documents] == [1, 2, 3]


def test_what_the_monitor_lost_is_read_from_the_log_as_a_replay_by_the_devices_own_time(
    gate: Callable[..., Gate],
) -> None:
    terminal = ControlIdTerminal("", clock_error_s=600)
    api = ControlIdApi(terminal)
    here = gate(replace(CONTROLID, url=api.url, user="admin", password="admin"))
    terminal.bridge_url = here.url
    terminal.identify(0, event=3, uuid="measures the clock")
    here.events()
    terminal.log.clear()
    old = terminal.record(USER, 7)
    old["time"] = str(int(old["time"]) - 3600)
    here.terminal.start()
    wait_until(lambda: len(here.events()) == 2)
    event = here.events()[1]
    assert event["replayed"] is True
    ago = datetime.fromisoformat(event["bridge_time"]) - datetime.fromisoformat(event["instant"])
    assert ago.total_seconds() == pytest.approx(3600, abs=10)
    assert event["skew_s"] == pytest.approx(600, abs=5)
    assert here.spool.recall("cursor:term") == int(old["id"])
    pages = api.pages
    wait_until(lambda: api.pages > pages + 2)
    assert len(here.events()) == 2
    here.terminal.stop()
    api.close()


def test_the_log_of_a_terminal_that_does_not_let_us_in_is_tried_again_and_said(gate: Callable[..., Gate]) -> None:
    terminal = ControlIdTerminal("")
    api = ControlIdApi(terminal, password="another")
    here = gate(replace(CONTROLID, url=api.url, user="admin", password="admin"))
    here.terminal.start()
    wait_until(lambda: "log não lido" in here.terminal.status().detail)
    here.terminal.stop()
    api.close()


def test_at_a_turnstile_the_turn_is_the_passage(gate: Callable[..., Gate]) -> None:
    here = gate(replace(CONTROLID, turnstile=True))
    terminal = ControlIdTerminal(here.url)
    terminal.identify(USER, uuid="u1")
    assert here.events() == []
    terminal.turn("GIVE UP", uuid="t0")
    terminal.turn(uuid="t1")
    assert here.events() == []
    terminal.identify(USER, uuid="u2")
    terminal.turn(uuid="t2")
    terminal.turn(uuid="t2")
    (event,) = here.events()
    assert event["person"] == PERSON


def test_signs_of_life_are_answered_and_photographs_are_kept_nowhere(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    terminal = ControlIdTerminal(here.url)
    assert terminal.alive().status_code == 200
    assert terminal.notify("access_photo", {"access_photo": "cm9zdG8=", "device_id": 1}).status_code == 200
    assert here.spool._read("SELECT count(*) FROM raw") == [(0,)]
    assert here.terminal.status().last_seen is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b'{"object_changes": [{"object": "access_logs", "type": "inserted", "values": []}]}',
        b'{"object_changes":[{"object":"access_logs","type":"inserted","values":{"id":"1","event":"7","time":"99999999999999999"}}]}',
    ],
)
def test_nonsense_is_answered_kept_out_and_stops_nothing(gate: Callable[..., Gate], body: bytes) -> None:
    here = gate(CONTROLID)
    assert requests.post(f"{here.url}/api/notifications/dao", data=body, timeout=5).status_code == 200
    assert here.events() == []
    ControlIdTerminal(here.url).identify(USER)
    assert len(here.events()) == 1


# Hikvision


@pytest.mark.parametrize("way", ["json", "xml", "multipart", "event_log"])
def test_every_wrapping_of_a_hikvision_event_is_read(gate: Callable[..., Gate], way: str) -> None:
    here = gate(HIKVISION)
    terminal = HikvisionTerminal(here.url)
    document = terminal.event(str(USER))
    posts = {
        "json": terminal.post_json,
        "xml": terminal.post_xml,
        "multipart": terminal.post_multipart,
        "event_log": lambda one: terminal.post_multipart(one, "event_log"),
    }
    assert posts[way](document).status_code == 200
    (event,) = here.events()
    assert (event["person"], event["decision"], event["replayed"]) == (PERSON, "recognised", False)


@pytest.mark.parametrize("hang_up", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_body_cut_short_inside_the_picture_keeps_its_event(gate: Callable[..., Gate], hang_up: bool) -> None:
    here = gate(HIKVISION)
    terminal = HikvisionTerminal(here.url)
    answer = terminal.post_cut_short(terminal.event(str(USER)), hang_up=hang_up)
    assert answer.startswith(b"HTTP/1.1 200")
    (event,) = here.events()
    assert event["person"] == PERSON


def test_the_method_is_the_sub_type(gate: Callable[..., Gate]) -> None:
    here = gate(HIKVISION)
    terminal = HikvisionTerminal(here.url)
    for sub in (76, 80, 1, 21, 22):
        terminal.post_json(terminal.event(str(USER) if sub == 1 else "", sub=sub))
    assert [(one["decision"], one["person"]) for one in here.events()] == [
        ("unknown", None),
        ("unknown", None),
        ("doubtful", None),
    ]


def test_a_backlog_replayed_out_of_order_is_recorded_once_each_at_its_own_time(gate: Callable[..., Gate]) -> None:
    here = gate(HIKVISION)
    terminal = HikvisionTerminal(here.url)
    terminal.post_json(terminal.event(str(USER)))
    backlog = [terminal.event(str(USER), current=False, ago_s=ago) for ago in (3000, 2000, 1000)]
    for document in (backlog[1], backlog[0], backlog[2], backlog[0]):
        terminal.post_json(document)
    events = here.events()
    assert [one["replayed"] for one in events] == [False, True, True, True]
    instants = sorted(datetime.fromisoformat(one["instant"]) for one in events)
    assert [round((after - before).total_seconds() / 1000) for before, after in pairwise(instants)] == [1, 1, 1]


def test_the_alert_stream_is_held_by_digest_and_its_replays_are_known(gate: Callable[..., Gate]) -> None:
    documents = [HikvisionTerminal("").event(str(USER)), HikvisionTerminal("", serial=200).event("77", sub=80)]
    stream = AlertStream("admin", "s3nha", documents)
    here = gate(replace(HIKVISION, url=stream.url, user="admin", password="s3nha"))
    here.terminal.start()
    wait_until(lambda: len(here.events()) == 2)
    wait_until(lambda: stream.connections >= 2)
    wait_until(lambda: here.spool._read("SELECT count(*) FROM raw")[0][0] >= 4)
    assert len(here.events()) == 2
    here.terminal.stop()
    stream.close()


def test_hikvision_bodies_that_say_nothing_are_refused_without_harm() -> None:
    document = HikvisionTerminal("").event("1")
    whole = as_multipart(document, "AccessControllerEvent")
    assert event_document(whole)["AccessControllerEvent"]["employeeNoString"] == "1"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + as_xml(document).encode().replace(b"Portaria", b"&a;")
    for body in (
        b"",
        b"nothing",
        whole[:200],
        as_xml(document)[:-5].encode(),
        bomb,
        json.dumps([document]).encode()[:50],
    ):
        with pytest.raises(UnreadableReport):
            event_document(body)


# Both


def test_a_terminal_is_heard_only_by_its_secret_and_from_its_addresses(gate: Callable[..., Gate]) -> None:
    here = gate(CONTROLID)
    wrong = here.url[:-1] + "x"
    assert ControlIdTerminal(wrong).identify(USER).status_code == 404
    elsewhere = gate(replace(CONTROLID, allow=(ipaddress.ip_network("10.0.0.0/8"),)))
    assert ControlIdTerminal(elsewhere.url).identify(USER).status_code == 404
    assert here.spool._read("SELECT count(*) FROM raw") == [(0,)]


def test_a_full_disk_refuses_so_that_the_device_tries_again(
    gate: Callable[..., Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = gate(CONTROLID)

    def full(*_: object) -> int:
        raise SpoolFull

    with monkeypatch.context() as patch:
        patch.setattr(here.spool, "store_raw", full)
        refused = ControlIdTerminal(here.url).identify(USER, uuid="u1")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert ControlIdTerminal(here.url).identify(USER, uuid="u1").json()["result"]["event"] == 7


def test_silence_of_90_seconds_is_an_alarm(
    gate: Callable[..., Gate], clock: BridgeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = gate(CONTROLID)
    ControlIdTerminal(here.url).alive()
    assert not here.terminal.status().silent
    monkeypatch.setattr(clock, "_own_error", 89.0)
    assert not here.terminal.status().silent
    monkeypatch.setattr(clock, "_own_error", 91.5)
    assert here.terminal.status().silent


def test_reports_stored_before_a_crash_are_acted_upon_after_it(gate: Callable[..., Gate], clock: BridgeClock) -> None:
    here = gate(CONTROLID)
    terminal = ControlIdTerminal(here.url)
    terminal.identify(USER, uuid="u1")
    assert here.spool.depth() == 0
    again = Intake(here.spool, clock, Gallery(here.spool, b"0" * 32, clock), lambda: GateConfig(post="P1"))
    again.serve([here.terminal])
    again.start()
    wait_until(lambda: here.spool.depth() == 1)
    again.stop()


def test_a_crash_in_the_middle_of_a_report_loses_and_doubles_nothing(
    gate: Callable[..., Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = gate(CONTROLID)
    terminal = ControlIdTerminal(here.url)
    terminal.monitor(*[terminal.record(0, 3) for _ in range(3)])
    kept, add = [], here.spool.add

    def dies(*arguments: Any, **named: Any) -> Any:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(add(*arguments, **named))
        return kept[-1]

    with monkeypatch.context() as patch:
        patch.setattr(here.spool, "add", dies)
        with pytest.raises(KeyboardInterrupt):
            here.intake.settle_pending()
    assert len(kept) == 2
    assert len(here.events()) == 3
