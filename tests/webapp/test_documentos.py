"""Documents over HTTP: new ones, saved, compared, restored, sent, signed; who may and who may not."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier import operations as dossiers
from documents.dossier.models import DocumentType, DocumentVersion, DossierDocument
from documents.signatures import operations as signatures
from documents.texts import operations as texts
from tests.documents.signatures.test_certificates import own_certificate
from tests.webapp import processo_people as house
from tests.webapp import scenario
from tests.webapp.processo_people import House
from tests.webapp.signing import Installation, installation
from workflow.database import transaction

__all__ = ["installation"]
HX = {"HX-Request": "true"}
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Desk:
    """The house, and Ana at her browser."""

    house: House
    url: str
    clients: dict[str, tuple[FlaskClient, str]]

    @property
    def dossier(self) -> UUID:
        return self.house.dossier

    @property
    def ana(self) -> FlaskClient:
        return self.at(house.ANA)[0]

    @property
    def token(self) -> str:
        return self.at(house.ANA)[1]

    def at(self, login: str) -> tuple[FlaskClient, str]:
        """Somebody's browser and its token."""
        if login not in self.clients:
            client = self.house.client(login)
            self.clients[login] = client, scenario.token_of(client, "/")
        return self.clients[login]

    def post(self, path: str, **data: object) -> TestResponse:
        """A POST of Ana's."""
        return self.ana.post(path, data={"csrf_token": self.token, **data})

    def written(self, html: str = "<p>Arquive-se.</p>", title: str = "") -> UUID:
        """A despacho of Ana's with a text."""
        document = house.document(self.dossier, title=title)
        with transaction() as session:
            texts.save(session, document, html, actor=house.actor_of(house.ANA), based_on=0)
        return document


@pytest.fixture(scope="module")
def desk(installation: Installation) -> Desk:
    """Two units, and a dossier of Ana's in the first; one house for the module, since each test writes its own documents."""
    house.people()
    return Desk(House(installation.app, house.opened()), installation.url, {})


def row(document: UUID) -> DossierDocument:
    with transaction() as session:
        return session.get_one(DossierDocument, document)


def latest() -> UUID:
    """The document that was made last."""
    with transaction() as session:
        return session.scalars(select(DossierDocument.id).order_by(DossierDocument.number.desc())).first()  # type: ignore[return-value]  # the test has just made one


def html_of(document: UUID, version: int) -> str:
    with transaction() as session:
        return session.get_one(DocumentVersion, (document, version)).html


# new documents


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


# saving, comparing, restoring


def save(
    desk: Desk, document: UUID, html: str, based_on: int, client: FlaskClient | None = None, token: str = ""
) -> TestResponse:
    data = {"html": html, "based_on": str(based_on), "csrf_token": token or desk.token}
    return (client or desk.ana).post(f"/documento/{document}/salvar", data=data, headers=HX)


def test_saving_makes_a_version_and_the_same_text_none(desk: Desk) -> None:
    document = desk.written()
    answer = save(desk, document, "<p>Arquive-se já.</p>", 1)
    assert answer.get_json() == {"version": 2, "conflict": False, "message": ""}
    assert save(desk, document, "<p>Arquive-se já.</p>", 2).get_json()["version"] == 2
    assert desk.post(f"/documento/{document}/salvar", html="<p>x</p>").status_code == 422


def test_two_people_at_once_lose_nothing(desk: Desk) -> None:
    document = desk.written()
    caio, token = desk.at(house.CAIO)
    assert save(desk, document, "<p>De Caio.</p>", 1, caio, token).get_json()["version"] == 2
    told = save(desk, document, "<p>De Ana.</p>", 1).get_json()
    assert told["conflict"] is True
    assert told["other"]["version"] == 2
    assert "caio" in told["other"]["author"]
    assert "De Caio." in desk.ana.get(told["other"]["url"], headers=HX).text
    assert "De Ana." in desk.ana.get(told["mine_url"], headers=HX).text
    assert "Caio" in desk.ana.get(told["compare_url"], headers=HX).text
    assert html_of(document, 2) == "<p>De Caio.</p>"
    assert html_of(document, 3) == "<p>De Ana.</p>"


