"""Pictures of the manuals: `python scripts/manuals.py [--to docs/images/manual] [--only PART …] [--camaras N]`.

Starts an installation of its own with the demonstration (a folder that is removed afterwards, a free port, the legal
clock at a fixed morning), works in it in Chromium as the manuals tell, and keeps what is seen. Parts: gestor, externo
(after gestor), administrador, camara (the ofícios, sent to as many câmaras as --camaras says). Pages with faces are never
pictured.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from manuals_oficios import camara  # noqa: E402 - the folder must be known first
from screenshots import FLAGS, PHONE  # noqa: E402
from studio import Studio  # noqa: E402

from documents.dossier import operations as dossiers  # noqa: E402
from documents.signatures import blocks  # noqa: E402
from documents.texts import operations as texts  # noqa: E402
from people.queries import staff_accounts  # noqa: E402
from people.units import actor_of  # noqa: E402
from webapp.cli.start import Plan, bring_up, free_port, offset_of  # noqa: E402
from workflow import clock  # noqa: E402
from workflow.database import transaction  # noqa: E402

MORNING = "2026-11-24T09:30"
OUTSIDER = "vereadora@camara-de-betim.example"
OUTSIDER_PASSWORD = "ata da câmara de Betim"  # noqa: S105 - of a demonstration that lives for minutes
SUMMONS = tuple(f"Convite à Câmara Municipal, região {number}" for number in range(1, 51))


def main() -> None:
    """Every part, or those asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--to", type=Path, default=ROOT / "docs" / "images" / "manual")
    options.add_argument("--only", nargs="*", choices=tuple(PARTS), default=tuple(PARTS))
    options.add_argument("--camaras", type=int, default=853)
    chosen = options.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    os.environ["CARIMBO_MAIL_RATE"] = "0"
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        Path(folder).chmod(0o755)  # as root, the database's own user passes through it
        plan = Plan(Path(folder) / "dados", "127.0.0.1", free_port(8400), offset_of(MORNING))
        supervisor, demonstration = bring_up(plan)
        try:
            clock.configure(plan.offset)
            browser = _chromium(playwright.chromium.launch)
            studio = Studio(browser, plan.url, plan.data, demonstration.passwords, chosen.to, chosen.camaras)
            for part in chosen.only:
                PARTS[part](studio)
            browser.close()
        finally:
            supervisor.stop()


def _chromium(launch: Callable[..., Browser]) -> Browser:
    """Debian's where there is one; date fields in Portuguese where it has the words."""
    path = "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None
    return launch(executable_path=path, args=[*FLAGS, "--lang=pt-BR"])


def gestor(studio: Studio) -> None:
    """Who works and manages processos."""
    _block()
    with studio.signed_in("redatora") as page:
        _inbox(studio, page)
        _dossier(studio, page)
        _found(studio, page)
        _account(studio, page)
    with studio.signed_in("diretora") as page:
        page.goto(f"{studio.url}/blocos")
        page.locator(".list-title a").first.click()
        page.get_by_text("50 esperam a sua assinatura").wait_for()
        page.get_by_label("Cargo ou função").fill("Gerente-Geral")
        studio.take(page, "bloco", height=820)
        page.get_by_label("Sua senha").fill(studio.passwords["diretora"])
        page.get_by_role("button", name="Assinar os marcados").click()
        page.get_by_text("nenhum espera a sua assinatura").wait_for()
    with studio.signed_in("redatora", PHONE) as page:
        page.goto(f"{studio.url}/controle?q=cartilhas")
        page.locator("[data-open]").first.click()
        studio.take(page, "processo-celular", height=844)


def _inbox(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.url}/controle")
    page.locator("[data-line]").first.wait_for()
    page.get_by_role("link", name=re.compile(r"Tudo \d")).wait_for()
    for at in (0, 1):
        page.locator("[data-line] input[type=checkbox]").nth(at).check()
    studio.take(page, "controle", height=700)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Comando").fill("cartilhas")
    page.locator(".pal-option").first.wait_for()
    studio.take(page, "comandos", height=560)


def _dossier(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.url}/processo/novo/administrativo_geral")
    page.get_by_label("Especificação").fill("Visita técnica à Câmara Municipal de Betim")
    page.get_by_label("Interessados").fill("Câmara Municipal de Betim")
    studio.take(page, "novo-processo", height=1180)
    page.goto(f"{studio.url}/controle?q=cartilhas")
    page.locator("[data-open]").first.click()
    page.get_by_role("treeitem", name="Nota técnica").wait_for()
    address = page.url
    studio.take(page, "processo", height=820)
    page.get_by_role("link", name="Enviar a outra unidade").click()
    page.get_by_role("dialog").get_by_label("GRPC:").check()
    page.get_by_role("dialog").get_by_label("Manter o processo aberto").check()
    studio.take(page, "enviar", height=820)
    page.get_by_role("dialog").get_by_role("link", name="Desistir").click()
    page.get_by_role("treeitem", name="Nota técnica").click()
    page.get_by_role("link", name="Editar", exact=True).click()
    page.locator("[data-editor][data-ready=yes]").wait_for()
    studio.take(page, "editor", height=820)
    page.goto(address)
    page.get_by_role("treeitem", name="Nota técnica").click()
    page.get_by_role("link", name="Assinar", exact=True).click()
    page.get_by_label("Cargo ou função").fill("Analista legislativa")
    studio.take(page, "assinar", height=700, at=page.get_by_label("Assinatura", exact=True))
    page.get_by_label("Sua senha").fill(studio.passwords["redatora"])
    page.get_by_role("button", name="Assinar", exact=True).click()
    page.goto(address)
    page.get_by_role("treeitem", name="Nota técnica").click()
    page.get_by_role("link", name="Abrir o PDF assinado").wait_for()
    studio.take(page, "documento-assinado", height=1000, at=page.locator("#documentos"))
    _open_to_outsider(studio, page, address)


