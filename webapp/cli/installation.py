"""One installation: a data folder, its database, and the environment that its processes share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from integrations.postgres import EmbeddedPostgres, PostgresError
from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="PASTA",
        envvar="CARIMBO_DATA",
        help="Pasta dos dados desta instalação. Sem ela: data/ ao lado do programa, ou /var/lib/carimbo como root.",
    ),
]


def data_folder(chosen: Path | None) -> Path:
    """The data folder: the one chosen, else the default of this user."""
    if chosen is not None:
        return chosen.absolute()
    return Path("/var/lib/carimbo") if os.geteuid() == 0 else ROOT / "data"


def make_data_folder(folder: Path) -> None:
    """Create the data folder, closed to other users; as root the database's own user may pass through it."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def open_database(data: Path) -> EmbeddedPostgres | None:
    """Start (or join) the embedded server and name its database in DATABASE_URL; None when DATABASE_URL was given."""
    if os.environ.get("DATABASE_URL"):
        return None
    server = EmbeddedPostgres(data)
    try:
        server.start()
        os.environ["DATABASE_URL"] = server.ensure_database()
    except PostgresError as error:
        server.stop()
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    return server


def must_exist(folder: Path) -> None:
    """Refuse a folder without a database: a mistyped --data must not make a new, empty installation."""
    if not os.environ.get("DATABASE_URL") and not (folder / "postgres").is_dir():
        said = (
            f"Não há uma instalação em {folder}. Indique a pasta certa com --data, ou faça uma com `carimbo migrate`."
        )
        typer.echo(said, err=True)
        raise typer.Exit(1)


@contextmanager
def installation(data: Path | None, *, new: bool = False) -> Iterator[Settings]:
    """The wired installation, for a command that works on it; the database that it started is stopped at the end.

    `new`: the command may make it; any other command refuses a folder where there is none.
    """
    from webapp import wiring  # imported here: --help must not load the whole program

    folder = data_folder(data)
    if not new:
        must_exist(folder)
    make_data_folder(folder)
    os.environ["CARIMBO_DATA"] = str(folder)
    server = open_database(folder)
    try:
        settings = Settings.from_environment()
        wiring.wire(settings)
        yield settings
    finally:
        from workflow import database

        database.dispose()
        if server is not None:
            server.stop()


@contextmanager
def domain_errors() -> Iterator[None]:
    """A refusal of the domain becomes its sentence and exit status 1."""
    from workflow.errors import DomainError, InvalidInput

    try:
        yield
    except DomainError as error:
        details = error.fields.values() if isinstance(error, InvalidInput) else ()
        typer.echo("\n".join([error.message, *details]), err=True)
        raise typer.Exit(1) from error


def update(url: str) -> None:
    """Bring the database to the newest revision; an old one with much in it may take a while, which is said before."""
    import migrations

    found, newest = migrations.standing(url)
    if found and found != newest:
        typer.echo(f"Atualizando o banco, do passo {found} ao {newest}. Em um acervo grande isso pode levar minutos.")
    migrations.upgrade(url)
