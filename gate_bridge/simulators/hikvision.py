"""A Hikvision terminal without the terminal: JSON, XML and multipart posts, cut short where the real ones are, alertStream.

python -m gate_bridge.simulators.hikvision --bridge http://127.0.0.1:8090/<secret> --employee 100
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests

_ZONE = ZoneInfo("America/Sao_Paulo")
_BOUNDARY = "MIME_boundary"
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 200 + b"\xff\xd9"


@dataclass
class HikvisionTerminal:
    """One terminal; ``clock_error_s`` is how far its clock is off."""

    bridge_url: str
    mac: str = "44:47:cc:00:00:01"
    clock_error_s: float = 0.0
    serial: int = 100

    def event(self, employee: str, *, sub: int = 75, current: bool = True, ago_s: float = 0.0) -> dict[str, Any]:
        """One event document; each has the next serial number."""
        self.serial += 1
        moment = datetime.now(_ZONE) + timedelta(seconds=self.clock_error_s - ago_s)
        return {
            "ipAddress": "127.0.0.1",
            "macAddress": self.mac,
            "dateTime": moment.isoformat(timespec="seconds"),
            "activePostCount": 1,
            "eventType": "AccessControllerEvent",
            "eventState": "active",
            "AccessControllerEvent": {
                "deviceName": "Portaria",
                "majorEventType": 5,
                "subEventType": sub,
                "serialNo": self.serial,
                "frontSerialNo": self.serial - 1,
                "employeeNoString": employee,
                "name": "",
                "doorNo": 1,
                "currentVerifyMode": "faceOrFp",
                "currentEvent": current,
                "mask": "no",
            },
        }

    def post_json(self, document: dict[str, Any]) -> requests.Response:
        """Plain JSON."""
        return requests.post(f"{self.bridge_url}/hik", json=document, timeout=10)

    def post_xml(self, document: dict[str, Any]) -> requests.Response:
        """The older XML."""
        body = as_xml(document).encode()
        return requests.post(
            f"{self.bridge_url}/hik", data=body, headers={"Content-Type": "application/xml"}, timeout=10
        )

    def post_multipart(self, document: dict[str, Any], part: str = "AccessControllerEvent") -> requests.Response:
        """The event and its picture."""
        return requests.post(
            f"{self.bridge_url}/hik",
            data=as_multipart(document, part),
            timeout=10,
            headers={"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
        )

    def post_cut_short(self, document: dict[str, Any], *, hang_up: bool = True) -> bytes:
        """Announce the whole body, send half of the picture, then hang up or fall silent; returns the answer's bytes."""
        address = urlsplit(self.bridge_url)
        body = as_multipart(document, "AccessControllerEvent")
        head = (
            f"POST {address.path}/hik HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n\r\n"
        ).encode()
        with socket.create_connection((str(address.hostname), int(address.port or 80)), timeout=15) as connection:
            connection.sendall(head + body[: len(body) - len(PICTURE) // 2])
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            return connection.recv(4096)


def as_multipart(document: dict[str, Any], part: str) -> bytes:
    """multipart/form-data with the event first and the picture after it."""
    return (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"\r\nContent-Type: application/json\r\n\r\n'.encode()
        + json.dumps(document).encode()
        + f'\r\n--{_BOUNDARY}\r\nContent-Disposition: form-data; name="Picture"; filename="Picture.jpg"\r\n'
        f"Content-Type: image/jpeg\r\nContent-Length: {len(PICTURE)}\r\n\r\n".encode()
        + PICTURE
        + f"\r\n--{_BOUNDARY}--\r\n".encode()
    )


def as_xml(document: dict[str, Any]) -> str:
    """EventNotificationAlert."""
    inner = "".join(_element(key, value) for key, value in document.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<EventNotificationAlert version="2.0" '
        f'xmlns="http://www.isapi.org/ver20/XMLSchema">{inner}</EventNotificationAlert>'
    )


def _element(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"<{key}>{''.join(_element(name, one) for name, one in value.items())}</{key}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{key}>{text}</{key}>"


class AlertStream:
    """The terminal's own alertStream on a free port of loopback, behind digest authentication (RFC 7616, MD5)."""

    def __init__(self, user: str, password: str, documents: Sequence[dict[str, Any]]) -> None:
        nonce = secrets.token_hex(8)
        self.connections = 0
        stream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not _digest_holds(self.headers.get("Authorization", ""), user, password, nonce, self.path):
                    self.send_response(401)
                    self.send_header(
                        "WWW-Authenticate", f'Digest realm="hik", nonce="{nonce}", qop="auth", algorithm=MD5'
                    )
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                stream.connections += 1
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/mixed; boundary={_BOUNDARY}")
                self.end_headers()
                for document in documents:
                    self._part("application/json", json.dumps(document).encode())
                    self._part("image/jpeg", PICTURE)
                time.sleep(0.3)

            def _part(self, kind: str, body: bytes) -> None:
                head = f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                self.wfile.write(head + body + b"\r\n")
                self.wfile.flush()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _digest_holds(header: str, user: str, password: str, nonce: str, path: str) -> bool:
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
    if given.get("username") != user or given.get("nonce") != nonce:
        return False
    first = _md5(f"{user}:hik:{password}")
    second = _md5(f"GET:{path}")
    return given.get("response") == _md5(f"{first}:{nonce}:{given.get('nc')}:{given.get('cnonce')}:auth:{second}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def main() -> None:
    """Post one accepted face, from the command line."""
    parser = argparse.ArgumentParser(description="Simula um terminal Hikvision diante da ponte.")
    parser.add_argument("--bridge", required=True, help="endereço da ponte com o caminho secreto")
    parser.add_argument("--employee", required=True, help="employeeNoString")
    options = parser.parse_args()
    terminal = HikvisionTerminal(options.bridge)
    print(terminal.post_multipart(terminal.event(options.employee)).status_code)


if __name__ == "__main__":
    main()
