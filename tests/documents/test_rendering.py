"""Rendering: hostile fields do nothing, long names fit, PDF/A and PDF/UA structure is whole."""

from __future__ import annotations

import io
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import pikepdf
import pytest
from jinja2.exceptions import SecurityError
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from documents import rendering
from documents.kinds import get
from documents.pdfa import VARIANT
from documents.qr import qr_svg
from tests.documents.conftest import KIND, page_for
from tests.documents.test_declaracao_text import text_of

HOSTILE = [
    "<script>alert(1)</script>",
    "<b>Ana</b>",
    "{{ 7*7 }}{% for x in range(9) %}x{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "<svg><image href='file:///etc/passwd'/></svg>",
    "<img src=http://127.0.0.1:{port}/x>",
    "<link rel=attachment href=file:///etc/passwd>",
    "</strong></p><style>@import url(http://127.0.0.1:{port}/x);</style>",
    '" onload="x',
    "&lt;i&gt;Ana&amp;",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_fields_are_only_letters(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        typed = name.replace("{port}", str(listener.getsockname()[1]))
        pdf = rendering.render_pdf(page_for(name=typed))
        with pytest.raises(BlockingIOError):
            listener.accept()  # nobody called
    text = text_of(pdf, tmp_path)
    assert "".join(typed.split()) in "".join(text.split())
    assert b"root:" not in pdf
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert "/Names" not in opened.Root
        assert "/Annots" not in opened.pages[0]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1:1/x", "data:text/css,a", "carimbo:../kinds", "ftp://x/y"]
)
def test_fetcher_refuses_everything_but_packaged_assets(url: str) -> None:
    fetcher = rendering._PackagedOnly({"carimbo:qr": b"<svg/>"})
    with pytest.raises(FatalURLFetchingError):
        fetcher.fetch(url)
    with pytest.raises(FatalURLFetchingError):
        HTML(string=f'<img src="{url}">', url_fetcher=fetcher).write_pdf()


def test_templates_are_sandboxed() -> None:
    template = rendering._environment.from_string("{{ x.__class__.__mro__ }}")
    with pytest.raises(SecurityError):
        template.render(x="")
    with pytest.raises(SecurityError):
        rendering._environment.from_string("{{ x.append(1) }}").render(x=[])


@pytest.mark.parametrize("name", ["W" * 200, "Maria " * 33, "Ana", "Ångström d’Ávila Ørsted Żółć"])
def test_long_and_strange_names_stay_on_one_page_inside_the_margins(name: str, tmp_path: Path) -> None:
    pdf = rendering.render_pdf(page_for(name=name))
    assert "".join(name.split()) in "".join(text_of(pdf, tmp_path).split())
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1


def test_structure_is_what_pdfa_and_pdfua_ask(sealed_pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed_pdf)) as pdf:
        root = pdf.Root
        assert pdf.check_pdf_syntax() == []
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "pt-BR"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert root.OutputIntents[0].DestOutputProfile.N == 3
        assert pdf.pages[0].obj.Tabs == "/S"
        assert str(pdf.docinfo["/Title"]) == "Declaração de comparecimento"
        assert pdf.trailer.ID is not None
        figures = [node for node in _nodes(root.StructTreeRoot.K) if node.get("/S") == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == [
            "Emblema da Casa",
            "QR Code para acessar uma cópia desta declaração",
        ]
        assert all(0 <= float(edge) <= 842 for figure in figures for edge in figure.A.BBox)
        tags = {str(node.get("/S")) for node in _nodes(root.StructTreeRoot.K)}
        assert {"/Document", "/H1", "/P", "/Figure"} <= tags
        _everything_painted_is_marked(pdf)


def test_every_font_is_packaged_embedded_and_mapped_to_unicode(sealed_pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed_pdf)) as pdf:
        fonts = list(dict(pdf.pages[0].Resources.Font).values())
        assert fonts
        for font in fonts:
            assert "/ToUnicode" in font
            assert "Carlito" in str(font.BaseFont)
            assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def test_nothing_forbidden_by_pdfa(sealed_pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed_pdf)) as pdf:
        assert not pdf.is_encrypted
        for number in range(1, len(pdf.objects)):
            thing = pdf.objects[number]
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                assert thing.get("/S") not in {"/JavaScript", "/Launch", "/Transparency"}
                assert "/SMask" not in thing
                assert float(thing.get("/CA", 1)) == float(thing.get("/ca", 1)) == 1
                assert not thing.get("/Interpolate")


