"""A house whose unit GRI holds a signed portaria with its sealed file, and a clock set on a working day."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from documents import codes
from documents.dossier import operations as dossiers
from documents.dossier.models import DocumentVersion, DossierDocument
from documents.models import Document
from documents.publication import operations, publishing
from documents.publication.models import Publication
from documents.signatures.models import DocumentSignature, SealedDocument
from tests.documents.dossier.conftest import gri, gti, house
from workflow import clock
from workflow.actor import Actor

__all__ = ["gri", "gti", "house"]

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
SUMMARY = "Institui a comissão de inventário do acervo."


def at(day: date, hour: int = 9) -> None:
    """Shift the legal clock to that day and hour in TZ."""
    clock.configure(datetime.combine(day, time(hour), clock.TZ) - clock.real_now())


def opened(session: Session, actor: Actor) -> UUID:
    """A público dossier."""
    return dossiers.open_dossier(session, "administrativo_geral", actor=actor).id


def signed(session: Session, dossier: UUID, actor: Actor, type_key: str = "portaria") -> DossierDocument:
    """A document with its signature and its sealed file, written into the tables as signing leaves them."""
    document = dossiers.add_document(session, dossier, "internal", type_key, actor=actor)
    assert actor.id is not None
    session.add(DocumentVersion(document_id=document.id, version=1, html="<p>Texto</p>", sha256="0" * 64, created_at=clock.now()))  # fmt: skip
    document.version, document.status = 1, "signed"
    session.add(DocumentSignature(
        document_id=document.id, version=1, position=1, account_id=actor.id, name="Joana", cargo="Gerente", unit=actor.unit,
        signed_at=clock.now(), content_sha256="0" * 64, content_crc32="0" * 8,
    ))  # fmt: skip
    session.flush()
    sealed(session, document, 1)
    return document


def sealed(session: Session, document: DossierDocument, signatures: int) -> Document:
    """The file that shows so many signatures."""
    file = Document(
        kind="documento_interno", template_version="1", code=codes.new_code(), token_digest=uuid4().bytes, size=3,
        sha256=hashlib.sha256(uuid4().bytes).hexdigest(), address=uuid4().hex, status="issued", issued_at=clock.now(),
    )  # fmt: skip
    session.add(file)
    session.flush()
    row = SealedDocument(
        sealed_id=file.id, document_id=document.id, version=document.version, content_sha256="0" * 64,
        content_crc32="0" * 8, signatures=signatures,
    )  # fmt: skip
    session.add(row)
    document.sealed_id = file.id
    session.flush()
    return file


def scheduled(session: Session, document: DossierDocument, actor: Actor, day: date = TUESDAY) -> Publication:
    """In the Diário, with an ementa."""
    return operations.schedule(session, document.id, "diario", day, SUMMARY, actor=actor)


def publish_due(session: Session) -> list[str]:
    """What the job does, in the test's own transaction."""
    return [publishing.publish(session, one) for one in publishing.due(session)]


def published(session: Session, document: DossierDocument, actor: Actor) -> Publication:
    """Scheduled on Monday, published on Tuesday."""
    at(MONDAY)
    row = scheduled(session, document, actor)
    at(TUESDAY)
    assert publish_due(session) == ["published"]
    return row
