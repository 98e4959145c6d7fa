"""A servant of the directory: first sign-in, second factor, unit, substitute; and an external user's account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

import people
from documents.dossier import operations as dossiers
from integrations.ldap import LdapDirectory, LdapSettings, normal_dn
from people import directory, units
from tests.ldap_server import PASSWORD, LdapServer, group_dn
from tests.webapp import scenario
from tests.webapp.browser import axe, look
from workflow import clock
from workflow.actor import SYSTEM
from workflow.database import transaction

pytestmark = pytest.mark.slow


@pytest.fixture
def slapd(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LdapServer]:
    """The house's directory, with the second factor required."""
    with LdapServer(tmp_path_factory.mktemp("ldap") / "slapd") as started:
        directory.forget_failure()
        roles = {
            normal_dn(group_dn("gri")): frozenset({("GRI", "servidor")}),
            normal_dn(group_dn("grpc")): frozenset({("GRPC", "chefia")}),
        }
        client = LdapDirectory(started.settings())
        people.configure(
            replace(people.settings(), directory=client, directory_roles=roles, totp_required=True)
        )  # fmt: skip
        yield started


def enter(page: Page, server: str, login: str, password: str) -> None:
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill(login)
    page.get_by_label("Senha").fill(password)
    page.get_by_role("button", name="Entrar").click()


