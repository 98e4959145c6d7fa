"""Control iD terminals (iDFace, iDBlock) in Pro mode: they recognise, post to us, and obey the answer.

Source: Control iD's public API documents (online mode, monitor, load_objects). Every value of the monitor is a string;
its one slot has no retry, so the terminal's own log is read by a cursor behind it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import requests
import structlog

from gate_bridge.clock import SKEW_LIMIT, BridgeClock
from gate_bridge.devices import Answer, Report, Sighting, Verdict
from gate_bridge.devices.terminal import StoreReport, TerminalBase
from gate_bridge.errors import SpoolFull, UnreadableReport
from gate_bridge.settings import DeviceSettings
from gate_bridge.spool import Spool

_log = structlog.get_logger("gate_bridge.controlid")
IDENTIFIED = "/new_user_identified.fcgi"
ALIVE = ("/device_is_alive.fcgi", "/api/notifications/device_is_alive")
MONITOR = "/api/notifications/dao"
TURNED = "/api/notifications/catra_event"
FROM_LOG = "load_objects"
GRANTED, DENIED = 7, 6
_VERDICTS: dict[int, Verdict] = {3: "unknown", 6: "refused", 7: "accepted", 8: "accepted"}
_TURNS: dict[str, Verdict] = {"TURN_LEFT": "turned", "TURN_RIGHT": "turned", "GIVE_UP": "gave_up"}
_PAGE = 200
REPEATED_S = 10.0
MOST_SCORE = 1000.0  # the largest that the server takes; the terminal's own scale, the larger the surer


class ControlId(TerminalBase):
    """One terminal. ``welcomes`` decides, from what is known here, whether its door may open for a user at once."""

    def __init__(
        self,
        settings: DeviceSettings,
        spool: Spool,
        clock: BridgeClock,
        store: StoreReport,
        welcomes: Callable[[str, str], bool] | None = None,
        poll_s: float = 15.0,
    ) -> None:
        super().__init__(settings, spool, clock)
        self._store = store
        self._welcomes = welcomes
        self._poll_s = poll_s
        self._recent: OrderedDict[str, None] = OrderedDict()
        self._opened: dict[str, float] = {}
        self._recent_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow the terminal's own log, when its address is configured."""
        if self.settings.url:
            self._thread = threading.Thread(target=self._reconcile, name=f"controlid-{self.name}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the reconciliation."""
        super().stop()
        if self._thread:
            self._thread.join()

    def keeps(self, report: Report) -> bool:
        """Signs of life say nothing, and photographs of whoever passes (minors too) must not rest anywhere (R10)."""
        return report.path in (IDENTIFIED, MONITOR, TURNED)

    def read(self, path: str, content_type: str, body: bytes) -> list[Sighting]:
        """The sightings in a stored report."""
        if path == IDENTIFIED:
            return self._identified(body)
        document = _json(body)
        if path == TURNED:
            return self._turned(document)
        if path == FROM_LOG:
            rows, live = document.get("access_logs", []), False
        else:
            rows, live = (
                [
                    change.get("values", {})
                    for change in document.get("object_changes", [])
                    if change.get("object") == "access_logs" and change.get("type") == "inserted"
                ],
                True,
            )
        return sorted((one for row in rows if (one := self._logged(row, live))), key=lambda one: one.order)

    def answer(self, report: Report, received: datetime) -> Answer:
        """200 always; to an identification, whether the door opens. A replay, or a stale report, never opens one."""
        self.touch()
        if report.path != IDENTIFIED:
            return Answer(200, {})
        try:
            sightings = self._identified(report.body)
        except UnreadableReport:
            sightings = []
        fields = _form(report.body)
        welcome = bool(sightings) and self._may_open(sightings[0], received)
        result: dict[str, Any] = {
            "event": GRANTED if welcome else DENIED,
            "user_id": _int(fields.get("user_id"), 0),
            "user_name": fields.get("user_name", ""),
            "user_image": False,
            "portal_id": _int(fields.get("portal_id"), 1),
            "actions": [{"action": action, "parameters": parameters} for action, parameters in self.settings.door]
            if welcome
            else [],
            "message": "Entrada registrada" if welcome else "Aguarde o atendente",
        }
        return Answer(200, {"result": result})

    def _may_open(self, sighting: Sighting, received: datetime) -> bool:
        if sighting.verdict != "accepted" or sighting.user_id is None or not self._fresh(sighting, received):
            return False
        if not (self._welcomes and self._welcomes(self.name, sighting.user_id)):
            return False
        return sighting.origin is not None or self._first_opening(sighting.user_id)

    def _first_opening(self, user_id: str) -> bool:
        """Older firmware gives neither uuid nor time: the same user again within ten seconds is the same report."""
        now = time.monotonic()
        with self._recent_lock:
            self._opened = {user: at for user, at in self._opened.items() if now - at < REPEATED_S}
            if user_id in self._opened:
                return False
            self._opened[user_id] = now
            return True

    def _fresh(self, sighting: Sighting, received: datetime) -> bool:
        """Told now, for the first time, by a clock that can be believed."""
        if sighting.device_time and abs((sighting.device_time - received).total_seconds()) > SKEW_LIMIT.total_seconds():
            return False
        if sighting.origin is None:
            return True
        with self._recent_lock:
            known = sighting.origin in self._recent
            self._recent[sighting.origin] = None
            while len(self._recent) > 2000:
                self._recent.popitem(last=False)
        return not known and not self._spool.knows_origin(sighting.origin)

    def _identified(self, body: bytes) -> list[Sighting]:
        fields = _form(body)
        verdict = _VERDICTS.get(_int(fields.get("event"), -1))
        if verdict is None:
            return []
        seconds = _int(fields.get("time"), 0)
        moment = self._instant(seconds) if seconds else None
        unique = fields.get("uuid") or (f"{seconds}:{fields.get('user_id')}" if seconds else "")
        origin = f"{self.name}:identified:{unique}" if unique else None
        confidence = fields.get("confidence")
        score = (
            min(float(confidence), MOST_SCORE)
            if confidence and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", confidence)
            else None
        )
        return [Sighting(origin, seconds, moment, True, verdict, _user(fields.get("user_id")), score)]

    def _logged(self, row: Mapping[str, Any], live: bool) -> Sighting | None:
        verdict = _VERDICTS.get(_int(row.get("event"), -1))
        number, seconds = _int(row.get("id"), 0), _int(row.get("time"), 0)
        if verdict is None or not number:
            return None
        moment = self._instant(seconds) if seconds else None
        return Sighting(f"{self.name}:log:{number}", number, moment, live, verdict, _user(row.get("user_id")))

    def _turned(self, document: Mapping[str, Any]) -> list[Sighting]:
        event = document.get("event", {})
        verdict = _TURNS.get(str(event.get("name", "")).upper().replace(" ", "_"))
        if verdict is None:
            return []
        seconds = _int(event.get("time") or document.get("time"), 0)
        unique = event.get("uuid") or f"{seconds}:{document.get('access_event_id')}"
        return [
            Sighting(f"{self.name}:turn:{unique}", seconds, self._instant(seconds) if seconds else None, True, verdict)
        ]

    def _instant(self, seconds: int) -> datetime:
        try:
            return self.local_unix(seconds)
        except (OverflowError, ValueError, OSError) as error:
            raise UnreadableReport("O equipamento informou um horário impossível.") from error

    def _reconcile(self) -> None:
        """Read the log above the cursor, for ever; what the monitor already told is known by its origin."""
        while not self.stopping.is_set():
            try:
                more = self._read_log_page()
                self.detail = ""
            except (requests.RequestException, ValueError, KeyError, SpoolFull) as error:
                more = False
                self.detail = f"log não lido: {type(error).__name__}"
                _log.warning("controlid_log_unread", device=self.name, error=type(error).__name__)
            if not more:
                self.stopping.wait(self._poll_s)

    def _read_log_page(self) -> bool:
        cursor = int(self._spool.recall(f"cursor:{self.name}", 0))
        with requests.Session() as http:
            http.trust_env = False
            login = http.post(
                f"{self.settings.url}/login.fcgi",
                timeout=10,
                json={"login": self.settings.user, "password": self.settings.password},
            )
            login.raise_for_status()
            query = {
                "object": "access_logs",
                "where": {"access_logs": {"id": {">": cursor}}},
                "order": ["ascending", "id"],
                "limit": _PAGE,
            }
            answer = http.post(
                f"{self.settings.url}/load_objects.fcgi",
                params={"session": login.json()["session"]},
                timeout=20,
                json=query,
            )
            answer.raise_for_status()
        self.touch()
        rows = [row for row in answer.json().get("access_logs", []) if _int(row.get("id"), 0) > cursor]
        if rows:
            self._store(self.name, FROM_LOG, "application/json", json.dumps({"access_logs": rows}).encode())
            self._spool.remember(f"cursor:{self.name}", max(_int(row["id"], 0) for row in rows))
        return len(rows) >= _PAGE


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        raise UnreadableReport("O formulário do equipamento não pôde ser lido.") from error


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableReport("O aviso do equipamento não é JSON.") from error
    if not isinstance(document, dict):
        raise UnreadableReport("O aviso do equipamento não é um objeto JSON.")
    return document


def _int(value: Any, default: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return default


def _user(value: Any) -> str | None:
    text = str(value or "").strip()
    return text if text not in ("", "0") else None
