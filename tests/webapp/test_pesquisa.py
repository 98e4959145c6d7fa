"""The search pages: what is found, what goes wrong, what is kept, what everybody may see; and one journey in Chromium."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier
from documents.search.models import SavedSearch
from tests.documents.search.conftest import Archive
from tests.documents.search.queries_of_the_rules import DOCUMENTS
from tests.webapp import scenario
from tests.webapp.browser import look
from webapp.pesquisa import publica
from workflow.database import transaction


def fill(more: int = 0) -> UUID:
    """The rules' documents in one público dossier, and `more` besides; the dossier."""
    with transaction() as session:
        archive = Archive(session)
        dossier = archive.dossier(parties=("Zulmira Quaresma",), specification="Assunto de teste")
        for body in DOCUMENTS.values():
            archive.document(dossier, body)
        for number in range(more):
            archive.document(dossier, f"folha {number} <script>alert(1)</script>")
        return dossier.id


def clerk(app: Flask) -> FlaskClient:
    client = app.test_client()
    scenario.enter(client, scenario.staff("servidor", "GRPC"))
    return client


def plain(html: str) -> str:
    """The text of a page, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", html, flags=re.S))


@pytest.mark.slow
def test_results_errors_notices_and_the_exact_header(app: Flask) -> None:
    fill()
    client = clerk(app)
    assert "Mostrando" not in client.get("/pesquisa").text
    found = client.get("/pesquisa", query_string={"q": "saúde && -especial"})
    assert "Mostrando 2 resultado(s)." in found.text
    assert found.text.count("<h3>") == 2
    assert "<mark>saúde</mark>" in found.text
    assert "Mostrando 1 resultado(s)." in client.get("/pesquisa?q=auxílio-moradia").text
    assert "Mostrando 0 resultado(s)." in client.get("/pesquisa?q=inexistente").text
    assert "Nada encontrado" in client.get("/pesquisa?q=inexistente").text
    assert "Mostrando 9 resultado(s)." in client.get("/pesquisa?q=").text
    assert "Mostrando 8 resultado(s)." in client.get("/pesquisa?q=&tipo=documento:peca&especie=internos").text
    assert "Mostrando 1 resultado(s)." in client.get("/pesquisa?q=&tipo=processo:teste").text
    assert "Mostrando 0 resultado(s)." in client.get("/pesquisa?q=&tipo=processo:peca").text
    assert "Faltou fechar as aspas" in client.get('/pesquisa?q="reunião especial').text
    for query, sentence in (("-saúde", "só tem palavras a excluir"), ("*ambiente", "Não use como primeiro caractere")):
        refused = client.get("/pesquisa", query_string={"q": query})
        assert refused.status_code == 422
        assert sentence in refused.text
        assert f'value="{query}"' in refused.text  # what was typed is still there
    wrong = client.get("/pesquisa?q=saúde&de=2026-02-30")
    assert wrong.status_code == 422
    assert "Escreva o dia, o mês e o ano." in wrong.text
    assert "troque os dois" in client.get("/pesquisa?q=a&de=2026-02-02&ate=2026-02-01").text
    assert client.get("/pesquisa?q=a\x00b&depois=1-99999999999999999999&processo=x&numero=%25").status_code == 200


@pytest.mark.slow
def test_pages_the_total_that_follows_and_what_texts_try(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(more=30)
    monkeypatch.setattr("documents.search.plans.FEW", -1)
    monkeypatch.setattr("documents.search.plans.FEW_OF_ALL", -1)
    client = clerk(app)
    first = client.get("/pesquisa?q=folha")
    assert "Contando os resultados" in first.text
    assert client.get("/pesquisa/total?q=folha").text.strip().endswith("Mostrando 30 resultado(s).</p>")
    assert "<script>alert" not in first.text
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = client.get(following[1].replace("&amp;", "&"))
    assert (first.text.count("<h3>"), second.text.count("<h3>")) == (20, 10)
    assert 'rel="next"' not in second.text


@pytest.mark.slow
def test_kept_searches_are_the_account_s_own(app: Flask) -> None:
    fill()
    client = clerk(app)
    scenario.post(client, "/pesquisa/guardadas", nome="Saúde", q="saúde", unidade="GRPC", de="")
    scenario.post(client, "/pesquisa/guardadas", nome=" saúde ", q="saúde && lei", unidade="GRPC")
    with transaction() as session:
        kept = session.scalars(select(SavedSearch)).one()
        assert (kept.name, kept.terms) == ("saúde", {"q": "saúde && lei", "unidade": "GRPC"})
    assert "q=sa%C3%BAde+%26%26+lei&amp;unidade=GRPC" in client.get("/pesquisa").text
    assert (
        "Dê um nome"
        in client.get(scenario.post(client, "/pesquisa/guardadas", nome="", q="a").headers["Location"]).text
    )
    other = app.test_client()
    scenario.enter(other, scenario.staff("servidor", "CAC", login="outra"))
    assert "lei&amp;unidade" not in other.get("/pesquisa").text
    assert scenario.post(other, f"/pesquisa/guardadas/{kept.id}/excluir").status_code == 404
    assert scenario.post(client, f"/pesquisa/guardadas/{kept.id}/excluir").status_code == 303
    assert scenario.post(client, f"/pesquisa/guardadas/{kept.id}/excluir").status_code == 404


@pytest.mark.slow
def test_the_public_sees_neither_texts_nor_names_and_has_a_limit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier_id = fill()
    client = app.test_client()
    page = plain(client.get("/pesquisa-publica?q=saúde").text)
    assert "Mostrando 3 resultado(s)." in page
    assert "Peça do teste" in page
    for hidden in ("Projeto de lei", "Zulmira", "Assunto de teste"):
        assert hidden not in page
    for query in ("zulmira", "zul*", '"zulmira quaresma"', "zulm?ra"):
        assert "Mostrando 0 resultado(s)." in client.get("/pesquisa-publica", query_string={"q": query}).text
    by_words = client.get("/pesquisa-publica?q=assunto").text
    assert "Mostrando 1 resultado(s)." in by_words
    assert "<mark>Assunto</mark> de teste" in by_words  # what was found is seen
    assert "Mostrando 1 resultado(s)." in client.get("/pesquisa-publica?q=assunto&pessoa=ninguem").text
    with transaction() as session:
        _hide(session, dossier_id)
    assert "Mostrando 0 resultado(s)." in client.get("/pesquisa-publica?q=saúde").text
    monkeypatch.setattr(publica, "LIMIT", replace(publica.LIMIT, attempts=1))
    assert client.get("/pesquisa-publica?q=saúde").status_code == 429
    assert client.get("/pesquisa-publica").status_code == 200


def _hide(session: Session, dossier_id: UUID) -> None:
    dossier = session.get_one(Dossier, dossier_id)
    dossier.effective_level = "restrito"


@pytest.mark.slow
def test_search_in_the_browser(app: Flask, server: str, page: Page) -> None:
    fill(more=25)
    with transaction() as session:
        session.execute(text("UPDATE search_entry SET stamp = stamp"))  # as after many changes
    page.goto(f"{server}/entrar")
    login = scenario.staff("servidor", "GRPC")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", scenario.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/entrar" not in url)
    page.goto(f"{server}/pesquisa")
    look(page, "pesquisa-vazia")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("folha* saúde")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_have_text("Mostrando 28 resultado(s).")
    look(page, "pesquisa-resultados")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-result]").nth(1)).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("[data-result]")).to_have_count(8)
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("-saúde")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("só tem palavras a excluir")
    page.goto(f"{server}/pesquisa-publica?q=saúde")
    expect(page.locator("#total")).to_have_text("Mostrando 3 resultado(s).")
    look(page, "pesquisa-publica")