def test_from_the_directory_to_the_second_factor_the_unit_and_a_substitute(
    page: Page, server: str, slapd: LdapServer
) -> None:
    with transaction() as db:
        for sigla, name in (("GRPC", "Relações Públicas e Cerimonial"), ("GRI", "Relações Institucionais")):
            units.create_unit(db, sigla, name, actor=SYSTEM)
    scenario.staff("servidor", "GRI", "colega")
    enter(page, server, "lucia", "outra senha")
    expect(page.get_by_role("alert")).to_contain_text("não conferem")
    enter(page, server, "lucia", PASSWORD)
    page.wait_for_url("**/conta/duas-etapas")
    look(page, "segundo-fator")
    page.get_by_text("Não consigo ler o código").click()
    totp = pyotp.TOTP(page.locator(".secret-key").inner_text().replace(" ", ""))
    page.get_by_label("Código do aplicativo").fill(totp.now())
    page.get_by_role("button", name="Ativar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guarde os códigos de recuperação")
    look(page, "codigos-de-recuperacao")
    recovery = page.locator(".recovery-codes code").first.inner_text()
    page.get_by_role("button", name="Sair").click()

    enter(page, server, "lucia", PASSWORD)
    page.wait_for_url("**/entrar/codigo")
    look(page, "segunda-etapa")
    page.get_by_label("Código").fill(recovery)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url("**/unidade")
    look(page, "unidade")
    page.get_by_label(re.compile("Relações Públicas")).check()
    page.get_by_role("button", name="Trabalhar nesta unidade").click()
    expect(page.locator(".who-unit")).to_contain_text("GRPC")

    page.goto(f"{server}/conta")
    expect(page.get_by_text("Restam 9 códigos")).to_be_visible()
    look(page, "minha-conta")
    page.goto(f"{server}/conta/duas-etapas")
    look(page, "segundo-fator-ativo")
    page.goto(f"{server}/conta/substituicao")
    page.get_by_role("button", name="Designar").click()
    look(page, "substituicao-com-erro")
    page.get_by_label("Quem substitui").select_option(label="Servidora colega (colega)")
    page.get_by_label("Até o dia").fill((clock.today() + timedelta(days=7)).isoformat())
    page.get_by_role("button", name="Designar").click()
    expect(page.get_by_text("Substituição registrada.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Servidora colega")).to_be_visible()
    look(page, "substituicao")
    page.get_by_role("button", name="Encerrar").click()
    expect(page.get_by_text("Ninguém, por enquanto.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sair").click()

    page.goto(f"{server}/externo/entrar")
    look(page, "externo-entrar")
    page.get_by_role("link", name="Abra a sua").click()
    page.get_by_role("button", name="Abrir conta").click()
    expect(page.get_by_role("alert")).to_contain_text("ler e aceitar o termo")
    look(page, "externo-cadastro-com-erros")
    page.get_by_label("Nome completo").fill("Vera Lúcia Alves")
    page.get_by_label("CPF").fill("529.982.247-25")
    page.get_by_label("E-mail").fill("vera@camara.example")
    page.get_by_label("Crie uma senha").fill(scenario.PASSWORD)
    page.get_by_label("Li e aceito").check()
    page.get_by_role("button", name="Abrir conta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Falta confirmar seu e-mail")
    look(page, "externo-confirme")
    assert scenario.chain_is_whole()


def test_starttls_a_wrong_certificate_the_directory_down_and_a_substitute_at_work(
    page: Page, server: str, slapd: LdapServer
) -> None:
    """The directory over StartTLS; away, or with another's certificate, it stops nobody of the house's own accounts."""
    with transaction() as db:
        for sigla, name in (("GRPC", "Relações Públicas e Cerimonial"), ("GRI", "Relações Institucionais")):
            units.create_unit(db, sigla, name, actor=SYSTEM)
        dossiers.install_types(db)
    scenario.staff("servidor", "GRI", "colega")
    _directory(slapd.settings(slapd.starttls))
    for login in ("lucia)(uid=*", "*", "ninguem"):
        enter(page, server, login, PASSWORD)
        expect(page.get_by_role("alert")).to_contain_text("não conferem")
    enter(page, server, "lucia", PASSWORD)
    page.wait_for_url("**/unidade")
    page.get_by_label(re.compile("Relações Públicas")).check()
    page.get_by_role("button", name="Trabalhar nesta unidade").click()
    page.goto(f"{server}/conta/substituicao")
    page.get_by_label("Quem substitui").select_option(label="Servidora colega (colega)")
    page.get_by_label("Até o dia").fill((clock.today() + timedelta(days=7)).isoformat())
    page.get_by_role("button", name="Designar").click()
    expect(page.get_by_text("Substituição registrada.")).to_be_visible()
    page.get_by_role("button", name="Sair").click()

    _directory(slapd.settings(slapd.starttls, slapd.other_ca))
    enter(page, server, "lucia", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("não está respondendo")
    slapd.stop()
    _directory(slapd.settings())
    enter(page, server, "lucia", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("não está respondendo")
    assert axe(page) == []
    enter(page, server, "colega", scenario.PASSWORD)
    expect(page.get_by_role("button", name="Sair")).to_be_visible()
    _in_her_place(page, server)
    page.get_by_role("button", name="Sair").click()

    slapd.start()
    slapd.leave("grpc", "lucia")
    _directory(slapd.settings())
    enter(page, server, "lucia", PASSWORD)
    expect(page.locator(".who-unit")).to_contain_text("GRI")  # the one unit that is left: nothing to choose
    page.get_by_role("button", name="Sair").click()
    enter(page, server, "colega", scenario.PASSWORD)
    page.goto(f"{server}/unidade")
    expect(page.get_by_label(re.compile("Relações Institucionais"))).to_have_count(2)  # her own, and in Lúcia's place
    expect(page.get_by_label(re.compile("Relações Públicas"))).to_have_count(0)  # what she lost, her substitute lost
    assert scenario.chain_is_whole()


def _directory(settings: LdapSettings) -> None:
    directory.forget_failure()
    client = LdapDirectory(settings)
    people.configure(replace(people.settings(), directory=client, totp_required=False))


def _in_her_place(page: Page, server: str) -> None:
    """The colleague takes Lúcia's seat and opens a processo there, which says in whose place."""
    page.goto(f"{server}/unidade")
    page.get_by_label(re.compile("Relações Públicas.*Em substituição a Lúcia Barros", re.DOTALL)).check()
    page.get_by_role("button", name="Trabalhar nesta unidade").click()
    expect(page.locator(".who-unit")).to_contain_text("GRPC")
    page.goto(f"{server}/processo/novo/administrativo_geral")
    page.get_by_label("Especificação").fill("Aberto em substituição")
    page.get_by_role("button", name="Abrir processo").click()
    expect(page.locator(".timeline")).to_contain_text("em substituição a Lúcia Barros")
