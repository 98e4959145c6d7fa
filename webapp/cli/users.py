"""`carimbo users`: staff accounts, their roles, their passwords."""

from __future__ import annotations

import secrets
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from webapp.cli.installation import DataOption, domain_errors, installation
from workflow.errors import NotFound

app = typer.Typer(help="Contas de servidores: listar, criar, papéis, senha, bloquear.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="Nome de usuário.")]


@app.command("list")
def list_users(data: DataOption = None) -> None:
    """Lista as contas de servidores com suas unidades e papéis."""
    from people.queries import staff_accounts
    from people.units import seats
    from workflow.database import transaction

    with installation(data), transaction() as session:
        for account in staff_accounts(session):
            held = "; ".join(f"{seat.unit}: {', '.join(sorted(seat.roles))}" for seat in seats(session, account.id))
            state = "bloqueada" if account.disabled_at else held or "sem papel"
            typer.echo(f"{account.login:<16} {account.display_name:<30} {state}")


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Argument(help="Nome da pessoa, como ela o escreve.")],
    unit: Annotated[str, typer.Option(help="Sigla da unidade.")],
    role: Annotated[str, typer.Option(help="Papel na unidade (carimbo users roles).")],
    unit_name: Annotated[
        str | None, typer.Option(help="Nome da unidade, para criá-la agora: a primeira da casa não tem tela.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Cria uma conta de servidor e mostra a senha provisória."""
    from people.operations import add_membership, create_staff_account, create_unit
    from workflow.actor import SYSTEM
    from workflow.database import transaction

    password = secrets.token_urlsafe(12)
    with installation(data), domain_errors(), transaction() as session:
        if unit_name:
            create_unit(session, unit, unit_name, actor=SYSTEM)
        account = create_staff_account(session, login, name, password, actor=SYSTEM)
        add_membership(session, account.id, unit, role, actor=SYSTEM)
    typer.echo(f"Conta {login} criada. Senha provisória: {password}")


@app.command()
def grant(
    login: Login,
    unit: Annotated[str, typer.Option(help="Sigla da unidade.")],
    role: Annotated[str, typer.Option(help="Papel na unidade.")],
    data: DataOption = None,
) -> None:
    """Dá mais um papel a uma conta."""
    from people.operations import add_membership
    from workflow.actor import SYSTEM
    from workflow.database import transaction

    with installation(data), domain_errors(), transaction() as session:
        add_membership(session, _account_id(session, login), unit, role, actor=SYSTEM)
    typer.echo(f"{login} agora é {role} em {unit}.")


@app.command()
def disable(login: Login, data: DataOption = None) -> None:
    """Bloqueia uma conta e encerra suas sessões."""
    from people.operations import disable_account
    from workflow.actor import SYSTEM
    from workflow.database import transaction

    with installation(data), domain_errors(), transaction() as session:
        disable_account(session, _account_id(session, login), actor=SYSTEM)
    typer.echo(f"Conta {login} bloqueada; sessões encerradas.")


@app.command("reset-second-factor")
def reset_second_factor(login: Login, data: DataOption = None) -> None:
    """Remove a verificação em duas etapas de quem perdeu celular e códigos; as sessões da conta terminam."""
    from people.operations import revoke_all
    from people.second_factor import drop
    from workflow.actor import SYSTEM
    from workflow.database import transaction

    with installation(data), domain_errors(), transaction() as session:
        account_id = _account_id(session, login)
        drop(session, account_id, actor=SYSTEM)
        revoke_all(session, account_id, actor=SYSTEM)
    typer.echo(f"Verificação em duas etapas de {login} removida; sessões encerradas.")


@app.command()
def roles() -> None:
    """Lista os papéis que existem."""
    from people.roles import ROLES

    for key, title in ROLES.items():
        typer.echo(f"{key:<14} {title}")


def _account_id(session: Session, login: str) -> UUID:
    from people.queries import staff_accounts

    for account in staff_accounts(session):
        if account.login == login:
            return account.id
    raise NotFound(f"Não há conta de servidor {login}. Veja as que há com: carimbo users list")
