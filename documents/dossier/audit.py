"""Dossiers against their chains: part of `carimbo audit verify`.

The chains themselves are proved by `workflow.history.verify`; here each row is compared with what its chain tells: the
dossier's number, type, levels and situation; the tree's positions and statuses; the digests of versions, of files and
of free text. Some hundred dossiers at a time: a fixed number of statements for each batch, one text in memory at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from documents.dossier import events
from documents.dossier.annotations.models import Entry
from documents.dossier.audit_story import KINDS, Story, ToldDocument, tell
from documents.dossier.external.models import ExternalGrant, ExternalGrantDocument, Petition
from documents.dossier.external.petitions import digest as petition_digest
from documents.dossier.models import DocumentVersion, Dossier, DossierCredential, DossierDocument
from documents.dossier.opening import record_digest
from documents.signatures import content
from documents.texts import versions
from workflow import history
from workflow.models import EventRow

BATCH = 500
TEXTS = 50
"""Versions fetched at a time: each may be a long text."""


@dataclass(frozen=True)
class _Version:
    """What a version's row is, without its text: `content` is the digest that a signature of it has."""

    number: int
    sha256: str
    whole: bool
    content: str


@dataclass(frozen=True)
class _Batch:
    """The rows of some dossiers, by dossier (chosen documents by grant, versions by document)."""

    stories: dict[UUID, Story]
    credentials: dict[UUID, list[DossierCredential]]
    grants: dict[UUID, list[ExternalGrant]]
    chosen: dict[UUID, list[ExternalGrantDocument]]
    documents: dict[UUID, list[DossierDocument]]
    versions: dict[UUID, list[_Version]]
    entries: dict[UUID, list[Entry]]
    petitions: dict[UUID, list[Petition]]


def verify_dossiers(session: Session, progress: history.Progress = history.silent) -> list[str]:
    """Every disagreement between the tables of dossiers and their chains, in words; empty when all is whole."""
    gone = history.without_row(session, "dossier", Dossier.__tablename__)
    problems = [f"{name}: está na cadeia e não na tabela" for name in gone]
    done = 0
    for dossiers in dossier_batches(session):
        batch = _read(session, dossiers)
        for dossier in dossiers:
            problems += [f"processo {dossier.number}: {what}" for what in _problems(dossier, batch)]
        done += len(dossiers)
        progress("processos", done)
    return problems


def dossier_batches(session: Session) -> Iterator[Sequence[Dossier]]:
    """All dossiers, some at a time, in the order of their ids."""
    query, last = select(Dossier).order_by(Dossier.id).limit(BATCH), None
    while rows := session.scalars(query.where(Dossier.id > last) if last is not None else query).all():
        yield rows
        last = rows[-1].id


def _read(session: Session, dossiers: Sequence[Dossier]) -> _Batch:
    ids = [one.id for one in dossiers]
    stories = _stories(session, ids)
    documents = _grouped(session, select(DossierDocument).where(DossierDocument.dossier_id.in_(ids)), "dossier_id")
    chosen = select(ExternalGrantDocument).join(ExternalGrant, ExternalGrant.id == ExternalGrantDocument.grant_id)
    return _Batch(
        stories,
        _grouped(session, select(DossierCredential).where(DossierCredential.dossier_id.in_(ids)), "dossier_id"),
        _grouped(session, select(ExternalGrant).where(ExternalGrant.dossier_id.in_(ids)), "dossier_id"),
        _grouped(session, chosen.where(ExternalGrant.dossier_id.in_(ids)), "grant_id"),
        documents,
        _versions(session, {one.id: one.number for one in dossiers}, documents),
        _grouped(session, select(Entry).where(Entry.dossier_id.in_(ids)), "dossier_id"),
        _grouped(session, select(Petition).where(Petition.dossier_id.in_(ids)), "dossier_id"),
    )


def _grouped(session: Session, query: Select[Any], key: str) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in session.scalars(query):
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _stories(session: Session, ids: Sequence[UUID]) -> dict[UUID, Story]:
    by_chain = {events.chain(one): Story() for one in ids}
    query = select(EventRow.chain, EventRow.kind, EventRow.data)
    query = query.where(EventRow.chain.in_(by_chain), EventRow.kind.in_(KINDS)).order_by(EventRow.chain, EventRow.seq)
    for chain, kind, data in session.execute(query.execution_options(yield_per=BATCH)):
        tell(by_chain[chain], kind, json.loads(data))
    return {one: by_chain[events.chain(one)] for one in ids}


