"""The tree: adding, deleting and cancelling documents, and the moment from which they are locked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents import operations as sealed
from documents.dossier import access, events, levels, lines, rules
from documents.dossier.errors import DossierDocumentNotFound
from documents.dossier.models import DocumentType, Dossier, DossierDocument, LegalHypothesis
from documents.models import Document, DocumentStatus
from documents.numbering import operations as numbering
from documents.publication.standing import require_unpublished
from documents.search.operations import index_document
from documents.signatures import sealing
from workflow import clock
from workflow.actor import Actor
from workflow.errors import InvalidInput, NotFound

MAX_TITLE = 250
_APPLIES = {"internal": ("internal", "both"), "external": ("external", "both"), "form": ("form",)}


def add_document(
    session: Session,
    dossier_id: UUID,
    kind: str,
    type_key: str,
    *,
    actor: Actor,
    title: str = "",
    level: str = "publico",
    hypothesis_id: UUID | None = None,
) -> DossierDocument:
    """A new document at the end of the tree, as a draft; a restricted one raises the whole dossier."""
    dossier = access.locked(session, actor, dossier_id)
    unit = dossier.origin_unit if actor.kind == "system" and actor.unit is None else actor.unit
    if actor.kind != "system":
        access.open_line(session, dossier, actor)
    return append_document(
        session, dossier, kind, type_key, unit or dossier.origin_unit, actor, title, level, hypothesis_id
    )


def append_document(
    session: Session,
    dossier: Dossier,
    kind: str,
    type_key: str,
    unit: str,
    actor: Actor,
    title: str = "",
    level: str = "publico",
    hypothesis_id: UUID | None = None,
    *,
    while_suspended: bool = False,
) -> DossierDocument:
    """The same for a dossier that is locked already and an actor of whom somebody else decided (a petition)."""
    if not while_suspended:
        rules.require_running(dossier)
    _require_type(session, kind, type_key)
    hypothesis = session.get(LegalHypothesis, hypothesis_id) if hypothesis_id else None
    rules.require_hypothesis(level, hypothesis)
    document = DossierDocument(
        number=numbering.new_document_number(session),
        dossier_id=dossier.id,
        position=_next_position(session, dossier.id),
        kind=kind,
        type_key=type_key,
        title=_title(title),
        unit=unit,
        created_by=actor.id,
        created_at=clock.now(),
        level=level,
        hypothesis_id=hypothesis_id,
        status="draft",
    )
    session.add(document)
    session.flush()
    facts = {"document": str(document.id), "number": document.number, "unit": unit, "type": type_key, "kind": kind}
    facts |= {"position": document.position, "level": level}
    events.append(session, dossier.id, events.DOCUMENT_ADDED, facts, actor=actor)
    levels.raise_level(session, dossier, actor)
    index_document(session, document)
    lines.touch_all(session, dossier.id)
    return document


def cancel_document(session: Session, document_id: UUID, reason: str, *, actor: Actor) -> DossierDocument:
    """Cancel with a reason: it stays in the tree, greyed, and whoever validates its sealed file reads CANCELADO."""
    text = rules.reason(reason)
    dossier, document = _locked_document(session, document_id, actor)
    rules.require_cancellable(document, None if actor.kind == "system" else actor.unit)
    rules.require_running(dossier)
    require_unpublished(session, document_id)
    document.status, document.cancelled_at, document.cancel_reason = "cancelled", clock.now(), text
    session.flush()
    facts = {"document": str(document.id), "number": document.number, "reason": events.digest(document.id, text)}
    events.append(session, dossier.id, events.DOCUMENT_CANCELLED, facts, actor=actor)
    _cancel_sealed(session, document, text, actor)
    lines.touch_all(session, dossier.id)
    return document


def delete_document(session: Session, document_id: UUID, *, actor: Actor) -> None:
    """Take a document out of the tree; only its unit, and only before others saw it. Its number is never reused."""
    dossier, document = _locked_document(session, document_id, actor)
    rules.require_deletable(document, None if actor.kind == "system" else actor.unit)
    rules.require_running(dossier)
    require_unpublished(session, document_id)
    document.status = "deleted"
    session.flush()
    facts = {"document": str(document.id), "number": document.number}
    events.append(session, dossier.id, events.DOCUMENT_DELETED, facts, actor=actor)
    _cancel_sealed(session, document, "Documento excluído do processo antes de ser visto.", actor)
    levels.raise_level(session, dossier, actor)
    lines.touch_all(session, dossier.id)


def note_seen(session: Session, document_id: UUID, *, actor: Actor) -> DossierDocument:
    """Call when somebody opens a document: seen by another unit it can no longer be deleted and, signed or filed,
    its text is locked for good. Opening again changes nothing."""
    document = access.authorize_document(session, actor, document_id)
    if actor.unit is None or actor.unit == document.unit or _seen_enough(document):
        return document
    return see(session, document_id, actor)


def see(session: Session, document_id: UUID, actor: Actor) -> DossierDocument:
    """The same for whoever was authorized elsewhere (an external user counts as another unit)."""
    document = session.get_one(DossierDocument, document_id)
    session.execute(select(Dossier.id).where(Dossier.id == document.dossier_id).with_for_update(key_share=True))
    session.refresh(document, with_for_update={"key_share": True})
    now = clock.now()
    if document.seen_at is None:
        document.seen_at = now
        facts = {"document": str(document.id), "number": document.number, "unit": actor.unit or "usuário externo"}
        session.flush()
        events.append(session, document.dossier_id, events.DOCUMENT_SEEN, facts, actor=actor)
    if document.status in ("signed", "filed") and document.locked_at is None:
        document.locked_at = now
    session.flush()
    return document


def _seen_enough(document: DossierDocument) -> bool:
    return document.seen_at is not None and (
        document.locked_at is not None or document.status not in ("signed", "filed")
    )


def _locked_document(session: Session, document_id: UUID, actor: Actor) -> tuple[Dossier, DossierDocument]:
    found = session.get(DossierDocument, document_id)
    if found is None or found.status == "deleted":
        raise DossierDocumentNotFound(document=str(document_id))
    dossier = access.locked(session, actor, found.dossier_id)
    if actor.kind != "system":
        access.open_line(session, dossier, actor)
    session.refresh(found)
    return dossier, found


def _cancel_sealed(session: Session, document: DossierDocument, reason: str, actor: Actor) -> None:
    """Every sealed file that was made of it, so that none is found authentic any more."""
    sealing.cancel_files(session, document.id, reason, actor=actor)
    file = session.get(Document, document.sealed_id) if document.sealed_id is not None else None
    if file is not None and file.status == DocumentStatus.ISSUED:
        sealed.cancel(session, file.id, reason[:200], actor=actor)


def _require_type(session: Session, kind: str, type_key: str) -> None:
    declared = session.get(DocumentType, type_key)
    if declared is None or not declared.active:
        raise NotFound("Não encontramos este tipo de documento.", type=type_key)
    if declared.applies_to not in _APPLIES.get(kind, ()):
        raise InvalidInput({"type_key": f"{declared.name} não é um tipo para este modo de incluir. Escolha outro."})


def _next_position(session: Session, dossier_id: UUID) -> int:
    query = select(func.coalesce(func.max(DossierDocument.position), 0)).where(DossierDocument.dossier_id == dossier_id)
    return (session.scalar(query) or 0) + 1


def _title(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) > MAX_TITLE:
        raise InvalidInput({"title": f"Use no máximo {MAX_TITLE} caracteres."})
    return plain
