"""The processo in words: its marks, its documents' marks, its state in the unit, its andamento."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, DossierDocument, LegalHypothesis
from documents.dossier.views import DossierView, TreeItem
from webapp import shown
from webapp.processo.situation import Situation
from workflow.queries import TimelineEntry

LEVELS = {"publico": "Público", "restrito": "Restrito", "sigiloso": "Sigiloso"}
LEVEL_KINDS = {"publico": "neutral", "restrito": "warning", "sigiloso": "error"}
PRIORITIES = {1: "Prioridade alta", 2: "Urgente"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A small sign with its word, beside a document of the tree."""

    kind: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the andamento."""

    at: datetime
    sentence: str
    who: str


def named(type_name: str, type_number: str | None, title: str) -> str:
    """Of. 002/2018/GRPC/GRI; Despacho; Anexo: Planta do prédio."""
    return f"{type_number or type_name}{f': {title}' if title else ''}"


def document_name(session: Session, document: DossierDocument) -> str:
    """How a document is called: its type's number, or its type and title."""
    kind = session.get(DocumentType, document.type_key)
    return named(kind.name if kind is not None else document.type_key, document.type_number, document.title)


_ASIDE = {"cancelled": " (cancelado)", "draft": " (rascunho)"}


def described(item: TreeItem) -> str:
    """A document in a list to choose from."""
    name = named(item.type_name, item.type_number, item.title)
    return f"{name}, nº {item.number:07d}{_ASIDE.get(item.status, '')}"


def hypotheses(rows: Iterable[LegalHypothesis]) -> list[tuple[str, str]]:
    """Legal hypotheses to choose from, each with its law and the level that it allows."""
    return [(str(row.id), f"{row.level.capitalize()}: {row.name} ({row.law})") for row in rows]


def marks(dossier: DossierView, here: Situation) -> list[tuple[str, str]]:
    """What is said of the whole processo under its number."""
    found = [(LEVEL_KINDS[dossier.effective_level], LEVELS[dossier.effective_level])]
    if dossier.status == "suspended":
        found.append(("warning", f"Sobrestado: {dossier.status_reason}"))
    elif dossier.status == "attached":
        found.append(("info", "Anexado a outro processo"))
    elif here.open_units:
        found.append(("info", f"Aberto em {', '.join(here.open_units)}"))
    else:
        found.append(("ok", "Concluído em todas as unidades"))
    if here.priority in PRIORITIES:
        found.append(("error" if here.priority == 2 else "warning", PRIORITIES[here.priority]))
    return found


def document_marks(document: TreeItem) -> tuple[Mark, ...]:
    """Signed, draft, locked, restricted: each a sign and a word."""
    found = []
    if document.status == "cancelled":
        found.append(Mark("gone", "shield", f"cancelado: {document.cancel_reason}"))
    elif document.status == "draft":
        found.append(Mark("draft", "pen", "sem assinatura" if document.kind != "external" else "falta o arquivo"))
    elif document.status == "signed":
        found.append(Mark("signed", "check", "assinado"))
    if document.locked and document.status != "cancelled":
        found.append(Mark("locked", "lock", "travado"))
    if document.level != "publico":
        found.append(Mark("restricted", "shield", LEVELS[document.level].lower()))
    if document.acknowledgements:
        found.append(Mark("known", "check", f"ciência de {document.acknowledgements}"))
    return tuple(found)


_STATUS_KINDS = {"draft": "warning", "signed": "ok", "restricted": "error"}


def as_status(mark: Mark) -> tuple[str, str]:
    """A document's mark as a status of the page; why it was cancelled stands below it."""
    if mark.kind == "gone":
        return "error", "Cancelado"
    return _STATUS_KINDS.get(mark.kind, "neutral"), mark.words[:1].upper() + mark.words[1:]


def state(here: Situation, assignee: str, unit: str | None) -> list[str]:
    """How the processo stands in the unit of who is looking, in sentences."""
    if here.here == "never":
        return [f"Não passou por {unit}." if unit else "Escolha uma unidade para trabalhar."]
    found = []
    if here.here == "closed":
        found.append(f"Concluído em {unit}.")
    elif here.mine:
        found.append("Está com você.")
    elif here.assignee is not None:
        found.append(f"Está com {assignee}.")
    else:
        found.append(f"Em {unit}, sem atribuição.")
    if here.return_by is not None and here.here == "open":
        found.append(f"{here.from_unit} pediu de volta até {shown.show_date(here.return_by)}.")
    if here.reopen_on is not None:
        found.append(f"Reabre sozinho em {shown.show_date(here.reopen_on)}.")
    if here.watched:
        found.append("Em acompanhamento especial.")
    return found


def told(entry: TimelineEntry, names: Mapping[UUID, str]) -> Told:
    """A line of the andamento with its author."""
    return Told(entry.at, entry.sentence, who(entry, names))


def who(entry: TimelineEntry, names: Mapping[UUID, str]) -> str:
    """Who did it, where, for whom; the machine's own steps need no author."""
    if entry.actor_kind != "account" or entry.actor_id is None:
        return ""
    name = names.get(entry.actor_id, "Conta eliminada")
    stood_in = f", em substituição a {names.get(entry.acting_for, 'outra pessoa')}" if entry.acting_for else ""
    return f"{name}{f' ({entry.unit})' if entry.unit else ''}{stood_in}"


def accounts_in(story: Iterable[TimelineEntry]) -> set[UUID]:
    """Every account that the andamento names."""
    found: set[UUID] = set()
    for entry in story:
        if entry.actor_kind == "account":
            found |= {one for one in (entry.actor_id, entry.acting_for) if one is not None}
    return found
