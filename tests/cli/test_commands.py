"""What a person meets first: help everywhere, errors that say what to do."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import migrations
from webapp.cli import app, installation
from webapp.cli.once import made_up_cpf, next_opening
from webapp.cli.start import hold, offset_of
from workflow import clock
from workflow.calendar import holiday_name

RUNNER = CliRunner()


def commands() -> list[list[str]]:
    """Every command and subcommand, as typed."""
    root = get_command(app)
    found: list[list[str]] = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]  # the root is a group
        found.append([name])
        found.extend([name, sub] for sub in getattr(command, "commands", {}))
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_in_portuguese(words: list[str]) -> None:
    shown = RUNNER.invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.split()) > 10


def test_the_commands_of_the_issue_are_there() -> None:
    wanted = {"serve", "worker", "migrate", "demo", "users", "audit", "process", "faces", "backup", "restore", "start"}
    assert wanted <= {words[0] for words in commands()}
    pairs = {" ".join(words) for words in commands()}
    assert {"process list", "process check", "process diagram", "faces calibrate", "faces evaluate", "faces accelerate",
            "audit verify"} <= pairs  # fmt: skip


def test_processes_are_listed_checked_and_drawn() -> None:
    assert "Declaração de comparecimento" in RUNNER.invoke(app, ["process", "list"]).output
    assert RUNNER.invoke(app, ["process", "check"]).exit_code == 0
    assert "<bpmn" in RUNNER.invoke(app, ["process", "diagram", "entrada"]).output
    unknown = RUNNER.invoke(app, ["process", "check", "nada"])
    assert unknown.exit_code == 1
    assert "Não há processo nada" in unknown.output


def test_a_folder_without_photographs_is_refused_in_words(tmp_path: object) -> None:
    refused = RUNNER.invoke(app, ["faces", "evaluate", str(tmp_path)])
    assert refused.exit_code == 1
    assert "known/" in refused.output


def test_the_demonstration_clock() -> None:
    wanted = "2026-11-24T10:00"
    read = clock.local(clock.real_now() + offset_of(wanted))
    assert abs(read - datetime(2026, 11, 24, 10, tzinfo=clock.TZ)) < timedelta(seconds=5)
    opening = datetime.fromisoformat(next_opening())
    assert opening.hour == 10
    assert opening.weekday() < 5
    assert holiday_name(opening.date()) is None


def test_made_up_cpfs_are_well_formed_and_stable() -> None:
    from people.rules import normalize_cpf

    made = made_up_cpf([b"one", b"two"])
    assert normalize_cpf(made) == made == made_up_cpf([b"one", b"two"])
    assert made != made_up_cpf([b"one"])


@pytest.mark.parametrize(
    "words", [["audit", "verify"], ["users", "list"], ["backup", "copia.tar.gz"], ["serve"]], ids=" ".join
)
def test_a_mistyped_folder_makes_no_new_installation(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    refused = RUNNER.invoke(app, [*words, "--data", str(tmp_path / "errada")])
    assert refused.exit_code == 1
    assert "Não há uma instalação em" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = RUNNER.invoke(app, ["start", "--data", str(tmp_path / "dados"), "--port", str(port)])
    assert refused.exit_code == 1
    assert f"A porta {port} já está em uso" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_second_start_of_a_folder_learns_where_the_first_answers(tmp_path: Path) -> None:
    held = hold(tmp_path)
    (tmp_path / "running.json").write_text('{"url": "http://127.0.0.1:8123"}')
    with pytest.raises(RuntimeError, match=r"já está no ar.*http://127\.0\.0\.1:8123"):
        hold(tmp_path)
    held.close()
    hold(tmp_path).close()


def test_pictures_without_once_are_refused() -> None:
    refused = RUNNER.invoke(app, ["start", "--photo", "A.jpg"])
    assert refused.exit_code == 2
    assert "--once" in refused.output


@pytest.mark.slow
def test_an_older_database_is_brought_on_with_a_word_before(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found, newest = migrations.standing(database_url)
    assert found == newest
    installation.update(database_url)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(migrations, "standing", lambda url: ("001", newest))
    installation.update(database_url)
    assert f"do passo 001 ao {newest}" in capsys.readouterr().out
