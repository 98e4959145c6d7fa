"""Files from outside: what is refused, what is kept, how it is proved later."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.dossier.models import DossierDocument, LegalHypothesis
from documents.errors import DocumentDamaged
from documents.operations import verify_documents
from documents.search.models import SearchEntry
from documents.texts import inspection, uploads
from documents.texts import operations as texts
from documents.texts.errors import FileRefused
from documents.texts.inspection import inspected
from documents.texts.inspector import Refused, inspect
from tests.documents.conftest import files_of
from tests.documents.signatures.conftest import PASSWORD, House, person
from workflow.actor import PUBLIC
from workflow.errors import Conflict, Forbidden, NotFound


def pdf(*, action: dict[str, object] | None = None, password: str = "") -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    if action:
        made.Root.OpenAction = pikepdf.Dictionary(action)
    out = io.BytesIO()
    made.save(out, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return out.getvalue()


def picture(kind: str = "PNG", *, located: bool = False, size: tuple[int, int] = (20, 20)) -> bytes:
    image, out = Image.new("RGB", size), io.BytesIO()
    exif = Image.Exif()
    if located:
        exif.get_ifd(0x8825)[1] = "S"
    image.save(out, kind, exif=exif)
    return out.getvalue()


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


REFUSED = {
    "javascript": (
        "pdf",
        pdf(action={"/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("app.alert(1)")}),
        "programas",
    ),
    "launch": ("pdf", pdf(action={"/S": pikepdf.Name.Launch, "/F": pikepdf.String("cmd.exe")}), "programas"),
    "password": ("pdf", pdf(password="x"), "senha"),
    "broken pdf": ("pdf", b"%PDF-1.7 nada", "danificado"),
    "located photo": ("jpg", picture("JPEG", located=True), "lugar"),
    "broken picture": ("png", picture()[:40], "danificada"),
    "macros": ("docx", packed(**{"word__document.xml": b"<w:t/>", "word__vbaProject.bin": b"x"}), "macros"),
    "zip bomb": ("odt", packed(**{"content.xml": b"0" * 600_000_000}), "grande"),
    "not what it says": ("docx", packed(**{"outro.xml": b"<a/>"}), "não é o que o nome diz"),
    "binary text": ("txt", b"a\x00b", "não é texto"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_runs_hides_or_breaks_something_is_refused(case: str) -> None:
    extension, data, why = REFUSED[case]
    with pytest.raises(Refused, match=why):
        inspect(extension, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("virus.exe", b"MZ"),
        ("sem-extensao", b"x"),
        ("foto.png", b"%PDF-1.7"),
        ("texto.pdf", b"ola"),
        ("a.svg", b"<svg/>"),
        ("a.pdf", b""),
    ],
)
def test_extension_and_first_bytes_are_judged_before_any_parse(
    name: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "_asked", lambda *_: pytest.fail("parsed"))
    with pytest.raises(FileRefused):
        inspected(data, name)


def test_size_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MAX_BYTES", 10)
    with pytest.raises(FileRefused, match="passa de"):
        inspected(b"x" * 11, "a.pdf")


def test_words_of_office_files_are_read_without_expanding_entities() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "yyyyyyyy">]><text:p>&x; ol&#225;</text:p><text:p>dois</text:p>'
    assert inspect("odt", packed(**{"content.xml": bomb}))["text"].split()[-2:] == ["olá", "dois"]


@pytest.mark.parametrize("given", ["../../etc/passwd.pdf", "C:\\x\\..\\passwd.pdf", "pas\u202eswd.pdf", "pas\nswd.pdf"])
def test_a_file_name_misleads_nobody(given: str) -> None:
    assert uploads._file_name(given) == "passwd.pdf"


@pytest.mark.slow
def test_an_upload_is_kept_as_it_came_found_by_its_words_and_authenticated(
    session: Session, house: House, storage: Path, sealed_pdf: bytes
) -> None:
    document = dossiers.add_document(session, house.dossier, "external", "anexo", actor=house.gri)
    texts.upload(
        session, document.id, io.BytesIO(sealed_pdf), "declaração.pdf", actor=house.gri, conference="copia_simples"
    )
    assert (document.status, document.pages, document.size) == ("filed", 1, len(sealed_pdf))
    assert texts.read_bytes(session, document.id) == sealed_pdf
    entry = session.scalars(select(SearchEntry).where(SearchEntry.subject == document.id)).one()
    assert "Declaramos, para os devidos fins" in " ".join(entry.body.split())
    with pytest.raises(Conflict):
        texts.upload(session, document.id, sealed_pdf, "outra.pdf", actor=house.gri)
    with pytest.raises(Forbidden):
        texts.authenticate(session, document.id, password=PASSWORD, actor=house.gri)
    texts.authenticate(session, document.id, password=PASSWORD, actor=house.gti)
    assert document.authenticated_by == house.gti.id
    assert verify_documents(session) == []
    _change(storage)
    with pytest.raises(DocumentDamaged):
        texts.read_bytes(session, document.id)
    (problem,) = verify_documents(session)
    assert str(document.number) in problem


def _change(storage: Path) -> None:
    (stored,) = files_of(storage)
    stored.write_bytes(stored.read_bytes()[:-1] + b"!")


@pytest.mark.slow
def test_the_parsing_process_is_held_to_its_limits() -> None:
    big = Image.new("1", (12_000, 12_000))
    out = io.BytesIO()
    big.save(out, "PNG")
    with pytest.raises(FileRefused, match="grande demais"):
        inspected(out.getvalue(), "mapa.png")


def test_only_documents_from_outside_receive_a_file(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "inspected", lambda *_: inspection.Inspected("text/plain", None, "x"))
    document = dossiers.add_document(session, house.dossier, "internal", "despacho", actor=house.gri)
    with pytest.raises(Conflict, match="não recebe arquivo"):
        texts.upload(session, document.id, b"x", "a.txt", actor=house.gri)
    assert session.get_one(DossierDocument, document.id).address is None


@pytest.mark.parametrize("level", ["publico", "restrito", "sigiloso"])
def test_a_file_is_taken_only_of_who_may_give_it(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """Refused before a byte is looked at, as the page would; and the document stays without its file."""
    document = dossiers.add_document(session, house.dossier, "external", "anexo", actor=house.gri)
    if level != "publico":
        law = session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == level).limit(1)).one()
        dossiers.change_access(session, house.dossier, level, law, actor=house.gri)
    monkeypatch.setattr(uploads, "inspected", lambda *_: pytest.fail("was looked at"))
    outsiders = [
        house.gti,
        person(session, "seguro", "Segurança", "GRI", "seguranca"),
        replace(house.gri, roles=frozenset({"externo"}), unit=None),
        replace(house.gri, unit=None),
        PUBLIC,
    ]
    if level == "sigiloso":
        outsiders.append(house.colleague)  # of the same unit, and without a credential
    for actor in outsiders:
        with pytest.raises((Forbidden, NotFound)):
            texts.upload(session, document.id, b"x", "a.txt", actor=actor)
    assert session.get_one(DossierDocument, document.id).address is None
    monkeypatch.setattr(uploads, "inspected", lambda *_: inspection.Inspected("text/plain", None, "x"))
    assert texts.upload(session, document.id, b"x", "a.txt", actor=house.gri).status == "filed"
