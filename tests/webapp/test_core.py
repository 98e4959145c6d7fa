"""The core: headers and nonces, errors in words, settings, log without personal data, how values are shown."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from jinja2 import Environment

from integrations.mail import FolderMailbox, SmtpMailbox
from webapp import Settings, create_app, log, security, shown, wiring
from webapp.settings import SettingsError
from workflow import database
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TooManyAttempts

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def unwired(tmp_path: Path) -> Iterator[Flask]:
    """The application over a database that does not answer."""
    database.configure(NOWHERE, connect_args={"connect_timeout": 1})
    yield create_app(Settings(NOWHERE, tmp_path, "a secret of this test only"), wire=False)
    database.dispose()


@pytest.fixture
def client(unwired: Flask) -> FlaskClient:
    return unwired.test_client()


def test_every_script_carries_the_nonce_of_its_response_and_none_is_inline(client: FlaskClient) -> None:
    nonces = set()
    for path in ("/", "/entrar", "/cadastre-se", "/validaDocumento"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        found = re.search(r"script-src 'nonce-([^']+)'", policy)
        assert found is not None
        assert "unsafe" not in policy
        for script in re.findall(r"<script[^>]*>[^<]*</script>", answer.text):
            assert f'nonce="{found[1]}"' in script
            assert " src=" in script
        assert not re.search(r"\son[a-z]+=", answer.text)
        assert " style=" not in answer.text
        nonces.add(found[1])
    assert len(nonces) == 4


def test_security_headers_are_on_every_answer(client: FlaskClient) -> None:
    for path in ("/", "/nada", "/static/css/base.css"):
        with client.get(path) as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_https_makes_cookies_secure_and_sends_hsts(tmp_path: Path) -> None:
    app = create_app(Settings(NOWHERE, tmp_path, "x" * 20, public_url="https://carimbo.test"), wire=False)
    answer = app.test_client().get("/entrar", base_url="https://carimbo.test")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "Secure; HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (Forbidden(), 403),
        (Conflict(), 409),
        (InvalidInput({"cpf": "Confira."}), 422),
        (TooManyAttempts(42), 429),
        (DomainError(), 422),
    ],
)
def test_domain_errors_become_http_in_words(unwired: Flask, error: DomainError, status: int) -> None:
    @security.public
    def fails() -> str:
        raise error

    for path in ("/falha", "/api/falha"):
        unwired.add_url_rule(path, path, fails)
    page = unwired.test_client().get("/falha")
    assert page.status_code == status
    assert error.message in page.text
    assert "<h1>" in page.text
    machine = unwired.test_client().get("/api/falha")
    assert machine.status_code == status
    assert machine.json == {"error": error.code, "message": error.message}
    if status == 429:
        assert page.headers["Retry-After"] == "42"


def test_htmx_gets_a_notice_and_keeps_the_page(unwired: Flask) -> None:
    @security.public
    def fails() -> str:
        raise Conflict("Outra pessoa foi mais rápida.")

    unwired.add_url_rule("/falha", "falha", fails)
    answer = unwired.test_client().get("/falha", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#avisos"
    assert "Outra pessoa foi mais rápida." in answer.text
    assert "<html" not in answer.text


def test_what_nobody_expected_is_a_page_without_details(unwired: Flask) -> None:
    @security.public
    def breaks() -> str:
        raise RuntimeError("segredo 529.982.247-25")

    unwired.add_url_rule("/quebra", "quebra", breaks)
    answer = unwired.test_client().get("/quebra")
    assert answer.status_code == 500
    assert "segredo" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_file_too_large_is_refused_in_words(unwired: Flask) -> None:
    @security.public
    def refuses() -> str:
        abort(413)

    unwired.add_url_rule("/envio", "envio", refuses)
    answer = unwired.test_client().get("/envio")
    assert answer.status_code == 413
    assert "Envie um arquivo menor." in answer.text


def test_the_database_down_is_told_and_tried_again_later(client: FlaskClient) -> None:
    answer = client.get("/validaDocumento?codigo=0000-0000-0000-0000")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Nada se perdeu" in answer.text


def test_nobody_is_sent_to_another_site_after_signing_in() -> None:
    from webapp.sessao.views import _safe

    app = Flask("x")
    app.add_url_rule("/", "inicio.front", lambda: "")
    with app.test_request_context("/"):
        for target in ("//mau.example", "https://mau.example", "/\\mau.example", "mau", "", None):
            assert _safe(target) == "/"
        assert _safe("/cac?q=maria") == "/cac?q=maria"


def test_a_protected_page_is_reached_after_signing_in(client: FlaskClient) -> None:
    answer = client.get("/area-do-usuario")
    assert answer.status_code == 302
    assert answer.location == "/entrar"
    with client.session_transaction() as session:
        assert session["next"] == "/area-do-usuario"
    assert "Sua sessão terminou" not in client.get("/entrar").text, "there was none"
    part = client.get("/area-do-usuario", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/entrar"


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://localhost/atendimento?q=ana", "/atendimento?q=ana"),
        ("http://localhost//mau.example", None),
        ("http://mau.example/atendimento", None),
        ("", None),
    ],
)
def test_a_part_of_the_desk_comes_back_to_the_whole_page(client: FlaskClient, current: str, back: str | None) -> None:
    part = client.get("/atendimento/duvidas", headers={"HX-Request": "true", "HX-Current-URL": current})
    assert part.headers["HX-Redirect"] == "/entrar"
    with client.session_transaction() as session:
        assert session["next"] == back
        assert session["unsent"] is False


def test_settings_come_from_the_environment_and_refuse_nonsense(tmp_path: Path) -> None:
    env = {"DATABASE_URL": "postgresql://x", "CARIMBO_DATA": str(tmp_path), "CARIMBO_CLOCK_OFFSET": "3600"}
    settings = Settings.from_environment({**env, "CARIMBO_PUBLIC_URL": "https://carimbo.test/"})
    assert settings.clock_offset == timedelta(hours=1)
    assert settings.public_url == "https://carimbo.test"
    assert settings.secure
    assert Settings.from_environment(env).secret_key == settings.secret_key, "kept in the data folder"
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert settings.secret_key not in repr(settings)
    with pytest.raises(SettingsError, match="CARIMBO_CLOCK_OFFSET"):
        Settings.from_environment({**env, "CARIMBO_CLOCK_OFFSET": "amanhã"})


def test_the_mail_server_is_chosen_by_one_address(tmp_path: Path) -> None:
    def mailbox(url: str) -> object:
        return wiring.mailbox_of(Settings("", tmp_path, "x", mail_url=url))

    assert isinstance(mailbox(""), FolderMailbox)
    found = mailbox("smtp+starttls://carimbo:a%40b@correio.test:2525")
    assert isinstance(found, SmtpMailbox)
    assert (found.settings.host, found.settings.port, found.settings.password) == ("correio.test", 2525, "a@b")
    assert found.settings.security == "starttls"
    with pytest.raises(SettingsError):
        mailbox("http://correio.test")


def test_the_log_holds_no_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    try:
        log.get("x").info("fact", cpf="52998224725", note="CPF 529.982.247-25 de maria@example.org", case="c1")
        logging.getLogger("library").warning("refused 52998224725")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        for handler in [h for h in logging.getLogger().handlers if h.get_name() == "carimbo"]:
            logging.getLogger().removeHandler(handler)
    assert lines[0]["cpf"] == "[omitido]"
    assert lines[0]["note"] == "CPF [cpf] de [e-mail]"
    assert lines[0]["case"] == "c1"
    assert lines[1]["event"] == "refused [cpf]"


def test_values_are_shown_in_portuguese_and_local_time() -> None:
    environment = Environment(autoescape=True)
    environment.filters.update(shown.FILTERS)
    instant = datetime(2026, 11, 25, 2, 5, tzinfo=UTC)

    def show(template: str, value: object) -> str:
        return environment.from_string(template).render(x=value)

    assert show("{{ x|instant }}", instant) == "24/11/2026, 23h05"
    assert show("{{ x|date }}", date(2026, 11, 24)) == "24/11/2026"
    assert show("{{ x|long_date }}", date(2026, 12, 1)) == "terça-feira, 1º de dezembro de 2026"
    assert show("{{ x|cpf }}", "52998224725") == "529.982.247-25"
    assert show("{{ x|masked_cpf }}", "52998224725") == "***.982.247-**"
    assert show("{{ x|validation_code }}", "7K3MQ2XA9TZ4HB6W") == "7K3M-Q2XA-9TZ4-HB6W"
    assert shown.ago(instant, instant + timedelta(minutes=5)) == "há 5 minutos"
    assert shown.ago(instant, instant + timedelta(hours=1)) == "há 1 hora"


def test_the_vendor_script_does_nothing_when_nothing_changed() -> None:
    script = Path(__file__).parents[2] / "scripts" / "vendor.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == ""
