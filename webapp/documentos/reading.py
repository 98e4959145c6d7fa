"""What the pages of a document show of it: its words, its state, who signed, and what who is looking may do now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from documents import codes
from documents.dossier import access as dossiers
from documents.dossier import operations as dossier_operations
from documents.dossier.models import DocumentType, Dossier, DossierDocument, LegalHypothesis
from documents.models import Document
from documents.signatures import access, offers
from documents.signatures import queries as signatures
from documents.signatures.models import DocumentSignature, SealedDocument
from documents.signatures.standing import signatures_of
from documents.texts import queries as texts
from documents.texts import versions
from documents.texts.uploads import CONFERENCES
from people import queries as people
from people.access import allowed
from webapp.security import actor
from workflow.errors import Conflict, Forbidden

LEVELS = {"publico": "Público", "restrito": "Restrito", "sigiloso": "Sigiloso"}
METHODS = {"password": "por senha", "certificate": "com certificado digital"}
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})


@dataclass(frozen=True, slots=True)
class Check:
    """How others verify the sealed file: code, CRC-32 and SHA-256 of the content."""

    code: str
    crc32: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as a page shows it."""

    id: UUID
    number: str
    dossier_id: UUID
    dossier_number: str
    dossier_open: bool
    kind: str
    type_key: str
    type_name: str
    name: str
    title: str
    level: str
    hypothesis: str
    status: str
    unit: str
    author: str
    created_at: datetime
    document_date: date | None
    version: int
    locked: bool
    cancel_reason: str
    cancelled_at: datetime | None
    signatures: tuple[DocumentSignature, ...]
    sealed_id: UUID | None
    pending: bool
    check: Check | None
    file_name: str
    media_type: str
    size: int
    pages: int | None
    conference: str
    authenticated_at: datetime | None
    authenticated_by: str
    may_edit: bool
    may_sign: bool
    may_authenticate: bool

    @property
    def mine(self) -> bool:
        """Who is looking signed it already."""
        who = actor()
        return any((row.account_id, row.acting_for) == (who.id, who.acting_for) for row in self.signatures)

    @property
    def size_words(self) -> str:
        """184 kB; 2,4 MB"""
        if self.size < 1_000_000:
            return f"{max(1, round(self.size / 1000))} kB"
        return f"{self.size / 1_000_000:.1f} MB".replace(".", ",")

    @property
    def state(self) -> tuple[str, str]:
        """Kind and words of its state."""
        return {
            "draft": ("warning", "Rascunho, sem assinatura"),
            "signed": ("ok", "Assinado"),
            "filed": ("ok", "Incluído"),
            "cancelled": ("error", "Cancelado"),
        }.get(self.status, ("neutral", self.status))


def opened(session: Session, document_id: UUID, action: str = "dossier.read") -> DossierDocument:
    """The document, for who may do `action`; opening one notes that it was seen, which may lock its text."""
    who = actor()
    document = access.authorize_document(session, who, document_id, action)
    if (
        action == "dossier.read" and offers.reaches(session, who, document_id) is None
    ):  # a block lets read without locking
        document = dossier_operations.note_seen(session, document_id, actor=who)
    return document


def shown(session: Session, document: DossierDocument) -> Shown:
    """Everything that a page says of a document."""
    dossier = session.get_one(Dossier, document.dossier_id)
    declared = session.get_one(DocumentType, document.type_key)
    hypothesis = session.get(LegalHypothesis, document.hypothesis_id) if document.hypothesis_id else None
    signed = tuple(signatures_of(session, document.id))
    names = people.account_names(session, [i for i in (document.created_by, document.authenticated_by) if i])
    editable, signable = _rights(session, document, dossier)
    return Shown(
        document.id, f"{document.number:07d}", dossier.id, dossier.number, dossier.status == "running", document.kind, declared.key,
        declared.name, name_of(document, declared.name), document.title, document.level,
        f"{hypothesis.name} ({hypothesis.law})" if hypothesis else "", document.status, document.unit,
        names.get(document.created_by, "") if document.created_by else "", document.created_at, document.document_date, document.version,
        document.locked_at is not None, document.cancel_reason or "", document.cancelled_at, signed, document.sealed_id,
        _pending(session, document, signed), _check(session, document), document.file_name or "", document.media_type or "",
        document.size or 0, document.pages, CONFERENCES.get(document.conference or "", ""), document.authenticated_at,
        names.get(document.authenticated_by, "") if document.authenticated_by else "",
        editable, signable, _authenticable(document),
    )  # fmt: skip


