"""`carimbo keys`: the keyring that protects people's data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from webapp.cli.installation import DataOption, data_folder

if TYPE_CHECKING:
    from people.keyring import Keyring

app = typer.Typer(help="Chaveiro: listar as chaves, trocar a chave mestra.", no_args_is_help=True)

WHOLE = (
    "O chaveiro desta instalação vem inteiro da variável CARIMBO_KEYRING, e este comando não a altera. Grave o chaveiro "
    "em keys/keyring.json (modo 600) em uma pasta de dados, rode o comando sem a variável e guarde o novo conteúdo nela."
)
ROTATED = """Chave mestra {key} criada; é a que passa a valer. As anteriores continuam abrindo o que selaram.

Agora:
  1. Reinicie o servidor web e os trabalhadores: até lá eles ainda selam com a chave anterior.
  2. Faça nova cópia de segurança do chaveiro: sem {key}, o que ela selar não se abre.

As chaves dos dados de cada pessoa são recifradas com {key} por um trabalho de hora em hora."""


@app.command("list")
def list_keys(data: DataOption = None) -> None:
    """Lista os identificadores das chaves mestras e das chaves de assinatura; nunca mostra uma chave."""
    keyring = _keyring(data)
    for key in keyring.master_ids:
        typer.echo(f"{key:<10} chave mestra{', em uso' if key == keyring.current else ''}")
    for name in keyring.signing_names:
        typer.echo(f"{name:<10} chave de assinatura")


@app.command()
def rotate(data: DataOption = None) -> None:
    """Cria uma chave mestra e passa a usá-la. Depois, reinicie os processos em execução."""
    if os.environ.get("CARIMBO_KEYRING"):
        _refuse(WHOLE)
    typer.echo(ROTATED.format(key=_keyring(data).rotate()))


def _keyring(data: Path | None) -> Keyring:
    """The keyring of the installation; one that is not there is not made."""
    from people.keyring import Keyring, KeyringError

    whole, folder = os.environ.get("CARIMBO_KEYRING"), data_folder(data) / "keys"
    try:
        if whole:
            return Keyring.from_json(whole)
        if not (folder / "keyring.json").exists():
            _refuse(f"Não há chaveiro em {folder}. Informe a pasta dos dados com --data.")
        return Keyring.open(folder)
    except KeyringError as error:
        _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
