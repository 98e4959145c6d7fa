"""What is published is changed, cancelled, repeated and undone on its pages; a sigiloso is seen by who holds a credential."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from documents.dossier.models import LegalHypothesis
from documents.publication import jobs
from tests.documents.publication.conftest import MONDAY, SUMMARY, TUESDAY, WEDNESDAY, at
from tests.journeys import hands
from tests.journeys.hands import dialog, told
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.browser import look
from tests.webapp.test_publicacoes import portaria
from workflow.database import transaction

pytestmark = pytest.mark.slow
FRIDAY = WEDNESDAY.replace(day=27)


def test_a_publication_is_changed_cancelled_repeated_and_left_without_effect(
    app: Flask, page: Page, server: str
) -> None:
    at(MONDAY)
    house.people()
    document = scenario.apart(portaria, house.opened())
    hands.enter(page, server, house.ANA)
    own = f"{server}/documento/{document}/publicar"
    page.goto(own)
    page.get_by_label("Ementa").fill(SUMMARY)
    page.get_by_role("button", name="Programar a publicação").click()
    _cancelled(page)
    page.get_by_label("Ementa").fill("Institui uma comissão.")
    page.get_by_role("button", name="Programar a publicação").click()
    _changed(page)
    _passes(page, own, "Publicada")
    for link, button, sentence, day in (
        ("Republicar", "Programar a republicação", "Republicação programada.", WEDNESDAY),
        ("Tornar sem efeito", "Programar o “sem efeito”", "“Sem efeito” programado.", FRIDAY),
    ):
        page.get_by_role("link", name=link).last.click()
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert").or_(page.locator(".error-summary, .notice-error")).first).to_be_visible()
        page.get_by_label("Motivo", exact=True).fill("Saiu com um erro na ementa.")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text(sentence, exact=True)).to_be_visible()
        at(day)
        jobs.publish_due()
        page.goto(own)
    _read_by_anybody(page, server)


def _cancelled(page: Page) -> None:
    expect(page.get_by_text("Publicação programada.")).to_be_visible()
    page.get_by_role("link", name="Cancelar").click()
    look(page, "publicacoes-cancelar")
    page.get_by_label("Motivo do cancelamento").fill("Falta conferir um nome.")
    page.get_by_role("button", name="Cancelar a publicação").click()
    expect(page.get_by_text("Publicação cancelada.")).to_be_visible()
    expect(page.get_by_text("Falta conferir um nome.")).to_be_visible()


def _changed(page: Page) -> None:
    expect(page.get_by_text("Publicação programada.")).to_be_visible()
    page.get_by_role("link", name="Alterar").last.click()
    look(page, "publicacoes-alterar")
    page.get_by_label("Ementa").fill(SUMMARY)
    page.get_by_label("Dia da publicação").fill(TUESDAY.isoformat())
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_text("Publicação alterada.")).to_be_visible()
    expect(page.get_by_text(SUMMARY)).to_have_count(2)  # the cancelled one's too


def _passes(page: Page, own: str, state: str) -> None:
    at(TUESDAY)
    jobs.publish_due()
    page.goto(own)
    expect(page.get_by_text(state).first).to_be_visible()


def _read_by_anybody(page: Page, server: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{server}/publicacoes")
    expect(page.get_by_text("Tornada sem efeito em").first).to_be_visible()
    look(page, "publicacoes-sem-efeito-lista")
    page.get_by_role("link", name="Portaria").first.click()
    expect(page.get_by_text("Saiu com um erro na ementa.").first).to_be_visible()


def test_a_sigiloso_is_there_only_for_who_holds_a_credential(
    app: Flask, page: Page, browser: Browser, server: str
) -> None:
    house.people()
    with transaction() as session:
        session.add(LegalHypothesis(name="Investigação", law="Lei 12.527/2011, art. 23, VIII", level="sigiloso"))
    dossier = scenario.apart(house.opened)
    hands.enter(page, server, house.ANA)
    address = f"{server}/processo/{dossier}"
    page.goto(address)
    form = dialog(page, "Mudar o nível de acesso")
    form.get_by_role("radio", name="Sigiloso").check(force=True)
    form.get_by_label("Hipótese legal").select_option(label="Sigiloso: Investigação (Lei 12.527/2011, art. 23, VIII)")
    form.get_by_role("button").filter(has_text="Mudar").click()
    told(page, "Nível de acesso alterado.")
    with hands.another(browser) as colleague:
        hands.enter(colleague, server, house.BIA)
        assert _status(colleague, address) == 404
        given = dialog(page, "Dar credencial")
        given.get_by_label("Pessoa").select_option(str(house.actor_of(house.BIA).id))
        given.get_by_role("button", name="Dar credencial").click()
        told(page, "redencial")
        assert _status(colleague, address) == 200
        expect(colleague.get_by_role("heading", level=1)).to_be_visible()
        taken = dialog(page, "Retirar credencial")
        taken.get_by_label("Pessoa").select_option(str(house.actor_of(house.BIA).id))
        taken.get_by_role("button", name="Retirar credencial").click()
        told(page, "redencial")
        assert _status(colleague, address) == 404


def _status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status
