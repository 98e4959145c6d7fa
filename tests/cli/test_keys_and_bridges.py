"""`carimbo keys` and `carimbo bridges`: keys rotate, bridges come and go, secrets are shown once."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gate_bridge.settings import load
from people.keyring import Keyring
from processes.entrada.models import BridgeKey
from processes.entrada.operations import install_posts
from webapp.cli import app
from workflow import database, history
from workflow.clock import real_now
from workflow.database import transaction

RUNNER = CliRunner()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own; the environment and the log's handler are as before at the end."""
    for name in ("DATABASE_URL", "CARIMBO_KEYRING", "CARIMBO_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARIMBO_DATA", str(tmp_path))
    yield tmp_path
    root = logging.getLogger()
    for handler in [one for one in root.handlers if one.get_name() == "carimbo"]:
        root.removeHandler(handler)  # it writes to the runner's stream, which is closed


def carimbo(*words: object, typed: str = "") -> Result:
    return RUNNER.invoke(app, [str(word) for word in words], input=typed)


def test_keys_are_listed_by_name_only(data: Path) -> None:
    keyring = Keyring.open(data / "keys")
    shown = carimbo("keys", "list")
    assert shown.exit_code == 0
    assert "m1         chave mestra, em uso" in shown.output
    assert "audit      chave de assinatura" in shown.output
    secrets = [line.split('"')[3] for line in keyring.to_json().splitlines() if len(line) > 40]
    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret in shown.output]


def test_a_rotation_adds_a_key_and_says_what_to_do(data: Path) -> None:
    before = Keyring.open(data / "keys")
    sealed = before.seal(b"x", b"")
    done = carimbo("keys", "rotate")
    assert done.exit_code == 0
    for words in ("m2", "Reinicie o servidor web e os trabalhadores", "cópia de segurança"):
        assert words in done.output
    assert "m2         chave mestra, em uso" in carimbo("keys", "list").output
    after = Keyring.open(data / "keys")
    assert after.unseal(sealed, b"") == b"x"
    assert before.unseal(after.seal(b"y", b""), b"") == b"y"
    assert (data / "keys" / "keyring.json").stat().st_mode & 0o777 == 0o600


def test_a_rotation_loses_no_key_of_another_process(data: Path) -> None:
    first, second = Keyring.open(data / "keys"), Keyring.open(data / "keys")
    assert (first.rotate(), second.rotate()) == ("m2", "m3")
    assert Keyring.open(data / "keys").master_ids == ("m1", "m2", "m3")


def test_no_keyring_is_made_by_asking_for_it(data: Path) -> None:
    for command in ("list", "rotate"):
        refused = carimbo("keys", command)
        assert refused.exit_code == 1
        assert "Não há chaveiro" in refused.output
    assert list(data.iterdir()) == []


def test_a_keyring_given_whole_is_not_rotated_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARIMBO_KEYRING", Keyring.new().to_json())
    assert "m1" in carimbo("keys", "list").output
    refused = carimbo("keys", "rotate")
    assert refused.exit_code == 1
    assert "CARIMBO_KEYRING" in refused.output


@pytest.fixture
def posts(data: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with posts, for the commands; they close their connections, so the tests open them anew."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CARIMBO_PUBLIC_URL", "https://carimbo.example")
    with transaction() as session:
        install_posts(session)
    return database_url


@pytest.mark.slow
def test_a_bridge_is_enrolled_rotated_and_disabled(data: Path, posts: str) -> None:
    enrolled = carimbo("bridges", "enrol", "PI-HALL")
    assert enrolled.exit_code == 0, enrolled.output
    written = tomllib.loads(enrolled.stdout)
    file = data / "ponte.toml"
    file.write_text(enrolled.stdout, encoding="utf-8")
    settings = load(file, {})
    assert (settings.server_url, settings.post) == ("https://carimbo.example", "PI-HALL")
    assert "não são mostrados de novo" in enrolled.stderr
    bridge = written["bridge_id"]
    listed = carimbo("bridges", "list")
    assert f"{bridge}  PI-HALL      nunca vista" in listed.output
    assert written["keys"][0]["secret"] not in listed.output

    rotated = carimbo("bridges", "rotate", bridge)
    assert rotated.exit_code == 0
    (fresh,) = tomllib.loads(rotated.stdout)["keys"]
    assert fresh["id"] != written["keys"][0]["id"]
    assert written["gallery_secret"] not in rotated.output
    database.configure(posts)
    with transaction() as session:
        former = session.get_one(BridgeKey, written["keys"][0]["id"])
        assert former.valid_to is not None
        assert 6 <= (former.valid_to - real_now()).days <= 7
        assert session.get_one(BridgeKey, fresh["id"]).bridge_id == UUID(bridge)

    kept = carimbo("bridges", "disable", bridge, typed="n\n")
    assert kept.exit_code == 1
    assert "nunca vista" in carimbo("bridges", "list").output
    assert carimbo("bridges", "disable", bridge, "--yes").exit_code == 0
    assert f"{bridge}  PI-HALL      desativada" in carimbo("bridges", "list").output
    refused = carimbo("bridges", "rotate", bridge)
    assert (refused.exit_code, refused.stdout) == (1, "")
    database.configure(posts)
    with transaction() as session:
        assert history.verify(session).ok


@pytest.mark.slow
def test_a_post_or_a_bridge_that_is_not_there_is_said(data: Path, posts: str) -> None:
    unknown = carimbo("bridges", "enrol", "NENHUM")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "Não há posto com o código NENHUM" in unknown.stderr
    assert "PI-HALL" in unknown.stderr
    assert carimbo("bridges", "disable", uuid4(), "--yes").exit_code == 1
    assert carimbo("bridges", "rotate", "ponte").exit_code == 2
