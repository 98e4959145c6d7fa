"""The bridge put together: the only place where its parts meet."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import structlog

from gate_bridge.answers import ClaimAnswers
from gate_bridge.claims import ClaimDesk
from gate_bridge.clock import BridgeClock
from gate_bridge.devices import Device, DeviceStatus
from gate_bridge.devices.camera import Camera
from gate_bridge.devices.controlid import ControlId
from gate_bridge.devices.hikvision import Hikvision
from gate_bridge.devices.terminal import TerminalBase
from gate_bridge.gallery import Gallery
from gate_bridge.health import Counts, Health
from gate_bridge.http_server import HttpServer
from gate_bridge.intake import Intake
from gate_bridge.link import ServerLink
from gate_bridge.live import LiveBoard, LiveSite
from gate_bridge.recognition import GateWatch
from gate_bridge.sender import Sender
from gate_bridge.settings import DeviceSettings, Settings
from gate_bridge.spool import Spool
from gate_bridge.synchronise import Synchroniser
from gate_bridge.web import GateSite
from integrations.faces.pool import RecognitionPool

_log = structlog.get_logger("gate_bridge")


class Bridge:
    """One gate's bridge: ``start``, then ``stop``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = _locked(settings.data_dir)
        self.clock = BridgeClock(settings.clock_offset)
        self.spool = Spool(settings.data_dir / "spool.sqlite")
        self._map_people()
        self.link = ServerLink.of(settings, self.clock)
        self.sender = Sender(self.spool, self.link, post=lambda: self.synchroniser.config.post)
        self.gallery = Gallery(self.spool, settings.gallery_secret, self.clock)
        self.synchroniser = Synchroniser(
            self.spool,
            self.link,
            self.clock,
            self.gallery,
            fallback_post=settings.post,
            sync_s=settings.sync_s,
            heartbeat_s=settings.heartbeat_s,
            devices=self.statuses,
        )
        self.claims = ClaimDesk(self.gallery, self.clock, lambda: self.synchroniser.config)
        self.answers = ClaimAnswers(self.claims, self.link, self.sender.wake)
        self.intake = Intake(self.spool, self.clock, self.gallery, lambda: self.synchroniser.config, self.sender.wake)
        self.board, self.counts = LiveBoard(), Counts()
        self.terminals = {one.name: self._terminal(one) for one in settings.devices if one.kind != "camera"}
        self.intake.serve(self.terminals.values())
        self.cameras = {
            one.name: Camera(one, self.spool, self.clock) for one in settings.devices if one.kind == "camera"
        }
        self.pool = RecognitionPool(settings.workers) if self.cameras else None
        self.watches = [self._watch(camera, self.pool) for camera in self.cameras.values()] if self.pool else []
        self.health = Health(
            self.spool,
            self.gallery,
            self.clock,
            self.sender.status,
            self.counts,
            self.statuses,
            lambda: self.synchroniser.last_error,
        )
        allowed = [network for one in settings.devices for network in one.allow]
        self.server = HttpServer(self._site(), settings.listen, trusted=allowed)
        self.live = (
            HttpServer(LiveSite(self.board, list(self.cameras)), settings.live, threads=3) if settings.live else None
        )

    def start(self) -> dict[str, Any]:
        """Start everything; returns the addresses."""
        for thread in (self.sender, self.synchroniser, self.answers):
            thread.start()
        self.intake.start()
        for server in filter(None, (self.server, self.live)):
            server.start()
        if self.pool:
            threading.Thread(target=self._warm, name="warm", daemon=True).start()
        for watch in self.watches:
            watch.start()
        for device in self.devices():
            device.start()
        return {
            "bridge": self.settings.bridge_id,
            "keypad": f"{self.server.url}/",
            "health": f"{self.server.url}/healthz",
            "metrics": f"{self.server.url}/metrics",
            "live": f"{self.live.url}/" if self.live else None,
        }

    def stop(self) -> None:
        """Stop in the order of the data's way, so that what was acknowledged is in the spool."""
        for server in filter(None, (self.server, self.live)):
            server.stop()
        for device in self.devices():
            device.stop()
        for watch in self.watches:
            watch.stop()
        if self.pool:
            self.pool.close()
        self.intake.stop()
        for thread in (self.answers, self.synchroniser, self.sender):
            thread.stop()
        self.spool.close()
        os.close(self._lock)

    def devices(self) -> list[Device]:
        """Every device."""
        return [*self.cameras.values(), *self.terminals.values()]

    def statuses(self) -> list[DeviceStatus]:
        """How every device is."""
        return [device.status() for device in self.devices()]

    def _terminal(self, one: DeviceSettings) -> TerminalBase:
        if one.kind == "controlid":
            return ControlId(one, self.spool, self.clock, self.intake.store, self.intake.welcomes)
        return Hikvision(one, self.spool, self.clock, self.intake.store)

    def _watch(self, camera: Camera, pool: RecognitionPool) -> GateWatch:
        return GateWatch(
            camera,
            pool,
            gallery=self.gallery,
            claims=self.claims,
            spool=self.spool,
            clock=self.clock,
            config=lambda: self.synchroniser.config,
            secret=self.settings.gallery_secret,
            board=self.board,
            counts=self.counts,
            on_event=self.sender.wake,
        )

    def _site(self) -> GateSite:
        return GateSite(
            intake=self.intake,
            claims=self.claims,
            clock=self.clock,
            config=lambda: self.synchroniser.config,
            terminals=self.terminals,
            health=lambda: self.health.report(),
            metrics=lambda: self.health.metrics(),
        )

    def _map_people(self) -> None:
        for device in self.settings.devices:
            for user, person in device.people:
                if self.spool.person_of(device.name, user) != person:
                    self.spool.map_user(device.name, user, person)

    def _warm(self) -> None:
        try:
            assert self.pool is not None
            self.pool.warm()
        except Exception as error:  # the first frame will say it again, in health
            _log.error("recognition_not_started", error=str(error))


def _locked(folder: Path) -> int:
    """One bridge a data folder: a second one on the same spool is refused."""
    import fcntl

    from gate_bridge.errors import SettingsError

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "bridge.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise SettingsError(f"Outra ponte já usa a pasta {folder}. Encerre-a, ou use outro data_dir.") from error
    return handle
