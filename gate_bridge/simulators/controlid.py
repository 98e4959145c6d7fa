"""A Control iD terminal without the terminal: it posts as the real one does, and answers load_objects over real HTTP.

python -m gate_bridge.simulators.controlid --bridge http://127.0.0.1:8090/<secret> --user 1657
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import requests

_ZONE = ZoneInfo("America/Sao_Paulo")


@dataclass
class ControlIdTerminal:
    """One terminal; ``clock_error_s`` is how far its clock is off, ``log`` its own log of accesses."""

    bridge_url: str
    device_id: int = 935449
    clock_error_s: float = 0.0
    log: list[dict[str, str]] = field(default_factory=list)

    def clock(self) -> int:
        """Unix seconds of local time, as the terminal counts them."""
        local = datetime.fromtimestamp(time.time() + self.clock_error_s, _ZONE).replace(tzinfo=UTC)
        return int(local.timestamp())

    def identify(self, user_id: int, *, event: int = 8, uuid: str = "", confidence: int = 1200) -> requests.Response:
        """Post /new_user_identified.fcgi, as newer firmware does when ``uuid`` is given; the log remembers the access."""
        fields: dict[str, Any] = {
            "card_value": 0,
            "device_id": self.device_id,
            "duress": 0,
            "event": event,
            "identifier_id": 1651076864,
            "portal_id": 1,
            "user_has_image": 0,
            "user_id": user_id,
            "user_name": "",
        }
        if uuid:
            fields |= {"time": self.clock(), "uuid": uuid, "face_mask": 0, "confidence": confidence, "log_type_id": -1}
        self.record(user_id, 7)
        return self.repeat(fields)

    def repeat(self, fields: dict[str, Any]) -> requests.Response:
        """Post the same identification again."""
        return requests.post(f"{self.bridge_url}/new_user_identified.fcgi?session=abc", data=fields, timeout=10)

    def record(self, user_id: int, event: int) -> dict[str, str]:
        """Write one row of the terminal's own log."""
        row = {
            "id": str(500 + len(self.log)),
            "time": str(self.clock()),
            "event": str(event),
            "device_id": str(self.device_id),
            "user_id": str(user_id),
            "portal_id": "1",
        }
        self.log.append(row)
        return row

    def monitor(self, *rows: dict[str, str]) -> requests.Response:
        """Post rows of the log as the monitor does."""
        changes = [{"object": "access_logs", "type": "inserted", "values": row} for row in rows]
        return self.notify("dao", {"object_changes": changes, "device_id": self.device_id})

    def turn(self, name: str = "TURN LEFT", uuid: str = "0e039178") -> requests.Response:
        """The turnstile turned, or was given up."""
        event = {"type": 7, "name": name, "time": self.clock(), "uuid": uuid}
        return self.notify(
            "catra_event", {"event": event, "access_event_id": 15, "device_id": self.device_id, "time": self.clock()}
        )

    def notify(self, kind: str, document: dict[str, Any]) -> requests.Response:
        """Post one notification."""
        return requests.post(f"{self.bridge_url}/api/notifications/{kind}", json=document, timeout=10)

    def alive(self) -> requests.Response:
        """Ask whether the server lives, as a terminal in contingency does."""
        return requests.post(f"{self.bridge_url}/device_is_alive.fcgi", data={"device_id": self.device_id}, timeout=10)


class ControlIdApi:
    """The terminal's own API on a free port of loopback: login.fcgi and load_objects.fcgi."""

    def __init__(self, terminal: ControlIdTerminal, login: str = "admin", password: str = "admin") -> None:  # noqa: S107 - the maker's default
        self.pages = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                if self.path == "/login.fcgi":
                    right = body == {"login": login, "password": password}
                    self._reply(200 if right else 401, {"session": "s3ssion"} if right else {"error": "login"})
                elif self.path == "/load_objects.fcgi?session=s3ssion":
                    api.pages += 1
                    after = int(body["where"]["access_logs"]["id"][">"])
                    rows = [row for row in terminal.log if int(row["id"]) > after][: int(body["limit"])]
                    self._reply(200, {"access_logs": rows})
                else:
                    self._reply(401, {"error": "session"})

            def _reply(self, status: int, document: object) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def main() -> None:
    """Identify one user once, from the command line."""
    parser = argparse.ArgumentParser(description="Simula um terminal Control iD diante da ponte.")
    parser.add_argument("--bridge", required=True, help="endereço da ponte com o caminho secreto")
    parser.add_argument("--user", type=int, required=True, help="usuário do terminal")
    options = parser.parse_args()
    answer = ControlIdTerminal(options.bridge).identify(options.user, uuid=f"{time.time_ns():x}")
    print(answer.status_code, answer.text)


if __name__ == "__main__":
    main()
