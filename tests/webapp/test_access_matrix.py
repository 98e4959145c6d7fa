"""Every route × every role, generated from the route table: who is let through is what the route declared."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from people.access import ACTIONS, ROLES, Resource, allowed
from tests.webapp import scenario
from webapp import security
from workflow.errors import Forbidden

VALUES = {"uuid": str(UUID(int=7)), "day": "2026-11-24", "integer": "1", "path": "x", "string": "x", "default": "x"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def routes(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Method and a path that matches, of every route."""
    adapter = app.url_map.bind("carimbo.test")
    for rule in app.url_map.iter_rules():
        values = {}
        for name, converter in rule._converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("unicode", "string")
            value = VALUES.get(kind, "x")
            values[name] = converter.to_python(value)
        path = adapter.build(rule.endpoint, values, method=next(iter((rule.methods or set()) & METHODS)))
        for method in sorted((rule.methods or set()) & METHODS):
            yield method, path, rule


def test_every_route_declares_its_access_rule(app: Flask) -> None:
    missing = [
        rule.rule for rule in app.url_map.iter_rules() if security.access_of(app.view_functions[rule.endpoint]) is None
    ]
    assert missing == []


def test_a_route_without_a_rule_is_refused(app: Flask) -> None:
    app.add_url_rule("/esquecida", "esquecida", lambda: "aberta")
    assert app.test_client().get("/esquecida").status_code == 403


def test_every_page_answers_with_and_without_the_slash_at_its_end(app: Flask) -> None:
    adapter = app.url_map.bind("carimbo.test")
    seen = set()
    for method, path, rule in routes(app):
        if method != "GET" or path == "/" or rule.endpoint == "static":
            continue
        for typed in (path.rstrip("/"), path.rstrip("/") + "/"):
            assert adapter.match(typed, method="GET")[0] == rule.endpoint, typed
        seen.add(path)
    assert {"/cac", "/validaDocumento", "/entrar"} <= seen
    assert app.test_client().get("/entrar/").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, *sorted(ROLES)])
def test_matrix_route_by_role(app: Flask, role: str | None) -> None:
    client = app.test_client()
    login = None
    if role == "cidadao":
        login = "maria@example.org"
        scenario.citizen(login, proved="Maria")
    elif role == "externo":
        login = scenario.external("vera@camara.example")
    elif role is not None:
        login = scenario.staff(role)
    if login is not None:
        scenario.sign_in(client, login)
    token = scenario.token_of(client, "/")
    cookie = "; ".join(f"{c.key}={c.value}" for c in (client._cookies or {}).values())
    headers = {"Cookie": cookie, "X-CSRFToken": token}
    who = scenario.actor_of(login) if login else None
    wrong = []
    for method, path, rule in routes(app):
        declared = security.access_of(app.view_functions[rule.endpoint])
        assert declared is not None
        expected = _expected(declared, who)
        got = _answer(app, method, path, headers)
        if got != expected:
            wrong.append(f"{method} {rule.rule}: {got}, should be {expected}")
    assert wrong == []


def _expected(declared: security.Access, who: object) -> str:
    if declared.kind in {"public", "bridge"}:
        return "in"
    if who is None:
        return "sign in"
    if declared.action is None:
        return "in"
    assert declared.action in ACTIONS
    own = Resource(owner_account=who.id, owner_person=who.person_id)  # type: ignore[attr-defined]
    return "in" if allowed(who, declared.action, own) else "refused"  # type: ignore[arg-type]


def _answer(app: Flask, method: str, path: str, headers: dict[str, str]) -> str:
    """What the guard says, without running the view."""
    with app.test_request_context(path, method=method, headers=headers):
        try:
            answer = app.preprocess_request()
        except Forbidden:
            return "refused"
    return "in" if answer is None else "sign in"


def test_R60_gabinete_never_issues_and_the_attempt_is_recorded(app: Flask, database_url: str) -> None:
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("gabinete"))
    person = scenario.person("Maria")
    answer = scenario.post(client, f"/cac/pessoa/{person}/2026-11-24", who="holder", document_seen="y")
    assert answer.status_code == 403
    assert scenario.recorded("declaracao_recusada") == 1
    assert scenario.chain_is_whole()


def test_a_revoked_session_ends_at_once(app: Flask) -> None:
    first, second = app.test_client(), app.test_client()
    login = scenario.staff("cac")
    scenario.sign_in(first, login)
    scenario.sign_in(second, login)
    assert first.get("/cac").status_code == 200
    scenario.revoke(login)
    assert first.get("/cac").status_code == 302
    assert second.get("/cac").status_code == 302


def test_a_post_without_its_token_is_refused(app: Flask) -> None:
    client = app.test_client()
    scenario.sign_in(client, scenario.staff("cac"))
    assert client.post("/sair").status_code == 400
    assert client.get("/cac").status_code == 200
