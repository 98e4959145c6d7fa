"""Whether the installation works: for supervisors, load balancers and Prometheus."""

from __future__ import annotations

import hmac
import ipaddress
import shutil

from flask import Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from processes.entrada import queries as gates
from webapp import log, security
from webapp.api import blueprint, metrics
from webapp.api.queries import Backlog, backlog
from webapp.api.wire import HealthOut, ReadyOut
from workflow import clock
from workflow import queries as workflow_queries
from workflow.database import transaction
from workflow.errors import NotFound

logger = log.get(__name__)
LEAST_DISK = 200 * 1024 * 1024


@blueprint.get("/healthz")
@security.public
def healthz() -> Response:
    """The process answers."""
    return jsonify(HealthOut(status="ok").model_dump())


@blueprint.get("/readyz")
@security.public
def readyz() -> Response:
    """The database answers and there is room on the disk; 503 otherwise. Jobs that wait are told, not a reason."""
    free, waiting = _free_bytes(), _jobs()
    ready = waiting is not None and free >= LEAST_DISK
    found = ReadyOut(
        ready=ready,
        database=waiting is not None,
        disk_free_mb=free // (1024 * 1024),
        jobs_waiting=None if waiting is None else waiting.waiting,
        jobs_lag_s=None if waiting is None else round(waiting.oldest_s, 1),
    )
    response = jsonify(found.model_dump())
    response.status_code = 200 if ready else 503
    return response


@blueprint.get("/metrics")
@security.public
def prometheus() -> Response:
    """Metrics, for this machine or for who holds the token; nobody else learns that they exist."""
    if not _may_scrape():
        raise NotFound
    _read_gauges()
    return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_scrape() -> bool:
    token = current_app.extensions["settings"].metrics_token
    given = request.headers.get("Authorization", "")
    if token:
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and _is_loopback(security.remote_address())


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _jobs() -> Backlog | None:
    """What waits in the queues; None when the database does not answer."""
    try:
        with transaction() as session:
            return backlog(session)
    except SQLAlchemyError as error:
        logger.warning("database_not_ready", error=type(error).__name__)
        return None


def _free_bytes() -> int:
    folder = current_app.extensions["settings"].data
    return shutil.disk_usage(folder if folder.exists() else "/").free


def _read_gauges() -> None:
    metrics.DISK_FREE.set(_free_bytes())
    with transaction() as session:
        waiting = backlog(session)
        metrics.JOBS_WAITING.set(waiting.waiting)
        metrics.JOBS_LAG.set(waiting.oldest_s)
        metrics.PENDING.set(gates.pending_events(session))
        metrics.INCIDENTS.set(len(workflow_queries.incidents(session)))
        for bridge in gates.bridges(session):
            if bridge.disabled:
                continue
            labels = (bridge.post, str(bridge.id))
            metrics.BRIDGE_SPOOL.labels(*labels).set(bridge.spool or 0)
            if bridge.seen_at is not None:
                metrics.BRIDGE_SILENCE.labels(*labels).set((clock.real_now() - bridge.seen_at).total_seconds())
