"""Fixtures of the real database: one embedded PostgreSQL a run, a migrated template, a database or a rollback a test.

`session`: a session inside a transaction that is rolled back; for operations and queries.
`database_url`: a database of the test's own, configured for `transaction()`; for whatever commits, jobs and servers.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

import migrations
from integrations.postgres import EmbeddedPostgres
from workflow import clock, database

FACES = Path(os.environ.get("CARIMBO_FACES") or Path(__file__).parents[2] / "shared" / "faces")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server of this run; durability off, since no test of this server outlives a crash."""
    folder = Path(tempfile.mkdtemp(prefix="carimbo-tests-", dir=_in_memory()))
    folder.chmod(0o755)
    unsafe = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with EmbeddedPostgres(folder, unsafe) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> str | None:
    """A folder in memory with room for the run's databases (a copy there takes 15 ms, not 500), where there is one."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30:
        return str(memory)
    return None


@pytest.fixture(scope="session")
def template_database(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated, empty database."""
    migrations.upgrade(postgres.ensure_database("carimbo_template"))
    return "carimbo_template"


def _copy(postgres: EmbeddedPostgres, template: str) -> str:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return name


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """A migrated database of this test's own, bound to `workflow.database`."""
    name = _copy(postgres, template_database)
    url = postgres.url(name)
    database.configure(url)
    yield url
    database.dispose()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def rollback_url(postgres: EmbeddedPostgres, template_database: str) -> str:
    """One migrated database which every test leaves as it was."""
    return postgres.url(_copy(postgres, template_database))


@cache
def _engine(url: str) -> Engine:
    """One connection for all the tests that roll back in the same database."""
    return create_engine(database.driver_url(url))


@pytest.fixture
def session(rollback_url: str) -> Iterator[Session]:
    """A session whose transaction is rolled back at the end; commits inside become savepoints."""
    with _engine(rollback_url).connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture(scope="module")
def installation_folder() -> Iterator[Path]:
    """A data folder for whole installations, that the system user of an embedded database reaches."""
    parent = Path(tempfile.mkdtemp(prefix="carimbo-installation-"))
    parent.chmod(0o755)
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(autouse=True)
def _legal_clock() -> Iterator[None]:
    """Every test starts and ends with the clock unshifted."""
    clock.configure(timedelta(0))
    yield
    clock.configure(timedelta(0))


@pytest.fixture(scope="session")
def faces_folder() -> Path:
    """The photographs for accuracy; a skip says how to provide them."""
    if not (FACES / "known").is_dir():
        pytest.skip("fotografias ausentes: aponte CARIMBO_FACES para uma pasta com known/ e strangers/")
    return FACES
