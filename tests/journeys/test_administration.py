"""Each screen of the administration in Chromium: create, the error told, change, take out of use; and what follows from it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from documents.dossier import operations as dossiers
from tests.journeys import hands
from tests.webapp import desk, scenario
from tests.webapp.browser import axe, look
from workflow.database import transaction

pytestmark = pytest.mark.slow

SCREENS: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    # address, what a new one says, what is wrong with it at first
    ("unidades", {"Sigla": "NOVA", "Nome": "Gerência Nova", "Órgão": "ALMG: Assembleia", "Código": "07"}, {"Sigla": "N V"}),
    ("hipoteses", {"Nome": "Sigilo fiscal", "Norma e artigo": "Lei 5.172/1966, art. 198", "Permite o nível": "Restrito"}, {"Norma e artigo": ""}),
    ("tipos-de-processo", {"Identificador": "doacao", "Nome": "Doação de bens", "Nível de acesso inicial": "Público", "Destinação": "Guarda permanente"}, {"Identificador": "Doação"}),
    ("modelos", {"Identificador": "aviso", "Nome": "Aviso"}, {"Nome": ""}),
    ("textos-padrao", {"Nome": "Fecho cordial"}, {"Nome": ""}),
    ("tipos-de-documento", {"Identificador": "aviso", "Nome": "Aviso", "Como nasce": "Escrito aqui", "Número": "Sequência anual da unidade", "Máscara do número": "{seq:03d}/{year}/{unit}", "Assinatura": "Avançada: senha do sistema"}, {"Identificador": "1"}),
    ("veiculos", {"Identificador": "mural", "Nome": "Mural da entrada"}, {"Identificador": "O Mural"}),
)  # fmt: skip


def test_every_screen_creates_refuses_changes_and_takes_out_of_use(app: Flask, server: str, page: Page) -> None:
    desk.open_the_house()
    with transaction() as session:
        dossiers.install_types(session)
    page.set_default_timeout(8_000)
    hands.enter(page, server, scenario.staff("admin"))
    page.goto(f"{server}/administracao")
    page.get_by_role("link", name="Órgãos e numeração").first.click()
    _organ(page)
    for slug, values, wrong in SCREENS:
        _through(page, server, slug, values, wrong)
    _calendar(page, server)
    _followed(page, server, _user(page, server))
    assert scenario.chain_is_whole()


def _fill(page: Page, values: dict[str, str]) -> None:
    """Text, list or choice: whatever stands under that label."""
    expect(page.locator("form.stack").first).to_be_visible()
    for label, value in values.items():
        group = page.get_by_role("group", name=label)
        if group.count():
            group.get_by_label(value, exact=True).check()
            continue
        field = page.get_by_label(re.compile(rf"^{re.escape(label)}( \(opcional\))?$"))
        if field.evaluate("field => field.tagName") == "SELECT":
            option = field.locator("option", has_text=value).first
            field.select_option(option.get_attribute("value"))
        else:
            field.fill(value)


def _save(page: Page) -> None:
    page.get_by_role("button", name="Salvar").click()


def _organ(page: Page) -> None:
    """The órgão and the mask of its numbers: a mask without sequence is refused, the next number is shown."""
    page.get_by_role("link", name=re.compile("^Criar")).first.click()
    _fill(
        page,
        {"Sigla": "ALMG", "Nome": "Assembleia", "Código": "0100", "Máscara do número de processo": "{organ}/{year}"},
    )
    _fill(page, {"Dígito verificador": "Sei!MG (módulo 97)"})
    _save(page)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Código", exact=True)).to_have_value("0100")
    _fill(page, {"Máscara do número de processo": "{organ}.{unit}.{seq:07d}/{year}-{dv}"})
    _save(page)
    expect(page.get_by_role("row", name=re.compile("^ALMG"))).to_contain_text("0100.")


def _through(page: Page, server: str, slug: str, values: dict[str, str], wrong: dict[str, str]) -> None:
    listing = f"{server}/administracao/listas/{slug}"
    page.goto(f"{listing}/novo")
    editor = page.locator("[data-editor-field]")
    if editor.count():
        expect(page.locator("[data-editor-field][data-ready=yes]")).to_be_visible()
        page.get_by_role("textbox", name="Texto", exact=True).fill("Atenciosamente,")
    _fill(page, {**values, **wrong})
    _save(page)
    expect(page.get_by_role("alert")).to_be_visible()
    for label in sorted({"Nome", "Identificador", "Sigla"} & set(values) - set(wrong)):
        expect(page.get_by_label(label, exact=True)).to_have_value(values[label])  # nothing typed is lost
    assert axe(page) == [], slug
    _fill(page, wrong | {label: values[label] for label in wrong})
    _save(page)
    name = values["Nome"]
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Em uso")
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alterar")
    _fill(page, {"Nome": f"{name} (revisto)"})
    _save(page)
    expect(page.get_by_role("row").filter(has_text=f"{name} (revisto)")).to_contain_text("Em uso")
    if slug in ("hipoteses", "unidades"):
        return  # used below
    page.get_by_role("row").filter(has_text=f"{name} (revisto)").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alterar")
    if slug == "textos-padrao":  # in use while it is there
        page.get_by_text("Excluir este texto padrão").click()
        assert axe(page) == []
        page.get_by_role("button", name="Excluir texto padrão").click()
        expect(page.get_by_text("Excluído.")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)
        return
    _fill(page, {"Em uso?": "Não"})
    _save(page)
    expect(page.get_by_role("row").filter(has_text=f"{name} (revisto)")).to_contain_text("Fora de uso")


def _calendar(page: Page, server: str) -> None:
    page.goto(f"{server}/administracao/calendario")
    page.get_by_role("button", name=re.compile("Declarar")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Dia", exact=True).fill("2026-11-25")
    page.get_by_label("Não", exact=True).check()
    page.get_by_label("Ato ou motivo").fill("Ponto facultativo")
    page.get_by_role("button", name=re.compile("Declarar")).click()
    expect(page.get_by_text("Não é dia útil: Ponto facultativo")).to_be_visible()


def _user(page: Page, server: str) -> str:
    """An account, its roles, its password; blocked it does not enter, and enters again."""
    page.goto(f"{server}/administracao/usuarios")
    page.get_by_role("link", name=re.compile("^Criar")).first.click()
    page.get_by_role("button", name=re.compile("^Criar")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Usuário", exact=True).fill("joana")
    page.get_by_label("Nome", exact=True).fill("Joana Prado")
    page.get_by_role("button", name=re.compile("^Criar")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Joana Prado")
    expect(page.get_by_role("heading", name="Nenhum perfil")).to_be_visible()
    _fill(page, {"Unidade": "NOVA: Gerência Nova (revisto)", "Perfil": "Processo eletrônico"})
    page.get_by_role("button", name=re.compile("^Dar")).click()
    expect(page.get_by_text("NOVA: Processo eletrônico")).to_be_visible()
    page.get_by_role("button", name="Bloquear a conta").click()
    expect(page.get_by_text("Bloqueada", exact=True)).to_be_visible()
    page.get_by_role("button", name="Desbloquear a conta").click()
    expect(page.get_by_text("Ativa", exact=True)).to_be_visible()
    page.get_by_role("button", name="Gerar senha provisória").click()
    password = page.get_by_text(re.compile(r"^[2-9A-Z]{4}(-[2-9A-Z]{4}){3}$")).inner_text()
    look(page, "administracao-senha")
    page.reload()
    expect(page.get_by_text(password)).to_have_count(0)  # shown once
    return password


def _followed(page: Page, server: str, password: str) -> None:
    """The new servant works with what was made: a type out of use is not offered, the number has the new mask."""
    page.get_by_role("button", name="Sair").click()
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill("joana")
    page.get_by_label("Senha", exact=True).fill(password)
    page.get_by_role("button", name="Entrar").click()
    expect(page.locator(".who-unit")).to_contain_text("NOVA")
    page.goto(f"{server}/processo/novo")
    expect(page.get_by_role("link", name=re.compile("^Administrativo geral"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Doação"))).to_have_count(0)
    page.goto(f"{server}/processo/novo/administrativo_geral")
    page.get_by_label("Restrito").check()
    law = page.get_by_label("Hipótese legal")
    law.select_option(law.locator("option", has_text="Sigilo fiscal (revisto)").get_attribute("value"))
    page.get_by_role("button", name="Abrir processo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^0100\.07\.0000001/2026-\d\d$"))
    form = hands.dialog(page, "Definir prazo")
    form.get_by_label("Ou em quantos dias").fill("1")
    form.get_by_role("button", name="Definir prazo").click()
    hands.told(page, "Prazo da unidade definido.")
    expect(page.locator(".proc-head")).to_contain_text("vence em 1 dia útil")
    expect(page.locator(".proc-head time[datetime^='2026-11-26']")).to_be_visible()  # Wednesday is the declared day
    hands.enter(page, server, "admin")
    page.goto(f"{server}/administracao/atos")
    for told in ("Uma hipótese legal de restrição", "O tipo de processo doacao", "Joana Prado", "o dia 25/11/2026"):
        expect(page.get_by_role("main")).to_contain_text(told)
