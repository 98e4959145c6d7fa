"""People and days for the tests of the pages, made through the same operations as in the house."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from unittest import mock
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from documents import codes
from documents import operations as documents
from people import operations, passwords, queries, rules, sessions, terms, units
from people.models import Account
from people.persons import create_person
from webapp import security
from workflow import clock, jobs
from workflow import operations as workflow_operations
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.history import verify
from workflow.models import EventRow

Result = TypeVar("Result")
PASSWORD = "uma frase comprida"
NAMES = {"Maria": "Maria das Dores Ávila", "João": "João Batista de Almeida"}
CPFS = {"Maria": "52998224725", "João": "39053344705"}
UNITS = {"identificacao": "GRPC", "gpol": "GPOL", "seguranca": "GPOL", "cac": "CAC", "gabinete": "GAB-01"}


def staff(role: str, unit: str | None = None, login: str | None = None) -> str:
    """A servant with one role in one unit; the login."""
    sigla = unit or UNITS.get(role, "DIR")
    name = login or role
    with transaction() as session:
        units.create_unit(session, sigla, f"Unidade {sigla}", actor=SYSTEM)
        known = [row for row in queries.staff_accounts(session) if row.login == name]
        account_id = known[0].id if known else _new_staff(session, name)
        units.add_membership(session, account_id, sigla, role, actor=SYSTEM)
    return name


def _new_staff(session: Session, login: str) -> UUID:
    made = operations.create_staff_account(session, login, f"Servidora {login}", PASSWORD, actor=SYSTEM)
    return made.id


def citizen(email: str, *, proved: str = "") -> UUID:
    """A confirmed account of the Portal; with `proved` the person of that first name stands behind it."""
    with transaction() as session:
        operations.open_account(session, email, PASSWORD)
        account = session.scalars(select(Account).where(Account.login == email)).one()
        account.confirmed_at = clock.now()
        if proved:
            account.display_name = NAMES[proved]
            account.person_id = person(proved)
    return account.id


def external(email: str, name: str = "Vera Lúcia Alves") -> str:
    """A confirmed account of an external user; its login, which signs in where the e-mail does."""
    with transaction() as session:
        operations.open_external_account(session, email, PASSWORD, name, "12345678909", terms.VERSION)
        login = rules.external_login(email)
        account = session.scalars(select(Account).where(Account.login == login)).one()
        account.confirmed_at, account.display_name = clock.now(), name
        account.password_hash = passwords.hash_password(PASSWORD)
    return login


def person(who: str, *, verified: bool = True) -> UUID:
    """Somebody registered at the gate."""
    with transaction() as session:
        known = queries.person_by_cpf(session, CPFS[who])
        return known.id if known else create_person(session, NAMES[who], CPFS[who], verified=verified).id


def attend(person_id: UUID, day: date, database_url: str) -> None:
    """The person entered on that day: the day is listed for issue."""
    with transaction() as session:
        workflow_operations.deploy(session)
        workflow_operations.deliver_message(
            session,
            "comparecimento_registrado",
            f"{person_id}:{day.isoformat()}",
            {"pessoa_id": str(person_id), "dia": day},
            message_id=f"teste:{uuid4()}",
            actor=SYSTEM,
        )
    work(database_url)


def work(database_url: str) -> None:
    """A worker works off every job that waits, in a thread of its own (the browser's loop runs in this one)."""
    apart(jobs.run_worker, database_url, concurrency=1, wait=False, install_signal_handlers=False)


def apart(function: Callable[..., Result], *arguments: object, **named: object) -> Result:
    """Runs in a thread of its own what starts an event loop: in this one the browser's may be running."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(function, *arguments, **named).result(60)


def token_of(client: FlaskClient, path: str = "/entrar") -> str:
    """The CSRF token that a page of this client holds."""
    found = re.search(r'X-CSRFToken": "([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> None:
    """Signs the client in through the page."""
    answer = client.post("/entrar", data={"login": login, "password": password, "csrf_token": token_of(client)})
    assert answer.status_code == 302, answer.text


def enter(client: FlaskClient, login: str) -> None:
    """Signs the client in without the page, where signing in is not what is tested (argon2 is slow on purpose)."""
    with transaction() as session:
        account = session.query(Account).filter_by(login=login).one()
        client.set_cookie(security.COOKIE, sessions.open_session(session, account))


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    """A POST with this client's CSRF token."""
    return client.post(path, data={**data, "csrf_token": token_of(client, "/")})


def chain_is_whole() -> bool:
    """`carimbo audit verify` would pass."""
    with transaction() as session:
        return verify(session).ok


def actor_of(login: str) -> Actor:
    """The actor behind a login."""
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        return units.actor_of(session, account.id)


@dataclass(frozen=True)
class Issued:
    """A declaration of 24/11/2026: its id, its code as printed, the token of its QR, its bytes."""

    id: UUID
    code: str
    token: str
    content: bytes


def issued() -> Issued:
    """Maria's, made as the worker makes it; the token is noted on its way, because only its digest rests."""
    tokens = [codes.new_token()]
    fields: dict[str, str | date] = {"name": NAMES["Maria"], "cpf": CPFS["Maria"], "date": date(2026, 11, 24)}
    owner = person("Maria")
    with mock.patch.object(codes, "new_token", return_value=tokens[0]), transaction() as session:
        made = documents.issue(
            session, "declaracao_comparecimento", fields, case_id=None, owner_person_id=owner, actor=SYSTEM
        )
        return Issued(made.id, codes.formatted(made.code), tokens[0], documents.read_bytes(session, made.id))


def recorded(kind: str) -> int:
    """How many events of a kind there are."""
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(EventRow).where(EventRow.kind == kind)) or 0


def revoke(login: str) -> None:
    """Every session of the account ends now."""
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        operations.revoke_all(session, account.id, actor=SYSTEM)


def rows_with(session: Session, texts: list[str]) -> list[str]:
    """Every table whose rows, as text, still hold one of the texts."""
    tables = session.scalars(text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")).all()
    found = []
    for table in tables:
        query = text(f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE ANY (:texts)")  # a name of the catalogue
        if session.scalar(query, {"texts": [f"%{wanted}%" for wanted in texts]}):
            found.append(table)
    return found