def _open_to_outsider(studio: Studio, page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Acesso externo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail do usuário externo").fill(OUTSIDER)
    dialog.get_by_label("Por quantos dias úteis").fill("10")
    dialog.get_by_label("Pode incluir documentos").check()
    studio.take(page, "acesso-externo", height=860)
    dialog.get_by_role("button", name="Conceder acesso").click()
    page.get_by_text(f"Acesso concedido a {OUTSIDER}").wait_for()


def _found(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.url}/pesquisa")
    page.get_by_label("O que procurar").fill("cartilha* && quantidades")
    page.get_by_role("button", name="Pesquisar", exact=True).click()
    page.get_by_text("Mostrando").wait_for()
    studio.take(page, "pesquisa", height=900)


def _account(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.url}/conta/substituicao")
    page.get_by_label("Quem substitui").select_option(index=1)
    page.get_by_label("Do dia").fill(clock.today().isoformat())
    page.get_by_label("Até o dia").fill((clock.today() + timedelta(days=15)).isoformat())
    studio.take(page, "substituicao", height=1000)
    page.goto(f"{studio.url}/conta/duas-etapas")
    page.get_by_label("Código do aplicativo").wait_for()
    studio.take(page, "duas-etapas", height=1120)


def administrador(studio: Studio) -> None:
    """Who keeps the house's registers."""
    with studio.signed_in("admin") as page:
        for name, path, height in (
            ("administracao", "/administracao", 720),
            ("unidade", "/administracao/listas/unidades/GRI", 1060),
            ("numeracao", "/administracao/listas/numeracao/ALMG", 840),
            ("tipo-de-documento", "/administracao/listas/tipos-de-documento/oficio", 1120),
            ("hipoteses", "/administracao/listas/hipoteses", 720),
            ("calendario", "/administracao/calendario", 860),
            ("registro-de-atos", "/administracao/atos", 860),
        ):
            page.goto(studio.url + path)
            studio.take(page, name, height=height)
        page.goto(f"{studio.url}/administracao/usuarios?q=redatora")
        page.get_by_role("link", name="Gabriela Santos").click()
        studio.take(page, "usuario", height=1180)


def externo(studio: Studio) -> None:
    """Somebody from outside, whom the part `gestor` gave access."""
    with studio.page() as page:
        page.goto(f"{studio.url}/externo/cadastro")
        page.get_by_label("Nome completo").fill("Vera Lúcia Alves")
        page.get_by_label("CPF").fill("529.982.247-25")
        page.get_by_label("E-mail").fill(OUTSIDER)
        page.get_by_label("Crie uma senha").fill(OUTSIDER_PASSWORD)
        page.get_by_label("Li e aceito").check()
        page.get_by_role("button", name="Abrir conta").click()
        page.get_by_role("heading", level=1, name="Falta confirmar seu e-mail").wait_for()
        confirm = [link for link in studio.links(OUTSIDER) if "confirmar" in link]
        page.goto(studio.url + confirm[-1])
        page.get_by_label("Sua senha").fill(OUTSIDER_PASSWORD)
        page.get_by_role("button", name="Confirmar minha conta").click()
        page.get_by_role("link", name="Entrar").last.click()
        page.get_by_label("E-mail").fill(OUTSIDER)
        page.get_by_label("Senha").fill(OUTSIDER_PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.goto(f"{studio.url}/externo")
        page.locator(".list-title a").first.click()
        studio.take(page, "externo-processo", height=640)


def _block() -> None:
    """Fifty documents of the GRI offered to the GRPC."""
    with transaction() as session:
        writer = actor_of(session, next(row.id for row in staff_accounts(session) if row.login == "redatora"))
        dossier = dossiers.open_dossier(
            session, "administrativo_geral", actor=writer, specification="Convites ao encontro de câmaras"
        )
        block = blocks.create(session, "signature", "Convites ao encontro de câmaras", actor=writer)
        for title in SUMMONS:
            one = dossiers.add_document(session, dossier.id, "internal", "despacho", actor=writer, title=title)
            texts.save(session, one.id, f"<p>{title}: autorizo a expedição.</p>", actor=writer, based_on=0)
            blocks.add(session, block.id, actor=writer, document_ids=[one.id])
        blocks.offer(session, block.id, ["GRPC"], actor=writer)


PARTS: dict[str, Callable[[Studio], None]] = {
    "gestor": gestor, "externo": externo, "administrador": administrador, "camara": camara,
}  # fmt: skip


if __name__ == "__main__":
    main()
