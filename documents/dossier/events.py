"""The events of a dossier: each is one line of its andamento, in the chain `dossier:<id>`. No personal data.

Sentences may use siglas, numbers of documents and levels, which are no personal data. Free text is in the tables; the
event holds `digest(row id, text)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from workflow import history
from workflow.actor import Actor
from workflow.history import Event

Detail = Literal["resumido", "completo", "total"]

OPENED = "dossier_opened"
DOCUMENT_ADDED = "dossier_document_added"
DOCUMENT_CANCELLED = "dossier_document_cancelled"
DOCUMENT_DELETED = "dossier_document_deleted"
DOCUMENT_SEEN = "dossier_document_seen"
DOCUMENT_LEVEL = "dossier_document_level"
SENT = "dossier_sent"
RECEIVED = "dossier_received"
UNREAD = "dossier_marked_unread"
CONCLUDED = "dossier_concluded"
REOPENED = "dossier_reopened"
ASSIGNED = "dossier_assigned"
RELEASED = "dossier_released"
PRIORITY = "dossier_priority"
DUE_SET = "dossier_due_set"
DUE_CLEARED = "dossier_due_cleared"
DUE_DONE = "dossier_due_done"
RETURN_SET = "dossier_return_set"
RETURN_EXTENDED = "dossier_return_extended"
REOPENING_SET = "dossier_reopening_set"
SUSPENDED = "dossier_suspended"
RESUMED = "dossier_resumed"
RELATED = "dossier_related"
UNRELATED = "dossier_unrelated"
ATTACHED = "dossier_attached"
ATTACHMENT_RECEIVED = "dossier_attachment_received"
DETACHED = "dossier_detached"
ATTACHMENT_LEFT = "dossier_attachment_left"
LEVEL = "dossier_level"
OWN_LEVEL = "dossier_own_level"
CREDENTIAL_GRANTED = "dossier_credential_granted"
CREDENTIAL_REVOKED = "dossier_credential_revoked"
SPECIFICATION = "dossier_specification"
PARTIES = "dossier_parties"
ACKNOWLEDGED = "dossier_acknowledged"
DOCUMENT_ACKNOWLEDGED = "dossier_document_acknowledged"
WATCHED = "dossier_watched"
UNWATCHED = "dossier_unwatched"
NOTED = "dossier_noted"
NOTE_REMOVED = "dossier_note_removed"
COMMENTED = "dossier_commented"
COMMENT_REMOVED = "dossier_comment_removed"
ENTRY = "dossier_entry"
MARKED = "dossier_marked"
UNMARKED = "dossier_unmarked"

SHORT: dict[str, str] = {
    OPENED: "Processo aberto em {unit}.",
    SENT: "Processo enviado por {from_unit} a {to}.",
    RECEIVED: "Processo recebido em {unit}.",
    CONCLUDED: "Processo concluído em {unit}.",
    REOPENED: "Processo reaberto em {unit}.",
    SUSPENDED: "Processo sobrestado em {unit}.",
    RESUMED: "Sobrestamento encerrado em {unit}.",
    ATTACHED: "Processo anexado ao processo {number}.",
    ATTACHMENT_RECEIVED: "Processo {number} anexado a este.",
    DETACHED: "Processo desanexado do processo {number}.",
    ATTACHMENT_LEFT: "Processo {number} desanexado deste.",
    DOCUMENT_CANCELLED: "Documento {number:0>7} cancelado.",
    LEVEL: "Nível de acesso do processo passou de {before} para {after}.",
    ENTRY: "Andamento registrado por {unit}.",
    DOCUMENT_ACKNOWLEDGED: "Ciência no documento {number:0>7}.",
    ACKNOWLEDGED: "Ciência no processo.",
}
COMPLETE: dict[str, str] = {
    DOCUMENT_ADDED: "Documento {number:0>7} incluído por {unit}.",
    DOCUMENT_DELETED: "Documento {number:0>7} excluído.",
    OWN_LEVEL: "Nível de acesso escolhido para o processo: {after}.",
    DOCUMENT_LEVEL: "Nível de acesso do documento {number:0>7} passou de {before} para {after}.",
    ASSIGNED: "Processo atribuído em {unit}.",
    RELEASED: "Atribuição retirada em {unit}.",
    RETURN_SET: "Retorno programado de {unit} para {on}.",
    RETURN_EXTENDED: "Retorno programado de {unit} prorrogado para {on}.",
    REOPENING_SET: "Reabertura programada em {unit} para {on}.",
    RELATED: "Processo relacionado ao processo {number}.",
    UNRELATED: "Relação com o processo {number} desfeita.",
    CREDENTIAL_GRANTED: "Credencial de acesso concedida.",
    CREDENTIAL_REVOKED: "Credencial de acesso retirada.",
    SPECIFICATION: "Especificação alterada.",
    PARTIES: "Interessados alterados.",
    COMMENTED: "Comentário incluído.",
    COMMENT_REMOVED: "Comentário retirado.",
}
TOTAL: dict[str, str] = {
    DOCUMENT_SEEN: "Documento {number:0>7} aberto pela primeira vez em outra unidade, {unit}.",
    UNREAD: "Processo marcado como não lido em {unit}.",
    PRIORITY: "Prioridade alterada em {unit}.",
    DUE_SET: "Prazo da unidade {unit} definido para {on}.",
    DUE_CLEARED: "Prazo da unidade {unit} retirado.",
    DUE_DONE: "Prazo da unidade {unit} concluído.",
    WATCHED: "Acompanhamento especial iniciado em {unit}.",
    UNWATCHED: "Acompanhamento especial encerrado em {unit}.",
    NOTED: "Anotação incluída em {unit}.",
    NOTE_REMOVED: "Anotação retirada em {unit}.",
    MARKED: "Marcador posto em {unit}.",
    UNMARKED: "Marcador retirado em {unit}.",
}
PRIVATE = frozenset(
    {NOTED, NOTE_REMOVED, MARKED, UNMARKED, WATCHED, UNWATCHED, DUE_SET, DUE_CLEARED, DUE_DONE, PRIORITY}
)
"""Kinds that only the unit that did it sees, since what they speak of is private to it."""
_DETAIL: dict[str, Detail] = {}


def register(kinds: Mapping[str, str], detail: Detail) -> None:
    """Kinds of events that stand in dossiers' chains, and from which detail of the andamento on they are shown."""
    history.register_kinds(kinds)
    _DETAIL.update(dict.fromkeys(kinds, detail))


register(SHORT, "resumido")
register(COMPLETE, "completo")
register(TOTAL, "total")


def shown(kind: str, detail: Detail) -> bool:
    """Whether the andamento shows this kind at that detail; what nobody registered counts as `completo`."""
    order: tuple[Detail, ...] = ("resumido", "completo", "total")
    return order.index(_DETAIL.get(kind, "completo")) <= order.index(detail)


def chain(dossier_id: UUID) -> str:
    """The name of a dossier's chain."""
    return f"dossier:{dossier_id}"


def append(session: Session, dossier_id: UUID, kind: str, data: Mapping[str, Any], *, actor: Actor) -> Event:
    """One event in the dossier's chain."""
    return history.append(session, chain(dossier_id), kind, data, actor=actor)


def digest(row_id: UUID, *texts: str) -> str:
    """Digest of free text, keyed by the random id of the row that holds it."""
    return hashlib.sha256("\x1f".join((str(row_id), *texts)).encode()).hexdigest()
