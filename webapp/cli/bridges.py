"""`carimbo bridges`: the gate bridges of an installation. Credentials are printed once, as the bridge's own settings."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from webapp.cli.installation import DataOption, domain_errors, installation

if TYPE_CHECKING:
    from processes.entrada.bridges import Credentials

app = typer.Typer(help="Pontes de portaria: listar, cadastrar, trocar a chave, desativar.", no_args_is_help=True)

Bridge = Annotated[UUID, typer.Argument(metavar="PONTE", help="Identificador da ponte (carimbo bridges list).")]

KEY = """[[keys]]
id = {key_id}
secret = {secret}
"""
SETTINGS = (
    """# Ponte do posto {name}. Contém segredos: só a conta que roda a ponte pode ler este arquivo (chmod 600).
server_url = {server_url}
bridge_id = {bridge_id}
gallery_secret = {gallery_secret}
post = {post}
data_dir = "/var/lib/carimbo-ponte"
listen = "127.0.0.1:8090"

"""
    + KEY
    + """
# Os equipamentos do posto: docs/gate.md.
# [[devices]]
# name = "camera-1"
# kind = "camera"
# source = "0"
"""
)
ENROLLED = (
    "Ponte cadastrada. Guarde o que saiu acima no arquivo de configuração: os segredos não são mostrados de novo."
)
ROTATED = (
    "Nova chave criada. Ponha o bloco acima antes da chave anterior no arquivo da ponte e reinicie a ponte; a anterior "
    "vale por mais 7 dias. O segredo não é mostrado de novo."
)


@app.command("list")
def list_bridges(data: DataOption = None) -> None:
    """Lista as pontes: identificador, posto, quando foi vista, eventos que ela ainda não enviou."""
    from processes.entrada.queries import bridges
    from webapp.shown import show_instant
    from workflow.database import transaction

    with installation(data), transaction() as session:
        for row in bridges(session):
            seen = f"vista em {show_instant(row.seen_at)}" if row.seen_at else "nunca vista"
            waiting = f", {row.spool} evento(s) a enviar" if row.spool else ""
            silent = f", sem sinal de {', '.join(row.silent)}" if row.silent else ""
            typer.echo(f"{row.id}  {row.post:<12} {'desativada' if row.disabled else f'{seen}{waiting}{silent}'}")


@app.command()
def enrol(
    post: Annotated[str, typer.Argument(metavar="POSTO", help="Código do posto, por exemplo PI-HALL.")],
    server_url: Annotated[
        str, typer.Option(help="Endereço do servidor, como a ponte o alcança; sem ele, CARIMBO_PUBLIC_URL.")
    ] = "",
    data: DataOption = None,
) -> None:
    """Cadastra uma ponte e escreve, uma só vez, a configuração dela em TOML na saída padrão."""
    from processes.entrada.operations import enrol_bridge
    from processes.entrada.posts import post_by_code
    from processes.entrada.queries import active_posts
    from workflow.actor import SYSTEM
    from workflow.database import transaction
    from workflow.errors import NotFound

    with installation(data) as settings:
        with domain_errors(), transaction() as session:
            known = {row.code: row for row in active_posts(session)}
            if post not in known:
                raise NotFound(f"Não há posto com o código {post}. Os que há: {', '.join(known) or 'nenhum'}.")
            made = enrol_bridge(session, post_by_code(session, post), actor=SYSTEM)
        typer.echo(as_settings(made, server_url or settings.public_url))
    typer.echo(ENROLLED, err=True)


@app.command()
def rotate(bridge: Bridge, data: DataOption = None) -> None:
    """Dá uma chave nova à ponte e escreve, uma só vez, o bloco dela em TOML na saída padrão."""
    from processes.entrada.operations import rotate_key
    from workflow.actor import SYSTEM
    from workflow.database import transaction

    with installation(data):
        with domain_errors(), transaction() as session:
            made = rotate_key(session, bridge, actor=SYSTEM)
        typer.echo(KEY.format(**quoted(made)))
    typer.echo(ROTATED, err=True)


@app.command()
def disable(
    bridge: Bridge,
    yes: Annotated[bool, typer.Option("--yes", help="Não pergunta antes.")] = False,
    data: DataOption = None,
) -> None:
    """Desativa uma ponte: nada do que ela enviar é aceito. Não pode ser desfeito; para voltar, cadastre outra."""
    from processes.entrada.operations import disable_bridge
    from workflow.actor import SYSTEM
    from workflow.database import transaction

    if not yes and not typer.confirm(f"Desativar a ponte {bridge}? O que ela ainda não enviou não será aceito"):
        raise typer.Exit(1)
    with installation(data), domain_errors(), transaction() as session:
        disable_bridge(session, bridge, actor=SYSTEM)
    typer.echo(f"Ponte {bridge} desativada.")


def as_settings(made: Credentials, server_url: str) -> str:
    """The bridge's settings file (docs/gate.md), ready to be kept."""
    return SETTINGS.format(name=made.post, server_url=json.dumps(server_url), **quoted(made))


def quoted(made: Credentials) -> dict[str, str]:
    """Each value as a TOML basic string; JSON's escapes are among TOML's."""
    return {name: json.dumps(str(value)) for name, value in asdict(made).items()}
