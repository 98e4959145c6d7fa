"""The demonstration: units, one person in each role with a printed password, posts, calendar, an enrolled bridge.

What it made is kept in `demonstracao.json` of the data folder (mode 0600), so that a later start prints the same.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.orm import Session

from webapp.cli import basics, demo_work
from webapp.cli.installation import DataOption, data_folder, installation, update
from webapp.cli.scale import fill

if TYPE_CHECKING:
    from webapp.cli.start import Plan

ORGAN = ("ALMG", "0100", "Assembleia Legislativa do Estado de Minas Gerais")
# sigla: name, code in the number of the processo, unit above it; those above come first
UNITS: dict[str, tuple[str, str, str | None]] = {
    "DIR": ("Diretoria-Geral", "01", None),
    "GRPC": ("Gerência-Geral de Relações Públicas e Cerimonial", "02", None),
    "GRI": ("Gerência de Relações Institucionais", "03", "GRPC"),
    "GPOL": ("Gerência-Geral de Polícia Legislativa", "04", None),
    "CAC": ("Centro de Atendimento ao Cidadão", "05", None),
    "GAB-01": ("Gabinete 01", "06", None),
}
# login, name, unit, role, what the person shows in a demonstration
PEOPLE = (
    ("atendente", "Alice Nogueira", "GRPC", "identificacao", "cadastro e conferência de visitantes"),
    ("policial", "Bruno Tavares", "GPOL", "gpol", "casos da Polícia Legislativa"),
    ("cac", "Célia Prado", "CAC", "cac", "comprovação de CPF e emissão no balcão"),
    ("gestora", "Denise Rocha", "DIR", "gestor", "tarefas, processos, diagramas, incidentes"),
    ("gabinete", "Eduardo Lima", "GAB-01", "gabinete", "a quem a emissão é vedada (art. 9º, § 2º)"),
    ("admin", "Fátima Moreira", "DIR", "admin", "administração"),
    ("redatora", "Gabriela Santos", "GRI", "servidor", "processos eletrônicos e ofícios às câmaras"),
    ("chefe", "Heitor Campos", "GRI", "chefia", "aprovação e assinatura na GRI"),
    ("diretora", "Irene Duarte", "GRPC", "chefia", "assinatura na GRPC, blocos, substituição"),
    ("protocolo", "Jorge Vilela", "DIR", "protocolo", "autenticação de documentos digitalizados"),
)
POST = "PI-HALL"
KEPT = "demonstracao.json"


@dataclass(frozen=True)
class Demonstration:
    """What a start needs to know of the demonstration."""

    passwords: dict[str, str]
    bridge_config: Path
    frames: Path
    keypad_url: str
    live_url: str

    def text(self, plan: Plan) -> str:
        """Addresses and people, to print when everything is up."""
        reading = "" if not plan.offset else f"\n  Relógio legal deslocado: agora são {_now()}."
        rows = "\n".join(
            f"    {login:<10} {self.passwords[login]:<18} {name} ({unit}): {shows}"
            for login, name, unit, _, shows in PEOPLE
        )
        return (
            f"\nCarimbo está no ar.{reading}\n\n"
            f"  Portal e área do usuário   {plan.url}\n"
            f"  Servidores                 {plan.url}/entrar\n"
            f"  Validação de documentos    {plan.url}/validaDocumento\n"
            f"  Teclado da portaria        {self.keypad_url}\n"
            f"  Câmera da portaria         {self.live_url} (só nesta máquina)\n"
            f"  Imagens para a câmera      {self.frames}\n"
            f"  Dados e registros          {plan.data}\n\n"
            f"  Usuário    Senha              Quem\n{rows}\n\n"
            "  Ctrl+C encerra.\n"
        )


def seed(data: Path, server_url: str) -> Demonstration:
    """Migrate, publish the diagrams and make the demonstration; whatever is there already stays as it is."""
    from processes.entrada.operations import enrol_bridge, install_posts
    from processes.entrada.posts import post_by_code
    from webapp import wiring
    from webapp.settings import Settings
    from workflow import operations
    from workflow.calendar import declare_day
    from workflow.database import transaction

    settings = Settings.from_environment()
    update(settings.database_url)
    wiring.wire(settings)
    kept = _kept(data)
    with transaction() as session:
        operations.deploy(session)
        basics.install(session)
        if not kept:
            kept = {"passwords": _people(session)}
            install_posts(session)
            declare_day(session, date(2026, 12, 24), business=False, reason="Ponto facultativo (demonstração)")
            credentials = enrol_bridge(session, post_by_code(session, POST))
            kept["bridge"] = {key: str(value) for key, value in asdict(credentials).items()}
            demo_work.begin(session)
    _keep(data, kept)
    return _bridge_files(data, server_url, kept)


def demo(
    data: DataOption = None,
    scale: Annotated[
        float,
        typer.Option(
            min=0,
            help="Enche o banco para medidas: 1 traz um milhão de tarefas e um milhão de documentos (leva minutos)."
            " Esses documentos não têm registro de atos: `carimbo audit verify` os aponta.",
        ),
    ] = 0,
) -> None:
    """Cria os dados de demonstração em uma instalação e mostra usuários e senhas."""
    folder = data_folder(data)
    with installation(data, new=True):
        made = seed(folder, os.environ.get("CARIMBO_PUBLIC_URL", "http://127.0.0.1:8000"))
        if scale:
            fill(scale)
    for login, name, unit, _, shows in PEOPLE:
        typer.echo(f"{login:<10} {made.passwords[login]:<18} {name} ({unit}): {shows}")
    typer.echo(f"Configuração da ponte de portaria: {made.bridge_config}")


def _people(session: Session) -> dict[str, str]:
    from people.operations import add_membership, create_organ, create_staff_account, create_unit
    from workflow.actor import SYSTEM

    organ = create_organ(session, *ORGAN, actor=SYSTEM)
    for sigla, (name, code, parent) in UNITS.items():
        create_unit(session, sigla, name, actor=SYSTEM, code=code, organ=organ.sigla, parent=parent)
    passwords = {}
    for login, name, unit, role, _ in PEOPLE:
        passwords[login] = f"{login}-{secrets.token_hex(4)}"
        account = create_staff_account(session, login, name, passwords[login], actor=SYSTEM)
        add_membership(session, account.id, unit, role, actor=SYSTEM)
    return passwords


def _bridge_files(data: Path, server_url: str, kept: dict[str, dict[str, str]]) -> Demonstration:
    from webapp.cli.start import free_port

    folder = data / "ponte"
    frames = folder / "imagens"
    for made in (folder, frames):
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
    for shown_before in frames.iterdir():
        shown_before.unlink()
    keypad = free_port(8100)
    live = free_port(keypad + 1)
    credentials = kept["bridge"]
    text = f"""# Ponte da demonstração; escrita a cada início.
