"""`./run --once` (acceptance line 1): the main job on real photographs, then what is kept of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from integrations.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
CARIMBO = [sys.executable, str(ROOT / ".venv" / "bin" / "carimbo")]
ANEXO = (
    "Declaramos, para os devidos fins, que Visitante da Demonstração, inscrito no CPF sob o nº",
    "compareceu à Assembleia Legislativa do Estado de Minas Gerais em 24/11/2026.",
    "Em caso de dúvidas, entre em contato com o CAC pelo telefone (31) 2108-7800.",
)

pytestmark = pytest.mark.slow


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person types it."""
    clean = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "CARIMBO_DATA"}}
    return subprocess.run(
        [*CARIMBO, *arguments], capture_output=True, text=True, timeout=240, cwd="/", env={**clean, **environment}
    )


@pytest.fixture(scope="module")
def folder(installation_folder: Path) -> Path:
    """Where the run puts its data."""
    return installation_folder


@pytest.fixture(scope="module")
def steps(folder: Path) -> dict[str, dict[str, Any]]:
    """The lines of one run, by step."""
    done = run("start", "--once", "--data", str(folder), "--at", "2026-11-24T10:00")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    return {line["step"]: line for line in lines}


def test_every_step_says_that_it_held_and_how_long_it_took(steps: dict[str, dict[str, Any]]) -> None:
    assert list(steps)[-1] == "resumo"
    assert all(line["ok"] is True and isinstance(line["ms"], int) for line in steps.values())
    assert steps["inicio"]["legal_clock"].startswith("2026-11-24T10:00")
    assert steps["entrada"]["result"] == "LIBERADO"
    assert steps["estranho"]["result"] == "PENDENTE_VERIFICACAO"
    assert steps["copia_alterada"] | {"ms": 0} == {
        "step": "copia_alterada", "ok": True, "ms": 0, "whole": "AUTENTICO", "verdict": "DIVERGENTE",
    }  # fmt: skip


def test_the_last_line_sums_up(steps: dict[str, dict[str, Any]]) -> None:
    summary = steps["resumo"]
    assert set(summary) == {"step", "ok", "ms", "declaration_pdf", "code", "validation_url", "entry_result"}
    assert summary["entry_result"] == "LIBERADO"
    assert summary["code"] in summary["validation_url"]


def test_the_pdf_carries_the_text_of_the_anexo(steps: dict[str, dict[str, Any]]) -> None:
    text = subprocess.run(
        ["pdftotext", "-layout", steps["resumo"]["declaration_pdf"], "-"], capture_output=True, text=True, check=True
    ).stdout
    plain = " ".join(text.split())
    assert all(sentence in plain for sentence in ANEXO)


def test_the_audit_holds_and_fails_after_one_event_is_altered(steps: dict[str, dict[str, Any]], folder: Path) -> None:
    report = run("audit", "verify", "--json", "--data", str(folder))
    assert report.returncode == 0, report.stdout + report.stderr
    assert json.loads(report.stdout)["ok"] is True
    first = "WHERE (chain, seq) = (SELECT chain, seq FROM event ORDER BY chain, seq LIMIT 1)"
    alter = f"UPDATE event SET unit = %s {first}"
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url(), autocommit=True) as connection:
        before = connection.execute(f"SELECT unit FROM event {first}").fetchone()
        connection.execute(alter, ("ALTERADA",))
        broken = run("audit", "verify", "--data", str(folder))
        connection.execute(alter, before)
    mended = run("audit", "verify", "--data", str(folder))
    assert mended.returncode == 0, mended.stdout
    assert broken.returncode == 1
    assert "✗" in broken.stdout


def test_a_backup_brings_everything_back_elsewhere(
    steps: dict[str, dict[str, Any]], folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "copia.tar.gz"
    saved = run("backup", str(file), "--data", str(folder))
    assert saved.returncode == 0, saved.stderr
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert "database.dump" in names
    assert not any(name.startswith("data/postgres") for name in names)
    elsewhere = folder.parent / "recuperada"
    assert run("restore", str(file), "--data", str(elsewhere)).returncode == 0
    assert run("audit", "verify", "--data", str(elsewhere)).returncode == 0
    again = run("restore", str(file), "--data", str(elsewhere))
    assert again.returncode == 1
    assert "não está vazia" in again.stderr


def test_users_are_listed_added_and_disabled(steps: dict[str, dict[str, Any]], folder: Path) -> None:
    where = ("--unit", "NOVA", "--unit-name", "Unidade nova", "--role", "cac", "--data", str(folder))
    made = run("users", "add", "maria", "Maria das Graças", *where)
    assert "Senha provisória" in made.stdout
    assert run("users", "disable", "maria", "--data", str(folder)).returncode == 0
    listed = run("users", "list", "--data", str(folder)).stdout
    assert next(line for line in listed.splitlines() if line.startswith("maria")).endswith("bloqueada")
    refused = run("users", "grant", "ninguem", "--unit", "CAC", "--role", "cac", "--data", str(folder))
    assert refused.returncode == 1
    assert "Não há conta de servidor ninguem" in refused.stderr
