"""The command `carimbo`: everything that is done from a terminal. `carimbo --help` lists it."""

from __future__ import annotations

import typer

from webapp.cli import audit, backup, bridges, demo, faces, keys, process, servers, start, users

app = typer.Typer(
    name="carimbo",
    help="Carimbo: processo eletrônico para casas legislativas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(start.start)
app.command()(servers.serve)
app.command()(servers.worker)
app.command()(servers.migrate)
app.command()(demo.demo)
app.add_typer(users.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(bridges.app, name="bridges")
app.add_typer(process.app, name="process")
app.add_typer(audit.app, name="audit")
app.add_typer(faces.app, name="faces")
app.command()(backup.backup)
app.command()(backup.restore)


def main() -> None:
    """The entry point of `.venv/bin/carimbo`."""
    app()
