"""How the bridge is: one JSON for people and supervisors, one text for Prometheus. No personal data in either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import CollectorRegistry

from gate_bridge.clock import BridgeClock
from gate_bridge.devices import DeviceStatus
from gate_bridge.gallery import Gallery
from gate_bridge.sender import SenderStatus
from gate_bridge.spool import Spool


@dataclass
class Counts:
    """What recognition did since the start; written by its threads only."""

    frames: int = 0
    embeddings: int = 0
    decisions: dict[str, int] = field(default_factory=lambda: {"recognised": 0, "doubtful": 0, "unknown": 0})
    failures: int = 0
    failing: bool = False


class Health:
    """Reads everything when asked."""

    def __init__(
        self,
        spool: Spool,
        gallery: Gallery,
        clock: BridgeClock,
        sender: SenderStatus,
        counts: Counts,
        devices: Callable[[], list[DeviceStatus]],
        synchronisation: Callable[[], str | None],
    ) -> None:
        self._spool, self._gallery, self._clock = spool, gallery, clock
        self._sender, self._counts, self._devices = sender, counts, devices
        self._synchronisation = synchronisation
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def report(self) -> dict[str, Any]:
        """``ok`` is false while something needs a person: a full disk, a lapsed gallery, silence, quarantine."""
        devices = self._devices()
        quarantine = self._spool.quarantine()
        alarms = [f"equipamento em silêncio: {one.name}" for one in devices if one.silent]
        if self._spool.full:
            alarms.insert(0, "DISCO CHEIO: a ponte recusa novos avisos até haver espaço")
        if self._gallery.lapsed:
            since = (
                "a galeria ainda não chegou" if self._gallery.age is None else "galeria sem atualização há mais de 24 h"
            )
            alarms.append(f"{since}: tudo vai ao atendente")
        if self._counts.failing:
            alarms.append("o reconhecimento não responde: faça a identificação no balcão")
        if quarantine:
            alarms.append(f"{len(quarantine)} evento(s) recusado(s) pelo servidor em quarentena")
        return {
            "ok": not alarms,
            "alarms": alarms,
            "spool": {
                "depth": self._spool.depth(),
                "oldest_s": round(self._spool.oldest_age(), 1),
                "full": self._spool.full,
                "refusals": self._spool.refusals,
                "quarantine": [
                    {"id": one.id, "sequence": one.sequence, "reason": one.reason} for one in quarantine[:50]
                ],
            },
            "gallery": {"people": len(self._gallery), "age_s": self._gallery.age, "lapsed": self._gallery.lapsed},
            "server": {
                "last_error": self._sender.last_error or self._synchronisation(),
                "sent": self._sender.sent,
                "clock_offset_s": round(self._clock.server_offset, 3),
            },
            "devices": [
                {**asdict(one), "last_seen": one.last_seen.isoformat() if one.last_seen else None} for one in devices
            ],
        }

    def metrics(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return bytes(generate_latest(self._registry))

    def collect(self) -> Iterator[Metric]:
        """For prometheus_client."""
        age = self._gallery.age
        for name, text, value in (
            ("spool_events", "Events waiting to be sent", self._spool.depth()),
            ("spool_oldest_seconds", "Age of the oldest waiting event", self._spool.oldest_age()),
            ("spool_full", "1 while the disk is full", int(self._spool.full)),
            ("spool_quarantined", "Events that the server refused", len(self._spool.quarantine())),
            (
                "gallery_age_seconds",
                "Since the last refresh of the gallery; -1 when there was none",
                -1 if age is None else age,
            ),
            ("gallery_people", "People in the gallery", len(self._gallery)),
        ):
            yield GaugeMetricFamily(f"carimbo_bridge_{name}", text, value=value)
        for name, text, count in (
            ("frames", "Frames looked at", self._counts.frames),
            ("embeddings", "Faces embedded", self._counts.embeddings),
            ("recognition_failures", "Frames that recognition could not answer", self._counts.failures),
            ("events_sent", "Events that the server has", self._sender.sent),
            ("spool_refusals", "Writes refused", self._spool.refusals),
        ):
            yield CounterMetricFamily(f"carimbo_bridge_{name}", text, value=count)
        yield from self._labelled()

    def _labelled(self) -> Iterator[Metric]:
        decisions = CounterMetricFamily("carimbo_bridge_decisions", "Decisions of recognition", labels=["decision"])
        for decision, count in self._counts.decisions.items():
            decisions.add_metric([decision], count)
        seen = GaugeMetricFamily(
            "carimbo_bridge_device_last_seen_timestamp_seconds", "When a device was heard", labels=["device", "kind"]
        )
        silent = GaugeMetricFamily(
            "carimbo_bridge_device_silent", "1 while a device is silent too long", labels=["device", "kind"]
        )
        for one in self._devices():
            seen.add_metric([one.name, one.kind], one.last_seen.timestamp() if one.last_seen else 0)
            silent.add_metric([one.name, one.kind], int(one.silent))
        yield from (decisions, seen, silent)
