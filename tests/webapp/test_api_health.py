"""Health, metrics, and the OpenAPI document."""

from __future__ import annotations

from dataclasses import replace

import pytest
from openapi_spec_validator import validate
from playwright.sync_api import Page

from processes.entrada.rules import FORBIDDEN_NAMES
from tests.webapp.browser import look
from tests.webapp.signing import Installation, installation
from webapp import Settings
from webapp.api import wire
from webapp.api.reference import document
from workflow import database

__all__ = ["installation"]


def test_healthz_and_readyz_answer(installation: Installation) -> None:
    client = installation.app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    assert (ready.json["ready"], ready.json["database"], ready.json["jobs_waiting"]) == (True, True, 0)


def test_readyz_says_so_when_the_database_is_down(installation: Installation) -> None:
    database.configure("postgresql://nobody@127.0.0.1:1/nothing", connect_args={"connect_timeout": 1})
    answer = installation.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["ready"], answer.json["database"]) == (False, False)
    assert installation.app.test_client().get("/healthz").status_code == 200
    database.configure(installation.url)


def test_metrics_are_for_this_machine(installation: Installation) -> None:
    client = installation.app.test_client()
    text = client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).get_data(as_text=True)
    for name in (
        "carimbo_gate_events_pending",
        "carimbo_jobs_lag_seconds",
        "carimbo_incidents_open",
        "carimbo_disk_free_bytes",
    ):
        assert name in text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.5"}).status_code == 404
    behind_a_proxy = {"X-Forwarded-For": "203.0.113.5"}
    assert client.get("/metrics", headers=behind_a_proxy, environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 404


def test_metrics_are_for_who_holds_the_token_when_there_is_one(installation: Installation) -> None:
    app = installation.app
    told = Settings.from_environment({"CARIMBO_METRICS_TOKEN": "segredo-da-coleta", "CARIMBO_SECRET_KEY": "x"})
    assert told.metrics_token == "segredo-da-coleta"
    assert "segredo-da-coleta" not in repr(told)
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, metrics_token=told.metrics_token)
    try:
        client, far, near = app.test_client(), {"REMOTE_ADDR": "203.0.113.5"}, {"REMOTE_ADDR": "127.0.0.1"}
        right, wrong = {"Authorization": "Bearer segredo-da-coleta"}, {"Authorization": "Bearer segredo"}
        assert client.get("/metrics", headers=right, environ_base=far).status_code == 200
        assert client.get("/metrics", headers=wrong, environ_base=near).status_code == 404
        assert client.get("/metrics", environ_base=near).status_code == 404
    finally:
        app.extensions["settings"] = before


def test_the_openapi_document_is_valid(installation: Installation) -> None:
    served = installation.app.test_client().get("/api/v1/openapi.json").json
    assert served == document()
    validate(document())


def test_the_openapi_document_has_every_endpoint_and_no_other(installation: Installation) -> None:
    drawn = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    routes = {
        (method, rule.rule.replace("<uuid:event_id>", "{event_id}"))
        for rule in installation.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes - drawn == {("GET", "/api/v1/"), ("GET", "/api/v1/openapi.json"), ("GET", "/metrics")}
    assert drawn - routes == set()


def test_R7_no_model_of_the_interface_holds_why_anybody_came() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert not FORBIDDEN_NAMES & set(schema.get("properties", {})), name
        assert schema["additionalProperties"] is False, name
    assert wire.EventIn.model_config["extra"] == "forbid"


@pytest.mark.slow
def test_the_reference_page_reads_well(server: str, page: Page) -> None:
    page.goto(f"{server}/api/v1/")
    assert page.get_by_role("heading", level=1).inner_text() == "Interface das portarias"
    assert page.get_by_text("POST /api/v1/gate/events").first.is_visible()
    look(page, "api-reference")
