"""`carimbo audit verify`: the hash chains, their signed checkpoints, the cases and the stored documents."""

from __future__ import annotations

import json
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
    import people
    from documents.operations import verify_documents
    from webapp.upkeep import anchors, signature_checker
    from workflow import history
    from workflow.database import transaction

    with installation(data) as settings, transaction() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})  # one instant, while others write
        report = history.verify(session, signature_checker(people.settings().keyring), anchors(settings.data))
        problems = [f"{problem.where}: {problem.what}" for problem in report.problems]
        problems += verify_documents(session)
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
