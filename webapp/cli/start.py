"""`carimbo start` (what ./run calls): the whole installation on this machine, with a demonstration inside."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from webapp.cli.installation import ROOT, DataOption, data_folder, make_data_folder, open_database
from webapp.cli.supervisor import Child, Supervisor
from workflow import clock

if TYPE_CHECKING:
    from webapp.cli.demo import Demonstration


@dataclass(frozen=True)
class Plan:
    """What to start: the data folder, the addresses, the shift of the legal clock."""

    data: Path
    host: str
    port: int
    offset: timedelta

    @property
    def url(self) -> str:
        """The address that people on this machine open."""
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"  # noqa: S104 - compared

    def environment(self) -> dict[str, str]:
        """The environment of every process of this installation."""
        return {
            **os.environ,
            "CARIMBO_DATA": str(self.data),
            "CARIMBO_PUBLIC_URL": os.environ.get("CARIMBO_PUBLIC_URL", self.url),
            "CARIMBO_CLOCK_OFFSET": str(self.offset.total_seconds()),
            "CARIMBO_DEMONSTRATION": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }


def start(
    data: DataOption = None,
    host: Annotated[str, typer.Option(help="Endereço em que o servidor web escuta.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Porta do servidor web; sem ela, 8000 ou a primeira livre depois.")
    ] = 0,
    at: Annotated[
        str | None, typer.Option(metavar="AAAA-MM-DDTHH:MM", help="Desloca o relógio legal da demonstração.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Faz o trabalho principal sem ninguém e termina.")] = False,
    photo: Annotated[
        list[Path] | None, typer.Option(help="Fotografia para o cadastro (repetível; com --once).")
    ] = None,
    frame: Annotated[list[Path] | None, typer.Option(help="Imagem diante da câmera (repetível; com --once).")] = None,
    stranger: Annotated[Path | None, typer.Option(help="Fotografia de outra pessoa (com --once).")] = None,
) -> None:
    """Inicia tudo nesta máquina: banco, servidor web, trabalhador e uma ponte de portaria, com dados de demonstração."""
    if once:
        from webapp.cli.once import once as run_once

        raise typer.Exit(run_once(data, at=at, photos=photo or [], frames=frame or [], stranger=stranger))
    if photo or frame or stranger:
        raise typer.BadParameter("--photo, --frame e --stranger valem só com --once.")
    if port and not is_free(host, port):
        typer.echo(
            f"A porta {port} já está em uso. Escolha outra com --port, ou nenhuma: serve a primeira livre.", err=True
        )
        raise typer.Exit(1)
    plan = Plan(data_folder(data), host, port or free_port(8000), offset_of(at))
    try:
        supervisor, demonstration = bring_up(plan)
    except RuntimeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    try:
        typer.echo(demonstration.text(plan))
        supervisor.run()
    finally:
        supervisor.stop()


def bring_up(plan: Plan) -> tuple[Supervisor, Demonstration]:
    """Database, migration, demonstration, web server, worker, bridge: all of it up and answering."""
    from webapp.cli.demo import seed

    make_data_folder(plan.data)
    os.environ.update({key: value for key, value in plan.environment().items() if key.startswith("CARIMBO_")})
    held = hold(plan.data)
    supervisor = Supervisor(plan.data, open_database(plan.data), {"url": plan.url}, held=held)
    try:
        demonstration = seed(plan.data, plan.url)
        environment = plan.environment()
        command = [sys.executable, str(ROOT / ".venv" / "bin" / "carimbo")]
        web = [*command, "serve", "--host", plan.host, "--port", str(plan.port)]
        supervisor.add(Child("web", web, environment, lambda: answers(f"{plan.url}/readyz")))
        supervisor.add(Child("worker", [*command, "worker"], environment))
        bridge = [sys.executable, "-m", "gate_bridge", "--config", str(demonstration.bridge_config)]
        at_root = {**environment, "PYTHONPATH": str(ROOT)}
        supervisor.add(Child("bridge", bridge, at_root, lambda: answers(f"{demonstration.keypad_url}/healthz")))
        supervisor.wait_ready()
    except BaseException:
        supervisor.stop()
        raise
    return supervisor, demonstration


def hold(folder: Path) -> TextIO:
    """The one start of a data folder holds it; a second one learns the address of the first, by RuntimeError."""
    (folder / "logs").mkdir(exist_ok=True)
    held = open(folder / "logs" / "start.lock", "w", encoding="utf-8")  # noqa: SIM115 - closed by the supervisor
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        running = folder / "running.json"
        where = json.loads(running.read_text()).get("url", "") if running.exists() else ""
        raise RuntimeError(
            f"Carimbo já está no ar com a pasta {folder}{where and ': ' + where}\n"
            "Encerre-o com Ctrl+C onde ele foi iniciado, ou indique outra pasta com --data."
        ) from None
    return held


def answers(url: str) -> bool:
    """True when the address answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except OSError:
        return False


def free_port(wanted: int) -> int:
    """The wanted port, or the first free one after it."""
    for port in range(wanted, wanted + 200):
        if is_free("127.0.0.1", port):
            return port
    raise typer.BadParameter(f"Nenhuma porta livre entre {wanted} e {wanted + 199}.")


def is_free(host: str, port: int) -> bool:
    """True when nobody listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def offset_of(at: str | None) -> timedelta:
    """How far the legal clock is shifted so that it reads `at` (local time) now."""
    if at is None:
        return timedelta(0)
    try:
        wanted = datetime.fromisoformat(at)
    except ValueError as error:
        raise typer.BadParameter("Use --at AAAA-MM-DDTHH:MM, por exemplo 2026-11-24T10:00.") from error
    return wanted.replace(tzinfo=wanted.tzinfo or clock.TZ) - clock.real_now()


def line(**values: object) -> None:
    """One JSON object on one line of standard output."""
    print(json.dumps(values, ensure_ascii=False, default=str), flush=True)
