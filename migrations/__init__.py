"""The schema's history, as Alembic revisions numbered `NNN_words`; `upgrade` brings a database to the newest."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from workflow.database import driver_url


def configuration(url: str) -> Config:
    """Alembic's configuration for the database at `url`; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply every missing revision to the database at `url`, in one transaction each."""
    command.upgrade(configuration(url), revision)


def standing(url: str) -> tuple[str, str]:
    """The revision that the database at `url` stands at ("" when it has none yet), and the newest there is."""
    newest = ScriptDirectory.from_config(configuration(url)).get_current_head() or ""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        found = connection.scalar(text("SELECT max(version_num) FROM alembic_version")) if known else None
    engine.dispose()
    return found or "", newest
