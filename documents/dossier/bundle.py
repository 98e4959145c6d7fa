"""The whole of a dossier, or chosen documents of it: a ZIP streamed at once, one PDF made by the worker.

What is signed goes as it was sealed, what came from outside as it came. In the PDF, what cannot be converted becomes a
sheet that says so; the seals are proved in the separate files, by the code on each.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import operations as sealed
from documents.dossier import access, bundle_pdf
from documents.dossier.models import DocumentVersion, Dossier, DossierBundle, DossierDocument
from documents.dossier.queries import label
from documents.errors import DocumentDamaged
from documents.settings import current
from documents.texts import uploads
from workflow import clock, jobs
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound

JOB = "documents.dossier_pdf"
QUEUE = "documents"
MAX_DOCUMENTS = 2000
Progress = Callable[[int, int], None]
log = structlog.get_logger(__name__)


def as_zip(session: Session, dossier_id: UUID, document_ids: Sequence[UUID] | None, actor: Actor) -> Iterator[bytes]:
    """The files one after the other, names in the order of the tree; to be read inside the caller's transaction.

    Refusals come at once, before the first byte. A document not yet sealed goes as its text in HTML.
    """
    dossier = access.find(session, actor, dossier_id)
    return _zipped(session, dossier, chosen(session, dossier_id, document_ids))


def as_pdf(
    session: Session,
    dossier_id: UUID,
    document_ids: Sequence[UUID] | None,
    actor: Actor,
    *,
    progress: Progress | None = None,
) -> Path:
    """One PDF with a cover and a bookmark for each document, in a temporary file that the caller deletes. CPU: a job."""
    dossier = access.find(session, actor, dossier_id)
    return bundle_pdf.made(session, dossier, chosen(session, dossier_id, document_ids), progress)


def chosen(session: Session, dossier_id: UUID, document_ids: Sequence[UUID] | None) -> list[DossierDocument]:
    """The documents asked for, in the order of the tree; without a choice whatever is signed, filed or cancelled."""
    query = select(DossierDocument).where(DossierDocument.dossier_id == dossier_id, DossierDocument.status != "deleted")
    if document_ids is None:
        query = query.where(DossierDocument.status != "draft")
    else:
        query = query.where(DossierDocument.id.in_(list(document_ids)))
    found = list(session.scalars(query.order_by(DossierDocument.position).limit(MAX_DOCUMENTS + 1)))
    if document_ids is not None and len(found) != len(set(document_ids)):
        raise InvalidInput({"document_ids": "Escolha documentos deste processo."})
    if not 1 <= len(found) <= MAX_DOCUMENTS:
        raise InvalidInput(
            {"document_ids": "Não há documentos assinados ou incluídos para reunir. Escolha ao menos um."}
        )
    return found


def request_pdf(
    session: Session, dossier_id: UUID, document_ids: Sequence[UUID] | None = None, *, actor: Actor
) -> DossierBundle:
    """Ask the worker for the PDF; the row tells how far it is."""
    access.find(session, actor, dossier_id)
    if actor.id is None:
        raise NotFound()
    total = len(chosen(session, dossier_id, document_ids))
    row = DossierBundle(dossier_id=dossier_id, account_id=actor.id, total=total, created_at=clock.now())
    row.document_ids = list(document_ids) if document_ids is not None else None
    session.add(row)
    session.flush()
    jobs.defer(session, JOB, bundle_id=str(row.id), actor=jobs.actor_to_json(actor))
    return row


def bundle_of(session: Session, bundle_id: UUID, actor: Actor) -> DossierBundle:
    """A request of the actor's own, for a dossier that they may still read."""
    row = session.get(DossierBundle, bundle_id, populate_existing=True)
    if row is None or row.account_id != actor.id:
        raise NotFound("Não encontramos este pedido de PDF.")
    access.find(session, actor, row.dossier_id)
    return row


