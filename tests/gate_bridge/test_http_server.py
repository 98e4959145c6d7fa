"""Whoever opens connections and says nothing keeps nobody else from being heard."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from gate_bridge import http_server
from gate_bridge.http_server import MOST_FROM_ONE, MOST_FROM_OTHERS, MOST_FROM_TRUSTED, HttpServer
from gate_bridge.settings import Address
from tests.gate_bridge.test_spool import wait_until

DEVICE = ipaddress.ip_network("127.0.7.0/24")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """A server to which only 127.0.0.1 is its own machine: the others of 127.0.0.0/8 stand for the gate's network."""
    monkeypatch.setattr(http_server, "LOOPBACK", (ipaddress.ip_network("127.0.0.1/32"),))

    def heard(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = HttpServer(heard, Address("0.0.0.0", 0), trusted=[DEVICE])  # noqa: S104 - for the test's own addresses
    server.start()
    yield server
    server.stop()


def half_open(server: HttpServer, source: str) -> socket.socket:
    """A connection that begins a request and never ends it."""
    link = socket.create_connection(("127.0.0.1", server.port), timeout=5, source_address=(source, 0))
    link.settimeout(0.3)
    link.sendall(b"POST /claim HTTP/1.1\r\nHost: ponte\r\n")
    return link


def is_open(link: socket.socket) -> bool:
    try:
        return link.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def answers(server: HttpServer, source: str) -> bool:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5, source_address=(source, 0)) as link:
        try:
            link.sendall(b"GET / HTTP/1.1\r\nHost: ponte\r\nConnection: close\r\n\r\n")
            return link.recv(100).startswith(b"HTTP/1.1 200")
        except ConnectionError:
            return False


def test_one_host_with_half_open_connections_makes_nobody_deaf(serve: HttpServer) -> None:
    with ExitStack() as held:
        links = [held.enter_context(half_open(serve, "127.0.0.66")) for _ in range(MOST_FROM_ONE)]
        assert answers(serve, "127.0.0.67")
        assert not answers(serve, "127.0.0.66")
        assert is_open(links[0])
        assert requests.get(serve.url, timeout=5).text == "ok"
        links[0].close()
        wait_until(lambda: answers(serve, "127.0.0.66"))


def test_many_hosts_leave_room_for_the_devices_and_the_machine_itself(serve: HttpServer) -> None:
    with ExitStack() as held:
        for number in range(MOST_FROM_OTHERS):
            held.enter_context(half_open(serve, f"127.0.1.{1 + number // MOST_FROM_ONE}"))
        wait_until(lambda: not answers(serve, "127.0.2.1"))
        assert answers(serve, "127.0.7.9")
        assert answers(serve, "127.0.0.1")


def test_an_allowed_device_has_a_generous_limit_and_no_more(serve: HttpServer) -> None:
    with ExitStack() as held:
        for _ in range(MOST_FROM_TRUSTED):
            held.enter_context(half_open(serve, "127.0.7.9"))
        assert not answers(serve, "127.0.7.9")
        assert answers(serve, "127.0.7.8")


def test_an_ipv6_network_counts_as_one_host_and_a_mapped_address_as_its_ipv4() -> None:
    origin = http_server.Doorkeeper([DEVICE])._origin
    assert origin("2001:db8::1") == origin("2001:db8::2:1") != origin("2001:db8:0:1::1")
    assert origin("::ffff:127.0.7.9") == origin("127.0.7.9") == (True, "127.0.7.9")
    assert origin("fe80::1%eth0")[0] is False
    assert origin("::1")[0] is True
