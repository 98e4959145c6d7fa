"""The ofícios for the manuals: drafted, decided and signed in the house; received, forwarded and answered by a câmara."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page
from screenshots import PHONE
from studio import Studio, links_in

from processes.oficio_camaras import operations
from processes.oficio_camaras.camaras import DATA, read_csv
from workflow.database import transaction

BETIM = "3106705"


def camara(studio: Studio) -> None:
    """The ofícios, from the draft to the dashboard; and the câmara that receives one."""
    with studio.signed_in("redatora") as page:
        address = _drafted(studio, page)
    for login in ("chefe", "diretora"):
        with studio.signed_in(login) as page:
            _task(page, address)
            page.get_by_label("Aprovar", exact=True).check()
            if login == "chefe":
                studio.take(page, "oficio-revisar", height=900)
            page.get_by_role("button", name="Registrar a decisão").click()
            page.get_by_text("Ofício aprovado.").wait_for()
    with studio.signed_in("chefe") as page:
        _task(page, address)
        page.get_by_label("Cargo ou função").fill("Gerente de Relações Institucionais")
        studio.take(page, "oficio-assinar", height=820)
        page.get_by_label("Sua senha").fill(studio.passwords["chefe"])
        page.get_by_role("button", name="Assinar e enviar").click()
        page.locator("#painel").wait_for()
    (link,) = studio.links(f"camara.{BETIM}@", wait_s=600)
    _received(studio, link)
    _the_others(studio)
    with studio.signed_in("redatora") as page:
        page.goto(address)
        page.get_by_text(f"{studio.camaras} de {studio.camaras} exemplares gerados").wait_for(timeout=600_000)
        studio.take(page, "oficio-painel", height=1060, at=page.locator("#painel"))
        page.goto(f"{studio.url}/oficios")
        studio.take(page, "oficios", height=560)
        page.goto(f"{address}/exemplares?nome=Betim")
        page.get_by_role("link", name="Betim").click()
        studio.take(page, "oficio-exemplar", height=1000)


def _drafted(studio: Studio, page: Page) -> str:
    """A new ofício, its câmaras, and to the review; its address."""
    page.goto(f"{studio.url}/oficios/novo")
    page.get_by_label("Assunto").fill("Declaração de comparecimento")
    page.get_by_label("O ofício pede resposta").check()
    studio.take(page, "oficio-novo", height=1240)
    page.get_by_role("button", name="Abrir o ofício").click()
    page.get_by_role("heading", level=1, name="Câmaras do ofício").wait_for()
    if studio.camaras == 853:
        page.locator("#quem-todas").check()
    else:
        page.locator("#quem-lista").check()
        page.locator("#lista").fill("\n".join(_some(studio.camaras)))
    studio.take(page, "oficio-camaras", height=980)
    page.get_by_role("button", name="Aplicar").click()
    page.get_by_text("no ofício.").wait_for()
    address = page.url.removesuffix("/destinatarios")
    _task(page, address)
    studio.take(page, "oficio-redigir", height=860)
    page.get_by_role("button", name="Enviar para revisão").click()
    page.get_by_text("Ofício enviado para revisão.").wait_for()
    return address


def _some(many: int) -> list[str]:
    codes = [row.ibge for row in read_csv(DATA.read_text("utf-8"))]
    return sorted({*codes[:: len(codes) // (many - 1)][: many - 1], BETIM})[:many]


def _task(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Abrir a tarefa").click()


def _received(studio: Studio, link: str) -> None:
    """The câmara of Betim by the link of its message, on a telephone and on a desk."""
    with studio.page(PHONE) as page:
        page.goto(studio.url + link)
        studio.take(page, "camara-oficio", height=1000)
        page.get_by_role("link", name="Confirmar recebimento").click()
        page.get_by_label("Seu nome completo").fill("Marta Alves Pereira")
        page.get_by_label("Seu cargo na câmara").fill("Secretária da Câmara")
        page.get_by_role("button", name="Continuar").click()
        page.get_by_role("heading", level=1, name="Confira antes de confirmar").wait_for()
        studio.take(page, "camara-confirmar", height=900)
        page.get_by_role("button", name="Confirmar recebimento").click()
        page.get_by_role("link", name="Abrir a cópia carimbada").wait_for(timeout=300_000)
        studio.take(page, "camara-carimbo", height=760, at=page.locator("#recibo"))
    with studio.page() as page:
        page.goto(f"{studio.url}{link}/encaminhar")
        page.get_by_label("E-mails dos vereadores").fill(
            "ana.souza@camara-de-betim.example\njose.lima@camara-de-betim.example"
        )
        studio.take(page, "camara-encaminhar", height=760)
        page.get_by_role("button", name="Continuar").click()
        page.get_by_role("button", name="Encaminhar o ofício").click()
        page.get_by_text("O ofício vai seguir para").wait_for()
        page.goto(f"{studio.url}{link}/responder")
        page.get_by_label("Texto da resposta").fill(
            "A Câmara Municipal de Betim divulgou o serviço aos vereadores na reunião de hoje."
        )
        page.get_by_label("Anexar documentos").set_input_files(
            {"name": "ata-da-reuniao.txt", "mimeType": "text/plain", "buffer": b"Ata da reuniao."}
        )
        page.get_by_role("button", name="Anexar e continuar nesta página").click()
        page.locator(".list-title", has_text="ata-da-reuniao.txt").wait_for()
        studio.take(page, "camara-responder", height=1120)
        page.get_by_role("button", name="Conferir antes de enviar").click()
        page.get_by_role("button", name="Enviar resposta").click()
        page.get_by_text("Este é o seu recibo.").wait_for()
        studio.take(page, "camara-recibo", height=1080)


def _the_others(studio: Studio) -> None:
    """Two in five of the others confirm, one in five answers, so that the map has something to tell."""
    messages = _sent(studio)
    links = [link for path in messages for link in links_in(path, "camara.") if "recebimento" in link]
    for number, link in enumerate(links):
        token = link.rsplit("/", 1)[1]
        with transaction() as session:
            if number % 5 in (1, 3):
                operations.confirm_by_link(session, token, "Servidor da Câmara, Protocolo")
            if number % 5 == 1:
                operations.answer_by_link(session, token, "O serviço foi divulgado aos vereadores.")


def _sent(studio: Studio) -> list[Path]:
    """The messages, once no more of them come."""
    before: list[Path] = []
    while len(now := sorted((studio.data / "correio").glob("*.eml"))) != len(before):
        before = now
        time.sleep(10)
    return now
