"""The CAC takes back what was wrong: a declaration cancelled with its reason (D6), an entry of somebody else (DE12)."""

from __future__ import annotations

import email
import re
from datetime import date, datetime
from email.policy import default
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from processes.declaracao_comparecimento import operations
from processes.declaracao_comparecimento.queries import attendances_of
from processes.entrada import operations as gates
from processes.entrada.queries import entries_of
from tests.webapp import scenario
from workflow import clock
from workflow import operations as engine
from workflow.actor import Actor
from workflow.database import transaction

DAY = date(2026, 11, 24)
AREA = "/area-do-usuario/certificados-e-declaracoes"
REASON = "Nome escrito com erro"
ATTENDANT = Actor("account", uuid4(), None, frozenset({"identificacao"}), "GRPC")
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _tuesday_at_ten(app: Flask) -> None:
    at(10)


def at(hour: int) -> None:
    clock.configure(datetime(2026, 11, 24, hour, 0, tzinfo=clock.TZ) - clock.real_now())


@pytest.fixture
def maria(app: Flask, database_url: str) -> UUID:
    """Maria has an account and entered today; her declaration was issued."""
    scenario.citizen("maria@example.org", proved="Maria")
    comes_in("Maria", database_url)
    issue_again("maria@example.org", database_url)
    return scenario.person("Maria")


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return signed_in(app, scenario.staff("cac"))


def comes_in(who: str, database_url: str) -> None:
    """The attendant of the gate lets the person in: event, case, entry, day listed."""
    with transaction() as session:
        engine.deploy(session)
        post = gates.install_posts(session)[0]
        gates.enter_at_desk(session, ATTENDANT, post.id, scenario.person(who))
    scenario.work(database_url)


def signed_in(app: Flask, login: str) -> FlaskClient:
    client = app.test_client()
    scenario.sign_in(client, login)
    return client


def issue_again(login: str, database_url: str) -> None:
    """The person asks on the Portal and the worker makes it."""
    who = scenario.actor_of(login)
    with transaction() as session:
        assert who.person_id is not None
        (row,) = attendances_of(session, who.person_id)
        operations.request_issue_portal(session, who, row.id)
    scenario.work(database_url)


def standing(person: UUID) -> tuple[str, str]:
    """The address that cancels the declaration in force, and its code as printed."""
    with transaction() as session:
        (row,) = attendances_of(session, person)
    assert row.code is not None
    return f"/cac/declaracoes/{row.declaration_id}/cancelar", "-".join(re.findall("....", row.code))


def entry_path(person: UUID) -> str:
    """Where the person's one entry of today is corrected."""
    with transaction() as session:
        (entry,) = entries_of(session, person)
    return f"/cac/pessoa/{person}/{DAY}/entradas/{entry.id}"


def mails(folder: Path) -> dict[str, str]:
    """Subject by recipient of the messages about a day of attendance; those of the sign-up left out."""
    found = [email.message_from_bytes(file.read_bytes(), policy=default) for file in (folder / "correio").glob("*.eml")]
    return {str(one["To"]): str(one["Subject"]) for one in found if "comparecimento" in str(one["Subject"])}


def validated(client: FlaskClient, code: str) -> str:
    return re.sub(r"\s+", " ", client.get(f"/validaDocumento?codigo={code}").text)


