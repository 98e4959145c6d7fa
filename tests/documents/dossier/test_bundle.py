"""ZIP and PDF of the whole: in the order of the tree, for who may read it, with the worker's progress."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pytest
from PIL import Image

from documents.dossier import bundle, operations
from documents.dossier.models import Dossier, DossierDocument
from documents.texts.operations import save, upload
from tests.documents.dossier.conftest import install, make_account
from workflow import database, jobs
from workflow.actor import Actor
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound


def _picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(made, "PNG")
    return made.getvalue()


def _pdf(pages: int, *, script: bool = False) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            page = pdf.add_blank_page()
            if script:
                page.obj["/AA"] = pikepdf.Dictionary(
                    O=pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")
                )
        pdf.save(made)
    return made.getvalue()


@pytest.fixture
def filled(database_url: str, storage: Path) -> tuple[UUID, Actor, dict[str, UUID]]:
    """A dossier with a letter, a PDF, a picture, a table and a cancelled document."""
    ids: dict[str, UUID] = {}
    with database.transaction() as session:
        install(session)
        gri, gti = make_account(session, "GRI", "servidor"), make_account(session, "GTI", "servidor")
        one = operations.open_dossier(session, "contratacao", actor=gri, specification="Compra de papel")
        operations.send(session, one.id, ["GTI"], actor=gri, keep_open=True)
        letter = operations.add_document(session, one.id, "internal", "despacho", actor=gri, title="Compre/se")
        save(session, letter.id, "<h1>Despacho</h1><p>Compre-se.</p>", actor=gri, based_on=0)
        ids["letter"] = letter.id
        for name, data in (("planta.pdf", _pdf(3)), ("foto.png", _picture()), ("lista.csv", b"a;b\n1;2\n"),
                           ("engano.csv", b"a;b\n")):  # fmt: skip
            document = operations.add_document(session, one.id, "external", "anexo", actor=gri, title=name)
            upload(session, document.id, data, name, actor=gri)
            ids[name] = document.id
        operations.note_seen(session, ids["engano.csv"], actor=gti)
        operations.cancel_document(session, ids["engano.csv"], "Arquivo errado", actor=gri)
    return one.id, gri, ids


def _the_zip_in_the_order_of_the_tree(filled: tuple[UUID, Actor, dict[str, UUID]]) -> None:
    dossier_id, actor, ids = filled
    with database.transaction() as session:
        parts = list(bundle.as_zip(session, dossier_id, [*ids.values()], actor))
    assert len(parts) == 6
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert [name[:3] for name in names] == ["001", "002", "003", "004", "005", "000"]
        assert all("/" not in name and "\\" not in name for name in names)
        assert [Path(name).suffix for name in names] == [".html", ".pdf", ".png", ".csv", ".txt", ".txt"]
        assert packed.read(names[3]) == b"a;b\n1;2\n"
        assert "Arquivo errado" in packed.read(names[4]).decode()


def _who_may_not_read_it_gets_nothing(filled: tuple[UUID, Actor, dict[str, UUID]]) -> None:
    dossier_id, actor, _ = filled
    with database.transaction() as session:
        stranger = make_account(session, "GTI", "seguranca")
        for verb in (bundle.as_zip, bundle.as_pdf):
            with pytest.raises(DomainError):
                verb(session, dossier_id, None, stranger)
            with pytest.raises(InvalidInput):
                verb(session, dossier_id, [uuid4()], actor)


def _the_pdf_of_the_whole_by_the_worker(filled: tuple[UUID, Actor, dict[str, UUID]]) -> None:
    dossier_id, actor, ids = filled
    told: list[Any] = []
    with database.transaction() as session:
        row = bundle.request_pdf(session, dossier_id, [*ids.values()], actor=actor)
        with pytest.raises(Conflict):
            bundle.read_bundle(session, row.id, actor)
        path = bundle.as_pdf(
            session, dossier_id, [*ids.values()], actor, progress=lambda done, total: told.append((done, total))
        )
    path.unlink()
    assert told == [(number, 5) for number in range(1, 6)]
    bundle.make_pdf(str(row.id), jobs.actor_to_json(actor))
    with database.transaction() as session:
        done = bundle.bundle_of(session, row.id, actor)
        assert (done.status, done.done, done.total) == ("done", 5, 5)
        data = bundle.read_bundle(session, row.id, actor)
        with pytest.raises(NotFound):
            bundle.read_bundle(session, row.id, make_account(session, "GRI", "servidor"))
    with pikepdf.open(io.BytesIO(data)) as whole, whole.open_outline() as outline:
        assert len(whole.pages) == 1 + 1 + 3 + 1 + 1 + 1
        assert len(outline.root) == 5


def _scripts_stay_out_and_a_file_that_does_not_open_says_so(
    filled: tuple[UUID, Actor, dict[str, UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier_id, actor, ids = filled
    given = iter((_pdf(1, script=True), b"%PDF-1.7 broken"))
    monkeypatch.setattr("documents.texts.uploads.read_bytes", lambda session, document_id: next(given))
    with database.transaction() as session:
        one = session.get_one(DossierDocument, ids["foto.png"])
        one.media_type = "application/pdf"
        session.flush()
        assert session.get(Dossier, dossier_id) is not None
        path = bundle.as_pdf(session, dossier_id, [ids["planta.pdf"], ids["foto.png"]], actor)
    try:
        with pikepdf.open(path) as whole:
            assert len(whole.pages) == 3
            assert all("/AA" not in page.obj for page in whole.pages)
    finally:
        path.unlink()


@pytest.mark.slow
def test_a_dossier_as_zip_and_as_one_pdf(
    filled: tuple[UUID, Actor, dict[str, UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dossier serves all: what takes time is to make it."""
    _the_zip_in_the_order_of_the_tree(filled)
    _who_may_not_read_it_gets_nothing(filled)
    _the_pdf_of_the_whole_by_the_worker(filled)
    _scripts_stay_out_and_a_file_that_does_not_open_says_so(filled, monkeypatch)
