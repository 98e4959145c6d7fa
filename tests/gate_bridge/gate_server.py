"""A small real server that holds the contract of docs/architecture.md, "Gate bridge and server", for the bridge's tests.

It checks signatures with code of its own, written from the contract and not from the bridge.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.faces import calibration


class GateServer:
    """Keeps what it accepts in memory; its faults are set by the test."""

    def __init__(self, secrets: dict[str, bytes], port: int = 0) -> None:
        self.secrets = secrets
        self.events: dict[str, dict[str, Any]] = {}
        self.results: dict[str, str] = {}
        self.default_result: str | None = None
        self.poison: set[str] = set()
        self.rejected: dict[str, str] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.refusals: list[str] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.gallery: list[dict[str, Any]] = []
        self.failing = 0
        self.clock_error = 0.0
        self.forget_answer = 0
        self.config: dict[str, Any] = {
            "bridge": "b1",
            "post": "P1",
            "building": "PI",
            "calibration": calibration.load().as_dict(),
            "token_key": None,
            "one_to_many": False,
            "windows": [],
        }
        self.legal_offset = timedelta(0)
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def open_windows(self) -> None:
        now = datetime.now(UTC) + self.legal_offset
        self.config["windows"] = [
            {"from": (now - timedelta(hours=2)).isoformat(), "to": (now + timedelta(hours=2)).isoformat()}
        ]

    def now(self) -> float:
        return time.time() + self.clock_error

    def refusal(self, method: str, target: str, headers: dict[str, str], body: bytes) -> str | None:
        """Why a request is not the bridge's own; the contract, word by word."""
        secret = self.secrets.get(headers.get("X-Carimbo-Key", ""))
        if secret is None or headers.get("X-Carimbo-Bridge") != "b1":
            return "unknown_key"
        lines = [
            method,
            target,
            headers["X-Carimbo-Time"],
            headers["X-Carimbo-Nonce"],
            hashlib.sha256(body).hexdigest(),
        ]
        expected = hmac.new(secret, "\n".join(lines).encode(), "sha256").hexdigest()
        if not hmac.compare_digest(expected, headers.get("X-Carimbo-Signature", "")):
            return "signature"
        if abs(int(headers["X-Carimbo-Time"]) - self.now()) > 300:
            return "stale"
        if len(bytes.fromhex(headers["X-Carimbo-Nonce"])) != 16 or headers["X-Carimbo-Nonce"] in self._nonces:
            return "nonce"
        self._nonces.add(headers["X-Carimbo-Nonce"])
        return None

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.requests.append((method, target, headers))
            if self.failing:
                self.failing -= 1
                return 503, {}
            refusal = self.refusal(method, target, headers, body)
            if refusal:
                self.refusals.append(refusal)
                return 401, {"error": refusal}
            return self._act(method, target, body)

    def _act(self, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
        url = urlsplit(target)
        if (method, url.path) == ("POST", "/api/v1/gate/events"):
            return self._accept(json.loads(body)["events"])
        if url.path.startswith("/api/v1/gate/events/"):
            event_id = url.path.rpartition("/")[2]
            if event_id not in self.events:
                return 404, {"error": "not_found"}
            return 200, {
                "id": event_id,
                "result": self.results.get(event_id, self.default_result),
                "message": "",
                "case": None,
            }
        if url.path == "/api/v1/gate/gallery":
            query = parse_qs(url.query)
            cursor, limit = int(query["cursor"][0]), int(query["limit"][0])
            items = self.gallery[cursor : cursor + limit]
            return 200, {"cursor": cursor + len(items), "more": len(self.gallery) > cursor + limit, "items": items}
        if url.path == "/api/v1/gate/config":
            return 200, {
                **self.config,
                "legal_time": (datetime.fromtimestamp(self.now(), UTC) + self.legal_offset).isoformat(),
            }
        if url.path == "/api/v1/gate/heartbeat":
            self.heartbeats.append(json.loads(body))
            return 200, {}
        return 404, {"error": "not_found"}

    def _accept(self, events: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        if len(events) > 500:
            return 413, {"error": "too_many"}
        if any(event["id"] in self.poison for event in events):
            return 422, {"error": "invalid"}
        rejected = [
            {"id": one["id"], "reason": self.rejected[one["id"]]} for one in events if one["id"] in self.rejected
        ]
        good = [one for one in events if one["id"] not in self.rejected]
        duplicates = [one["id"] for one in good if one["id"] in self.events]
        accepted = [one["id"] for one in good if one["id"] not in self.events]
        self.events |= {one["id"]: one for one in good if one["id"] not in self.events}
        if self.forget_answer:
            self.forget_answer -= 1
            return 503, {}
        return 200, {"accepted": accepted, "duplicates": duplicates, "rejected": rejected}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, document = server.answer(self.command, self.path, dict(self.headers.items()), body)
                data = json.dumps({**document, "server_time": server.now()}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = handle_any  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