def _versions(
    session: Session, numbers: dict[UUID, str], documents: dict[UUID, list[DossierDocument]]
) -> dict[UUID, list[_Version]]:
    """The versions of these documents, read one after the other: what is kept of each is its digests."""
    by_id = {document.id: document for of_dossier in documents.values() for document in of_dossier}
    query = select(DocumentVersion).join(DossierDocument, DossierDocument.id == DocumentVersion.document_id)
    query = query.where(DossierDocument.dossier_id.in_(numbers)).order_by(DocumentVersion.document_id)
    found: dict[UUID, list[_Version]] = {}
    for row in session.scalars(query.order_by(DocumentVersion.version).execution_options(yield_per=TEXTS)):
        document = by_id[row.document_id]
        signed = content.digest(content.written(numbers[document.dossier_id], document, row)).sha256
        whole = row.sha256 == versions.digest_of(row.html, row.answers)
        found.setdefault(document.id, []).append(_Version(row.version, row.sha256, whole, signed))
    return found


def _problems(dossier: Dossier, batch: _Batch) -> Iterator[str]:
    story = batch.stories[dossier.id]
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
    yield from _tree_problems(dossier, batch)
    yield from _text_problems(dossier, batch)
    yield from _access_problems(dossier, batch)


def _access_problems(dossier: Dossier, batch: _Batch) -> Iterator[str]:
    """Who may see it without the units: nobody was let in, and nothing was widened, behind the chain's back."""
    story = batch.stories[dossier.id]
    if {str(row.account_id) for row in batch.credentials.get(dossier.id, ())} != story.credentials:
        yield "as credenciais de acesso não são as da cadeia"
    rows = batch.grants.get(dossier.id, [])
    if {str(row.id): _granted(row, batch) for row in rows} != story.grants:
        yield "um acesso externo foi alterado, retirado ou acrescentado"
    if {str(row.id) for row in rows if row.revoked_at is not None} != story.revoked:
        yield "a retirada de um acesso externo não é a da cadeia"


def _granted(row: ExternalGrant, batch: _Batch) -> tuple[str, bool, bool, frozenset[str]]:
    chosen = frozenset(str(one.document_id) for one in batch.chosen.get(row.id, ()))
    return f"{row.expires_on:%d/%m/%Y}", row.may_sign, row.may_add, chosen


def _reason(dossier: Dossier) -> str | None:
    return events.digest(dossier.id, dossier.status_reason) if dossier.status_reason is not None else None


def _tree_problems(dossier: Dossier, batch: _Batch) -> Iterator[str]:
    story, there = batch.stories[dossier.id], set()
    for row in batch.documents.get(dossier.id, ()):
        there.add(str(row.id))
        told = story.documents.get(str(row.id))
        if told is None:
            yield f"documento {row.number:07d}: não está na cadeia"
            continue
        kept = batch.versions.get(row.id, [])
        yield from (f"documento {row.number:07d}: {what}" for what in _document_problems(row, told, kept))
    yield from (
        f"documento {told.number:0>7}: sumiu da árvore" for key, told in story.documents.items() if key not in there
    )


def _document_problems(row: DossierDocument, told: ToldDocument, kept: Sequence[_Version]) -> Iterator[str]:
    if (row.number, row.position, row.level) != (told.number, told.position, told.level):
        yield "o número, o lugar na árvore ou o nível de acesso não é o da cadeia"
    ended = row.status if row.status in ("cancelled", "deleted") else None
    reason = events.digest(row.id, row.cancel_reason) if row.cancel_reason is not None else None
    if ended != told.ended or reason != told.reason:
        yield "o cancelamento ou a exclusão não é o da cadeia"
    if row.sha256 is not None and told.files != [row.sha256]:
        yield "o arquivo não é o que foi incluído"
    yield from _version_problems(row, told, kept)


def _version_problems(row: DossierDocument, told: ToldDocument, kept: Sequence[_Version]) -> Iterator[str]:
    """Each version is the one that was saved; a version written while signing is proved by the signature's content."""
    at_signature = {version for version, _ in told.signed.values()}
    if not set(told.versions) <= {one.number for one in kept} <= set(told.versions) | told.ever_signed:
        yield "há versões a mais ou a menos"
    for one in kept:
        if not one.whole or told.versions.get(one.number, one.sha256) != one.sha256:
            yield f"a versão {one.number} foi alterada"
    if row.status == "signed" and (not told.signed or at_signature != {row.version}):
        yield "consta como assinado, e a cadeia não tem a assinatura desta versão"
    contents = {one.number: one.content for one in kept}
    for version, sha256 in sorted(set(told.signed.values())):
        if contents.get(version, sha256) != sha256:
            yield "o conteúdo não é o que foi assinado"


def _text_problems(dossier: Dossier, batch: _Batch) -> Iterator[str]:
    story = batch.stories[dossier.id]
    entries = batch.entries.get(dossier.id, ())
    if {str(row.id): events.digest(row.id, row.text) for row in entries} != story.entries:
        yield "um andamento escrito à mão foi alterado, retirado ou acrescentado"
    petitions = batch.petitions.get(dossier.id, ())
    if {str(row.id): petition_digest(row) for row in petitions} != story.petitions:
        yield "um recibo de petição foi alterado, retirado ou acrescentado"
