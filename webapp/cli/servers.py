"""`carimbo serve`, `carimbo worker`, `carimbo migrate`: the processes of an installation, one command each."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from webapp.cli import basics
from webapp.cli.installation import DataOption, installation, update


def migrate(data: DataOption = None) -> None:
    """Cria ou atualiza as tabelas, publica os diagramas e instala os tipos de processo e de documento."""
    from workflow import operations
    from workflow.database import transaction

    with installation(data, new=True) as settings:
        update(settings.database_url)
        with transaction() as session:
            versions = operations.deploy(session)
            basics.install(session)
    typer.echo(f"Banco atualizado; {len(versions)} diagrama(s) publicado(s).")


def serve(
    data: DataOption = None,
    host: Annotated[str, typer.Option(help="Endereço em que o servidor escuta.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Porta; 0 escolhe uma livre.")] = 8000,
    threads: Annotated[int, typer.Option(help="Pedidos atendidos ao mesmo tempo.")] = 12,
) -> None:
    """Inicia o servidor web."""
    import waitress

    from webapp import create_app
    from workflow import database
    from workflow.database_watch import DatabaseWatch

    with installation(data) as settings:
        app = create_app(settings)
        DatabaseWatch(settings.database_url, database.engine()).start()
        server = waitress.create_server(
            app, host=host, port=port, threads=threads, ident=None,
            max_request_body_size=64 * 1024 * 1024, channel_timeout=60, connection_limit=400, asyncore_use_poll=True,
        )  # fmt: skip
        typer.echo(f"Carimbo em http://{server.effective_host}:{server.effective_port}")
        try:
            server.run()
        except (KeyboardInterrupt, SystemExit):
            server.close()


def worker(
    data: DataOption = None,
    concurrency: Annotated[int, typer.Option(help="Trabalhos ao mesmo tempo neste processo.")] = 2,
) -> None:
    """Inicia um trabalhador: documentos, mensagens, prazos e tudo o que não cabe em um pedido da web."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import webapp.upkeep  # noqa: F401 - registers its jobs
    from workflow import jobs

    with installation(data) as settings:
        jobs.run_worker(settings.database_url, concurrency=concurrency)
