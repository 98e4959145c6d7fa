"""Every page of the public, the portal, the CAC and the titulares in a real browser: axe, 320 px, light and dark."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page

from tests.webapp import scenario
from tests.webapp.browser import axe, look

PUBLIC = [
    "/",
    "/entrar",
    "/cadastre-se",
    "/cadastre-se/confirme",
    "/cadastre-se/reenviar",
    "/confirmar-cadastro/x",
    "/esqueci-minha-senha",
    "/redefinir-senha/x",
    "/validaDocumento",
    "/validaDocumento?codigo=",
    "/validaDocumento?codigo=0000-0000-0000-0000",
    "/privacidade",
    "/acessibilidade",
    "/nada",
]
AREA = "/area-do-usuario"
CITIZEN = [
    "/",
    AREA,
    f"{AREA}/cadastro-completo",
    f"{AREA}/certificados-e-declaracoes",
    f"{AREA}/historico",
    f"{AREA}/qr",
    f"{AREA}/senha",
    f"{AREA}/meus-dados",
    f"{AREA}/meus-dados/eliminar",
]


def enter(page: Page, server: str, login: str) -> None:
    """Signs in as a person does."""
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill(login)
    page.get_by_label("Senha").fill(scenario.PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(f"{server}/**")


def check(page: Page, server: str, paths: list[str], prefix: str) -> None:
    """Each page has one h1 and passes."""
    for path in paths:
        page.goto(server + path)
        assert page.locator("h1").count() == 1, path
        name = "".join(c if c.isalnum() else "-" for c in path.strip("/")) or "inicio"
        look(page, f"{prefix}-{name[:60]}")


@pytest.mark.slow
def test_axe_sees_what_is_wrong(server: str, page: Page) -> None:
    page.goto(f"{server}/entrar")
    page.evaluate("document.querySelector('label[for=login]').remove()")
    assert any(line.startswith("label:") for line in axe(page))


@pytest.mark.slow
def test_public_pages_pass_axe_at_every_width(server: str, page: Page) -> None:
    check(page, server, PUBLIC, "publico")


@pytest.mark.slow
def test_portal_pages_pass_axe_at_every_width(server: str, page: Page, database_url: str) -> None:
    scenario.citizen("novo@example.org")
    scenario.citizen("maria@example.org", proved="Maria")
    for day in (date(2026, 11, 23), date(2026, 11, 18)):
        scenario.attend(scenario.person("Maria"), day, database_url)
    enter(page, server, "novo@example.org")
    check(page, server, CITIZEN[:6], "novo")
    page.goto(f"{server}{AREA}/cadastro-completo")
    page.get_by_role("button", name="Salvar cadastro").click()
    look(page, "novo-erros")
    page.get_by_role("button", name="Sair").click()
    enter(page, server, "maria@example.org")
    check(page, server, CITIZEN, "portal")
    page.goto(f"{server}{AREA}/certificados-e-declaracoes")
    page.get_by_role("button", name="Emitir declaração").first.click()
    look(page, "portal-dia-andamento")
    scenario.work(database_url)
    page.get_by_text("Declaração emitida").wait_for()
    look(page, "portal-dia-emitida")


@pytest.mark.slow
def test_staff_pages_pass_axe_at_every_width(server: str, page: Page, database_url: str) -> None:
    scenario.citizen("novo@example.org")
    person = scenario.person("Maria")
    unproved = scenario.person("João", verified=False)
    scenario.attend(person, date(2026, 11, 23), database_url)
    for role, unit in (("cac", "CAC"), ("gestor", "DIR")):
        scenario.staff(role, unit, login="helena")
    enter(page, server, "helena")
    assert page.url.endswith("/unidade"), "two units: the person chooses"
    look(page, "equipe-unidade")
    page.get_by_label("Unidade CAC (CAC)").check()
    page.get_by_role("button", name="Trabalhar nesta unidade").click()
    check(page, server, ["/", "/cac", "/cac/comprovar"], "cac")
    page.get_by_label("E-mail da conta").fill("novo@example.org")
    page.get_by_role("button", name="Encontrar conta").click()
    page.get_by_role("heading", name="Comprovar o CPF desta conta").wait_for()
    look(page, "cac-comprovar-conta")
    for text, title in (("maria", "1 pessoa encontrada"), ("x", "Confira este campo")):
        page.goto(f"{server}/cac")
        page.get_by_label("CPF ou nome").fill(text)
        page.get_by_role("button", name="Procurar").click()
        page.get_by_role("heading", name=title).wait_for()
        look(page, f"cac-procura-{text}")
    check(page, server, [f"/cac/pessoa/{person}", f"/cac/pessoa/{unproved}", f"/cac/pessoa/{unproved}/cpf"], "cac")
    check(page, server, [f"/cac/pessoa/{person}/2026-11-23", "/titulares"], "cac")
    page.goto(f"{server}/unidade")
    page.get_by_label("Unidade DIR (DIR)").check()
    page.get_by_role("button", name="Trabalhar nesta unidade").click()
    check(page, server, ["/titulares", "/titulares?q=maria", f"/titulares/pessoa/{person}"], "gestor")
