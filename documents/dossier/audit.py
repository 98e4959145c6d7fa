"""Dossiers against their chains: part of `carimbo audit verify`.

The chains themselves are proved by `workflow.history.verify`; here each row is compared with what its chain tells: the
dossier's number, type, levels and situation; the tree's positions and statuses; the digests of versions, of files and
of free text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import events
from documents.dossier.annotations.models import Entry
from documents.dossier.external import grants
from documents.dossier.external.models import ExternalGrant, ExternalGrantDocument, Petition
from documents.dossier.external.petitions import RECEIVED as PETITIONED
from documents.dossier.external.petitions import digest as petition_digest
from documents.dossier.models import DocumentVersion, Dossier, DossierCredential, DossierDocument
from documents.dossier.opening import record_digest
from documents.signatures import content
from documents.signatures import events as signatures
from documents.texts import events as texts
from documents.texts import versions
from workflow.models import EventRow

BATCH = 500
SAVED = (texts.SAVED, texts.KEPT, texts.RESTORED)
_STATUS = {
    events.SUSPENDED: "suspended",
    events.RESUMED: "running",
    events.ATTACHED: "attached",
    events.DETACHED: "running",
}


@dataclass
class _Document:
    """What the chain tells of one document."""

    number: int
    position: int
    level: str
    ended: str | None = None
    reason: str | None = None
    files: list[str] = field(default_factory=list)
    versions: dict[int, str] = field(default_factory=dict)
    signed: dict[str, tuple[int, str]] = field(default_factory=dict)
    ever_signed: set[int] = field(default_factory=set)


@dataclass
class _Story:
    """What the chain tells of one dossier."""

    opened: dict[str, Any] = field(default_factory=dict)
    level: str = ""
    effective: str = ""
    status: str = "running"
    reason: str | None = None
    passed: list[str] = field(default_factory=list)
    documents: dict[str, _Document] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    petitions: dict[str, str] = field(default_factory=dict)
    credentials: set[str] = field(default_factory=set)
    grants: dict[str, tuple[str, bool, bool, frozenset[str]]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)


def verify_dossiers(session: Session) -> list[str]:
    """Every disagreement between the tables of dossiers and their chains, in words; empty when all is whole."""
    problems: list[str] = []
    known: set[str] = set()
    for dossier in session.scalars(select(Dossier).order_by(Dossier.id).execution_options(yield_per=BATCH)):
        known.add(events.chain(dossier.id))
        story = _story(session, dossier.id)
        problems += [f"processo {dossier.number}: {what}" for what in _problems(session, dossier, story)]
    chains = select(EventRow.chain).where(EventRow.kind == events.OPENED, EventRow.seq == 1)
    problems += [f"{name}: está na cadeia e não na tabela" for name in session.scalars(chains) if name not in known]
    return problems


def _story(session: Session, dossier_id: UUID) -> _Story:
    story = _Story()
    query = select(EventRow.kind, EventRow.data).where(EventRow.chain == events.chain(dossier_id))
    for kind, text in session.execute(query.order_by(EventRow.seq)):
        _tell(story, kind, json.loads(text))
    return story


def _tell(story: _Story, kind: str, data: dict[str, Any]) -> None:
    if kind == events.OPENED:
        story.opened, story.level, story.effective = data, data["level"], data["level"]
        story.passed = [data["unit"]]
    elif kind == events.OWN_LEVEL:
        story.level = data["level"]
    elif kind == events.LEVEL:
        story.effective = data["level"]
    elif kind in _STATUS:
        story.status, story.reason = _STATUS[kind], data.get("reason") if kind == events.SUSPENDED else None
    elif kind == events.SENT:
        story.passed += [one for one in data["units"] if one not in story.passed]
    elif kind == events.SPECIFICATION:
        story.opened["specification"] = data["specification"]
    elif kind == events.ENTRY:
        story.entries[data["entry"]] = data["text"]
    elif kind == PETITIONED:
        story.petitions[data["petition"]] = data["items"]
    elif not _tell_access(story, kind, data):
        _tell_document(story, kind, data)


def _tell_access(story: _Story, kind: str, data: dict[str, Any]) -> bool:
    """Credentials of a sigiloso dossier and accesses of external users; False for what is neither."""
    if kind == events.CREDENTIAL_GRANTED:
        story.credentials.add(data["account"])
    elif kind == events.CREDENTIAL_REVOKED:
        story.credentials.discard(data["account"])
    elif kind == grants.GRANTED:
        story.grants[data["grant"]] = (data["until"], data["sign"], data["add"], frozenset(data["documents"]))
    elif kind == grants.REVOKED:
        story.revoked.add(data["grant"])
    else:
        return False
    return True


def _tell_document(story: _Story, kind: str, data: dict[str, Any]) -> None:
    if kind == events.DOCUMENT_ADDED:
        story.documents[data["document"]] = _Document(data["number"], data["position"], data["level"])
        return
    document = story.documents.get(data.get("document", ""))
    if document is None:
        return
    if kind == events.DOCUMENT_LEVEL:
        document.level = data["level"]
    elif kind == events.DOCUMENT_DELETED:
        document.ended = "deleted"
    elif kind == events.DOCUMENT_CANCELLED:
        document.ended, document.reason = "cancelled", data["reason"]
    elif kind in SAVED:
        document.versions[data["version"]] = data["sha256"]
    elif kind == texts.UPLOADED:
        document.files.append(data["sha256"])
    elif kind == signatures.SIGNED:
        document.signed[data["signature"]] = (data["version"], data["sha256"])
        document.ever_signed.add(data["version"])
    elif kind == signatures.DROPPED:
        for one in data["signatures"]:
            document.signed.pop(one, None)


def _problems(session: Session, dossier: Dossier, story: _Story) -> Iterator[str]:
    if not story.opened:
        yield "não há evento de abertura na cadeia"
        return
    if story.opened["record"] != record_digest(dossier) or story.opened["number"] != dossier.number:
        yield "o registro foi alterado depois da abertura"
    if story.opened["specification"] != events.digest(dossier.id, dossier.specification):
        yield "a especificação não é a da cadeia"
    if (story.level, story.effective) != (dossier.level, dossier.effective_level):
        yield "o nível de acesso não é o da cadeia"
    if sorted(story.passed) != sorted(dossier.passed_units):
        yield "as unidades por onde passou não são as da cadeia"
    if story.status != dossier.status or _reason(dossier) != story.reason:
        yield "a situação não é a da cadeia"
    yield from _tree_problems(session, dossier, story)
    yield from _text_problems(session, dossier, story)
    yield from _access_problems(session, dossier, story)


def _access_problems(session: Session, dossier: Dossier, story: _Story) -> Iterator[str]:
    """Who may see it without the units: nobody was let in, and nothing was widened, behind the chain's back."""
    query = select(DossierCredential.account_id).where(DossierCredential.dossier_id == dossier.id)
    if {str(one) for one in session.scalars(query)} != story.credentials:
        yield "as credenciais de acesso não são as da cadeia"
    rows = session.scalars(select(ExternalGrant).where(ExternalGrant.dossier_id == dossier.id)).all()
    if {str(row.id): _granted(session, row) for row in rows} != story.grants:
        yield "um acesso externo foi alterado, retirado ou acrescentado"
    if {str(row.id) for row in rows if row.revoked_at is not None} != story.revoked:
        yield "a retirada de um acesso externo não é a da cadeia"


