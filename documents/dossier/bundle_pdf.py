"""One PDF of a dossier's documents: the pages as they look, nothing that runs, and no more than a machine holds.

What came from outside was inspected when it came (`documents.texts.inspection`); here nobody trusts that. A document that
does not open, or for which there is no room any more, becomes a sheet that says so.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pikepdf
import structlog
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import operations as sealed
from documents.dossier.models import DocumentType, DocumentVersion, Dossier, DossierDocument, DossierType
from documents.dossier.queries import label
from documents.errors import DocumentDamaged
from documents.rendering import sheet_pdf
from documents.texts import uploads
from workflow import clock

MAX_BYTES = 400 * 1024 * 1024
MAX_PAGES = 20_000
"""Of the whole: its parts stay in memory until it is saved."""
_PAGE = frozenset(
    ("/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Resources", "/Contents", "/Rotate", "/UserUnit",
     "/Group", "/Parent")
)  # fmt: skip
_BROKEN = (
    pikepdf.PdfError, pikepdf.PasswordError, Image.DecompressionBombError, OSError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    RuntimeError, RecursionError, DocumentDamaged,
)  # fmt: skip
Progress = Callable[[int, int], None]
log = structlog.get_logger(__name__)


@dataclass
class _Room:
    """What still fits."""

    size: int = MAX_BYTES
    pages: int = MAX_PAGES


def made(
    session: Session, dossier: Dossier, documents: Sequence[DossierDocument], progress: Progress | None = None
) -> Path:
    """The file, temporary: who asked deletes it."""
    names, room = names_of_types(session), _Room()
    with ExitStack() as parts:
        whole = parts.enter_context(pikepdf.new())
        append(parts, whole, sheet_pdf(f"Processo {dossier.number}", _cover(session, dossier, documents, names)))
        with whole.open_outline() as outline:
            for position, document in enumerate(documents, start=1):
                title = label(document, names[document.type_key])
                outline.root.append(pikepdf.OutlineItem(title, len(whole.pages)))
                _add(parts, whole, room, session, dossier, document, title)
                if progress is not None:
                    progress(position, len(documents))
        with whole.open_metadata() as metadata:
            metadata["dc:title"] = f"Processo {dossier.number}"
        return _saved(whole)


def append(parts: ExitStack, whole: pikepdf.Pdf, data: bytes) -> None:
    """The pages of a PDF, filled forms and stamps printed on them; scripts, actions and files stay out.

    Parts stay open until the whole is saved.
    """
    part = parts.enter_context(pikepdf.open(io.BytesIO(data)))
    part.flatten_annotations()
    for page in part.pages:
        for key in set(page.obj.keys()) - _PAGE:
            del page.obj[key]
    whole.pages.extend(part.pages)


def names_of_types(session: Session) -> dict[str, str]:
    """The names of the types of documents, by key."""
    return {row[0]: row[1] for row in session.execute(select(DocumentType.key, DocumentType.name))}


def _add(
    parts: ExitStack,
    whole: pikepdf.Pdf,
    room: _Room,
    session: Session,
    dossier: Dossier,
    document: DossierDocument,
    title: str,
) -> None:
    """The document, or a sheet that says why it is not there."""
    before = len(whole.pages)
    try:
        if (document.size or 0) > room.size:
            raise _Full
        data = _pdf_of(session, dossier, document, title)
        room.size -= len(data)
        room.pages -= _pages(data)
        if room.size < 0 or room.pages < 0:
            raise _Full
        append(parts, whole, data)
        return
    except _Full:
        said = "Este documento não coube no PDF do processo. Abra-o no processo."
    except _BROKEN as refused:
        log.warning("document not converted", document=str(document.id), error=type(refused).__name__)
        said = "O arquivo deste documento não pôde ser convertido para PDF. Abra-o no processo."
    del whole.pages[before:]
    append(parts, whole, _sheet(title, said))


class _Full(Exception):
    """There is no room for the document."""


def _pages(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as tried:
        if not len(tried.pages):
            raise ValueError("no pages")
        return len(tried.pages)


def _saved(whole: pikepdf.Pdf) -> Path:
    with tempfile.NamedTemporaryFile(prefix="processo-", suffix=".pdf", delete=False) as file:
        path = Path(file.name)
    try:
        whole.save(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _pdf_of(session: Session, dossier: Dossier, document: DossierDocument, title: str) -> bytes:
    """The document as PDF: sealed, as it came, or a sheet."""
    if document.status == "cancelled":
        return _sheet(title, f"Documento cancelado. Motivo: {document.cancel_reason}")
    if document.sealed_id is not None:
        return sealed.read_bytes(session, document.sealed_id)
    if document.kind == "external":
        return _pdf_of_file(session, document, title)
    version = session.get(DocumentVersion, (document.id, document.version))
    if version is None:
        return _sheet(title, "Documento ainda sem texto.")
    state = (
        "Rascunho, sem assinatura." if document.status == "draft" else "Assinado; o arquivo selado está sendo gerado."
    )
    head = f"<p><strong>{escape(title)}</strong></p><p>Processo {escape(dossier.number)}. {state}</p><hr>"
    return sheet_pdf(title, head + version.html)


def _pdf_of_file(session: Session, document: DossierDocument, title: str) -> bytes:
    if document.address is None:
        return _sheet(title, "Documento ainda sem arquivo.")
    if document.media_type == "application/pdf":
        return uploads.read_bytes(session, document.id)
    if document.media_type in ("image/png", "image/jpeg"):
        return _picture(uploads.read_bytes(session, document.id))
    return _sheet(
        title,
        f"O arquivo {document.file_name} não se converte para PDF. Abra-o no processo. SHA-256: {document.sha256}",
    )


def _picture(data: bytes) -> bytes:
    """A picture on an A4 sheet, at 150 dots an inch at most."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (1240, 1754))
        if picture.mode in ("1", "P"):  # these have no shades to make a smaller picture of
            flat: Image.Image = picture.convert("RGB" if picture.mode == "P" else "L")
        else:
            flat = picture
        flat.thumbnail((1240, 1754))
        flat = flat.convert("RGB")
        sheet = Image.new("RGB", (1240, 1754), "white")
        sheet.paste(flat, ((1240 - flat.width) // 2, (1754 - flat.height) // 2))
    made = io.BytesIO()
    sheet.save(made, "PDF", resolution=150)
    return made.getvalue()


def _sheet(title: str, said: str) -> bytes:
    return sheet_pdf(title, f"<h1>{escape(title)}</h1><p>{escape(said)}</p>")


def _cover(session: Session, dossier: Dossier, documents: Sequence[DossierDocument], names: dict[str, str]) -> str:
    kind = session.get_one(DossierType, dossier.type_key).name
    rows = "".join(
        f"<tr><td>{position}</td><td>{escape(label(one, names[one.type_key]))}</td><td>{escape(one.unit)}</td></tr>"
        for position, one in enumerate(documents, start=1)
    )
    return (
        f"<h1>Processo {escape(dossier.number)}</h1><p>{escape(kind)}</p><p>{escape(dossier.specification)}</p>"
        f"<p>Reunido em {clock.local(clock.now()):%d/%m/%Y, às %H:%M}. Este arquivo é uma cópia de leitura: "
        "cada documento se confere pelo seu próprio código.</p>"
        f"<table><tr><th>Ordem</th><th>Documento</th><th>Unidade</th></tr>{rows}</table>"
    )
