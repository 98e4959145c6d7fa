"""External documents: the bytes as they came, proved at each reading; how they were digitised; who authenticated them."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier import external
from documents.dossier.external.grants import PETITION
from documents.dossier.models import DocumentKind, DossierDocument
from documents.errors import DocumentDamaged, DocumentNotFound
from documents.settings import current
from documents.signatures import access, proof
from documents.texts import events, indexing, versions
from documents.texts.errors import FileRefused, NotEditable
from documents.texts.inspection import MAX_BYTES, inspected
from people.access import authorize
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput

CONFERENCES = {
    "original": "Documento original",
    "copia_autenticada_cartorio": "Cópia autenticada por cartório",
    "copia_autenticada_administrativa": "Cópia autenticada administrativamente",
    "copia_simples": "Cópia simples",
}
"""With what a digitised document was compared (Decreto 10.278/2020); none: born digital."""


def upload(
    session: Session,
    document_id: UUID,
    source: BinaryIO | Path | bytes,
    file_name: str,
    *,
    actor: Actor,
    conference: str | None = None,
) -> DossierDocument:
    """Keep the file of an external document, exactly as it came; FileRefused says why one is not accepted.

    Of the unit that included the document, or of the external user who did. `conference`: None for a file born digital,
    else one of CONFERENCES. The file is given once.
    """
    document = _receiving(session, document_id, actor)
    if conference is not None and conference not in CONFERENCES:
        raise InvalidInput({"conference": "Escolha o tipo de conferência."})
    data = _taken(source)
    name = _file_name(file_name)
    found = inspected(data, name)
    document.file_name, document.media_type, document.size = name, found.media_type, len(data)
    document.sha256, document.pages, document.conference = hashlib.sha256(data).hexdigest(), found.pages, conference
    document.address = current().storage.put(data)
    document.status = "filed"
    session.flush()
    sent = {
        "document": str(document.id),
        "number": document.number,
        "sha256": document.sha256,
        "size": document.size,
        "conference": conference,
    }
    events.append(session, document.dossier_id, events.UPLOADED, sent, actor=actor)
    indexing.index(session, document, found.text)
    return document


def read_bytes(session: Session, document_id: UUID) -> bytes:
    """The same bytes that came, every time; DocumentDamaged when those on disk are others."""
    document = session.get(DossierDocument, document_id)
    if document is None or document.address is None:
        raise DocumentNotFound("Este documento não tem arquivo.", document=str(document_id))
    data = current().storage.get(document.address)
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise DocumentDamaged(document=str(document_id), reason="digest")
    return data


def authenticate(
    session: Session, document_id: UUID, *, password: str, actor: Actor, address: str = ""
) -> DossierDocument:
    """The protocolo vouches, with its password, that a digitised document agrees with what it was compared with."""
    authorize(actor, "dossier.authenticate")
    if actor.id is None:
        raise Forbidden
    proof.require(session, actor.id, password, address)
    document = versions.locked(session, document_id)
    access.authorize_document(session, actor, document_id, access.READ)
    if document.status != "filed" or document.conference is None:
        raise Conflict("Só se autentica um documento digitalizado que já tem o seu arquivo.")
    if document.authenticated_at is not None:
        raise Conflict("Este documento já foi autenticado.")
    read_bytes(session, document_id)
    document.authenticated_by, document.authenticated_at = actor.id, clock.now()
    session.flush()
    data = {"document": str(document.id), "number": document.number, "sha256": document.sha256}
    events.append(session, document.dossier_id, events.AUTHENTICATED, data, actor=actor)
    return document


def _receiving(session: Session, document_id: UUID, actor: Actor) -> DossierDocument:
    """The document, locked, when it waits for its file and this actor may give it."""
    document = versions.locked(session, document_id)
    if actor.has("externo"):
        external.authorize(session, actor, document.dossier_id, PETITION)
        if document.created_by != actor.id:
            raise DocumentNotFound(document=str(document_id))
    else:
        access.authorize_document(session, actor, document_id, access.WORK)
    if document.kind != DocumentKind.EXTERNAL or document.status not in ("draft", "filed"):
        raise NotEditable("Este documento não recebe arquivo.")
    if document.address is not None:
        raise Conflict("Este documento já tem o seu arquivo. Inclua outro documento.")
    return document


def _taken(source: BinaryIO | Path | bytes) -> bytes:
    """At most one byte beyond the limit is ever read."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    return source.read(MAX_BYTES + 1)


def _file_name(given: str) -> str:
    """The last part of the name, without what could mislead a reader or a file system."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*')
    clean = " ".join(clean.split()).lstrip(".")
    if not clean:
        raise FileRefused("O arquivo precisa de um nome.")
    stem, dot, extension = clean.rpartition(".")
    return f"{stem[: 240 - len(extension)]}.{extension}" if dot else clean[:240]