def read_bundle(session: Session, bundle_id: UUID, actor: Actor) -> bytes:
    """The finished PDF; it rests for a day."""
    row = bundle_of(session, bundle_id, actor)
    if row.address is None:
        raise Conflict("O PDF ainda não está pronto. Aguarde um pouco.")
    try:
        return current().storage.get(row.address)
    except DocumentDamaged as gone:
        raise NotFound("Este PDF já não está guardado. Peça-o de novo.") from gone


@jobs.job(JOB, QUEUE, retries=2)
def make_pdf(bundle_id: str, actor: dict[str, object]) -> None:
    """The worker's part: make the file, telling how far it is; what the person may no longer read fails."""
    identifier = UUID(bundle_id)
    _update(identifier, status="running")
    try:
        with transaction() as session:
            row = session.get_one(DossierBundle, identifier)
            path = as_pdf(
                session,
                row.dossier_id,
                row.document_ids,
                jobs.actor_from_json(actor),
                progress=lambda done, total: _update(identifier, done=done, total=total),
            )
    except DomainError as refused:
        log.warning("dossier PDF refused", bundle=bundle_id, code=refused.code)
        _update(identifier, status="failed")
        return
    except Exception:  # the job may be tried again; meanwhile the page says so, instead of waiting for ever
        _update(identifier, status="failed")
        raise
    try:
        data = path.read_bytes()
    finally:
        path.unlink(missing_ok=True)
    address = current().storage.put(data)
    _update(identifier, status="done", address=address, size=len(data))


def _update(identifier: UUID, **values: object) -> None:
    with transaction() as session:
        row = session.get_one(DossierBundle, identifier, with_for_update=True)
        for name, value in values.items():
            setattr(row, name, value)


class _Sink(io.RawIOBase):
    """Keeps what the ZIP writes until it is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        part = bytes(memoryview(data))  # type: ignore[arg-type]  # zipfile writes bytes-like objects
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _zipped(session: Session, dossier: Dossier, documents: Sequence[DossierDocument]) -> Iterator[bytes]:
    names = bundle_pdf.names_of_types(session)
    listed = [f"Processo {dossier.number}", ""]
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for position, document in enumerate(documents, start=1):
            title = label(document, names[document.type_key])
            suffix, data = _file_of(session, document)
            name = f"{position:03d} - {_safe(title)}{suffix}"
            listed.append(name if document.sha256 is None else f"{name}\n    SHA-256 {document.sha256}")
            packed.writestr(_entry(name), data)
            yield sink.taken()
        packed.writestr(_entry("000 - Índice.txt"), "\n".join(listed) + "\n")
    yield sink.taken()


def _file_of(session: Session, document: DossierDocument) -> tuple[str, bytes]:
    if document.status == "cancelled":
        return ".txt", f"Documento cancelado. Motivo: {document.cancel_reason}\n".encode()
    if document.sealed_id is not None:
        return ".pdf", sealed.read_bytes(session, document.sealed_id)
    if document.address is not None:
        return f".{_safe(Path(document.file_name or '').suffix.lower())}", uploads.read_bytes(session, document.id)
    version = session.get(DocumentVersion, (document.id, document.version))
    if version is None:
        return ".txt", "Documento ainda sem conteúdo.\n".encode()
    return ".html", f'<!DOCTYPE html><html lang="pt-BR"><meta charset="utf-8">{version.html}</html>'.encode()


def _entry(name: str) -> zipfile.ZipInfo:
    local = clock.local(clock.now())
    entry = zipfile.ZipInfo(name, local.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _safe(title: str) -> str:
    """A name that every file system takes and that reads as it is: no path, no reserved or unseen signs (Unicode C), short."""
    seen = "".join("/" if unicodedata.category(sign)[0] == "C" else sign for sign in title)
    short = re.sub(r'[\\/:*?"<>|]+', "-", seen).encode()[:200].decode(errors="ignore")
    return short.strip(" .")
