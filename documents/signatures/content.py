"""What a signature is of: the canonical bytes of a document's content.

The form is stable, since signatures outlive programs: the UTF-8 of a JSON array, without spaces, non-ASCII characters as
they are, of nine texts or numbers in this order:

    "carimbo-documento-1", number of the processo, protocol number of the document (integer), key of the type, number of
    the type or "", title, version (integer), HTML of the version, SHA-256 (hex) of the form's answers or ""

The answers' digest is over their JSON with sorted keys. SHA-256 of these bytes is what is signed; CRC-32 is shown beside
it because people know it from SEI's conferência, and proves nothing (it is no cryptographic digest).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from documents.dossier.models import DocumentVersion, Dossier, DossierDocument
from documents.errors import DocumentNotFound

FORM = "carimbo-documento-1"


@dataclass(frozen=True)
class Digest:
    """The digests of a content: SHA-256 in hex, CRC-32 as eight capital hex digits."""

    sha256: str
    crc32: str


def canonical(session: Session, document: DossierDocument, version: int | None = None) -> bytes:
    """The canonical bytes of the version in force (or of another one) of a document."""
    number = version or document.version
    row = session.get(DocumentVersion, (document.id, number))
    if row is None:
        raise DocumentNotFound("Este documento ainda não tem texto.", document=str(document.id))
    return written(session.get_one(Dossier, document.dossier_id).number, document, row)


def written(dossier_number: str, document: DossierDocument, row: DocumentVersion) -> bytes:
    """The same, of rows at hand."""
    answers = ""
    if row.answers is not None:
        answers = hashlib.sha256(_json(row.answers)).hexdigest()
    return _json(
        [
            FORM,
            dossier_number,
            document.number,
            document.type_key,
            document.type_number or "",
            document.title,
            row.version,
            row.html,
            answers,
        ]
    )


def digest(content: bytes) -> Digest:
    """What is recorded of a content."""
    return Digest(hashlib.sha256(content).hexdigest(), f"{zlib.crc32(content):08X}")


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
