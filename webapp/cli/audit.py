"""`carimbo audit verify`: the hash chains, their signed checkpoints, the cases and the stored documents."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from webapp.cli.installation import DataOption, installation

app = typer.Typer(help="Integridade: conferir tudo o que foi registrado.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Integridade: conferir tudo o que foi registrado."""


@app.command()
def verify(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Imprime um objeto JSON.")] = False,
) -> None:
    """Confere cadeias de eventos, selos assinados, processos e documentos; termina com 1 se algo foi alterado."""
    from webapp import integrity
    from webapp.upkeep import anchors
    from workflow.database import transaction

    with installation(data) as settings, transaction() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})  # one instant, while others write
        with _shown() as progress:
            report, problems = integrity.verify(session, anchors(settings.data), progress)
    if as_json:
        counts = {"chains": report.chains, "events": report.events, "checkpoints": report.checkpoints}
        typer.echo(json.dumps({"ok": not problems, **counts, "problems": problems}, ensure_ascii=False))
    else:
        for problem in problems:
            typer.echo(f"✗ {problem}")
        verdict = "✓ Íntegro" if not problems else f"✗ {len(problems)} problema(s)"
        typer.echo(
            f"{verdict}: {report.chains} cadeias, {report.events} eventos, {report.checkpoints} selos assinados."
        )
    if problems:
        raise typer.Exit(1)


@contextmanager
def _shown() -> Iterator[Callable[[str, int], None]]:
    """How far it is, on one line of a person's terminal, four times a second; nothing where the output is no terminal."""
    last = 0.0

    def tell(what: str, done: int) -> None:
        nonlocal last
        if sys.stderr.isatty() and time.monotonic() - last > 0.25:
            last = time.monotonic()
            number = f"{done:,}".replace(",", ".")
            sys.stderr.write(f"\r\x1b[KConferindo: {number} {what}")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
