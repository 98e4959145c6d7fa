"""The way to the server: every request signed, the clock corrected by every answer, keys tried in turn."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import structlog

from gate_bridge.clock import BridgeClock
from gate_bridge.errors import ServerRefused, ServerUnavailable
from gate_bridge.settings import Key, Settings
from gate_bridge.signing import headers

_log = structlog.get_logger("gate_bridge.link")
_TIMEOUT = (5, 30)


class ServerLink:
    """JSON over signed HTTP. One object serves several threads: each keeps its own connection."""

    def __init__(
        self,
        server_url: str,
        bridge_id: str,
        keys: tuple[Key, ...],
        clock: BridgeClock,
        *,
        certificate: tuple[Path, Path] | None = None,
        authority: Path | None = None,
    ) -> None:
        self._base = server_url.rstrip("/")
        self._prefix = urlsplit(self._base).path
        self._bridge_id = bridge_id
        self._keys = keys
        self._key = 0
        self.clock = clock
        self._certificate = certificate
        self._authority = authority
        self._threads = threading.local()

    @classmethod
    def of(cls, settings: Settings, clock: BridgeClock) -> ServerLink:
        """The link that the settings describe; mTLS when a client certificate is configured."""
        certificate = None
        if settings.client_certificate:
            certificate = (settings.client_certificate, settings.client_key or settings.client_certificate)
        return cls(
            settings.server_url,
            settings.bridge_id,
            settings.keys,
            clock,
            certificate=certificate,
            authority=settings.server_ca,
        )

    @property
    def key_id(self) -> str:
        """The key in use."""
        return self._keys[self._key].id

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """GET; raises ServerUnavailable or ServerRefused."""
        target = f"{path}?{urlencode(query)}" if query else path
        return self._request("GET", target, b"")

    def post(self, path: str, document: object) -> dict[str, Any]:
        """POST a JSON document; raises ServerUnavailable or ServerRefused."""
        return self._request("POST", path, json.dumps(document, separators=(",", ":")).encode())

    def _request(self, method: str, target: str, body: bytes) -> dict[str, Any]:
        """Sign and send; once more when our clock was stale, and once with each other key when ours is not taken."""
        resigned, keys_left = False, len(self._keys) - 1
        while True:
            status, answer = self._send(method, target, body)
            if status < 400:
                return answer
            reason = str(answer.get("error", status))
            if status == 401 and reason == "stale" and not resigned:
                resigned = True
                continue
            if status == 401 and reason != "stale" and keys_left:
                keys_left -= 1
                self._key = (self._key + 1) % len(self._keys)
                _log.warning("bridge_key_changed", key=self.key_id)
                continue
            raise ServerRefused(status, reason, answer)

    def _send(self, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
        signed = headers(
            self._bridge_id, self._keys[self._key], method, self._prefix + target, self.clock.corrected_unix(), body
        )
        signed["Content-Type"] = "application/json"
        sent = self.clock.unix()
        try:
            response = self._session().request(
                method, self._base + target, data=body or None, headers=signed, timeout=_TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise ServerUnavailable(type(error).__name__) from error
        if response.status_code >= 500 or response.status_code == 429 or 300 <= response.status_code < 400:
            raise ServerUnavailable(f"HTTP {response.status_code}")
        return response.status_code, self._read(response, sent)

    def _read(self, response: requests.Response, sent: float) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            if response.status_code < 400:
                raise ServerUnavailable("a resposta não é JSON")
            return {}
        server_time = answer.get("server_time")
        if isinstance(server_time, int | float):
            self.clock.learn(float(server_time), sent, self.clock.unix())
        return answer

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            if self._certificate:
                session.cert = (str(self._certificate[0]), str(self._certificate[1]))
            if self._authority:
                session.verify = str(self._authority)
            self._threads.session = session
        return session
