"""A gate bridge as seen from the wire: signs requests with the bridge's own code, over the test client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gate_bridge.settings import Key
from gate_bridge.signing import headers
from integrations.postgres import EmbeddedPostgres
from processes.entrada import operations
from processes.entrada.bridges import Credentials
from tests.conftest import _copy
from webapp import Settings, create_app
from workflow import clock, database
from workflow import operations as engine


@dataclass(frozen=True)
class Installation:
    """An application over a database of the module's own."""

    app: Flask
    url: str


@pytest.fixture(scope="module")
def installation(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Diagrams deployed, posts installed; one for a module, since its tests tell their own bridges apart."""
    url = postgres.url(_copy(postgres, template_database))
    folder = tmp_path_factory.mktemp("instalacao")
    app = create_app(Settings(url, folder, "a secret of this module only", public_url="http://carimbo.test"))
    app.testing = True
    with database.transaction() as session:
        engine.deploy(session)
        operations.install_posts(session)
    yield Installation(app, url)
    database.dispose()


class Wire:
    """One enrolled bridge."""

    def __init__(self, app: Flask, credentials: Credentials) -> None:
        self.client = app.test_client()
        self.credentials = credentials
        self.key = Key(credentials.key_id, credentials.secret.encode())

    def signed(self, method: str, target: str, body: bytes = b"", *, at: float | None = None) -> dict[str, str]:
        """The headers of a request signed now, or at another time."""
        when = clock.real_now().timestamp() if at is None else at
        return headers(str(self.credentials.bridge_id), self.key, method, target, when, body)

    def send(
        self, method: str, target: str, body: bytes = b"", signature: dict[str, str] | None = None
    ) -> TestResponse:
        """One request; signed now when no signature is given."""
        signature = signature or self.signed(method, target, body)
        return self.client.open(target, method=method, data=body, headers=signature, content_type="application/json")

    def post(self, target: str, document: object) -> TestResponse:
        """POST a JSON document."""
        return self.send("POST", target, json.dumps(document).encode())

    def events(self, *events: dict[str, Any]) -> TestResponse:
        """POST a batch."""
        return self.post("/api/v1/gate/events", {"events": list(events)})


def event(person: object = None, **changes: Any) -> dict[str, Any]:
    """An event as JSON, as a healthy bridge writes it."""
    instant = clock.now().isoformat()
    values: dict[str, Any] = {
        "id": str(uuid4()), "sequence": 1, "post": "PI-HALL", "device": "camera-1", "device_kind": "camera",
        "device_time": None, "bridge_time": instant, "instant": instant, "skew_s": 0.0, "way": "one_to_one",
        "claim": "cpf", "decision": "recognised" if person else "unknown", "person": str(person) if person else None,
        "score": 0.2, "limit": 0.29, "candidates": [], "frames": 3, "calibration": "c1", "crop": None,
        "replayed": False, "raw_sha256": None,
    }  # fmt: skip
    return {**values, **changes}