server_url = {json.dumps(server_url)}
bridge_id = {json.dumps(credentials["bridge_id"])}
gallery_secret = {json.dumps(credentials["gallery_secret"])}
data_dir = {json.dumps(str(folder))}
post = {json.dumps(credentials["post"])}
listen = "127.0.0.1:{keypad}"
live = "127.0.0.1:{live}"
sync_s = 1

[[keys]]
id = {json.dumps(credentials["key_id"])}
secret = {json.dumps(credentials["secret"])}

[[devices]]
name = "camera-1"
kind = "camera"
source = {json.dumps(str(frames))}
"""
    config = folder / "ponte.toml"
    _write_private(config, text)
    return Demonstration(
        kept["passwords"], config, frames, f"http://127.0.0.1:{keypad}", f"http://127.0.0.1:{live}"
    )  # fmt: skip


def _kept(data: Path) -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads((data / KEPT).read_text())
    except FileNotFoundError:
        return {}
    return found


def _keep(data: Path, kept: dict[str, dict[str, str]]) -> None:
    _write_private(data / KEPT, json.dumps(kept, indent=1))


def _write_private(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    partial.rename(path)


def _now() -> str:
    from workflow import clock

    local: datetime = clock.local(clock.now())
    return local.strftime("%d/%m/%Y %Hh%M")
