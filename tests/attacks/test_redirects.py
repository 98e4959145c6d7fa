"""Where the browser is sent on: never to another site, whatever a request says of where it came from or wants to go."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.webapp import scenario
from webapp import security
from webapp.sessao import views as sessao

WEBAPP = Path(security.__file__).parent
HOSTILE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example", "/\x00/evil.example", "\t//evil.example", " //evil.example", "https://evil.example",
    "https:evil.example", "https:/evil.example", "HTTPS:\\evil.example", "javascript:alert(1)", "data:text/html,x",
    "//evil.example/%2f..", "/controle\\..\\..\\evil.example", "/\x7f/evil.example", "evil.example", "@evil.example", "", None,
    "http://localhost@evil.example/", "//localhost:80@evil.example", "/conta\r\nSet-Cookie: a=b", "/\u0009/evil.example",
)  # fmt: skip
LOCAL = ("/", "/controle", "/pesquisa?q=%22a%22&depois=1", "/documento/1#parte", "/a/%2F%2Fevil.example", "/São")
SOURCES = {
    "security.py": ("session[next]", "referrer", "HX-Current-URL"),
    "sessao/views.py": ("session[next]",),
    "controle/agir.py": ("volta",),
    "controle/visoes.py": ("volta",),
    "gestao/tarefas.py": ("volta",),
    "processo/page.py": ("HX-Current-URL",),  # which document is open, by its id
}
"""Every place that reads where to go on from what a browser sent; each is tried below."""
_READS = re.compile(
    r"session(?:\.get|\.pop)?[\[(]\"(?P<next>next)\"|request\.(?P<referrer>referrer)|headers\.get\(\"(?P<header>HX-Current-URL|Referer)\""
    r"|(?:form|args|values)\.get\(\"(?P<name>next|volta|voltar|retorno|destino|url|redirect|return|return_to|continue)\""
)


@pytest.mark.parametrize("target", HOSTILE)
def test_another_site_is_no_path_here(target: str | None) -> None:
    assert security.path_here(target) is None


@pytest.mark.parametrize("target", LOCAL)
def test_a_path_of_this_site_is_gone_on_to(target: str) -> None:
    assert security.path_here(target) == target


def test_no_other_place_reads_where_to_go_on() -> None:
    found: dict[str, set[str]] = {}
    for path in WEBAPP.rglob("*.py"):
        for read in _READS.finditer(path.read_text("utf-8")):
            name = "session[next]" if read["next"] else read["referrer"] or read["header"] or read["name"]
            found.setdefault(str(path.relative_to(WEBAPP)), set()).add(name)
    assert found == {path: set(names) for path, names in SOURCES.items()}


def test_whoever_signs_in_goes_on_only_here(app: Flask) -> None:
    with app.test_request_context("/entrar"):
        for target in HOSTILE:
            assert sessao._safe(target) == "/", target
    client = app.test_client()
    login = scenario.staff("servidor")
    for target in (one for one in HOSTILE if one and not set(one) & {"\r", "\n"}):
        for header in ("Referer", "HX-Current-URL"):
            client.get("/controle", headers={"HX-Request": "true", header: target})
            with client.session_transaction() as kept:
                assert security.path_here(kept["next"]) == kept["next"] or kept["next"] is None, (header, target)
                assert "evil" not in str(kept["next"]).split("?")[0], (header, target)
    with client.session_transaction() as kept:
        kept["next"] = "/\t/evil.example"
    token = scenario.token_of(client, "/entrar")
    data = {"login": login, "password": scenario.PASSWORD, "csrf_token": token}
    answer = client.post("/entrar", data=data)
    assert answer.status_code == 302
    assert urlsplit(answer.headers["Location"]).netloc in ("", "localhost")
    for target in HOSTILE:
        answer = scenario.post(client, "/controle/visoes", nome=f"Visão {HOSTILE.index(target)}", volta=target or "")
        assert answer.headers.get("Location", "/controle?").startswith("/controle?"), target
