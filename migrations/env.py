"""Alembic's environment: one connection, one transaction for each revision."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool, text

from workflow.database import Base, driver_url

ROOT = Path(__file__).parent.parent


def load_models() -> None:
    """Import every models module of the project, so that the metadata is whole."""
    for package in ("workflow", "people", "documents", "processes"):
        for module in pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}."):
            if module.name.rsplit(".", 1)[-1] == "models":
                importlib.import_module(module.name)


def run() -> None:
    """Migrate online; a lock keeps two processes from migrating at once."""
    load_models()
    engine = create_engine(driver_url(context.config.attributes["url"]), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(2716)"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(2716)"))
        connection.commit()
    engine.dispose()


run()
