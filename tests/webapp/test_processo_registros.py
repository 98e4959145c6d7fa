"""A processo over HTTP: what is written on it, tied to it, given to others, taken away as a file."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from documents.dossier.external.models import ExternalGrant
from documents.dossier.models import DossierDocument
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_house import asking_for, do, number_of, ours, template_database
from tests.webapp.processo_people import ADMIN, ANA, BIA, CAIO, House
from workflow.database import transaction

__all__ = ["ours", "template_database"]
pytestmark = pytest.mark.slow


def test_andamento_in_three_sizes_with_manual_entries_that_are_text_only(ours: House) -> None:
    client = ours.client(ANA)
    house.document(ours.dossier)
    assert do(client, ours.dossier, "andamento", text="Aguarda <script>alert(1)</script>").status_code == 303
    do(client, ours.dossier, "prioridade", priority="1")
    short, complete, whole = (
        client.get(f"/processo/{ours.dossier}?andamento={detail}").text for detail in ("resumido", "completo", "total")
    )
    assert "Aguarda &lt;script&gt;" in short
    assert "incluído por GRPC" not in short
    assert "incluído por GRPC" in complete
    assert "Prioridade alterada" not in complete
    assert "Prioridade alterada" in whole


def test_comments_are_read_by_all_and_taken_back_by_their_author(ours: House) -> None:
    ana, bia = ours.client(ANA), ours.client(BIA)
    document = house.document(ours.dossier)
    assert do(ana, ours.dossier, "comentar", text="Falta a planilha").status_code == 303
    on_document = f"/processo/{ours.dossier}/documento/{document}/comentar-documento"
    assert house.post(ana, on_document, text="Rever o segundo parágrafo").status_code == 303
    assert "Falta a planilha" in bia.get(f"/processo/{ours.dossier}").text
    shown = ana.get(f"/processo/{ours.dossier}?documento={document}").text
    assert "Rever o segundo parágrafo" in shown
    remove = re.findall(rf"/processo/{ours.dossier}/comentarios/[0-9a-f-]+/retirar", shown)[0]
    assert house.post(bia, remove).status_code == 403
    assert house.post(ana, remove).status_code == 303
    assert "Rever o segundo parágrafo" not in ana.get(f"/processo/{ours.dossier}?documento={document}").text


def test_ciencia_asks_once_more(ours: House) -> None:
    client = ours.client(ANA)
    assert "ninguém pode desfazê-la" in client.get(f"/processo/{ours.dossier}/ciencia").text
    assert do(client, ours.dossier, "ciencia").status_code == 422
    assert do(client, ours.dossier, "ciencia", sure="y").status_code == 303
    assert "Ciência no processo." in client.get(f"/processo/{ours.dossier}").text


def test_relate_by_number_and_undo(ours: House) -> None:
    client = ours.client(ANA)
    other, secret = house.opened(specification="Mesas"), house.opened(CAIO, level="sigiloso")
    for number in ("0100.01.9999999/2026-00", number_of(secret), number_of(ours.dossier)):
        refused = do(client, ours.dossier, "relacionar", number=number)
        assert refused.status_code == 422
        assert f'value="{number}"' in refused.text
    digits = re.sub(r"\D", "", number_of(other))
    assert do(client, ours.dossier, "relacionar", number=digits).status_code == 303
    assert number_of(ours.dossier) in client.get(f"/processo/{other}").text
    assert do(client, ours.dossier, "desfazer-relacao", other_id=str(other)).status_code == 303
    assert "Processos relacionados" not in client.get(f"/processo/{ours.dossier}").text


def test_attach_is_for_good_except_to_the_administration(ours: House) -> None:
    client = ours.client(ANA)
    main = house.opened(specification="Principal")
    document = house.document(ours.dossier, title="Do anexado")
    assert "definitiva" in client.get(f"/processo/{ours.dossier}/anexar").text
    assert do(client, ours.dossier, "anexar", number=number_of(main)).status_code == 422
    assert do(client, ours.dossier, "anexar", number=number_of(main), sure="y").status_code == 303
    page = client.get(f"/processo/{main}").text
    assert "Do anexado" in page
    assert f'id="no-{document}"' in page
    assert f"/processo/{ours.dossier}/documentos/novo" not in client.get(f"/processo/{ours.dossier}").text
    assert do(client, ours.dossier, "desanexar", reason="Engano").status_code == 403
    admin = ours.client(ADMIN)
    assert do(admin, ours.dossier, "desanexar", reason="Número trocado").status_code == 303
    assert "Do anexado" not in client.get(f"/processo/{main}").text


def test_cancel_what_others_saw_delete_what_they_did_not(ours: House) -> None:
    ana, bia = ours.client(ANA), ours.client(BIA)
    kept, gone = house.document(ours.dossier, title="Visto"), house.document(ours.dossier, title="Rascunho")
    bia.get(f"/processo/{ours.dossier}?documento={kept}")
    with transaction() as session:
        assert session.get_one(DossierDocument, kept).seen_at is not None
    base = f"/processo/{ours.dossier}/documento"
    assert "já viu este documento" in house.post(ana, f"{base}/{kept}/excluir").text
    page = ana.get(f"/processo/{ours.dossier}?documento={kept}").text
    assert f"{base}/{kept}/cancelar" in page
    assert f"{base}/{kept}/excluir" not in page
    assert house.post(ana, f"{base}/{kept}/cancelar", reason="Texto errado").status_code == 303
    assert "cancelado: Texto errado" in ana.get(f"/processo/{ours.dossier}").text
    deleted = house.post(ana, f"{base}/{gone}/excluir")
    assert deleted.location == f"/processo/{ours.dossier}"
    assert "Rascunho" not in ana.get(f"/processo/{ours.dossier}").text
    assert ana.get(f"/processo/{ours.dossier}?documento={gone}").status_code == 404


def test_specification_parties_and_level(ours: House) -> None:
    client = ours.client(ANA)
    assert do(client, ours.dossier, "especificacao", specification="Compra de mesas").status_code == 303
    names = "Maria das Dores Ávila\n\nCâmara de Betim"
    assert do(client, ours.dossier, "interessados", parties=names).status_code == 303
    page = client.get(f"/processo/{ours.dossier}").text
    assert "Compra de mesas" in page
    assert "Câmara de Betim; Maria das Dores Ávila" in page
    secret = house.hypothesis("sigiloso")
    assert do(client, ours.dossier, "acesso", level="sigiloso", hypothesis_id=str(secret)).status_code == 303
    assert ours.client(CAIO).get(f"/processo/{ours.dossier}").status_code == 404
    caio = str(house.actor_of(CAIO).id)
    assert do(client, ours.dossier, "credencial", account_id=caio).status_code == 303
    assert ours.client(CAIO).get(f"/processo/{ours.dossier}").status_code == 200
    assert do(client, ours.dossier, "retirar-credencial", account_id=caio).status_code == 303
    assert ours.client(CAIO).get(f"/processo/{ours.dossier}").status_code == 404


def test_external_access_is_given_listed_and_taken_back(ours: House) -> None:
    client = ours.client(ANA)
    document = house.document(ours.dossier)
    wrong = do(client, ours.dossier, "acesso-externo", email="isto não é", days="900", scope="alguns")
    assert wrong.status_code == 422
    for words in ("Escreva um número de 1 a 365.", "Marque ao menos um documento", 'value="900"'):
        assert words in wrong.text
    given = do(
        client, ours.dossier, "acesso-externo", email="fornecedor@example.org", days="10", scope="alguns",
        document_ids=str(document), may_sign="y",
    )  # fmt: skip
    assert given.status_code == 303
    listed = client.get(f"/processo/{ours.dossier}/acesso-externo").text
    assert "fornecedor@example.org" in listed
    assert "1 documento; pode assinar" in listed
    with transaction() as session:
        grant = session.scalars(select(ExternalGrant.id)).one()
    other = house.opened()
    assert house.post(client, f"/processo/{other}/acesso-externo/{grant}/retirar").status_code == 404
    assert house.post(client, f"/processo/{ours.dossier}/acesso-externo/{grant}/retirar").status_code == 303
    assert "Retirado" in client.get(f"/processo/{ours.dossier}/acesso-externo").text


def test_zip_and_pdf_of_chosen_documents(ours: House, database_url: str) -> None:
    client = ours.client(ANA)
    first, second = house.document(ours.dossier, title="Um"), house.document(ours.dossier, title="Dois")
    form = client.get(f"/processo/{ours.dossier}/baixar").text
    assert "hx-post" not in form
    assert do(client, ours.dossier, "baixar", way="zip").status_code == 422
    packed = do(client, ours.dossier, "baixar", way="zip", document_ids=str(first))
    assert packed.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.data)) as opened:
        names = opened.namelist()
    assert any("Um" in name for name in names)
    assert not any("Dois" in name for name in names)
    foreign = house.document(house.opened())
    assert do(client, ours.dossier, "baixar", way="zip", document_ids=str(foreign)).status_code == 422
    asked = do(client, ours.dossier, "baixar", way="pdf", document_ids=str(second))
    assert asked.status_code == 303
    assert "Na fila" in client.get(asked.location).text
    assert client.get(f"{asked.location}/arquivo").status_code == 409
    scenario.work(database_url)
    assert "Pronto" in client.get(asked.location, headers=asking_for("")).text
    file = client.get(f"{asked.location}/arquivo")
    assert file.data.startswith(b"%PDF")
    assert ours.client(CAIO).get(f"{asked.location}/arquivo").status_code == 404
