"""A processo over HTTP: sent, concluded, reopened, suspended; how the unit controls it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from documents.dossier.annotations.models import Marker, Note
from documents.dossier.models import DossierType
from tests.webapp import processo_people as house
from tests.webapp.processo_house import do, line_in, ours, template_database
from tests.webapp.processo_people import ANA, BIA, CAIO, House
from workflow import clock
from workflow.database import transaction

__all__ = ["ours", "template_database"]
pytestmark = pytest.mark.slow


def test_send_says_what_is_unsigned_keeps_what_was_typed_and_asks_for_return(ours: House) -> None:
    client = ours.client(ANA)
    house.document(ours.dossier)
    assert "Falta assinar o documento 000000" in client.get(f"/processo/{ours.dossier}/enviar").text
    refused = do(client, ours.dossier, "enviar", days="5", on="2030-01-01", notify="y")
    assert refused.status_code == 422
    for words in ("Marque ao menos uma unidade.", "não os dois", 'value="5"', 'value="2030-01-01"'):
        assert words in refused.text
    assert 'name="notify" type="checkbox" value="y"' in re.sub(r'(checked|id="notify") ?', "", refused.text)
    assert do(client, ours.dossier, "enviar", units="GRI", days="2").status_code == 303
    line = line_in(ours.dossier, "GRI")
    assert line.return_by is not None
    assert line.return_by >= clock.today() + timedelta(days=2)
    assert "pediu de volta até" in ours.client(BIA).get(f"/processo/{ours.dossier}").text
    assert line_in(ours.dossier, "GRPC").status == "closed"
    later = line.return_by + timedelta(days=7)
    assert do(client, ours.dossier, "prorrogar-retorno", unit="GRI", on=later.isoformat()).status_code == 303
    assert line_in(ours.dossier, "GRI").return_by == later


def test_keep_open_then_program_a_return(ours: House) -> None:
    client = ours.client(ANA)
    do(client, ours.dossier, "enviar", units="GRI", keep_open="y")
    assert line_in(ours.dossier, "GRPC").status == "open"
    past = do(client, ours.dossier, "retorno", unit="GRI", on="2020-01-01")
    assert past.status_code == 422
    assert "A data não pode estar no passado." in past.text
    day = clock.today() + timedelta(days=3)
    assert do(client, ours.dossier, "retorno", unit="GRI", on=f"{day:%d/%m/%Y}").status_code == 303
    assert line_in(ours.dossier, "GRI").return_by == day


def test_a_type_that_only_its_diagram_moves_is_not_sent(ours: House) -> None:
    with transaction() as session:
        session.get_one(DossierType, "administrativo_geral").free_routing = False
    client = ours.client(ANA)
    assert f"/processo/{ours.dossier}/enviar" not in client.get(f"/processo/{ours.dossier}").text
    assert do(client, ours.dossier, "enviar", units="GRI").status_code == 403


def test_conclude_program_a_reopening_reopen(ours: House) -> None:
    client = ours.client(ANA)
    assert do(client, ours.dossier, "concluir").status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Concluído em GRPC." in page
    assert f'action="/processo/{ours.dossier}/reabrir"' in page
    assert f"/processo/{ours.dossier}/enviar" not in page
    day = clock.today() + timedelta(days=9)
    assert do(client, ours.dossier, "reabertura", on=day.isoformat()).status_code == 303
    assert line_in(ours.dossier, "GRPC").reopen_on == day
    assert do(client, ours.dossier, "reabrir").status_code == 303
    assert line_in(ours.dossier, "GRPC").status == "open"
    assert do(ours.client(BIA), ours.dossier, "reabrir").status_code == 409


def test_suspend_with_its_reason_and_resume(ours: House) -> None:
    client = ours.client(ANA)
    assert do(client, ours.dossier, "sobrestar", reason="").status_code == 422
    assert do(client, ours.dossier, "sobrestar", reason="Aguarda o orçamento").status_code == 303
    assert "Sobrestado: Aguarda o orçamento" in client.get(f"/processo/{ours.dossier}").text
    assert do(client, ours.dossier, "retomar").status_code == 303
    assert line_in(ours.dossier, "GRPC").status == "open"


def test_the_unit_controls_who_when_and_how_urgent(ours: House) -> None:
    client = ours.client(ANA)
    assert do(client, ours.dossier, "assumir").status_code == 303
    assert "Está com você." in client.get(f"/processo/{ours.dossier}").text
    assert do(client, ours.dossier, "atribuir", account_id=str(house.actor_of(CAIO).id)).status_code == 303
    assert "Está com Servidora caio." in client.get(f"/processo/{ours.dossier}").text
    stranger = do(client, ours.dossier, "atribuir", account_id=str(house.actor_of(BIA).id))
    assert stranger.status_code == 422
    assert "Escolha uma das opções." in stranger.text
    assert do(client, ours.dossier, "atribuir", account_id="").status_code == 303
    assert do(client, ours.dossier, "prioridade", priority="2").status_code == 303
    assert do(client, ours.dossier, "prazo").status_code == 422
    assert do(client, ours.dossier, "prazo", days="3", business="y").status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Urgente" in page
    assert "Prazo da unidade:" in page
    assert "Prazo da unidade:" not in ours.client(BIA).get(f"/processo/{ours.dossier}").text
    assert do(client, ours.dossier, "prazo-cumprido").status_code == 303
    assert do(client, ours.dossier, "prazo", on="31/12/2099").status_code == 303
    assert do(client, ours.dossier, "sem-prazo").status_code == 303
    assert line_in(ours.dossier, "GRPC").due_at is None
    unread = do(client, ours.dossier, "nao-lido")
    assert unread.location == "/controle"
    assert line_in(ours.dossier, "GRPC").unread


def test_notes_markers_and_watch_are_of_the_unit(ours: House) -> None:
    ana, bia = ours.client(ANA), ours.client(BIA)
    assert do(ana, ours.dossier, "anotar", text="Ligar para o fornecedor", urgent="y").status_code == 303
    nameless = do(ana, ours.dossier, "marcar", marker_id="novo", colour="verde")
    assert nameless.status_code == 422
    assert "Escreva o nome do marcador novo." in nameless.text
    made = do(ana, ours.dossier, "marcar", marker_id="novo", colour="verde", name="Compras", text="até maio")
    assert made.status_code == 303
    assert do(ana, ours.dossier, "acompanhar", group="Contratos").status_code == 303
    page = ana.get(f"/processo/{ours.dossier}").text
    for words in ("Ligar para o fornecedor", "Compras: até maio", "Em acompanhamento especial."):
        assert words in page
        assert words not in bia.get(f"/processo/{ours.dossier}?andamento=total").text
    with transaction() as session:
        note, marker = session.scalars(select(Note.id)).one(), session.scalars(select(Marker.id)).one()
    assert house.post(bia, f"/processo/{ours.dossier}/anotacoes/{note}/retirar").status_code == 404
    assert house.post(ana, f"/processo/{ours.dossier}/anotacoes/{note}/retirar").status_code == 303
    both = do(ana, ours.dossier, "marcar", marker_id=str(marker), colour="verde", name="Outro")
    assert "senão, apague o nome" in both.text
    assert do(ana, ours.dossier, "desmarcar", marker_id=str(marker)).status_code == 303
    assert do(ana, ours.dossier, "nao-acompanhar").status_code == 303
    page = ana.get(f"/processo/{ours.dossier}").text
    assert "Ligar para o fornecedor" not in page
    assert "Compras: até maio" not in page
