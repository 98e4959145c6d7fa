"""A processo through all it may meet: levels, several units, days to give back, links, rest, ciência, access of others."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from documents.texts import operations as texts
from tests.journeys import hands
from tests.journeys.hands import dialog, told
from tests.webapp import desk, scenario
from tests.webapp import processo_people as house
from tests.webapp.browser import axe, look
from workflow import clock
from workflow.database import transaction

pytestmark = pytest.mark.slow


def test_levels_units_and_everything_the_processo_is_tied_to(
    app: Flask, server: str, page: Page, browser: Browser
) -> None:
    desk.open_the_house("10:00")
    house.people()
    scenario.staff("servidor", "CAC", "davi")
    dossier, other = house.opened(), house.opened(specification="Compra de mesas")
    first = house.document(dossier, title="Pesquisa de preços")
    with transaction() as session:
        texts.save(session, first, "<p>Três cotações.</p>", actor=house.actor_of(house.ANA), based_on=0)
    hands.enter(page, server, house.ANA)
    page.goto(f"{server}/processo/{other}")
    number = page.get_by_role("heading", level=1).inner_text()
    page.goto(f"{server}/processo/{dossier}")
    _written_over(page)
    _levels(page, browser, server, dossier)
    _relate(page, number)
    _rest(page)
    _to_two_units(page, browser, server, dossier)
    _conclude_and_reopen(page, server, dossier)
    _zip_of_some(page, dossier)
    _attach(page, server, dossier, other)
    assert scenario.chain_is_whole()


def _written_over(page: Page) -> None:
    """Specification and interested parties; an entry by hand; ciência, asked once more."""
    form = dialog(page, "Alterar especificação")
    form.get_by_label("Especificação").fill("Compra de cadeiras giratórias")
    form.get_by_role("button", name="Salvar").click()
    told(page, "Especificação salva.")
    expect(page.locator(".proc-spec")).to_have_text("Compra de cadeiras giratórias")
    form = dialog(page, "Alterar interessados")
    form.get_by_label("Interessados").fill("Papelaria Central\nMóveis Betim")
    form.get_by_role("button", name="Salvar").click()
    told(page, "Interessados salvos.")
    expect(page.get_by_text("Móveis Betim").first).to_be_visible()
    form = dialog(page, "Dar ciência no processo")
    form.get_by_role("button", name="Dar ciência").click()
    expect(form.get_by_text("Marque que leu: a ciência não pode ser desfeita.").first).to_be_visible()
    assert axe(page) == []
    form.get_by_label("Li e entendi").check()
    form.get_by_role("button", name="Dar ciência").click()
    told(page, "Ciência registrada.")
    expect(page.locator(".timeline")).to_contain_text("iência")
    form = dialog(page, "Colocar marcador")
    form.get_by_label("Marcador", exact=True).select_option("Criar um marcador")
    form.get_by_label("Nome do marcador novo").fill("Pregão")
    form.get_by_label("Texto").fill("aguarda cotação")
    form.get_by_role("button", name="Colocar").click()
    told(page, "Marcador colocado.")
    expect(page.locator(".proc-head .marker")).to_have_text("Pregão: aguarda cotação")
    form = dialog(page, "Fazer uma anotação")
    form.get_by_label("Anotação").fill("Ligar para a papelaria.")
    form.get_by_role("button", name="Salvar anotação").click()
    told(page, "Anotação salva.")
    expect(page.locator(".now-note")).to_contain_text("Ligar para a papelaria.")
    form = dialog(page, "Mudar a prioridade")
    form.get_by_label("Urgente").check()
    form.get_by_role("button", name="Salvar").click()
    told(page, "Prioridade: urgente.")
    expect(page.locator(".proc-head")).to_contain_text("Urgente")


def _levels(page: Page, browser: Browser, server: str, dossier: UUID) -> None:
    """One restricted document raises the whole; a unit where it never was is told so, until it goes down again."""
    page.get_by_role("treeitem", name="Pesquisa de preços").click()
    expect(page.get_by_role("heading", level=2, name="Pesquisa de preços")).to_be_visible()
    page.get_by_role("group", name="O que fazer com este documento").get_by_text("Mais").click()
    form = dialog(page, "Nível de acesso")
    form.get_by_label("Restrito").check()
    form.get_by_role("button", name="Mudar o nível").click()
    expect(form.get_by_role("link", name="Escolha a hipótese legal do nível restrito.")).to_be_visible()
    form.get_by_label("Hipótese legal").select_option(index=1)
    form.get_by_role("button", name="Mudar o nível").click()
    told(page, "Nível de acesso alterado.")
    expect(page.locator(".proc-head")).to_contain_text("Restrito")
    with hands.another(browser) as away:
        hands.enter(away, server, house.BIA)
        away.goto(f"{server}/processo/{dossier}")
        expect(
            away.get_by_text("Este processo é restrito: só as unidades por onde ele passou podem abri-lo.")
        ).to_be_visible()
        assert axe(away) == []
    page.get_by_role("group", name="O que fazer com este documento").get_by_text("Mais").click()
    form = dialog(page, "Nível de acesso")
    form.get_by_label("Público").check()
    form.get_by_label("Hipótese legal").select_option("")
    form.get_by_role("button", name="Mudar o nível").click()
    told(page, "Nível de acesso alterado.")
    expect(page.locator(".proc-head")).to_contain_text("Público")
    expect(page.locator(".proc-head")).not_to_contain_text("Restrito")


def _relate(page: Page, number: str) -> None:
    """Related to another by its number, which both show; a wrong number is told; undone."""
    form = dialog(page, "Relacionar a outro")
    form.get_by_label("Número do outro processo").fill("0100.99.0000001/2026-00")
    form.get_by_role("button", name="Relacionar").click()
    expect(form.get_by_text("Não encontramos um processo com este número.").first).to_be_visible()
    form.get_by_label("Número do outro processo").fill(number)
    form.get_by_role("button", name="Relacionar").click()
    told(page, f"Processo relacionado a {number}.")
    own = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name=number).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.locator(".tree-others").get_by_role("link", name=own).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(own)
    form = dialog(page, "Desfazer relação")
    form.get_by_label("Processo", exact=True).select_option(number)
    form.get_by_role("button", name="Desfazer a relação").click()
    told(page, "Relação desfeita.")
    expect(page.get_by_role("link", name=number)).to_have_count(0)


def _rest(page: Page) -> None:
    """Sobrestar with a reason; out of the list; and on again."""
    form = dialog(page, "Sobrestar")
    form.get_by_role("button", name="Sobrestar").click()
    expect(form.get_by_text("Escreva o motivo.").first).to_be_visible()
    form.get_by_label("Motivo").fill("Aguarda a publicação do edital.")
    form.get_by_role("button", name="Sobrestar").click()
    told(page, "Processo sobrestado: saiu da caixa da unidade.")
    expect(page.locator(".proc-head")).to_contain_text("Sobrestado: Aguarda a publicação do edital.")
    address = page.url
    page.goto(f"{address.split('/processo/')[0]}/controle?recorte=todas")
    expect(page.locator("[data-line]")).to_have_count(1)  # the other processo alone
    page.goto(address)
    page.get_by_role("button", name="Encerrar o sobrestamento").click()
    told(page, "Sobrestamento encerrado.")
    expect(page.locator(".proc-head")).to_contain_text("Aberto em GRPC")


def _to_two_units(page: Page, browser: Browser, server: str, dossier: UUID) -> None:
    """To two units at once, kept open, asked back in business days; extended; given back by one, which clears it."""
    form = dialog(page, "Enviar a outra unidade")
    form.get_by_role("button", name="Enviar").click()
    expect(form.get_by_text("Marque ao menos uma unidade.").first).to_be_visible()
    form.get_by_label("GRI:").check()
    form.get_by_label("CAC:").check()
    form.get_by_label("Manter o processo aberto").check()
    form.get_by_label("Ou pedir retorno em quantos dias").fill("3")
    form.get_by_role("button", name="Enviar").click()
    told(page, "Processo enviado a CAC e GRI. Ele continua aberto na sua unidade.")
    expect(page.get_by_text("Aberto em CAC, GRI, GRPC")).to_be_visible()
    form = dialog(page, "Prorrogar retorno")
    form.get_by_label("Unidade que deve devolver").select_option("GRI: Unidade GRI")
    form.get_by_label("Devolver até o dia").fill((clock.today() + timedelta(days=1)).isoformat())
    form.get_by_role("button", name="Prorrogar").click()
    expect(form.get_by_role("alert").or_(form.locator(".field-error")).first).to_be_visible()
    later = clock.today() + timedelta(days=14)
    form.get_by_label("Devolver até o dia").fill(later.isoformat())
    form.get_by_role("button", name="Prorrogar").click()
    told(page, f"Retorno de GRI prorrogado para {later:%d/%m/%Y}.")
    with hands.another(browser) as there:
        hands.enter(there, server, house.BIA)
        there.goto(f"{server}/controle?recorte=todas")
        there.locator("[data-line]", has_text="cadeiras giratórias").locator("[data-open]").click()
        expect(there.get_by_text(f"GRPC pediu de volta até {later:%d/%m/%Y}.")).to_be_visible()
        expect(there.get_by_text("Ligar para a papelaria.")).to_have_count(0)  # notes and markers are the unit's own
        expect(there.locator(".proc-head .marker")).to_have_count(0)
        form = dialog(there, "Acompanhar")
        form.get_by_label("Grupo").fill("Compras")
        form.get_by_role("button", name="Acompanhar").click()
        told(there, "Acompanhamento especial iniciado.")
        form = dialog(there, "Enviar a outra unidade")
        form.get_by_label("GRPC:").check()
        form.get_by_role("button", name="Enviar").click()
        told(there, "Processo enviado a GRPC.")
        expect(there.get_by_text("Aberto em CAC, GRPC")).to_be_visible()
        expect(there.get_by_text("Em acompanhamento especial.")).to_be_visible()
        _watched(there, server)
    page.reload()  # that it renews itself is seen in test_processo.py
    expect(page.get_by_text("Aberto em CAC, GRPC")).to_be_visible()
    page.get_by_role("link", name="Completo").click()
    expect(page.locator(".timeline li").nth(8)).to_be_visible()
    page.get_by_role("link", name="Resumido").or_(page.get_by_role("link", name="Resumo")).first.click()
    look(page, "processo-percurso")


def _watched(there: Page, server: str) -> None:
    """It left the unit, and stays in the unit's list of what it watches, in its group."""
    there.goto(f"{server}/controle?recorte=todas")
    expect(there.get_by_role("heading", name="Nada espera por você")).to_be_visible()
    there.get_by_role("link", name="Acompanhados").click()
    expect(there.get_by_role("region", name="Compras")).to_contain_text("Aberto em CAC, GRPC")
    look(there, "processo-acompanhados")
    there.get_by_role("link", name="cadeiras giratórias").click()
    there.get_by_role("button", name="Deixar de acompanhar").click()
    told(there, "Acompanhamento especial encerrado.")
    there.goto(f"{server}/processo/acompanhados")
    expect(there.get_by_role("heading", name="Nenhum processo em acompanhamento")).to_be_visible()