def test_D6_a_declaration_is_cancelled_after_a_review_and_another_is_issued(
    app: Flask, desk: FlaskClient, maria: UUID, database_url: str
) -> None:
    path, code = standing(maria)
    assert path in desk.get(f"/cac/pessoa/{maria}/{DAY}").text
    assert code in desk.get(f"/cac/pessoa/{maria}/{DAY}").text
    review = scenario.post(desk, path, reason=f"  {REASON}. ", step="review")
    assert review.status_code == 200
    assert "Confira antes de cancelar" in review.text
    assert f'value="{REASON}"' in review.text
    assert "AUTÊNTICO" in validated(desk, code), "nothing happens before the review"
    back = scenario.post(desk, path, reason=REASON, step="change")
    assert f">\r\n{REASON}</textarea>" in back.text or f">{REASON}</textarea>" in back.text
    done = scenario.post(desk, path, reason=REASON, step="do")
    assert (done.status_code, done.location) == (303, f"/cac/pessoa/{maria}/{DAY}")
    day = desk.get(done.location).text
    assert f"Motivo: {REASON}." in day
    assert "Emitir declaração" in day
    answer = validated(app.test_client(), code)
    assert "CANCELADO" in answer
    assert f"foi cancelado em 24/11/2026 e não vale mais. Motivo: {REASON}." in answer
    assert scenario.post(desk, path, reason=REASON, step="do").status_code == 409
    citizen = signed_in(app, "maria@example.org")
    listed = citizen.get(AREA).text
    for words in ("Declaração cancelada", "Você pode emitir outra", code, REASON):
        assert words in listed
    issue_again("maria@example.org", database_url)
    _, new = standing(maria)
    assert new != code
    assert "AUTÊNTICO" in validated(citizen, new)
    assert code in citizen.get(AREA).text, "the cancelled one stays listed"
    assert scenario.chain_is_whole()


@pytest.mark.parametrize(
    "reason", ["", "  ", "ab", "x" * 201, "o CPF 529.982.247-25 está errado", "pediu maria@example.org"]
)
def test_D6_a_reason_is_short_and_names_nobody(desk: FlaskClient, maria: UUID, reason: str) -> None:
    path, code = standing(maria)
    for step in ("review", "do"):
        refused = scenario.post(desk, path, reason=reason, step=step)
        assert refused.status_code == 422
        assert 'href="#reason"' in refused.text
    assert "AUTÊNTICO" in validated(desk, code)


def test_D6_a_declaration_still_being_made_is_not_cancelled(desk: FlaskClient, database_url: str) -> None:
    scenario.citizen("maria@example.org", proved="Maria")
    comes_in("Maria", database_url)
    who, person = scenario.actor_of("maria@example.org"), scenario.person("Maria")
    with transaction() as session:
        asked = operations.request_issue_portal(session, who, attendances_of(session, person)[0].id)
    assert desk.get(f"/cac/declaracoes/{asked.id}/cancelar").status_code == 409
    assert desk.get(f"/cac/declaracoes/{person}/cancelar").status_code == 404


def test_DE12_an_entry_goes_to_whom_it_belonged_and_both_are_told(
    app: Flask, desk: FlaskClient, maria: UUID, database_url: str, tmp_path: Path
) -> None:
    scenario.citizen("joao@example.org", proved="João")
    joao = scenario.person("João")
    _, code = standing(maria)
    path = entry_path(maria)
    assert path in desk.get(f"/cac/pessoa/{maria}/{DAY}").text
    found = scenario.post(desk, path, q="João")
    assert f"{scenario.NAMES['João']}, CPF ***.533.447-**" in found.text
    chosen = {"q": "João", "right_person": str(joao), "explanation": "As câmeras mostram que era o irmão."}
    review = scenario.post(desk, path, step="review", **chosen)
    assert review.status_code == 200
    for words in (code, "sai da lista de Maria", "passa a ser de João", "As duas pessoas são avisadas"):
        assert words in review.text
    assert "AUTÊNTICO" in validated(desk, code), "nothing happens before the review"
    done = scenario.post(desk, path, step="do", **chosen)
    assert (done.status_code, done.location) == (303, f"/cac/pessoa/{maria}")
    assert scenario.post(desk, path, step="do", **chosen).status_code == 404, "already corrected"
    scenario.work(database_url)
    assert mails(tmp_path) == {
        "maria@example.org": "Sua declaração de comparecimento foi cancelada",
        "joao@example.org": "Um comparecimento foi incluído na sua área do usuário",
    }
    assert "Motivo: comparecimento atribuído a outra pessoa." in validated(desk, code)
    assert "24 de novembro" in signed_in(app, "joao@example.org").get(AREA).text
    hers = signed_in(app, "maria@example.org").get(AREA).text
    assert code in hers
    assert "Emitir declaração" not in hers
    assert "Nenhum comparecimento" in desk.get(f"/cac/pessoa/{maria}").text
    assert scenario.chain_is_whole()


