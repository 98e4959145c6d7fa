"""At once: two attendants registering the same CPF, and a double click on issue."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import select

from people import operations, units
from people.models import Account
from people.persons import create_person
from tests.resilience.house import House, cpf
from webapp.cli.visit import Visit
from workflow import clock
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.database import transaction

pytestmark = pytest.mark.slow
PASSWORD = "uma frase comprida de teste"
DAYS = "/area-do-usuario/certificados-e-declaracoes"


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Every act in a thread of its own, let go together; what each gave, in the order of the acts."""
    barrier, given = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        barrier.wait()
        given[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def answer(visit: Visit, path: str, **fields: str) -> requests.Response:
    """A form's JSON answer, whatever its status."""
    return visit._http.post(
        visit._address(path), data={**fields, "csrf_token": visit._token}, headers={"Accept": "application/json"}, timeout=60
    )  # fmt: skip


def ready_to_finish(visit: Visit, faces: Path, name: str, digits: str) -> dict[str, Any]:
    """A draft in which only the last step is missing."""
    picture = (faces / "1.jpg").read_bytes()
    visit.get("/atendimento/")
    draft = visit.ask("/atendimento/cadastros")
    assert visit.ask(draft["face_url"], picture=picture)["accepted"]
    assert visit.ask(draft["document_url"], picture=picture)["accepted"]
    visit.ask(draft["details_url"], nome=name, cpf=digits)
    assert visit.look(draft["candidates_url"])["candidates"] == []
    return draft


def test_two_attendants_registering_the_same_CPF_at_once_make_one_person(house: House, faces_folder: Path) -> None:
    with house.inside(), transaction() as session:
        made = operations.create_staff_account(session, "atendente2", "Outra Atendente", PASSWORD, actor=SYSTEM)
        units.add_membership(session, made.id, "GRPC", "identificacao", actor=SYSTEM)
    one, two = house.staff("atendente"), Visit(house.url)
    two.sign_in("atendente2", PASSWORD)
    digits = cpf(811_111_111)
    folders = sorted((faces_folder / "known").iterdir())[:2]
    drafts = [
        ready_to_finish(visit, folder, name, digits)
        for visit, folder, name in ((one, folders[0], "Ana Um Teste"), (two, folders[1], "Bia Dois Teste"))
    ]
    answers = at_once(
        lambda: answer(one, drafts[0]["finish_url"]),
        lambda: answer(two, drafts[1]["finish_url"]),
    )
    assert sorted(each.status_code for each in answers) == [201, 409]
    assert house.one("SELECT count(*) FROM person WHERE cpf = %s", digits) == 1
    winner = next(each.json()["person"] for each in answers if each.status_code == 201)
    late, draft = (two, drafts[1]) if answers[0].status_code == 201 else (one, drafts[0])
    (seen,) = late.look(draft["candidates_url"])["candidates"]
    assert (seen["person"], "cpf" in seen["reasons"]) == (winner, True)
    assert late.ask(draft["candidates_url"], decisao="esta", pessoa=winner)["person"] == winner
    assert house.one("SELECT count(*) FROM person WHERE cpf = %s", digits) == 1


def test_double_click_on_issue_is_one_declaration(house: House) -> None:
    who = visitor_with_a_day(house, "dois-cliques@exemplo.com.br", cpf(822_222_222))
    visit = Visit(house.url)
    visit.sign_in("dois-cliques@exemplo.com.br", PASSWORD)
    day = house.wait("o dia", lambda: re.search(DAYS + r"/[0-9a-f-]{36}", visit.get(DAYS)))[0]
    visit.get(day)
    clicks = at_once(*[lambda: answer(visit, f"{day}/emitir").status_code for _ in range(6)])
    assert set(clicks) == {200}
    house.wait("a emissão", lambda: "declaracao.pdf" in visit.get(f"{day}/andamento"), 60)
    ours = "SELECT count(*), count(DISTINCT document_id) FROM declaration JOIN attendance a ON a.id = attendance_id WHERE person_id = %s"
    assert house.rows(ours, who) == [(1, 1)]
    assert house.one("SELECT count(*) FROM document WHERE owner_person_id = %s", who) == 1
    assert at_once(*[lambda: visit.download(f"{day}/declaracao.pdf") for _ in range(2)])[0][:5] == b"%PDF-"


def visitor_with_a_day(house: House, address: str, digits: str, day: date | None = None) -> UUID:
    """Somebody with a confirmed account, a proved CPF and one day of attendance."""
    with house.inside(), transaction() as session:
        who = create_person(session, "Visitante Dos Cliques", digits, verified=True)
        operations.open_account(session, address, PASSWORD)
        account = session.scalars(select(Account).where(Account.login == address)).one()
        account.confirmed_at, account.person_id = clock.now(), who.id
        data = {"pessoa_id": str(who.id), "dia": day or clock.today()}
        engine.deliver_message(
            session, "comparecimento_registrado", f"{who.id}:teste", data, message_id=f"teste:{who.id}", actor=SYSTEM
        )
        return who.id
