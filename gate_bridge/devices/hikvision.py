"""Hikvision terminals (ISAPI): they post JSON, XML or multipart, or we hold their alertStream.

Source: Hikvision ISAPI, event notification (httpHosts) and alertStream. Bodies arrive cut short inside the picture: the
event's own part is kept. The method is the sub-type, never ``currentVerifyMode``.
"""

from __future__ import annotations

import json
import re
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
import structlog
from requests.auth import HTTPDigestAuth

from gate_bridge.clock import BridgeClock
from gate_bridge.devices import Answer, Report, Sighting, Verdict
from gate_bridge.devices.terminal import StoreReport, TerminalBase
from gate_bridge.errors import SpoolFull, UnreadableReport
from gate_bridge.settings import DeviceSettings
from gate_bridge.spool import Spool

_log = structlog.get_logger("gate_bridge.hikvision")
_ACCESS = 5
FACE_ACCEPTED = 75
# Card and fingerprint name somebody whom no face confirmed (art. 3º asks for the face): the attendant looks.
_VERDICTS: dict[int, Verdict] = {FACE_ACCEPTED: "accepted", 76: "unknown", 80: "unknown", 1: "refused", 38: "refused"}
_PART = re.compile(rb'name="?(?:AccessControllerEvent|event_log|Event_Type)"?', re.IGNORECASE)
_XML_ROOT = b"<EventNotificationAlert"
_LONGEST_PART = 8 * 1024 * 1024


class Hikvision(TerminalBase):
    """One terminal."""

    def __init__(
        self, settings: DeviceSettings, spool: Spool, clock: BridgeClock, store: StoreReport, retry_s: float = 2.0
    ) -> None:
        super().__init__(settings, spool, clock)
        self._store = store
        self._retry_s = retry_s
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Hold the terminal's alertStream, when its address is configured."""
        if self.settings.url:
            self._thread = threading.Thread(target=self._follow, name=f"hikvision-{self.name}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let the stream go."""
        super().stop()
        if self._thread:
            self._thread.join(timeout=6)

    def keeps(self, report: Report) -> bool:
        """Everything but signs of life."""
        return bool(report.body) and b"heartBeat" not in report.body[:2000] and b"videoloss" not in report.body[:2000]

    def read(self, path: str, content_type: str, body: bytes) -> list[Sighting]:
        """The sighting in a report; none when it tells of a door or of something else."""
        document = event_document(body)
        detail = document.get("AccessControllerEvent")
        if not isinstance(detail, Mapping) or _int(detail.get("majorEventType")) != _ACCESS:
            return []
        verdict = _VERDICTS.get(_int(detail.get("subEventType")))
        if verdict is None:
            return []
        moment, serial = self._moment(str(document.get("dateTime", ""))), _int(detail.get("serialNo"))
        origin = f"{self.name}:{document.get('macAddress', '')}:{serial}:{document.get('dateTime', '')}"
        live = str(detail.get("currentEvent", True)).lower() != "false"
        user = str(detail.get("employeeNoString") or detail.get("employeeNo") or "").strip()
        return [Sighting(origin, serial, moment, live, verdict, user if user not in ("", "0") else None)]

    def answer(self, report: Report, received: datetime) -> Answer:
        """An empty 200: the terminal asks for nothing else."""
        self.touch()
        return Answer(200, None)

    def _moment(self, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def _follow(self) -> None:
        """Hold the stream for ever; after a cut the terminal sends its backlog again, which is known by origin."""
        while not self.stopping.is_set():
            try:
                self._hold_stream()
            except (requests.RequestException, SpoolFull) as error:
                self.detail = f"alertStream: {type(error).__name__}"
                _log.warning("hikvision_stream_cut", device=self.name, error=type(error).__name__)
            self.stopping.wait(self._retry_s)

    def _hold_stream(self) -> None:
        with requests.Session() as http:
            http.trust_env = False
            with http.get(
                f"{self.settings.url}/ISAPI/Event/notification/alertStream",
                stream=True,
                timeout=(5, 5),
                auth=HTTPDigestAuth(self.settings.user, self.settings.password),
            ) as stream:
                stream.raise_for_status()
                self.detail = ""
                for part in parts(stream.iter_content(None)):
                    self.touch()
                    if self.stopping.is_set():
                        return
                    if self.keeps(Report("alertStream", "", part)):
                        self._store(self.name, "alertStream", "multipart/mixed", part)


def parts(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The JSON and XML parts of an endless multipart stream, each as soon as its own Content-Length is there."""
    waiting = b""
    for chunk in chunks:
        waiting += chunk
        while (found := _whole_part(waiting)) is not None:
            part, waiting = found
            if not part.startswith(b"\xff\xd8"):
                yield part
        if len(waiting) > _LONGEST_PART:
            raise requests.exceptions.ContentDecodingError("a part without end")


def _whole_part(waiting: bytes) -> tuple[bytes, bytes] | None:
    head, separator, rest = waiting.partition(b"\r\n\r\n")
    length = re.search(rb"content-length:\s*(\d{1,8})", head, re.IGNORECASE)
    if not separator or not length or len(rest) < int(length[1]):
        return None
    return rest[: int(length[1])], rest[int(length[1]) :]


def event_document(body: bytes) -> dict[str, Any]:
    """The event inside a post, however it is wrapped and wherever its picture was cut; raises UnreadableReport."""
    named = _PART.search(body)
    start = named.end() if named else 0
    brace, root = body.find(b"{", start), body.find(_XML_ROOT, start)
    if root >= 0 and (brace < 0 or root < brace):
        return _xml(body[root:])
    if brace < 0:
        raise UnreadableReport("O aviso do equipamento não traz o evento.")
    return _json(body[brace:])


def _json(text: bytes) -> dict[str, Any]:
    end = text.find(b"\r\n--")
    try:
        document, _ = json.JSONDecoder().raw_decode(text[: end if end >= 0 else None].decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise UnreadableReport("O evento do equipamento chegou incompleto.") from error
    if not isinstance(document, dict):
        raise UnreadableReport("O evento do equipamento não é um objeto JSON.")
    return document


def _xml(text: bytes) -> dict[str, Any]:
    end = text.find(b"</EventNotificationAlert>")
    if end < 0 or b"<!" in text[:end]:
        raise UnreadableReport("O evento do equipamento chegou incompleto.")
    try:
        root = ElementTree.fromstring(text[: end + len(b"</EventNotificationAlert>")])  # noqa: S314 - declarations are refused above
    except ElementTree.ParseError as error:
        raise UnreadableReport("O evento do equipamento não é XML válido.") from error
    return {
        _plain(child.tag): {_plain(leaf.tag): leaf.text for leaf in child} if len(child) else child.text
        for child in root
    }


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _int(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
