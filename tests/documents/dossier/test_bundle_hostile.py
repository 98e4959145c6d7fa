"""ZIP and PDF of the whole against names and files made to mislead, to run or to cost."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from documents.dossier import bundle, bundle_pdf, operations
from documents.texts import uploads
from tests.documents.dossier.conftest import install, make_account
from tests.documents.dossier.test_bundle import _pdf
from workflow import database
from workflow.actor import Actor

SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
NAMES = {
    "../../etc/passwd": "-..-etc-passwd",
    "C:\\Windows\\system.ini": "C-Windows-system.ini",
    "fatura\u202efdp.exe": "fatura-fdp.exe",
    "duas\r\nlinhas\x00\x7f\u200b": "duas-linhas-",
    "ação: <b>?": "ação- -b-",
    "é" * 300: "é" * 100,
}


@pytest.mark.parametrize("title", NAMES)
def test_names_inside_the_zip_mislead_nobody(title: str) -> None:
    assert bundle._safe(title) == NAMES[title]


def made(change: Callable[[pikepdf.Pdf], None], pages: int = 1) -> bytes:
    """A PDF of so many blank pages, changed."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        change(pdf)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file that is wrong on purpose
            pdf.save(out)
    return out.getvalue()


def note(subtype: str, **more: Any) -> Callable[[pikepdf.Pdf], None]:
    """One annotation on the page."""

    def change(pdf: pikepdf.Pdf) -> None:
        held = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=[0, 0, 9, 9], **more)
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(held)])

    return change


def on_open(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = SCRIPT
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=[String("a"), SCRIPT]))
    pdf.Root.AcroForm = Dictionary(Fields=[], XFA=String("<xdp/>"))


def on_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=SCRIPT)
    pdf.pages[0].obj.AF = Array([Dictionary(Type=Name.Filespec, F=String("a.exe"))])


ACTIVE = {
    "open": on_open,
    "page": on_page,
    "link": note("Link", A=Dictionary(S=Name.Launch, F=String("cmd.exe"))),
    "uri": note("Link", PA=Dictionary(S=Name.URI, URI=String("javascript:1"))),
    "button": note("Widget", AA=Dictionary(D=SCRIPT)),
    "file": note("FileAttachment", FS=Dictionary(Type=Name.Filespec, F=String("a.exe"))),
    "film": note("RichMedia", RichMediaContent=Dictionary()),
    "screen": note("Screen", A=Dictionary(S=Name.Rendition, JS=String("app.alert(1)"))),
}
FORBIDDEN = (b"JavaScript", b"app.alert", b"Launch", b"cmd.exe", b"a.exe", b"javascript:", b"RichMedia", b"XFA")


@pytest.mark.parametrize("kind", ACTIVE)
def test_nothing_that_runs_reaches_the_whole(kind: str) -> None:
    out = io.BytesIO()
    with ExitStack() as parts:
        whole = parts.enter_context(pikepdf.new())
        bundle_pdf.append(parts, whole, made(ACTIVE[kind]))
        assert len(whole.pages) == 1
        whole.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    assert [word for word in FORBIDDEN if word in out.getvalue()] == []


def _annots(value: Any) -> bytes:
    return made(lambda pdf: pdf.pages[0].obj.__setitem__("/Annots", value))


def _encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_pdf(1))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def _kids_without_end() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)

    return made(change)


BROKEN: dict[str, Callable[[], bytes]] = {
    "encrypted": _encrypted,
    "broken": lambda: b"%PDF-1.7 broken",
    "cut": lambda: _pdf(50)[:700],
    "empty": lambda: _pdf(0),
    "annotations that are no list": lambda: _annots(7),
    "annotations of numbers": lambda: _annots(Array([1, String("x"), Array([])])),
    "pages within pages": _kids_without_end,
    "too many pages": lambda: _pdf(400),
    "no PDF at all": lambda: b"\x00" * 1000,
}


@pytest.fixture
def filled(database_url: str, storage: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, Actor, dict[UUID, bytes]]:
    """A dossier whose files came as they are, as if the inspection had let them through."""
    files: dict[UUID, bytes] = {}
    with database.transaction() as session:
        install(session)
        gri = make_account(session, "GRI", "servidor")
        one = operations.open_dossier(session, "contratacao", actor=gri)
        for kind in BROKEN:
            document = operations.add_document(session, one.id, "external", "anexo", actor=gri, title=kind)
            files[document.id] = BROKEN[kind]()
            document.status, document.address, document.media_type = "filed", "0" * 64, "application/pdf"
            document.size, document.sha256 = len(files[document.id]), "0" * 64
    monkeypatch.setattr(uploads, "read_bytes", lambda _session, document_id: files[document_id])

    monkeypatch.setattr(bundle_pdf._Room, "__init__", lambda room: room.__dict__.update(size=10**8, pages=300))
    return one.id, gri, files


@pytest.mark.slow
def test_each_file_that_does_not_open_or_fit_is_a_sheet_and_the_others_are_there(
    filled: tuple[UUID, Actor, dict[UUID, bytes]],
) -> None:
    dossier_id, gri, files = filled
    with database.transaction() as session:
        path = bundle.as_pdf(session, dossier_id, list(files), gri)
    try:
        with pikepdf.open(path) as whole, whole.open_outline() as outline:
            assert len(outline.root) == len(BROKEN)
            assert len(whole.pages) <= 1 + len(BROKEN) + 50
    finally:
        path.unlink()


@pytest.mark.slow
def test_thousands_of_pages_are_merged_in_seconds() -> None:
    data = _many(5_000)
    begun = time.process_time()
    with ExitStack() as parts:
        whole = parts.enter_context(pikepdf.new())
        bundle_pdf.append(parts, whole, data)
        whole.save(io.BytesIO())
    assert time.process_time() - begun < 6


def _many(pages: int) -> bytes:
    """As `_pdf`, written at once."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, pages + 3))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids)]
    objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * pages
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, held in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, held)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF"
    return bytes(out) + end % (len(objects) + 1, table, len(objects) + 1, len(out))
