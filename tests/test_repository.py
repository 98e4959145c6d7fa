"""What holds for the repository as a whole: layers, migrations, licences, the words that must not be there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from workflow.database import Base, driver_url

ROOT = Path(__file__).parent.parent
OURS = ("workflow", "people", "documents", "processes", "integrations", "gate_bridge", "webapp", "bench", "migrations")


def sources() -> list[Path]:
    """Our Python files."""
    return [path for name in OURS for path in (ROOT / name).rglob("*.py") if "node_modules" not in path.parts]


def test_no_migration_was_forgotten(rollback_url: str) -> None:
    engine = create_engine(driver_url(rollback_url), poolclass=NullPool)
    with engine.connect() as connection:
        ours = set(Base.metadata.tables)
        options = {"include_name": lambda name, kind, _: kind != "table" or name in ours, "compare_type": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    engine.dispose()
    assert differences == []


def test_every_dependency_has_a_known_licence() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import licences
    finally:
        sys.path.pop(0)
    page = licences.text()
    assert "**unknown**" not in page
    listed = (ROOT / "docs" / "licences.md").read_text()
    missing = [name for name in re.findall(r"^\| ([\w.@/-]+) \|", page, re.MULTILINE) if f"| {name} |" not in listed]
    assert missing == [], "run python scripts/licences.py"


def test_no_drawer_without_a_name() -> None:
    drawers = {"utils", "helpers", "common", "manager", "service", "misc"}
    assert [str(path) for path in sources() if path.stem in drawers or path.parent.name in drawers] == []


def test_nothing_is_left_for_later() -> None:
    unfinished = re.compile(r"(^|[^A-Za-z])(TODO|FIXME|XXX|NotImplementedError|Being built)\b")
    assert [str(path) for path in sources() if unfinished.search(path.read_text())] == []


@pytest.mark.parametrize("script", ["run", "test"])
def test_the_two_commands_are_executable_and_say_how_they_are_used(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(path)], capture_output=True).returncode == 0
