"""`carimbo backup` and `carimbo restore`: one file holds the database and everything else of the data folder.

The file holds the keys too: keep it as one keeps the keys.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import typer

from integrations.postgres import wheel_binaries
from webapp.cli.installation import DataOption, data_folder, make_data_folder, must_exist, open_database

# Of the data folder, what a backup leaves out: the cluster itself (dumped instead), copies of binaries, what is derived.
LEFT_OUT = ("postgres", "pginstall", ".initdb", "logs", "amostras")
DUMP = "database.dump"


def backup(file: Path, data: DataOption = None) -> None:
    """Guarda o banco e os arquivos desta instalação em um só ARQUIVO (.tar.gz), que contém também as chaves."""
    folder = data_folder(data)
    must_exist(folder)
    server = open_database(folder)
    partial = file.with_name(file.name + ".partial")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            dump = Path(scratch) / DUMP
            _postgres_tool("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", os.environ["DATABASE_URL"])
            opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(opened, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
                archive.add(dump, DUMP)
                for entry in sorted(folder.iterdir()):
                    if not entry.name.startswith(LEFT_OUT):
                        archive.add(entry, f"data/{entry.name}")
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)
        if server is not None:
            server.stop()
    typer.echo(f"Cópia guardada em {file} ({file.stat().st_size / 1e6:.1f} MB). Ela contém as chaves: proteja-a.")


def restore(file: Path, data: DataOption = None) -> None:
    """Recupera uma cópia feita por `carimbo backup` em uma pasta de dados nova (ou vazia)."""
    folder = data_folder(data)
    if folder.exists() and any(folder.iterdir()):
        typer.echo(f"A pasta {folder} não está vazia. Escolha outra com --data; nada foi mudado.", err=True)
        raise typer.Exit(1)
    try:
        with tarfile.open(file, "r:gz") as archive, tempfile.TemporaryDirectory() as scratch:
            archive.extractall(scratch, members=_harmless(archive))  # noqa: S202 - each member was looked at
            make_data_folder(folder)
            for entry in (Path(scratch) / "data").iterdir():
                subprocess.run(["cp", "-a", str(entry), str(folder / entry.name)], check=True)
            _restore_database(folder, Path(scratch) / DUMP)
    except (tarfile.TarError, OSError, KeyError) as error:
        typer.echo(f"{file} não é uma cópia que se possa recuperar: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Instalação recuperada em {folder}. Confira com: carimbo audit verify --data {folder}")


def _harmless(archive: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """The archive's members; refuses one that would leave the folder or is neither file nor folder."""
    members = archive.getmembers()
    for member in members:
        path = Path(member.name)
        if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"entrada inesperada: {member.name}")
    return members


def _restore_database(folder: Path, dump: Path) -> None:
    server = open_database(folder)
    try:
        _postgres_tool(
            "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={os.environ['DATABASE_URL']}", str(dump)
        )
    finally:
        if server is not None:
            server.stop()


def _postgres_tool(name: str, *arguments: str) -> None:
    done = subprocess.run([str(wheel_binaries() / "bin" / name), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        typer.echo(f"{name} falhou: {done.stderr.strip()}", err=True)
        raise typer.Exit(1)
