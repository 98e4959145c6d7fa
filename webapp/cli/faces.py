"""`carimbo faces`: calibrate, evaluate, accelerate."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from webapp.cli.installation import DataOption, data_folder

app = typer.Typer(help="Reconhecimento facial: calibrar, avaliar, acelerar.", no_args_is_help=True)

Folder = Annotated[
    Path,
    typer.Argument(metavar="PASTA", exists=True, file_okay=False, help="known/<nome>/*.jpg e strangers/<nome>/*.jpg"),
]
CALIBRATION = "calibration.json"
"""Limits of this installation, in the data folder; without the file, those that ship."""

AsJson = Annotated[bool, typer.Option("--json", help="Imprime um objeto JSON em vez da tabela.")]


@app.command()
def calibrate(
    folder: Folder,
    as_json: AsJson = False,
    save: Annotated[bool, typer.Option("--save", help="Passa a usar estes limites nesta instalação.")] = False,
    data: DataOption = None,
) -> None:
    """Calcula os limites a partir de fotografias e mostra FRR, FPIR e TPIR para 1:1 e 1:N."""
    from integrations.faces.calibrate import calibrate as measure

    with _folder_errors():
        report = measure(folder, progress=_progress)
    typer.echo(report.as_json() if as_json else report.as_table())
    if save:
        target = data_folder(data) / CALIBRATION
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(report.calibration.as_dict(), ensure_ascii=False, indent=1))
        typer.echo(f"Limites guardados em {target}; reinicie o servidor para que valham.", err=True)


@app.command()
def evaluate(folder: Folder, as_json: AsJson = False, data: DataOption = None) -> None:
    """Aplica os limites em vigor a fotografias nunca vistas: fotos 1 a 3 no cadastro, 4 a 6 na portaria."""
    from integrations.faces.calibration import SHIPPED, load
    from integrations.faces.evaluate import evaluate as run

    own = data_folder(data) / CALIBRATION
    with _folder_errors():
        evaluation = run(folder, load(own if own.exists() else SHIPPED), progress=_progress)
    typer.echo(evaluation.as_json() if as_json else evaluation.as_table())


@app.command()
def accelerate(data: DataOption = None) -> None:
    """Compila e guarda a dlib mais rápida (com OpenBLAS); demora cerca de 10 minutos e nunca é obrigatório."""
    from integrations.faces.accelerate import AccelerationFailed
    from integrations.faces.accelerate import accelerate as build

    try:
        result = build(data_folder(data) / "dlib", say=lambda text: typer.echo(text, err=True))
    except AccelerationFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"dlib com OpenBLAS em uso ({result.wheel.name}).")


@contextmanager
def _folder_errors() -> Iterator[None]:
    from integrations.faces.calibration import CalibrationInvalid
    from integrations.faces.corpus import FolderInvalid

    try:
        yield
    except (FolderInvalid, CalibrationInvalid) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done}/{total} fotografias", end=end, file=sys.stderr, flush=True)
