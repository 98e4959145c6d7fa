"""Documents against the chain: part of `carimbo audit verify`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import events
from documents.contents import read_bytes
from documents.errors import DocumentDamaged
from documents.models import Document, DocumentStatus
from documents.publication.audit import verify_publications
from documents.reasons import ERASED_REASON
from people.errors import Erased
from workflow import history
from workflow.models import EventRow

BATCH = 500


@dataclass
class _Told:
    """What the chain tells of one document."""

    issued: list[dict[str, str]] = field(default_factory=list)
    cancellations: list[str] = field(default_factory=list)
    erased: bool = False


def verify_documents(session: Session, progress: history.Progress = history.silent) -> list[str]:
    """Every disagreement between rows, stored bytes and events, in words; empty when all is whole. Dossiers, signatures,
    files, blocks and publications too.

    The chain itself is proved by `workflow.history.verify`; here each row is compared with the event that its chain
    holds, and the bytes are read again (DE9).
    """
    from documents.dossier.audit import verify_dossiers  # here, since dossiers issue and cancel through this package
    from documents.signatures.audit import verify_files, verify_signatures
    from documents.signatures.block_records import verify_blocks

    told = _told(session)
    problems: list[str] = []
    known: set[UUID] = set()
    for document in session.scalars(select(Document).order_by(Document.id).execution_options(yield_per=BATCH)):
        known.add(document.id)
        progress("documentos selados", len(known))
        story = told.get(document.id, _Told())
        problems += [f"documento {document.id}: {problem}" for problem in _problems(session, document, story)]
    problems += [f"documento {missing}: está na cadeia e não na tabela" for missing in sorted(told.keys() - known)]
    problems += verify_dossiers(session, progress) + verify_signatures(session) + verify_files(session)
    return problems + verify_blocks(session) + verify_publications(session)


def _told(session: Session) -> dict[UUID, _Told]:
    query = select(EventRow.kind, EventRow.data).where(
        EventRow.kind.in_((events.ISSUED, events.CANCELLED, events.ERASED))
    )
    told: dict[UUID, _Told] = {}
    for kind, text in session.execute(query.execution_options(yield_per=BATCH)):
        data = json.loads(text)
        story = told.setdefault(UUID(data["document"]), _Told())
        if kind == events.ISSUED:
            story.issued.append(data)
        elif kind == events.CANCELLED:
            story.cancellations.append(data["cancellation"])
        else:
            story.erased = True
    return told


def _problems(session: Session, document: Document, story: _Told) -> Iterator[str]:
    if len(story.issued) != 1:
        yield f"{len(story.issued)} eventos de emissão na cadeia"
        return
    issued = story.issued[0]
    if issued["record"] != events.record_digest(document) or issued["sha256"] != document.sha256:
        yield "o registro foi alterado depois da emissão"
    yield from _state_problems(document, story)
    if document.status == DocumentStatus.ERASED:
        return
    current = events.issued_data(document)
    if (issued["address"], issued["summary"]) != (current["address"], current["summary"]):
        yield "o endereço ou o resumo foi alterado depois da emissão"
    try:
        read_bytes(session, document.id)
    except Erased:
        yield "a chave do titular não existe mais e o documento não foi eliminado"
    except DocumentDamaged as damaged:
        yield f"os bytes guardados não são os emitidos ({damaged.data.get('reason', '')})"


def _state_problems(document: Document, story: _Told) -> Iterator[str]:
    """The status of the row is the one that the events give."""
    if story.erased:
        if document.status != DocumentStatus.ERASED or document.cancel_reason != ERASED_REASON:
            yield "a cadeia diz que foi eliminado, o registro não"
    elif story.cancellations:
        digest = events.cancellation_digest(document)
        if document.status != DocumentStatus.CANCELLED or [digest] != story.cancellations:
            yield "o cancelamento não é o da cadeia"
    elif document.status != DocumentStatus.ISSUED:
        yield "a situação do registro não tem evento na cadeia"