def name_of(document: DossierDocument, type_name: str) -> str:
    """Of. 002/2018/GRPC/GRI: convite · Despacho: arquive-se · Anexo"""
    name = document.type_number or type_name
    return f"{name}: {document.title}" if document.title else name


def _rights(session: Session, document: DossierDocument, dossier: Dossier) -> tuple[bool, bool]:
    """Whether the text may be changed and whether a signature may be added, by who is looking."""
    who = actor()
    written = document.kind != "external" and document.status in ("draft", "signed") and dossier.status == "running"
    if not written or not allowed(who, "dossier.sign"):
        return False, False
    if offers.reaches(session, who, document.id) is not None:
        return document.locked_at is None, document.version > 0
    if not dossiers.may(session, who, dossier, "dossier.work"):
        return False, False
    line = dossiers.line_of(session, dossier, who)
    own = document.unit == who.unit and line is not None and line.status == "open"
    return own and document.locked_at is None, own and document.version > 0


def _authenticable(document: DossierDocument) -> bool:
    digitised = document.kind == "external" and document.conference is not None
    return (
        digitised
        and document.status == "filed"
        and document.authenticated_at is None
        and allowed(actor(), "dossier.authenticate")
    )


def _pending(session: Session, document: DossierDocument, signatures: tuple[DocumentSignature, ...]) -> bool:
    """Signatures are recorded at once; the sealed file with all of them follows."""
    if not signatures or document.status != "signed":
        return False
    sealed = session.get(SealedDocument, document.sealed_id) if document.sealed_id else None
    return sealed is None or sealed.signatures < len(signatures)


def _check(session: Session, document: DossierDocument) -> Check | None:
    sealed = session.get(SealedDocument, document.sealed_id) if document.sealed_id else None
    file = session.get(Document, document.sealed_id) if document.sealed_id else None
    if sealed is None or file is None:
        return None
    return Check(codes.formatted(file.code), sealed.content_crc32, sealed.content_sha256)


def require_editable(session: Session, document_id: UUID) -> DossierDocument:
    """The document, for who may change its text now; the refusal says why not."""
    document = access.authorize_document(session, actor(), document_id, "dossier.work")
    found = shown(session, document)
    if found.kind == "external":
        raise Conflict("Este documento veio de fora e não é editado aqui.")
    if found.locked:
        raise Conflict(
            "Outra unidade já viu este documento: o texto não muda mais. Se for preciso, inclua um documento novo."
        )
    if not found.may_edit:
        raise Forbidden(
            _CLOSED.get(found.status, f"Só a unidade {found.unit} edita este documento, com o processo aberto nela.")
        )
    return document


_CLOSED = {"cancelled": "Este documento foi cancelado: o texto não muda mais."}

_HEADING = re.compile(r"<(/?)h([1-4])(?: class=\"([^\"]*)\")?")


def as_read(html: str) -> str:
    """Clean HTML of a version inside a page: its headings follow the page's, wide tables scroll by themselves."""

    def heading(found: re.Match[str]) -> str:
        level = int(found[2])
        opening = "" if found[1] else f' class="t{level}{" " + found[3] if found[3] else ""}"'
        return f"<{found[1]}h{min(level + 2, 6)}{opening}"

    html = _HEADING.sub(heading, html)
    return html.replace("<table", '<div class="scroll" tabindex="0" role="group" aria-label="Tabela"><table').replace(
        "</table>", "</table></div>"
    )


def text_of(session: Session, document: DossierDocument) -> str:
    """The version in force, as clean HTML; empty while nothing was written."""
    current = versions.current(session, document)
    return current.html if current is not None else ""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One line of the list of versions."""

    version: int
    author: str
    created_at: datetime
    comment: str
    based_on: int
    aside: bool
    """Kept beside the others: it was written over another text than the one before it."""


def versions_of(session: Session, document: DossierDocument) -> list[VersionLine]:
    """Every version, latest first."""
    rows = texts.versions_of(session, document)
    names = people.account_names(session, {row.author for row in rows if row.author})
    return [
        VersionLine(
            row.version, names.get(row.author, "Conta eliminada") if row.author else "Sistema", row.created_at, row.comment,
            row.based_on, row.based_on != row.version - 1,
        )
        for row in rows
    ]  # fmt: skip


def last_cargo(session: Session) -> str:
    """The cargo with which who is looking signed last."""
    who = actor()
    return signatures.last_cargo(session, who.id) if who.id else ""
