"""Documents over HTTP: new ones, files from outside; who may read and write."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest

from documents.dossier import operations as dossiers
from documents.texts import operations as texts
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.documentos_desk import Desk, desk, html_of, latest, put_signature, row, save
from tests.webapp.signing import installation
from workflow.database import transaction

__all__ = ["desk", "installation"]
pytestmark = pytest.mark.slow


def test_the_types_are_listed_and_the_most_used_comes_first(desk: Desk) -> None:
    for _ in range(2):
        house.document(desk.dossier)
    page = desk.ana.get(f"/processo/{desk.dossier}/documentos/novo").text
    names = re.findall(r"<li data-word><a [^>]*>([^<]+)</a>", page)
    assert names[0] == "Despacho"
    assert {"Ofício", "Anexo", "Requerimento"} <= set(names)


def test_an_internal_document_begins_with_its_model_and_opens_in_the_editor(desk: Desk) -> None:
    with transaction() as session:
        texts.save_model(
            session,
            "despacho",
            "Despacho",
            "<p>No processo «processo.numero», decido.</p>",
            actor=house.actor_of(house.ADMIN),
        )
    path = f"/processo/{desk.dossier}/documentos/novo?tipo=despacho"
    assert "O modelo do tipo" in desk.ana.get(path).text
    answer = desk.post(path, title="Arquivamento", beginning="modelo", level="publico")
    assert answer.status_code == 303
    assert answer.location == f"/documento/{latest()}/editar"
    editor = desk.ana.get(answer.location).text
    assert "decido." in editor
    assert "«processo.numero»" not in html_of(latest(), 1)
    assert row(latest()).title == "Arquivamento"


def test_a_document_begins_blank_with_a_standard_text_or_as_a_copy(desk: Desk) -> None:
    with transaction() as session:
        standard = texts.save_standard_text(
            session, None, name="Fecho", html="<p>Atenciosamente,</p>", unit=None, actor=house.actor_of(house.ADMIN)
        )
        standard_id = standard.id
    first = desk.written("<p>Texto que se repete.</p>")
    path = f"/processo/{desk.dossier}/documentos/novo?tipo=despacho"
    assert desk.post(path, beginning="branco", level="publico").status_code == 303
    assert desk.post(path, beginning="texto", standard=str(standard_id), level="publico").status_code == 303
    assert html_of(latest(), 1) == "<p>Atenciosamente,</p>"
    assert desk.post(path, beginning="copia", copy_of=str(row(first).number), level="publico").status_code == 303
    assert html_of(latest(), 1) == "<p>Texto que se repete.</p>"
    refused = desk.post(path, title="Fica", beginning="copia", copy_of="99999999", level="publico")
    assert refused.status_code == 422
    assert "Não encontramos um documento escrito aqui com este número" in refused.text
    assert 'value="Fica"' in refused.text


def test_a_restricted_document_needs_its_hypothesis(desk: Desk) -> None:
    path = f"/processo/{house.opened()}/documentos/novo?tipo=despacho"
    refused = desk.post(path, title="Sensível", beginning="branco", level="restrito")
    assert refused.status_code == 422
    assert "Escolha a hipótese legal" in refused.text
    law = str(house.hypothesis("restrito"))
    assert desk.post(path, title="Sensível", beginning="branco", level="restrito", hypothesis_id=law).status_code == 303
    assert row(latest()).level == "restrito"
    client, _ = desk.at(house.BIA)
    assert client.get(f"/documento/{latest()}").status_code == 403


def test_a_form_is_filled_and_what_is_wrong_stays(desk: Desk) -> None:
    answer = desk.post(f"/processo/{desk.dossier}/documentos/novo?tipo=requerimento", title="", level="publico")
    path = f"/documento/{latest()}/formulario"
    assert answer.location == path
    refused = desk.post(path, nome="Maria", contato="", assunto="Cadeiras", pedido="Duas", resposta_por="email")
    assert refused.status_code == 422
    assert 'value="Maria"' in refused.text
    assert "E-mail ou telefone" in refused.text
    done = desk.post(path, nome="Maria", contato="m@a.br", assunto="Cadeiras", pedido="Duas", resposta_por="email")
    assert done.status_code == 303
    assert "Cadeiras" in desk.ana.get(f"/documento/{latest()}").text
    assert 'value="m@a.br"' in desk.ana.get(path).text
    assert desk.ana.get(f"/documento/{latest()}/editar").location == path


def png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 10, 10)).save(out, "PNG")
    return out.getvalue()


def test_files_come_in_together_or_one_by_one_and_the_protocolo_authenticates(desk: Desk) -> None:
    path = f"/processo/{desk.dossier}/documentos/novo?tipo=anexo"
    facts = {"level": "publico", "origin": "digitalizado", "conference": "copia_simples", "document_date": "2026-11-20"}
    files = [(io.BytesIO(png()), "primeira.png"), (io.BytesIO(b"Ata da reuni\xc3\xa3o"), "ata.txt")]
    answer = desk.post(path, files=files, **facts)
    assert answer.status_code == 303, answer.text
    second = latest()
    assert row(second).title == "ata"
    assert (row(second).conference, str(row(second).document_date)) == ("copia_simples", "2026-11-20")
    one = desk.post(
        f"/processo/{desk.dossier}/documentos/arquivo?tipo=anexo", files=(io.BytesIO(png()), "foto.png"), **facts
    )
    assert one.status_code == 201, one.text
    photo = latest()
    assert f"/documento/{photo}/original" in desk.ana.get(f"/documento/{photo}/ver").text
    original = desk.ana.get(f"/documento/{photo}/original")
    assert (original.data, original.mimetype) == (png(), "image/png")
    assert "sandbox" in original.headers["Content-Security-Policy"]
    text = desk.ana.get(f"/documento/{second}/original")
    assert text.headers["Content-Disposition"].startswith("attachment")
    bad = desk.post(
        f"/processo/{desk.dossier}/documentos/arquivo?tipo=anexo",
        files=(io.BytesIO(b"<script>alert(1)</script>"), "pagina.html"), **facts,
    )  # fmt: skip
    assert bad.status_code == 422
    assert "não é aceito" in bad.get_json()["message"]
    assert (
        desk.post(path, level="publico", origin="digitalizado", files=(io.BytesIO(png()), "a.png")).status_code == 422
    )
    assert desk.post(path, level="publico", origin="nato").status_code == 422
    _authenticated(desk, photo)


def _authenticated(desk: Desk, photo: UUID) -> None:
    path = f"/documento/{photo}/autenticar"
    assert desk.ana.get(path).status_code == 403
    scenario.staff("protocolo", "GRPC", "pedro")
    client, token = desk.at("pedro")
    assert "Autenticar este documento" in client.get(f"/documento/{photo}").text
    assert client.post(path, data={"csrf_token": token, "password": "outra coisa"}).status_code == 422
    assert client.post(path, data={"csrf_token": token, "password": scenario.PASSWORD}).status_code == 303
    assert row(photo).authenticated_at is not None


def test_another_unit_reads_and_does_not_write_and_reading_locks_what_is_signed(desk: Desk) -> None:
    document = desk.written()
    put_signature(desk, document)
    assert row(document).locked_at is None
    bia, token = desk.at(house.BIA)
    page = bia.get(f"/documento/{document}").text
    assert "Arquive-se." in page
    assert ">Editar<" not in page
    assert ">Assinar<" not in page
    assert row(document).locked_at is not None
    for path in ("editar", "formulario"):
        assert bia.get(f"/documento/{document}/{path}").status_code in (403, 409)
    assert save(desk, document, "<p>Não.</p>", 1, bia, token).status_code == 403
    assert bia.post(f"/documento/{document}/versoes/1/restaurar", data={"csrf_token": token}).status_code == 403
    assert bia.get(f"/documentos/assinar?documento={document}").status_code == 403
    assert bia.get(f"/processo/{desk.dossier}/documentos/novo").status_code == 409
    locked = save(desk, document, "<p>Tarde.</p>", 1)
    assert locked.status_code == 409
    assert "Outra unidade já viu" in locked.text
    assert "O texto está travado" in desk.ana.get(f"/documento/{document}").text


def test_what_is_sigiloso_does_not_exist_for_the_others(desk: Desk) -> None:
    secret = house.opened(level="sigiloso")
    document = house.document(secret)
    with transaction() as session:
        texts.save(session, document, "<p>Segredo.</p>", actor=house.actor_of(house.ANA), based_on=0)
    caio, token = desk.at(house.CAIO)
    for path in (
        "",
        "/ver",
        "/editar",
        "/formulario",
        "/versoes",
        "/versoes/1",
        "/comparar?de=1&para=1",
        "/pdf",
        "/original",
        "/situacao",
    ):
        assert caio.get(f"/documento/{document}{path}").status_code == 404, path
    assert save(desk, document, "<p>x</p>", 1, caio, token).status_code == 404
    assert caio.get(f"/processo/{secret}/documentos/novo").status_code == 404
    assert caio.get(f"/documentos/assinar?documento={document}").status_code == 404
    copied = caio.post(
        f"/processo/{desk.dossier}/documentos/novo?tipo=despacho",
        data={"csrf_token": token, "beginning": "copia", "copy_of": str(row(document).number), "level": "publico"},
    )
    assert copied.status_code == 422
    assert "Segredo" not in copied.text


def test_a_cancelled_document_is_read_and_no_longer_written(desk: Desk) -> None:
    document = desk.written()
    put_signature(desk, document)
    with transaction() as session:
        dossiers.cancel_document(session, document, "Saiu errado.", actor=house.actor_of(house.ANA))
    page = desk.ana.get(f"/documento/{document}").text
    assert "Motivo: Saiu errado." in page
    assert ">Editar<" not in page
    assert save(desk, document, "<p>De novo.</p>", 1).status_code == 403
