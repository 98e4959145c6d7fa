"""`carimbo demo --scale N`: a database filled by seeded generators. N=1: a million tasks and a million documents."""

from __future__ import annotations

import time

import typer

TASKS = DOCUMENTS = 1_000_000
SEED = 2716


def fill(scale: float) -> None:
    """Fill the database in force; each half is one transaction, so that a cut leaves nothing by halves."""
    from people import queries as people
    from webapp.cli.scale_texts import fill_texts
    from webapp.cli.scale_work import COLLEAGUES, fill_work
    from workflow.database import transaction

    with transaction() as session:
        there = any(row.login == "escala00" for row in people.staff_accounts(session))
    if there:
        typer.echo("Esta instalação já foi preenchida: uma vez só.", err=True)
        raise typer.Exit(1)
    begun = time.monotonic()
    with transaction() as session:
        made = fill_work(session, max(int(TASKS * scale), 10), SEED)
    typer.echo(
        f"{made.tasks} tarefas, {made.open_here} abertas na GRI; {made.dossiers} processos, {made.dossiers_here} abertos"
        f" na GRI; {len(COLLEAGUES)} colegas ({time.monotonic() - begun:.0f} s)."
    )
    begun = time.monotonic()
    with transaction() as session:
        documents = max(int(DOCUMENTS * scale), 10)
        with typer.progressbar(length=documents, label="Documentos") as bar:
            dossiers = fill_texts(session, documents, SEED, told=lambda written: bar.update(written - bar.pos))
    typer.echo(f"{documents} documentos em {dossiers} processos ({time.monotonic() - begun:.0f} s).")