def test_versions_are_listed_compared_in_words_and_restored(desk: Desk) -> None:
    document = desk.written("<h2>Decisão</h2><p>Arquive-se hoje.</p>")
    save(desk, document, "<h2>Decisão</h2><p>Arquive-se amanhã.</p>", 1)
    page = desk.ana.get(f"/documento/{document}/versoes").text
    assert "Versão 1" in page
    compared = desk.ana.get(f"/documento/{document}/comparar?de=1&para=2").text
    assert '<del><span class="visually-hidden">[retirado: </span>hoje.' in compared
    assert '<ins><span class="visually-hidden">[incluído: </span>amanhã.' in compared
    assert desk.ana.get(f"/documento/{document}/comparar?de=1").status_code == 404
    assert desk.ana.get(f"/documento/{document}/comparar?de=1&para=9").status_code == 404
    assert "hoje." in desk.ana.get(f"/documento/{document}/versoes/1").text
    assert desk.post(f"/documento/{document}/versoes/1/restaurar").status_code == 303
    assert (row(document).version, html_of(document, 3)) == (3, "<h2>Decisão</h2><p>Arquive-se hoje.</p>")


def test_the_text_follows_the_headings_of_the_page(desk: Desk) -> None:
    document = desk.written(
        '<h1 class="align-center">Ata</h1><h2>Abertura</h2><table><tbody><tr><td>a</td></tr></tbody></table>'
    )
    part = desk.ana.get(f"/documento/{document}/ver").text
    assert '<h3 class="t1 align-center">Ata</h3><h4 class="t2">Abertura</h4>' in part
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Tabela"><table>' in part


HOSTILE = (
    "<script>fetch('/sair')</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
    "<p style='background:url(https://mau.example/x)'>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<img src='https://mau.example/espiao.png'>",
    "<form action='https://mau.example'><button formaction='javascript:alert(1)'>x</button></form>",
)


def test_hostile_html_is_harmless_once_saved(desk: Desk) -> None:
    document = house.document(desk.dossier)
    for version, hostile in enumerate(HOSTILE):
        assert save(desk, document, f"<p>antes {version}</p>{hostile}<p>depois</p>", version).status_code == 200
        kept = html_of(document, version + 1)
        assert "antes" in kept
        for word in (
            "<script",
            "onerror",
            "onload",
            "javascript:",
            "mau.example",
            "<svg",
            "<iframe",
            "style=",
            "<form",
        ):
            assert word not in kept
    assert "mau.example" not in desk.ana.get(f"/documento/{document}").text


def test_a_long_text_is_taken_whole(desk: Desk) -> None:
    document = house.document(desk.dossier)
    long = "<p>" + "ação " * 200_000 + "</p>"
    assert save(desk, document, long, 0).status_code == 200
    assert len(html_of(document, 1)) > 900_000


# who may


def test_another_unit_reads_and_does_not_write_and_reading_locks_what_is_signed(desk: Desk) -> None:
    document = desk.written()
    _sign(desk, document)
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
    _sign(desk, document)
    with transaction() as session:
        dossiers.cancel_document(session, document, "Saiu errado.", actor=house.actor_of(house.ANA))
    page = desk.ana.get(f"/documento/{document}").text
    assert "Motivo: Saiu errado." in page
    assert ">Editar<" not in page
    assert save(desk, document, "<p>De novo.</p>", 1).status_code == 403


# signing


def _sign(desk: Desk, *documents: UUID, password: str = scenario.PASSWORD, **data: object) -> TestResponse:
    seen = {f"versao-{one}": str(row(one).version) for one in documents}
    facts = {"cargo": "Analista", "way": "senha", "password": password, **seen, **data}
    return desk.post("/documentos/assinar", documento=[str(one) for one in documents], **facts)


