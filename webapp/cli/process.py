"""`carimbo process`: what processes there are, whether their diagrams hold, and the diagrams themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import processes
from workflow.process import Process, registered

app = typer.Typer(help="Processos: listar, conferir e exportar diagramas.", no_args_is_help=True)


@app.command("list")
def list_processes() -> None:
    """Lista os processos com título e fundamento legal."""
    for process in _registered():
        typer.echo(f"{process.key:<28} {process.title}\n{'':<28} {process.legal_basis}")


@app.command()
def check(
    keys: Annotated[list[str] | None, typer.Argument(metavar="[PROCESSO]...", help="Sem nenhum, todos.")] = None,
) -> None:
    """Confere os diagramas: o que o motor não aceita e o que o desenho e o código não dizem igual."""
    from workflow import checks

    chosen = [process for process in _registered() if not keys or process.key in keys]
    unknown = set(keys or ()) - {process.key for process in chosen}
    if unknown:
        typer.echo(f"Não há processo {', '.join(sorted(unknown))}. Veja: carimbo process list", err=True)
        raise typer.Exit(1)
    failed = False
    for process in chosen:
        findings = checks.check(process)
        failed = failed or bool(findings)
        typer.echo(f"{'✗' if findings else '✓'} {process.key}")
        for finding in findings:
            typer.echo(f"    {finding}")
    if failed:
        raise typer.Exit(1)


@app.command()
def diagram(
    key: Annotated[str, typer.Argument(metavar="PROCESSO")],
    to: Annotated[Path | None, typer.Option(help="Arquivo a escrever; sem ele, a saída padrão.")] = None,
) -> None:
    """Escreve o diagrama BPMN de um processo, que qualquer editor BPMN abre."""
    for process in _registered():
        if process.key == key:
            text = process.sources()[process.files[0]].decode()
            if to is None:
                typer.echo(text)
            else:
                to.write_text(text)
            return
    typer.echo(f"Não há processo {key}. Veja: carimbo process list", err=True)
    raise typer.Exit(1)


def _registered() -> list[Process]:
    processes.discover()
    return list(registered())
