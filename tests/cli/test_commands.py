"""What a person meets first: help everywhere, errors that say what to do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from webapp.cli import app
from webapp.cli.once import made_up_cpf, next_opening
from webapp.cli.start import offset_of
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