def test_both_marks_are_in_the_single_rdf_of_the_SEALED_file(sealed_pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed_pdf)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes()
        assert "/Filter" not in pdf.Root.Metadata
        marks = pdf.open_metadata(set_pikepdf_as_editor=False)
        assert (marks["pdfaid:part"], marks["pdfaid:conformance"]) == ("3", "A")
        assert marks["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert marks["xmp:CreateDate"] == "2026-11-24T14:05:09-03:00"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261124140509-03'00"
    assert xmp.count(b"<rdf:RDF") == 1
    tree = ElementTree.fromstring(xmp)
    schema = tree.find(".//{http://www.aiim.org/pdfa/ns/schema#}namespaceURI")
    assert schema is not None
    assert schema.text == "http://www.aiim.org/pdfua/ns/id/"


def test_no_personal_data_in_the_metadata(sealed_pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed_pdf)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode() + str(dict(pdf.docinfo))
    assert "Maria" not in metadata
    assert "982" not in metadata


def test_generated_instant_is_the_legal_one_in_sao_paulo() -> None:
    page = page_for()
    late = rendering.Page(page.kind, page.fields, page.code, page.qr_text, datetime(2027, 1, 1, 2, 59, 59, tzinfo=UTC))
    assert '31/12/2026</span>, às <span class="junto">23h59 min' in rendering.render_html(late)


def test_configured_brasao_takes_the_place_of_our_emblem(tmp_path: Path) -> None:
    brasao = tmp_path / "brasao.svg"
    brasao.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>B</title><path d="M0 0h9v9z"/></svg>'
    )
    page = page_for()
    other = rendering.render_pdf(
        rendering.Page(page.kind, page.fields, page.code, page.qr_text, page.issued_at, brasao)
    )
    assert len(other) < len(rendering.render_pdf(page))


def test_qr_has_a_title_and_only_the_address() -> None:
    svg = qr_svg("https://www.almg.gov.br/validaDocumento/AAECAwQFBgcICQoLDA0ODw").decode()
    assert "<title>QR Code para acessar uma cópia desta declaração</title>" in svg


def test_VA4_the_printed_qr_reads_as_base_url_and_token_only(sealed_pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.pdf").write_bytes(sealed_pdf)
    command = ["pdftoppm", "-r", "150", "-gray", "-png", "-singlefile", str(tmp_path / "d.pdf"), str(tmp_path / "d")]
    subprocess.run(command, check=True, timeout=30)
    picture = cv2.imread(str(tmp_path / "d.png"))
    assert picture is not None
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert read == "https://www.almg.gov.br/validaDocumento/AAECAwQFBgcICQoLDA0ODw"


def test_missing_subsetter_is_warned_of(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(rendering, "harfbuzz_subset", None)
    rendering.warn_without_subsetter()
    assert "libharfbuzz-subset0" in caplog.text


def test_variant_is_the_one_in_use(sample_pdf: bytes) -> None:
    assert VARIANT == "pdf/a-3a+ua-1"
    assert sample_pdf.startswith(b"%PDF-1.7")
    assert get(KIND).legal_basis.startswith("Deliberação da Mesa da ALMG nº 2.716/2019")


def _nodes(node: Any) -> list[Any]:
    if isinstance(node, pikepdf.Array):
        return [found for kid in node for found in _nodes(kid)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    return [node, *(_nodes(node.K) if "/K" in node else [])]


def _everything_painted_is_marked(pdf: pikepdf.Pdf) -> None:
    depth, painted = 0, 0
    for instruction in pikepdf.parse_content_stream(pdf.pages[0]):
        name = str(instruction.operator)
        depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
        if name in {"Tj", "TJ", "f", "f*", "S", "s", "B", "b", "Do", "sh"}:
            painted += 1
            assert depth > 0, f"{name} outside marked content (ISO 14289-1, 7.1)"
    assert painted > 5
