"""The search page in Chromium: every query of the rules typed, each filter, the total that follows, what is kept and marked."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from weasyprint import HTML

from tests.documents.search.conftest import Archive
from tests.documents.search.queries_of_the_rules import DOCUMENTS, QUERIES, REFUSED
from tests.journeys import hands
from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import axe
from workflow.database import transaction

pytestmark = pytest.mark.slow


def test_the_queries_of_the_rules_filters_totals_and_kept_searches(
    app: Flask, server: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open_the_house()
    house.people()
    with transaction() as session:
        archive = Archive(session)
        dossier = archive.dossier(parties=("Zulmira Quaresma",), specification="Processo da seção oito")
        numbers = {name: archive.document(dossier, text).number for name, text in DOCUMENTS.items()}
        archive.document(dossier, "outra folha", unit="GRI")
        leaves = archive.dossier(specification="Folhas")
        for number in range(25):
            archive.document(leaves, f"folha {number}", unit="DIR")
        hidden = archive.dossier("restrito", specification="saúde escondida")
        archive.document(hidden, "saúde escondida")
        hidden.passed_units, hidden.origin_unit = ["CAC"], "CAC"
        process = dossier.number
    hands.enter(page, server, house.ANA)
    page.goto(f"{server}/pesquisa")
    _the_rules(page)
    _filters(page, server, process, numbers["D5"])
    _kept(page, server)
    _total_follows(page, server, monkeypatch)
    _in_a_pdf_at_once(page, server)


def _ask(page: Page, query: str) -> None:
    page.locator("#q").fill(query)
    page.locator("#q").press("Enter")
    page.wait_for_load_state()


def _total(page: Page, count: int) -> None:
    expect(page.locator("#total")).to_have_text(f"Mostrando {count} resultado(s).")


def _the_rules(page: Page) -> None:
    """All 38: what each finds, by the words of each document, and the three that are refused with what to do."""
    for _, query, expected in QUERIES:
        if not query:
            continue  # everything: below, with the filter of the type
        _ask(page, query)
        _total(page, len(expected.split()))
        found = page.locator(".pq-text").all_inner_texts()
        for name in expected.split():
            assert any(DOCUMENTS[name] in one for one in found), (query, name, found)
    for _, query in REFUSED:
        _ask(page, query)
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#q")).to_have_value(query)
    _ask(page, '"reunião especial" serv*')
    expect(page.locator(".pq-text mark").filter(has_text="Reunião")).not_to_have_count(0)
    expect(page.locator(".pq-text mark").filter(has_text="Servidores")).to_have_count(1)
    assert axe(page) == []


def _filters(page: Page, server: str, process: str, number: int) -> None:
    """By number, unit, type, person and date, alone and together; a restricted processo of others is in none."""
    for given, count in (
        ({"Número do processo ou documento": process}, 10), ({"Número do processo ou documento": str(number)}, 1), ({"Pessoa": "zulmira"}, 10),
        ({"Unidade que fez": "GRI"}, 1), ({"Tipo": "documento:peca"}, 34), ({"Tipo": "processo:teste"}, 2),
        ({"o dia": "2026-10-01", "e o dia": "2026-10-02"}, 0), ({"o dia": "2026-10-20"}, 36), ({"Pessoa": "zulmira", "Unidade que fez": "GRI"}, 1),
    ):  # fmt: skip
        page.goto(f"{server}/pesquisa")
        page.get_by_text("Filtros", exact=True).click()
        for label, value in given.items():
            field = page.get_by_label(label, exact=True)
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        page.get_by_role("button", name="Pesquisar com os filtros").click()
        _total(page, count)
    _ask(page, "escondida")
    page.goto(f"{server}/pesquisa?q=escondida")
    _total(page, 0)


def _kept(page: Page, server: str) -> None:
    page.goto(f"{server}/pesquisa?q=saúde")
    _total(page, 3)
    page.get_by_label("Guardar esta pesquisa com o nome").fill("Saúde")
    page.get_by_role("button", name="Guardar", exact=True).click()
    page.goto(f"{server}/pesquisa")
    page.get_by_role("link", name="Saúde", exact=True).click()
    _total(page, 3)
    page.get_by_role("button", name="Excluir a pesquisa Saúde").click()
    expect(page.get_by_role("link", name="Saúde", exact=True)).to_have_count(0)


def _total_follows(page: Page, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a frequent query the results come first and their exact number without reloading."""
    monkeypatch.setattr("documents.search.plans.FEW", -1)
    monkeypatch.setattr("documents.search.plans.FEW_OF_ALL", -1)
    with page.expect_response(lambda answer: "/pesquisa/total" in answer.url):
        page.goto(f"{server}/pesquisa?q=folha")
        expect(page.locator("[data-result]")).to_have_count(20)
    _total(page, 26)
    monkeypatch.undo()


def _in_a_pdf_at_once(page: Page, server: str) -> None:
    """The words inside a PDF are found as soon as its upload is answered; so is a text as soon as it is saved."""
    dossier = house.opened(specification="Compra de cadeiras")
    made = io.BytesIO()
    HTML(string="<p>Ata: aprovado o orçamento da jabuticabeira.</p>").write_pdf(made)
    page.goto(f"{server}/processo/{dossier}/documentos/novo?tipo=anexo")
    page.get_by_label("Arquivos").set_input_files(
        [{"name": "ata.pdf", "mimeType": "application/pdf", "buffer": made.getvalue()}]
    )
    page.get_by_role("button", name="Incluir no processo").click()
    expect(page.get_by_role("treeitem", name="ata")).to_be_visible(timeout=15_000)
    page.goto(f"{server}/pesquisa?q=orçamento+%26%26+jabuticabeira")
    _total(page, 1)
    expect(page.locator("mark").filter(has_text="jabuticabeira")).to_be_visible()
    page.locator("[data-result]").first.click()
    expect(page.get_by_text("ata.pdf").first).to_be_visible()
    document = house.document(dossier, title="Despacho novo")
    page.goto(f"{server}/documento/{document}/editar")
    expect(page.locator("[data-editor][data-ready=yes]")).to_be_visible()
    page.get_by_role("textbox", name="Texto de").fill("Defiro a pitangueira.")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-status]")).to_contain_text("versão 1")
    page.goto(f"{server}/pesquisa?q=pitangueira")
    _total(page, 1)
    assert scenario.chain_is_whole()