def _granted(session: Session, row: ExternalGrant) -> tuple[str, bool, bool, frozenset[str]]:
    chosen = session.scalars(select(ExternalGrantDocument.document_id).where(ExternalGrantDocument.grant_id == row.id))
    return f"{row.expires_on:%d/%m/%Y}", row.may_sign, row.may_add, frozenset(str(one) for one in chosen)


def _reason(dossier: Dossier) -> str | None:
    return events.digest(dossier.id, dossier.status_reason) if dossier.status_reason is not None else None


def _tree_problems(session: Session, dossier: Dossier, story: _Story) -> Iterator[str]:
    rows = session.scalars(select(DossierDocument).where(DossierDocument.dossier_id == dossier.id))
    there: set[str] = set()
    for row in rows:
        there.add(str(row.id))
        told = story.documents.get(str(row.id))
        if told is None:
            yield f"documento {row.number:07d}: não está na cadeia"
            continue
        yield from (f"documento {row.number:07d}: {what}" for what in _document_problems(session, row, told))
    yield from (
        f"documento {told.number:0>7}: sumiu da árvore" for key, told in story.documents.items() if key not in there
    )


def _document_problems(session: Session, row: DossierDocument, told: _Document) -> Iterator[str]:
    if (row.number, row.position, row.level) != (told.number, told.position, told.level):
        yield "o número, o lugar na árvore ou o nível de acesso não é o da cadeia"
    ended = row.status if row.status in ("cancelled", "deleted") else None
    reason = events.digest(row.id, row.cancel_reason) if row.cancel_reason is not None else None
    if ended != told.ended or reason != told.reason:
        yield "o cancelamento ou a exclusão não é o da cadeia"
    if row.sha256 is not None and told.files != [row.sha256]:
        yield "o arquivo não é o que foi incluído"
    yield from _version_problems(session, row, told)


def _version_problems(session: Session, row: DossierDocument, told: _Document) -> Iterator[str]:
    """Each version is the one that was saved; a version written while signing is proved by the signature's content."""
    rows = session.scalars(select(DocumentVersion).where(DocumentVersion.document_id == row.id))
    kept = {one.version: one for one in rows}
    at_signature = {version for version, _ in told.signed.values()}
    if not set(told.versions) <= set(kept) <= set(told.versions) | told.ever_signed:
        yield "há versões a mais ou a menos"
    for number, one in sorted(kept.items()):
        same = told.versions.get(number, one.sha256) == one.sha256
        if not same or one.sha256 != versions.digest_of(one.html, one.answers):
            yield f"a versão {number} foi alterada"
    if row.status == "signed" and (not told.signed or at_signature != {row.version}):
        yield "consta como assinado, e a cadeia não tem a assinatura desta versão"
    number_of = session.get_one(Dossier, row.dossier_id).number
    for version, sha256 in sorted(set(told.signed.values())):
        if version in kept and content.digest(content.written(number_of, row, kept[version])).sha256 != sha256:
            yield "o conteúdo não é o que foi assinado"


def _text_problems(session: Session, dossier: Dossier, story: _Story) -> Iterator[str]:
    entries = session.scalars(select(Entry).where(Entry.dossier_id == dossier.id))
    if {str(row.id): events.digest(row.id, row.text) for row in entries} != story.entries:
        yield "um andamento escrito à mão foi alterado, retirado ou acrescentado"
    petitions = session.scalars(select(Petition).where(Petition.dossier_id == dossier.id))
    if {str(row.id): petition_digest(row) for row in petitions} != story.petitions:
        yield "um recibo de petição foi alterado, retirado ou acrescentado"
