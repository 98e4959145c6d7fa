"""The plan of work of a sigiloso processo, through the pages that know tasks and cases only."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from documents.dossier import external, operations
from documents.dossier.audit import verify_dossiers
from documents.dossier.models import Dossier
from documents.inbox.acts import Asked, perform
from processes.oficio_camaras.models import Campaign
from tests.webapp import scenario
from tests.webapp.processo_people import ADMIN, ANA, BIA, House, actor_of, document, opened, people, post
from workflow import clock
from workflow import operations as engine
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound
from workflow.models import Task


@pytest.fixture
def secret(app: Flask) -> tuple[House, UUID, UUID, str]:
    """The house, the case, its open task and the processo's number; a manager without a credential: gil."""
    with transaction() as session:
        engine.deploy(session)
    people()
    scenario.staff("gestor", "GRPC", "gil")
    scenario.staff("chefia", "GRPC", "gil")
    dossier = opened(ANA, "sigiloso", "oficio_camaras")
    with transaction() as session:
        row = session.get_one(Dossier, dossier)
        assert row.case_id is not None
        task = session.scalars(select(Task).where(Task.case_id == row.case_id, Task.kind == "human")).first()
        assert task is not None
        return House(app, dossier), row.case_id, task.id, row.number


def test_its_case_is_in_no_list_and_on_no_page(secret: tuple[House, UUID, UUID, str]) -> None:
    house, case, task, number = secret
    gil = house.client("gil")
    assert number not in gil.get("/processos").text
    assert number not in gil.get(f"/processos?q={number}").text.replace(f'value="{number}"', "")
    for path in (f"/processos/{case}", f"/processos/{case}/diagrama", f"/tarefas/{task}"):
        answer = gil.get(path)
        assert answer.status_code == 404, path
        assert number not in answer.text


def test_nothing_is_done_to_it(secret: tuple[House, UUID, UUID, str]) -> None:
    house, case, task, _ = secret
    gil = house.client("gil")
    for path in (f"/tarefas/{task}", f"/tarefas/{task}/assumir", f"/tarefas/{task}/devolver", f"/tarefas/{task}/passar",
                 f"/processos/{case}/cancelar", f"/processos/{case}/migrar"):  # fmt: skip
        assert post(gil, path, razao="curiosidade", versao="1", conta=str(actor_of(ADMIN).id)).status_code == 404, path
    for act in ("claim", "priority", "note", "watch"):
        with pytest.raises(NotFound), transaction() as session:
            perform(session, "task", task, Asked(act, text="x", priority=3), actor=actor_of("gil"))


def test_with_a_credential_it_is_there(secret: tuple[House, UUID, UUID, str]) -> None:
    house, case, _, number = secret
    gil = actor_of("gil")
    with transaction() as session:
        assert gil.id is not None
        operations.grant_credential(session, house.dossier, gil.id, actor=actor_of(ANA))
    client = house.client("gil")
    assert number in client.get("/processos").text
    assert client.get(f"/processos/{case}").status_code == 200
    with transaction() as session:
        operations.revoke_credential(session, house.dossier, gil.id, actor=actor_of(ANA))
    assert client.get(f"/processos/{case}").status_code == 404


def test_a_unit_lets_nobody_sign_another_units_draft(app: Flask) -> None:
    people()
    dossier = opened(ANA)
    draft = document(dossier, ANA, "Minuta da GRPC")
    with transaction() as session:
        operations.send(session, dossier, ["GRI"], actor=actor_of(ANA), keep_open=True)
    with pytest.raises(InvalidInput), transaction() as session:
        external.grant(
            session, dossier, "fora@exemplo.org", days=5, may_sign=True, document_ids=[draft], actor=actor_of(BIA)
        )


def test_an_oficio_of_a_secret_processo_is_on_no_page_of_oficios(secret: tuple[House, UUID, UUID, str]) -> None:
    house, _, task, number = secret
    gil = house.client("gil")
    with transaction() as session:
        campaign = session.scalars(select(Campaign.id)).one()
    assert number not in gil.get("/oficios").text
    assert str(campaign) not in gil.get("/oficios").text
    for path in (f"/oficios/{campaign}", f"/oficios/tarefas/{task}/redigir"):
        assert gil.get(path).status_code == 404, path
    assert str(campaign) in house.client(ANA).get("/oficios").text


def test_a_credential_or_a_grant_written_by_hand_is_found(secret: tuple[House, UUID, UUID, str]) -> None:
    house = secret[0]
    open_one = opened(ANA, "publico", "administrativo_geral")
    with transaction() as session:
        external.grant(session, open_one, "x@example.org", days=2, actor=actor_of(ANA))
        assert verify_dossiers(session) == []
    with transaction() as session:
        row = {"dossier": house.dossier, "account": actor_of("gil").id, "at": clock.now()}
        session.execute(
            text(
                "INSERT INTO dossier_credential (dossier_id, account_id, granted_at) VALUES (:dossier, :account, :at)"
            ),
            row,
        )
        session.execute(text("UPDATE external_grant SET expires_on = expires_on + 400"))
    with transaction() as session:
        told = " ".join(verify_dossiers(session))
    assert "credenciais" in told
    assert "acesso externo" in told