def test_DE12_nobody_may_know_whose_it_was(desk: FlaskClient, maria: UUID, database_url: str, tmp_path: Path) -> None:
    path = entry_path(maria)
    nobody = {"right_person": "ninguem", "explanation": "Maria não veio neste dia"}
    assert "A pessoa é avisada" in scenario.post(desk, path, step="review", **nobody).text
    assert scenario.post(desk, path, step="do", **nobody).status_code == 303
    scenario.work(database_url)
    assert mails(tmp_path) == {"maria@example.org": "Sua declaração de comparecimento foi cancelada"}


def test_DE12_the_day_stays_with_another_entry(desk: FlaskClient, maria: UUID, database_url: str) -> None:
    at(11)
    comes_in("Maria", database_url)
    _, code = standing(maria)
    with transaction() as session:
        latest, _ = entries_of(session, maria)
    path = f"/cac/pessoa/{maria}/{DAY}/entradas/{latest.id}"
    nobody = {"right_person": "ninguem", "explanation": "Passou duas vezes por engano"}
    assert "a declaração continua valendo" in scenario.post(desk, path, step="review", **nobody).text
    assert scenario.post(desk, path, step="do", **nobody).location == f"/cac/pessoa/{maria}/{DAY}"
    assert "AUTÊNTICO" in validated(desk, code)


def test_DE12_whoever_is_chosen_was_found_and_is_somebody_else(desk: FlaskClient, maria: UUID) -> None:
    path = entry_path(maria)
    why = "As câmeras mostram que era outra pessoa"
    refused: list[TestResponse] = [
        scenario.post(desk, path, step="do", q="Maria", right_person=str(maria), explanation=why),
        scenario.post(desk, path, step="do", right_person=str(scenario.person("João")), explanation=why),
        scenario.post(desk, path, step="do", explanation=why),
        scenario.post(desk, path, step="do", right_person="ninguem", explanation=" "),
    ]
    assert [one.status_code for one in refused] == [422] * 4
    assert all("Not a valid" not in one.text for one in refused)
    assert "três letras" in scenario.post(desk, path, q="x").text
    assert entry_path(maria) == path, "nothing was corrected"
    assert desk.get(path.replace(str(maria), str(scenario.person("João")))).status_code == 404


def test_the_gestao_cancels_and_corrects_but_does_not_issue(app: Flask, maria: UUID) -> None:
    manager = signed_in(app, scenario.staff("gestor"))
    front = manager.get("/").text
    assert "/cac/correcoes" in front
    assert 'href="/cac"' not in front
    assert f"/cac/pessoa/{maria}" in scenario.post(manager, "/cac/correcoes", q="avila das dores").text
    assert str(DAY) in manager.get(f"/cac/pessoa/{maria}").text
    path, code = standing(maria)
    day = manager.get(f"/cac/pessoa/{maria}/{DAY}").text
    assert path in day
    assert "declaracao.pdf" not in day
    assert scenario.post(manager, path, reason=REASON, step="do").status_code == 303
    assert "CANCELADO" in validated(manager, code)
    assert "Emitir declaração" not in manager.get(f"/cac/pessoa/{maria}/{DAY}").text
    assert scenario.post(manager, f"/cac/pessoa/{maria}/{DAY}", who="holder", document_seen="y").status_code == 403
    assert manager.get("/cac").status_code == 403


@pytest.mark.parametrize("role", ["gabinete", "identificacao", "admin"])
def test_nobody_else_cancels_or_corrects(app: Flask, maria: UUID, role: str) -> None:
    client = signed_in(app, scenario.staff(role))
    path, code = standing(maria)
    assert scenario.post(client, path, reason=REASON, step="do").status_code == 403
    assert (
        scenario.post(
            client, entry_path(maria), right_person="ninguem", explanation="Não era ela", step="do"
        ).status_code
        == 403
    )
    assert client.get("/cac/correcoes").status_code == 403
    assert "AUTÊNTICO" in validated(client, code)