def test_signing_asks_password_and_cargo_and_remembers_the_cargo(desk: Desk) -> None:
    first, second = desk.written("<p>Um.</p>"), desk.written("<p>Dois.</p>")
    wrong = _sign(desk, first, password="não é esta")
    assert wrong.status_code == 422
    assert "A senha não confere" in wrong.text
    assert 'value="Analista"' in wrong.text
    assert _sign(desk, first, cargo="").status_code == 422
    assert row(first).status == "draft"
    assert _sign(desk, first, second).status_code == 303
    assert (row(first).status, row(second).status) == ("signed", "signed")
    page = desk.ana.get(f"/documento/{first}").text
    assert "Assinatura registrada; o PDF está sendo preparado." in page
    assert "Servidora ana" in page
    third = desk.written("<p>Três.</p>")
    assert 'value="Analista"' in desk.ana.get(f"/documentos/assinar?documento={third}").text
    assert desk.ana.get("/documentos/assinar").status_code == 404
    assert desk.ana.get("/documentos/assinar?documento=x").status_code == 404


def test_a_text_that_changed_since_it_was_read_is_not_signed(desk: Desk) -> None:
    document = desk.written()
    save(desk, document, "<p>Mudou.</p>", 1)
    answer = desk.post(
        "/documentos/assinar", documento=str(document), cargo="Analista", way="senha", password=scenario.PASSWORD,
        **{f"versao-{document}": "1"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "mudou depois que você o abriu" in answer.text
    assert row(document).status == "draft"


def test_editing_again_drops_the_signature_and_says_so_first(desk: Desk) -> None:
    document = desk.written()
    _sign(desk, document)
    assert "as assinaturas caem" in desk.ana.get(f"/documento/{document}/editar").text
    save(desk, document, "<p>Outro texto.</p>", 1)
    assert row(document).status == "draft"


def test_the_sealed_file_follows_with_its_conferencia(desk: Desk) -> None:
    document = desk.written()
    _sign(desk, document)
    waiting = desk.ana.get(f"/documento/{document}/situacao", headers=HX)
    assert waiting.status_code == 304
    assert desk.ana.get(f"/documento/{document}/pdf").status_code == 409
    scenario.work(desk.url)
    part = desk.ana.get(f"/documento/{document}/situacao", headers=HX).text
    assert "Código verificador" in part
    assert "<svg" in part
    file = desk.ana.get(f"/documento/{document}/pdf?baixar=1")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"].startswith("attachment")
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", part)
    assert code is not None
    assert "AUTÊNTICO" in desk.house.app.test_client().get(f"/validaDocumento?codigo={code[0]}").text
    assert scenario.chain_is_whole()


def test_a_certificate_signs_where_the_type_asks_for_it(desk: Desk) -> None:
    with transaction() as session:
        session.get_one(DocumentType, "parecer").signature = "qualificada"
        made = dossiers.add_document(session, desk.dossier, "internal", "parecer", actor=house.actor_of(house.ANA))
        texts.save(session, made.id, "<p>Opino.</p>", actor=house.actor_of(house.ANA), based_on=0)
        document = made.id
    page = desk.ana.get(f"/documentos/assinar?documento={document}").text
    assert "exige assinatura com certificado digital" in page
    packed, certificate = own_certificate("Servidora ana")

    def sign(passphrase: str, password: str = scenario.PASSWORD) -> TestResponse:
        file = (io.BytesIO(packed), "ana.p12")
        return _sign(
            desk, document, password=password, way="certificado", certificate=file, certificate_password=passphrase
        )

    for refused, words in (
        (sign("segredo"), "nem foi registrado"),
        (sign("errada"), "não abriu"),
        (sign("segredo", "x"), "não confere"),
    ):
        assert refused.status_code == 422
        assert words in refused.text
        assert 'value="Analista"' in refused.text
        assert "Arquivo do certificado" in refused.text
    assert "exige assinatura com certificado" in _sign(desk, document).text
    assert _sign(desk, document, way="certificado").status_code == 422
    with transaction() as session:
        admin = house.actor_of(house.ADMIN)
        signatures.register_certificate(session, house.actor_of(house.ANA).id, certificate, actor=admin)  # type: ignore[arg-type]  # an account
    assert sign("segredo").status_code == 303
    page = desk.ana.get(f"/documento/{document}").text
    assert "Assinou com certificado digital" in page
    assert "Código verificador" in page