def _conclude_and_reopen(page: Page, server: str, dossier: UUID) -> None:
    """Concluded here it leaves the list; reopened only where it passed."""
    page.goto(f"{server}/processo/{dossier}")
    page.get_by_role("button", name="Concluir na unidade").click()
    told(page, "Processo concluído nesta unidade.")
    form = dialog(page, "Programar reabertura")
    form.get_by_label("Dia").fill((clock.today() + timedelta(days=30)).isoformat())
    form.get_by_role("button", name="Programar").click()
    told(page, "O processo volta sozinho à caixa da unidade em")
    expect(page.get_by_text("Reabre sozinho em")).to_be_visible()
    page.get_by_role("button", name="Reabrir na unidade").click()
    told(page, "Processo reaberto nesta unidade.")
    expect(page.get_by_text("Aberto em CAC, GRPC")).to_be_visible()


def _zip_of_some(page: Page, dossier: UUID) -> None:
    """Only the chosen documents are in the ZIP."""
    house.document(dossier, title="Fica de fora")
    page.reload()
    form = dialog(page, "Baixar em PDF ou ZIP")
    form.get_by_label("Pesquisa de preços").check()
    form.get_by_label("Um ZIP").check()
    with page.expect_download() as saved:
        form.get_by_role("button", name="Baixar", exact=True).click()
    names = zipfile.ZipFile(Path(saved.value.path())).namelist()
    assert any("Pesquisa" in name or "esquisa" in name for name in names), names
    assert not any("fora" in name for name in names), names
    page.keyboard.press("Escape")


