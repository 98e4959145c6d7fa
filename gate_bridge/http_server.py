"""waitress, patient with devices whose posts end before their Content-Length: what arrived is handed on, not lost.

Hikvision terminals announce a picture and cut the body inside it; waitress alone would drop such a request unseen.
Connections are counted by address: no host of the gate's network can keep the terminals and the keypad from being heard.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server

from gate_bridge.settings import Address, Network

MOST_BODY = 12 * 1024 * 1024
MOST_CONNECTIONS = 200
MOST_FROM_ONE = 16
"""From one address, or one IPv6 network of 64 bits: a browser opens six."""
MOST_FROM_TRUSTED = 60
MOST_FROM_OTHERS = 120
"""From all addresses that are neither the machine's own nor on a device's list: the rest is kept for those."""
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_STALLED_S = 4.0
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class PatientChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose unfinished body counts as finished when the sender hangs up or falls silent."""

    request: Any = None
    _ended = False

    def handle_read(self) -> None:
        """As waitress does it, but the end of the stream completes a body that had begun."""
        try:
            data = self.socket.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            self.handle_close()
            return
        if data:
            self.last_activity = time.time()
            self.received(data)
        elif not self._complete_cut_short() and not self._still_answering():
            self.handle_close()

    def service(self) -> None:
        """As waitress does it; when nobody will ask more, the connection ends with the answer."""
        super().service()
        with self.requests_lock:
            if not self._ended or self.requests:
                return
            self.close_when_flushed = True
        self.server.pull_trigger()

    def readable(self) -> bool:
        """Nothing more to read after the end; a body that stalled is completed here, once a second at least."""
        if not self._ended and self.request is not None and time.time() - self.last_activity > _STALLED_S:
            self._complete_cut_short()
        return not self._ended and bool(super().readable())

    def _still_answering(self) -> bool:
        """The sender hung up: what was asked before is answered yet, and `service` then closes."""
        with self.requests_lock:
            self._ended = bool(self.requests)
            return self._ended

    def _complete_cut_short(self) -> bool:
        with self.requests_lock:
            request = self.request
            if request is None or request.body_rcv is None or request.chunked or request.completed or self.requests:
                return False
            request.completed = True
            request.connection_close = True
            request.headers["CONTENT_LENGTH"] = str(len(request.body_rcv))
            request.headers["X_CARIMBO_CUT_SHORT"] = "1"
            request.headers["CONNECTION"] = "close"
            self.requests.append(request)
            self.request = None
            self._ended = True
            self.server.add_task(self)
        return True


class Doorkeeper:
    """Makes the channels of a server, and closes a connection at once when its address has too many open."""

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = (*LOOPBACK, *trusted)

    def __call__(self, server: Any, sock: Any, addr: Any, adj: Any, map: dict[int, Any]) -> PatientChannel | None:
        """A channel, as waitress asks for it after each accept; None when the connection was not taken."""
        here = self._origin(addr[0])
        others = [self._origin(channel.addr[0]) for channel in server.active_channels.values()]
        if others.count(here) < (MOST_FROM_TRUSTED if here[0] else MOST_FROM_ONE) and (
            here[0] or sum(not trusted for trusted, _ in others) < MOST_FROM_OTHERS
        ):
            return PatientChannel(server, sock, addr, adj, map=map)
        sock.close()
        return None

    def _origin(self, text: str) -> tuple[bool, str]:
        """Whether the address is trusted, and as whom it counts."""
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        trusted = any(address in network for network in self._trusted)
        if trusted or address.version == 4:
            return trusted, str(address)
        return False, str(ipaddress.ip_network((address, 64), strict=False))


class HttpServer:
    """One WSGI application on one address, in threads of its own; ``trusted`` are the devices' addresses."""

    def __init__(self, app: WsgiApp, address: Address, *, threads: int = 6, trusted: Sequence[Network] = ()) -> None:
        self._map: dict[int, Any] = {}
        self._stopping = False
        self._server: TcpWSGIServer = create_server(
            app,
            map=self._map,
            host=address.host,
            port=address.port,
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=MOST_BODY,
            channel_timeout=30,
            cleanup_interval=5,
            connection_limit=MOST_CONNECTIONS,
            asyncore_loop_timeout=1,
        )
        self._server.channel_class = Doorkeeper(trusted)
        self._host = address.host
        self._thread = threading.Thread(target=self._run, name=f"http-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.effective_port)

    @property
    def url(self) -> str:
        """The address for people and programs."""
        host = "127.0.0.1" if self._host in ("0.0.0.0", "::") else self._host  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests in hand, then end."""
        self._stopping = True
        self._server.pull_trigger()
        self._thread.join(timeout=10)
        self._server.task_dispatcher.shutdown()
        for channel in list(self._map.values()):
            channel.close()
        self._server.close()

    def _run(self) -> None:
        from waitress import wasyncore

        while not self._stopping:
            wasyncore.loop(timeout=1, map=self._map, count=1)
