"""Metrics of this process in Prometheus's text format; gauges of the installation are read when they are asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

EVENTS = Counter(
    "carimbo_gate_events", "Events sent by bridges, by what became of them.", ["outcome"], registry=REGISTRY
)
REFUSED = Counter(
    "carimbo_bridge_requests_refused", "Bridge requests refused, by reason.", ["reason"], registry=REGISTRY
)
BATCH = Histogram(
    "carimbo_gate_batch_seconds",
    "Time to accept one batch of events.",
    registry=REGISTRY,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
PENDING = Gauge("carimbo_gate_events_pending", "Accepted events without a case yet.", registry=REGISTRY)
JOBS_WAITING = Gauge("carimbo_jobs_waiting", "Jobs that wait for a worker.", registry=REGISTRY)
JOBS_LAG = Gauge("carimbo_jobs_lag_seconds", "Age of the oldest job that waits.", registry=REGISTRY)
INCIDENTS = Gauge("carimbo_incidents_open", "Incidents that wait for a person.", registry=REGISTRY)
DISK_FREE = Gauge("carimbo_disk_free_bytes", "Free bytes where the data rest.", registry=REGISTRY)
BRIDGE_SPOOL = Gauge("carimbo_bridge_spool", "Events waiting in a bridge.", ["post", "bridge"], registry=REGISTRY)
BRIDGE_SILENCE = Gauge(
    "carimbo_bridge_silence_seconds", "Seconds since a bridge was last heard.", ["post", "bridge"], registry=REGISTRY
)


def text() -> bytes:
    """Everything, in the text format."""
    return generate_latest(REGISTRY)