def _attach(page: Page, server: str, dossier: UUID, other: UUID) -> None:
    """Attached for good: no more documents; the administration alone undoes it."""
    page.goto(f"{server}/processo/{dossier}")
    number = page.get_by_role("heading", level=1).inner_text()
    page.goto(f"{server}/processo/{other}")
    form = dialog(page, "Anexar a outro")
    form.get_by_label("Número do outro processo").fill(number)
    form.get_by_role("button", name="Anexar").click()
    expect(form.get_by_text("Marque que entendeu: a anexação é definitiva.").first).to_be_visible()
    form.get_by_label("Entendi que a anexação é definitiva").check()
    form.get_by_role("button", name="Anexar").click()
    told(page, f"Processo anexado a {number}.")
    expect(page.locator(".proc-head")).to_contain_text("Anexado a outro processo")
    expect(page.get_by_role("link", name="Incluir documento")).to_have_count(0)
    expect(page.get_by_role("link", name="Desfazer a anexação")).to_have_count(0)
    hands.enter(page, server, house.ADMIN)
    page.goto(f"{server}/processo/{other}")
    form = dialog(page, "Desfazer a anexação")
    form.get_by_label("Motivo").fill("Anexado por engano.")
    form.get_by_role("button", name="Desfazer a anexação").click()
    told(page, "Anexação desfeita.")
    expect(page.locator(".proc-head")).not_to_contain_text("Anexado a outro processo")
