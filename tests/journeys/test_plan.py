"""Any type of processo may carry a diagram: its tasks are the plan of work, and free tramitação beside it is as the type says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from documents.dossier.models import DossierType
from tests.journeys import hands
from tests.journeys.hands import dialog, told
from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import look
from tests.workflow import diagrams
from workflow import operations as engine
from workflow import process
from workflow.database import transaction
from workflow.process import Field, Form, Lane

pytestmark = pytest.mark.slow
KEY = "compra_de_teste"


@contextmanager
def a_type_with_a_diagram(folder: Path) -> Iterator[None]:
    """Two steps of the GRPC's servidores; only the diagram moves it."""
    forms = {
        "pesquisar": Form("Pesquisar preços", (Field("fornecedor", "Fornecedor"),)),
        "autorizar": Form("Autorizar a compra"),
    }
    body = diagrams.start() + diagrams.user("pesquisar") + diagrams.user("autorizar") + diagrams.end()
    body += diagrams.path("start", "pesquisar", "autorizar", "end")
    lanes = {"CAC": Lane("servidor", "GRPC")}
    process.register(diagrams.declare(folder, KEY, body, lanes=lanes, forms=forms, starts_with=("dossier",)))
    with transaction() as session:
        engine.deploy(session)
        session.add(DossierType(key=KEY, name="Compra direta", process_key=KEY, free_routing=False))
    yield
    process.unregister(KEY)


def test_the_diagrams_tasks_are_the_plan_of_work(app: Flask, server: str, page: Page, tmp_path: Path) -> None:
    desk.open_the_house()
    house.people()
    with a_type_with_a_diagram(tmp_path):
        hands.enter(page, server, house.ANA)
        page.goto(f"{server}/processo/novo/{KEY}")
        page.get_by_label("Especificação").fill("Compra de cadeiras")
        page.get_by_role("button", name="Abrir processo").click()
        expect(page.locator(".now-missing")).to_contain_text("pesquisar preços")
        expect(page.locator(".now-tasks")).to_contain_text("Pesquisar preços")
        expect(page.get_by_role("link", name="Enviar a outra unidade")).to_have_count(0)
        look(page, "processo-etapas")
        dossier = page.url
        page.locator(".now-tasks").get_by_role("link", name="Pesquisar preços").click()
        page.get_by_role("button", name="Concluir").click()
        expect(page.get_by_role("alert")).to_contain_text("Fornecedor")
        page.get_by_label("Fornecedor").fill("Papelaria Central")
        page.get_by_role("button", name="Concluir").click()
        page.goto(dossier)
        expect(page.locator(".now-missing")).to_contain_text("autorizar a compra")
        _free_routing(page, server, dossier)
        page.locator(".now-tasks").get_by_role("link", name="Autorizar a compra").click()
        page.get_by_role("button", name="Concluir").click()
        page.goto(dossier)
        expect(page.get_by_text("Nada falta: o plano de trabalho foi concluído.")).to_be_visible()
        assert scenario.chain_is_whole()


def _free_routing(page: Page, server: str, dossier: str) -> None:
    """The administration lets it be sent beside its diagram; the plan goes on as it was."""
    hands.enter(page, server, house.ADMIN)
    page.goto(f"{server}/administracao/listas/tipos-de-processo/{KEY}")
    page.get_by_role("group", name="Pode ser enviado livremente").get_by_label("Sim").check()
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_text("Salvo.")).to_be_visible()
    hands.enter(page, server, house.ANA)
    page.goto(dossier)
    form = dialog(page, "Enviar a outra unidade")
    form.get_by_label("GRI:").check()
    form.get_by_label("Manter o processo aberto").check()
    form.get_by_role("button", name="Enviar").click()
    told(page, "Processo enviado a GRI.")
    expect(page.locator(".now-missing")).to_contain_text("autorizar a compra")
