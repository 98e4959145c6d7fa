"""Publications over HTTP: scheduled from a document, public pages, what follows, what is withdrawn; how it all looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier import operations as dossiers
from documents.publication import jobs, operations
from documents.publication.models import Publication, PublicationVehicle
from documents.signatures import operations as signatures
from documents.signatures import sealing
from documents.texts import operations as texts
from tests.documents.publication.conftest import MONDAY, SUMMARY, TUESDAY, WEDNESDAY, at
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.browser import look
from tests.webapp.processo_people import House
from tests.webapp.signing import Installation, installation
from workflow.database import transaction

__all__ = ["installation"]
pytestmark = pytest.mark.slow
ATOM = "{http://www.w3.org/2005/Atom}"


def portaria(dossier: UUID) -> UUID:
    """Written, signed and sealed by Ana."""
    ana = house.actor_of(house.ANA)
    with transaction() as session:
        made = dossiers.add_document(session, dossier, "internal", "portaria", actor=ana, title="Título só da árvore")
        texts.save(session, made.id, "<p>Fica instituída a comissão.</p>", actor=ana, based_on=0)
        signatures.sign(session, [made.id], password=scenario.PASSWORD, cargo="Diretora", actor=ana)
        sealing.seal_signed(session, made.id)
        return made.id


def published(document: UUID, summary: str = SUMMARY, vehicle: str = "diario", day: date = TUESDAY) -> UUID:
    """Scheduled the day before, published by the job."""
    with transaction() as session:
        made = operations.schedule(session, document, vehicle, day, summary, actor=house.actor_of(house.ANA))
    at(day)
    jobs.publish_due()
    return made.id


@dataclass(frozen=True)
class Desk:
    """The house, Ana at her browser, and anybody at another."""

    house: House
    ana: FlaskClient
    anybody: FlaskClient

    def post(self, path: str, **data: str) -> TestResponse:
        """A POST of Ana's."""
        return house.post(self.ana, path, **data)

    def public(self, path: str, status: int = 200) -> str:
        """What anybody reads."""
        answer = self.anybody.get(path)
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture(scope="module")
def desk(installation: Installation) -> Desk:
    house.people()
    found = House(installation.app, house.opened())
    return Desk(found, found.client(house.ANA), installation.app.test_client())


def latest(document: UUID) -> Publication:
    with transaction() as session:
        query = select(Publication).where(Publication.document_id == document).order_by(Publication.created_at.desc())
        return session.scalars(query).first()  # type: ignore[return-value]  # the test has just made one


def test_from_the_document_to_the_public_page(desk: Desk) -> None:
    at(MONDAY)
    document = portaria(desk.house.dossier)
    assert f"/documento/{document}/publicar" in desk.ana.get(f"/documento/{document}").text
    path = f"/documento/{document}/publicar"
    assert 'value="2026-11-24"' in desk.ana.get(path).text
    refused = desk.post(path, vehicle="diario", day="2026-11-28", summary=SUMMARY)
    assert refused.status_code == 422
    assert "não há expediente" in refused.text
    assert SUMMARY in refused.text
    both = desk.post(path, vehicle="diario", day="amanhã", summary="x")
    assert "Escreva a ementa" in both.text
    assert "Escreva a data" in both.text
    assert desk.post(path, vehicle="diario", day="2026-11-24", summary=SUMMARY).status_code == 303
    assert "Publicação programada para 24/11/2026" in desk.ana.get(f"/documento/{document}").text
    row = latest(document)
    desk.public(f"/publicacoes/{row.id}", 404)
    desk.public(f"/publicacoes/{row.id}/pdf", 404)
    act = f"/documento/{document}/publicacao/{row.id}"
    changed = desk.post(f"{act}/alterar", vehicle="portal", day="24/11/2026", summary="Outra ementa, mais clara <b>.")
    assert changed.status_code == 303, changed.text
    at(TUESDAY)
    jobs.publish_due()
    jobs.publish_due()
    page = desk.public(f"/publicacoes/{row.id}")
    assert "Portaria 001/2026/GRPC" in page
    assert "Outra ementa, mais clara &lt;b&gt;." in page
    assert "Título só da árvore" not in page
    pdf = desk.anybody.get(f"/publicacoes/{row.id}/pdf?baixar=1")
    assert pdf.data.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    assert "Publicado em" in desk.ana.get(f"/documento/{document}").text
    assert "edição 1/2026" in desk.ana.get(f"/processo/{desk.house.dossier}?andamento=completo").text
    for name in ("alterar", "cancelar"):
        typed = {"day": "2026-11-25", "vehicle": "portal", "summary": SUMMARY, "reason": "Já é tarde demais."}
        late = desk.post(f"{act}/{name}", **typed)
        assert late.status_code == 422
        assert "já foi feita e não muda mais" in late.text


