"""Fields of a text: «processo.numero» becomes what it stands for, by substitution and nothing else.

A model runs no code: there are no expressions, filters or loops, so nothing in it can read a file or go on for ever.
Values are escaped; what a value brings is never looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, Dossier, DossierDocument, DossierParty, DossierType
from documents.texts.sanitising import plain
from people import queries
from people.models import Unit
from workflow import clock
from workflow.actor import Actor

AT_SIGNATURE = frozenset({"documento.numero", "data.extenso", "data"})
"""Known only at the first signature (OF3; the date of a document is that of its signature)."""

LABELS = {
    "processo.numero": "Número do processo",
    "processo.tipo": "Tipo do processo",
    "processo.especificacao": "Especificação do processo",
    "interessados": "Interessados do processo",
    "documento.protocolo": "Número de protocolo do documento",
    "documento.tipo": "Tipo do documento",
    "documento.titulo": "Título do documento",
    "documento.numero": "Número dado na assinatura",
    "unidade.nome": "Nome da unidade",
    "unidade.sigla": "Sigla da unidade",
    "usuario.nome": "Nome de quem escreve",
    "data.extenso": "Data da assinatura por extenso",
    "data": "Data da assinatura (dd/mm/aaaa)",
}
"""The fields of every text, as the editor offers them."""

MONTHS = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
_FIELD = re.compile(r"«(?:\s|&nbsp;)*([^\W\d][\w.]{0,79})(?:\s|&nbsp;)*»")
_later: dict[str, tuple[str, ...]] = {}
_later_labels: dict[str, Mapping[str, str]] = {}


@dataclass(frozen=True)
class Filled:
    """A text with its fields filled, and the names of those that nobody could fill, in order of appearance."""

    html: str
    unresolved: tuple[str, ...]


def fill(html: str, values: Mapping[str, str]) -> Filled:
    """Put `values` (plain text) in the place of their fields; line ends become line breaks."""

    def value(found: re.Match[str]) -> str:
        name = found[1].lower()
        return "<br>".join(escape(values[name]).splitlines()) if name in values else found[0]

    filled = _FIELD.sub(value, html)
    return Filled(filled, unresolved(filled))


def unresolved(html: str) -> tuple[str, ...]:
    """The names of the fields that a text still holds, however they are marked up."""
    return tuple(dict.fromkeys(found[1].lower() for found in _FIELD.finditer(plain(html))))


def fill_later(type_key: str, prefixes: tuple[str, ...], labels: Mapping[str, str] | None = None) -> None:
    """Fields that stay open when a document of this type is signed, because each exemplar fills them (OF5).

    `labels`: their names and what each is, as the editor offers them.
    """
    _later[type_key] = prefixes
    _later_labels[type_key] = labels or _later_labels.get(type_key, {})


def filled_later(type_key: str) -> Mapping[str, str]:
    """The fields that only documents of this type have, each filled when its exemplars are made: name and what it is."""
    return _later_labels.get(type_key, {})


def missing(html: str, type_key: str) -> tuple[str, ...]:
    """The fields that keep a document from being signed."""
    later = _later.get(type_key, ())
    return tuple(name for name in unresolved(html) if name not in AT_SIGNATURE and not name.startswith(later or "«"))


def values_for(session: Session, document: DossierDocument, *, actor: Actor) -> dict[str, str]:
    """What the fields of a document stand for while it is written; those of the signature are not yet known."""
    dossier = session.get_one(Dossier, document.dossier_id)
    parties = select(DossierParty.name).where(DossierParty.dossier_id == dossier.id).order_by(DossierParty.name)
    unit = session.scalar(select(Unit).where(Unit.sigla == document.unit))
    values = {
        "processo.numero": dossier.number,
        "processo.tipo": session.get_one(DossierType, dossier.type_key).name,
        "processo.especificacao": dossier.specification,
        "interessados": "; ".join(session.scalars(parties)),
        "documento.protocolo": f"{document.number:07d}",
        "documento.tipo": session.get_one(DocumentType, document.type_key).name,
        "documento.titulo": document.title,
        "unidade.nome": unit.name if unit else document.unit,
        "unidade.sigla": document.unit,
        "usuario.nome": _name(session, actor.id),
    }
    return {name: value for name, value in values.items() if value}


def values_at_signature(type_number: str | None, on: date | None = None) -> dict[str, str]:
    """What becomes known when a document is first signed; a type without number has none to give."""
    day = on or clock.today()
    values = {"data.extenso": in_words(day), "data": f"{day:%d/%m}/{day.year:04d}"}
    return values | {"documento.numero": type_number} if type_number else values


def in_words(day: date) -> str:
    """`14 de dezembro de 2018`; the first of a month is `1º` (Manual de Redação da Presidência da República)."""
    return f"{'1º' if day.day == 1 else day.day} de {MONTHS[day.month - 1]} de {day.year}"


def _name(session: Session, account_id: UUID | None) -> str:
    return queries.account_names(session, [account_id]).get(account_id, "") if account_id else ""
