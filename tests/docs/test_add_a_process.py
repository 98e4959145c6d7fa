"""docs/add-a-process.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "add-a-process.md"
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("workflow", "people", "documents", "processes", "integrations", "webapp", "migrations", "tests")
LEFT_OUT = shutil.ignore_patterns("node_modules", "vendor", "__pycache__", "test_*.py", "static", "cache")
PROGRAMS = {
    ".venv/bin/carimbo": [sys.executable, "-c", "from webapp.cli import main; main()"],
    ".venv/bin/python": [sys.executable],
}


def copy_of_the_project(folder: Path) -> Path:
    """What a process may need of the project; the tests of others left out."""
    copy = folder / "carimbo"
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def numbered(text: str) -> str:
    """`NNN` and `PPP` as the page says: the number after the newest migration, and the newest."""
    newest = max(int(path.name[:3]) for path in (ROOT / "migrations" / "versions").glob("[0-9][0-9][0-9]_*.py"))
    return text.replace("NNN", f"{newest + 1:03d}").replace("PPP", f"{newest:03d}")


def follow(copy: Path, environment: dict[str, str]) -> list[str]:
    """Write every file that the page names, run every command, in the page's order; what the commands printed."""
    printed = []
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["file"]:
            file = copy / numbered(block["file"])
            assert not file.exists(), f"the page touches {block['file']}, which is there already"
            file.parent.mkdir(exist_ok=True)
            file.write_text(numbered(block["text"]), encoding="utf-8")
        elif block["language"] == "sh":
            printed += [run(copy, line, environment) for line in block["text"].splitlines()]
    return printed


def run(copy: Path, line: str, environment: dict[str, str]) -> str:
    """One command of the page in the copy."""
    program, *arguments = shlex.split(line)
    command = [*PROGRAMS[program], *arguments]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_a_person_who_follows_the_page_gets_a_running_process(tmp_path: Path, database_url: str) -> None:
    copy = copy_of_the_project(tmp_path)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": database_url,
        "CARIMBO_DATA": str(tmp_path / "dados"),
    }
    checked, migrated, tested = follow(copy, environment)
    assert "✓ emprestimo_chave" in checked
    assert "publicado" in migrated
    assert "3 passed" in tested


def test_the_page_names_folders_that_exist_and_only_new_files() -> None:
    files = [block["file"] for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if block["file"]]
    assert len(files) >= 7
    for name in files:
        assert not (ROOT / numbered(name)).exists()
        assert (ROOT / name).parent.is_dir() or (ROOT / name).parent == ROOT / "processes" / "emprestimo_chave"