def test_what_follows_is_linked_both_ways(desk: Desk) -> None:
    at(MONDAY)
    dossier = house.opened()
    first, second = portaria(dossier), portaria(dossier)
    row = published(first)
    act = f"/documento/{first}/publicacao/{row}"
    assert f'value="{second}"' in desk.ana.get(f"{act}/retificar").text
    reason = "No art. 2º, onde se lê “cinco”, leia-se “seis”."
    typed = {"document_id": str(second), "day": "2026-11-25", "summary": "Corrige a portaria da comissão."}
    assert desk.post(f"{act}/retificar", reason="", **typed).status_code == 422
    assert desk.post(f"{act}/retificar", reason=reason, **typed).status_code == 303
    assert desk.post(f"{act}/sem-efeito", reason="Publicada por engano.", day="2026-11-25").status_code == 422
    at(WEDNESDAY)
    jobs.publish_due()
    assert desk.post(f"{act}/sem-efeito", reason="Publicada por engano.", day="2026-11-25").status_code == 303
    jobs.publish_due()
    made, undone = latest(second).id, latest(first).id
    page = desk.public(f"/publicacoes/{row}")
    assert f"/publicacoes/{made}" in page
    assert f"/publicacoes/{undone}" in page
    assert reason in page
    assert f"/publicacoes/{row}" in desk.public(f"/publicacoes/{made}")
    assert f"/publicacoes/{row}" in desk.public(f"/publicacoes/{undone}")
    desk.public(f"/publicacoes/{undone}/pdf", 404)
    assert desk.anybody.get(f"/publicacoes/{row}/pdf").data.startswith(b"%PDF")


def test_the_list_is_searched_and_read_by_programs(desk: Desk) -> None:
    at(MONDAY)
    row = published(portaria(house.opened()), "Cria o programa Visitas & Memória.", "portal")
    for query in ("?q=memoria", "?dia=2026-11-24&veiculo=portal", "?tipo=portaria", "?dia=24/11/2026", "?depois=x~y"):
        assert f"/publicacoes/{row}" in desk.public(f"/publicacoes{query}"), query
    for query in ("?q=memori", "?dia=2026-11-20", "?veiculo=diario&q=memoria", "?q=%00%25"):
        assert f"/publicacoes/{row}" not in desk.public(f"/publicacoes{query}"), query
    assert "Confira este campo" in desk.public("/publicacoes?dia=ontem", 422)
    answer = desk.anybody.get("/publicacoes/atom?q=memoria")
    assert answer.mimetype == "application/atom+xml"
    entries = ElementTree.fromstring(answer.data).findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [f"urn:uuid:{row}"]
    assert entries[0].findtext(f"{ATOM}summary") == "Cria o programa Visitas & Memória."
    links = {str(one.get("rel")): str(one.get("href")) for one in entries[0].findall(f"{ATOM}link")}
    assert links["enclosure"] == f"http://carimbo.test/publicacoes/{row}/pdf"


def test_what_is_publico_no_more_says_so_and_gives_nothing(desk: Desk) -> None:
    at(MONDAY)
    dossier = house.opened()
    row = published(portaria(dossier), "Dispõe sobre assunto depois restrito.")
    assert desk.anybody.get(f"/publicacoes/{row}/pdf").status_code == 200
    for level in ("restrito", "sigiloso"):
        with transaction() as session:
            dossiers.change_access(session, dossier, level, house.hypothesis(level), actor=house.actor_of(house.ANA))
        page = desk.public(f"/publicacoes/{row}")
        assert "Retirada do acesso público" in page
        assert "assunto depois restrito" not in page + desk.public("/publicacoes") + desk.public("/publicacoes/atom")
        assert "Portaria" not in page
        assert f"/publicacoes/{row}" not in desk.public("/publicacoes?q=restrito")
        assert "retirada do acesso público" in desk.public(f"/publicacoes/{row}/pdf", 404)


