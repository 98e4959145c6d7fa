"""Keeps configuration and gallery as the server says, by cursor, and tells the server that this bridge lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from gate_bridge.clock import BridgeClock
from gate_bridge.devices import DeviceStatus
from gate_bridge.errors import BridgeError
from gate_bridge.gallery import Gallery
from gate_bridge.link import ServerLink
from gate_bridge.spool import GalleryChange, GalleryRow, Spool
from gate_bridge.status import GateConfig

_log = structlog.get_logger("gate_bridge.synchronise")
_PAGE = 500
_TIDY_S = 600.0


class Synchroniser(threading.Thread):
    """One thread: configuration, gallery, heartbeat, tidying; each in its own rhythm, all through any outage."""

    def __init__(
        self,
        spool: Spool,
        link: ServerLink,
        clock: BridgeClock,
        gallery: Gallery,
        *,
        fallback_post: str = "",
        sync_s: float = 10.0,
        heartbeat_s: float = 30.0,
        devices: Callable[[], list[DeviceStatus]] = list,
    ) -> None:
        super().__init__(name="synchroniser", daemon=True)
        self._spool, self._link, self._clock, self._gallery = spool, link, clock, gallery
        self._fallback_post = fallback_post
        self._sync_s, self._heartbeat_s = sync_s, heartbeat_s
        self._devices = devices
        self._stopping = threading.Event()
        self.last_error: str | None = None
        self.config = self._kept_config()

    def stop(self) -> None:
        """End after the request in hand."""
        self._stopping.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Until stopped; what fails is tried again in the next round."""
        due = {self.synchronise: 0.0, self.heartbeat: 0.0, self._spool.tidy: time.monotonic() + _TIDY_S}
        every = {self.synchronise: self._sync_s, self.heartbeat: self._heartbeat_s, self._spool.tidy: _TIDY_S}
        while not self._stopping.is_set():
            for act, instant in list(due.items()):
                if time.monotonic() >= instant and not self._stopping.is_set():
                    self._attempt(act)
                    due[act] = time.monotonic() + every[act]
            self._attempt(self._gallery.expire)
            self._stopping.wait(min(0.5, self._sync_s, self._heartbeat_s))

    def synchronise(self) -> None:
        """Configuration, then every page of the gallery since the cursor."""
        self.fetch_config()
        self.fetch_gallery()
        self.last_error = None

    def fetch_config(self) -> None:
        """The gate's configuration; kept for the outages. Raises BridgeError."""
        document = self._link.get("/api/v1/gate/config")
        try:
            config = GateConfig.read(document, self._fallback_post)
            if document.get("legal_time") and isinstance(document.get("server_time"), int | float):
                legal = datetime.fromisoformat(document["legal_time"])
                self._clock.learn_legal(legal, float(document["server_time"]))
        except ValueError as error:
            raise BridgeError("A configuração que veio do servidor não pôde ser lida.") from error
        self.config = config = config.following(self.config, self._clock.legal_now())
        kept = {key: value for key, value in document.items() if key not in ("legal_time", "server_time")}
        kept["windows"] = [{"from": one.start.isoformat(), "to": one.end.isoformat()} for one in config.windows]
        if kept != self._spool.recall("config"):
            self._spool.remember("config", kept)

    def fetch_gallery(self) -> None:
        """Every page of changes after the cursor; the 24 h begin anew only when the last page is in."""
        more = True
        while more and not self._stopping.is_set():
            cursor = int(self._spool.recall("gallery_cursor", 0))
            page = self._link.get("/api/v1/gate/gallery", cursor=cursor, limit=_PAGE)
            try:
                changes = [_change(row) for row in page["items"]]
                following, more = int(page["cursor"]), bool(page["more"])
            except (KeyError, TypeError, ValueError) as error:
                raise BridgeError("A galeria que veio do servidor não pôde ser lida.") from error
            if changes or following != cursor:
                self._spool.apply_gallery(changes, following)
                self._remember(changes)
            more = more and following > cursor
        self._gallery.refreshed()

    def heartbeat(self) -> None:
        """Tell the server how devices and spool are."""
        self._link.post(
            "/api/v1/gate/heartbeat",
            {
                "devices": [
                    {
                        "name": one.name,
                        "kind": one.kind,
                        "skew_s": one.skew_s or 0.0,
                        "last_seen": one.last_seen.isoformat() if one.last_seen else None,
                    }
                    for one in self._devices()
                ],
                "spool": self._spool.depth(),
                "gallery_cursor": int(self._spool.recall("gallery_cursor", 0)),
            },
        )

    def _remember(self, changes: list[GalleryChange]) -> None:
        latest = {change.person: change for change in changes if change.op in ("put", "drop")}
        self._gallery.update(
            put=[GalleryRow(one.person, one.box or "", one.seen_at) for one in latest.values() if one.op == "put"],
            seen=[(one.person, one.seen_at) for one in changes if one.op == "seen"],
            dropped=[one.person for one in latest.values() if one.op == "drop"],
        )

    def _attempt(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except BridgeError as error:
            if self.last_error != str(error):
                _log.warning("synchronisation_failed", error=str(error))
            self.last_error = str(error)

    def _kept_config(self) -> GateConfig:
        kept: Mapping[str, Any] | None = self._spool.recall("config")
        try:
            return GateConfig.read(kept, self._fallback_post) if kept else GateConfig(post=self._fallback_post)
        except ValueError:
            return GateConfig(post=self._fallback_post)


def _change(row: Mapping[str, Any]) -> GalleryChange:
    if row["op"] not in ("put", "drop", "seen") or (row["op"] == "put" and not isinstance(row.get("box"), str)):
        raise ValueError("unknown change")
    return GalleryChange(row["op"], str(row["person"]), row.get("box"), row.get("seen_at"))