def test_who_may_not(desk: Desk) -> None:
    at(MONDAY)
    document = portaria(desk.house.dossier)
    bia = desk.house.client(house.BIA)
    shown = bia.get(f"/documento/{document}/publicar")
    assert shown.status_code == 200
    assert "não está aberto na sua unidade" in shown.text
    answer = house.post(bia, f"/documento/{document}/publicar", vehicle="diario", day="2026-11-24", summary=SUMMARY)
    assert answer.status_code == 422
    other = published(portaria(house.opened()))
    assert desk.ana.get(f"/documento/{document}/publicacao/{other}/retificar").status_code == 404
    assert desk.anybody.get(f"/documento/{document}/publicar").status_code in (302, 303, 401)


def test_the_administration_keeps_vehicles_and_types(desk: Desk) -> None:
    admin = desk.house.client(house.ADMIN)
    token = scenario.token_of(admin, "/administracao")
    path = "/administracao/listas/veiculos"
    typed = {"csrf_token": token, "key": "mural", "name": "Mural", "active": "sim"}
    assert admin.post(f"{path}/novo", data=typed).status_code == 303
    assert "Mural" in admin.get(path).text
    assert admin.post(f"{path}/mural", data={**typed, "name": "Portal"}).status_code == 422
    with transaction() as session:
        assert session.get_one(PublicationVehicle, "mural").name == "Mural"
    assert "Pode ser publicado?" in admin.get("/administracao/listas/tipos-de-documento/portaria").text


def test_every_page_looks_right(app: Flask, page: Page, server: str) -> None:
    at(MONDAY)
    house.people()
    dossier = house.opened()
    first, second, third = (scenario.apart(portaria, dossier) for _ in range(3))
    page.goto(f"{server}/entrar")
    page.get_by_label("E-mail ou usuário").fill(house.ANA)
    page.get_by_label("Senha", exact=True).fill(scenario.PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(lambda url: "/entrar" not in url)
    page.goto(f"{server}/documento/{first}")
    page.get_by_role("link", name="Publicar").click()
    look(page, "publicacoes-programar")
    page.get_by_label("Ementa").fill(SUMMARY)
    page.get_by_role("button", name="Programar a publicação").click()
    page.get_by_text("Publicação programada.").wait_for()
    with transaction() as session:
        ana = house.actor_of(house.ANA)
        operations.schedule(session, third, "portal", TUESDAY, "Divulga o calendário das visitas guiadas.", actor=ana)
    at(TUESDAY)
    jobs.publish_due()
    page.goto(f"{server}/documento/{first}/publicar")
    page.get_by_role("link", name="Retificar").click()
    look(page, "publicacoes-retificar")
    page.get_by_label("Documento que retifica").select_option(str(second))
    page.get_by_label("O que está sendo retificado").fill("No art. 2º, onde se lê “cinco”, leia-se “seis”.")
    page.get_by_label("Ementa").fill("Corrige a portaria que institui a comissão de inventário.")
    page.get_by_role("button", name="Programar a retificação").click()
    page.get_by_text("Retificação programada.").wait_for()
    at(WEDNESDAY)
    jobs.publish_due()
    row = next(one for one in (latest(first), latest(second)) if one.kind == "original")
    for name, path in {
        "do-documento": f"/documento/{first}/publicar", "lista": "/publicacoes", "uma": f"/publicacoes/{row.id}",
    }.items():  # fmt: skip
        page.goto(server + path)
        look(page, f"publicacoes-{name}")
    page.goto(f"{server}/publicacoes/{row.id}")
    page.get_by_role("link", name="25/11/2026, por Portaria").click()
    page.get_by_role("link", name="24/11/2026, Portaria").wait_for()
