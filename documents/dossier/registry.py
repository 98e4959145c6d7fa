"""What administrators keep about documents: hypotheses, types of processo, types of document.

Each verb takes what the form gave, checks it, and records the act in today's chain.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import kinds
from documents.dossier.models import DocumentType, DossierType, LegalHypothesis
from documents.numbering.rules import require_type_mask
from people.access import authorize
from workflow import history, process
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")
DESTINATIONS = {"guarda": "Guarda permanente", "eliminacao": "Eliminação"}
NUMBERING = {"none": "Sem número próprio", "unit": "Sequência anual da unidade", "organ": "Sequência anual do órgão"}
APPLIES = {
    "internal": "Escrito aqui",
    "external": "Trazido de fora",
    "both": "Escrito aqui ou trazido",
    "form": "Formulário",
}
SIGNATURES = {"avancada": "Avançada: senha do sistema", "qualificada": "Qualificada: certificado ICP-Brasil da pessoa"}
FIELD_KINDS = frozenset({"text", "textarea", "choice", "boolean", "date", "integer", "decimal"})


@dataclass(frozen=True)
class TypeOfDossier:
    """What a form says of a type of processo; terms in years."""

    name: str
    process_key: str | None = None
    free_routing: bool = True
    level: str = "publico"
    hypothesis_id: UUID | None = None
    subject_code: str = ""
    current_years: int | None = None
    intermediate_years: int | None = None
    destination: str = "guarda"
    active: bool = True


@dataclass(frozen=True)
class TypeOfDocument:
    """What a form says of a type of document."""

    name: str
    applies_to: str = "internal"
    numbering: str = "none"
    mask: str = "{seq:03d}/{year}/{unit}"
    model_key: str | None = None
    kind: str = "documento_interno"
    fields: tuple[dict[str, Any], ...] = ()
    signature: str = "avancada"
    publishable: bool = False
    active: bool = True


def save_hypothesis(
    session: Session, hypothesis_id: UUID | None, *, name: str, law: str, level: str, active: bool, actor: Actor
) -> LegalHypothesis:
    """A legal hypothesis, new or changed; the level of one in use never changes, since it would change what it hides."""
    authorize(actor, "types.manage")
    row = session.get(LegalHypothesis, hypothesis_id, with_for_update=True) if hypothesis_id else None
    if hypothesis_id is not None and row is None:
        raise NotFound("Não encontramos esta hipótese legal.")
    if level not in ("restrito", "sigiloso"):
        raise InvalidInput({"level": "Escolha restrito ou sigiloso."})
    if row is not None and row.level != level:
        raise InvalidInput({"level": "O nível de uma hipótese não muda. Desative esta e crie outra."})
    other = session.scalar(select(LegalHypothesis.id).where(LegalHypothesis.name == name))
    if other is not None and other != hypothesis_id:
        raise InvalidInput({"name": "Já existe uma hipótese com este nome."})
    if row is None:
        row = LegalHypothesis(name=name, law=law, level=level, active=active)
        session.add(row)
    row.name, row.law, row.active = name, law, active
    session.flush()
    history.record(session, "hipotese_legal_salva", {"hypothesis": str(row.id), "active": active}, actor=actor)
    return row


def save_dossier_type(session: Session, key: str, values: TypeOfDossier, *, new: bool, actor: Actor) -> DossierType:
    """A type of processo, new or changed. Dossiers that are open keep what they began with."""
    authorize(actor, "types.manage")
    row = _row(session, DossierType, key, new)
    _check_name(session, DossierType, key, values.name)
    _check_dossier_type(session, values)
    row = row or DossierType(key=key)
    _copy(row, asdict(values))
    session.add(row)
    session.flush()
    history.record(session, "tipo_de_processo_salvo", {"type": key, "active": values.active}, actor=actor)
    return row


def save_document_type(session: Session, key: str, values: TypeOfDocument, *, new: bool, actor: Actor) -> DocumentType:
    """A type of document, new or changed; numbers already given stay as they are."""
    authorize(actor, "types.manage")
    row = _row(session, DocumentType, key, new)
    _check_name(session, DocumentType, key, values.name)
    require_type_mask(values.mask)
    if values.applies_to not in APPLIES or values.numbering not in NUMBERING or values.signature not in SIGNATURES:
        raise InvalidInput(message="Escolha uma das opções da lista.")
    if values.kind not in kinds.of_dossiers():
        raise InvalidInput({"kind": "Escolha um dos leiautes da lista."})
    if values.applies_to == "form" and not values.fields:
        raise InvalidInput({"fields": "Um formulário precisa de pelo menos um campo."})
    row = row or DocumentType(key=key)
    _copy(row, {**asdict(values), "fields": [dict(one) for one in values.fields]})
    session.add(row)
    session.flush()
    history.record(session, "tipo_de_documento_salvo", {"type": key, "active": values.active}, actor=actor)
    return row


def read_fields(text: str) -> tuple[dict[str, Any], ...]:
    """The fields of a form, one a line: `Rótulo | tipo | obrigatório | opção; opção`. InvalidInput says which line."""
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            found.append(_field(number, [part.strip() for part in line.split("|")], {one["name"] for one in found}))
    return tuple(found)


def write_fields(fields: list[dict[str, Any]]) -> str:
    """The same fields as lines to be changed."""
    lines = []
    for one in fields:
        choices = "; ".join(label for _, label in one.get("choices", ()))
        needed = "obrigatório" if one.get("required", True) else "opcional"
        lines.append(" | ".join(part for part in (one["label"], one["kind"], needed, choices) if part))
    return "\n".join(lines)


def _field(number: int, parts: list[str], taken: set[str]) -> dict[str, Any]:
    label, kind, needed, choices = (*parts, "", "", "")[:4]
    kind = kind or "text"
    if not label or len(label) > 200 or kind not in FIELD_KINDS or needed not in ("", "obrigatório", "opcional"):
        kinds_known = ", ".join(sorted(FIELD_KINDS))
        raise InvalidInput({
            "fields": f"Linha {number}: escreva Rótulo | tipo | obrigatório ou opcional | opções. Tipos: {kinds_known}."
        })  # fmt: skip
    options = [option.strip() for option in choices.split(";") if option.strip()]
    if kind == "choice" and len(options) < 2:
        raise InvalidInput({"fields": f"Linha {number}: dê pelo menos duas opções, separadas por ponto e vírgula."})
    name = f"campo_{number}"
    assert name not in taken
    pairs = [[option, option] for option in options]
    return {"name": name, "label": label, "kind": kind, "required": needed != "opcional", "choices": pairs, "help": ""}


def _row(session: Session, model: Any, key: str, new: bool) -> Any:
    row = session.get(model, key, with_for_update=True)
    if new and not KEY.fullmatch(key):
        raise InvalidInput({"key": "Use letras minúsculas sem acento, números e _, começando por letra."})
    if new and row is not None:
        raise Conflict("Já existe um tipo com este identificador. Escolha outro.")
    if not new and row is None:
        raise NotFound("Não encontramos este tipo.")
    return row


def _check_name(session: Session, model: Any, key: str, name: str) -> None:
    other = session.scalar(select(model.key).where(model.name == name))
    if other is not None and other != key:
        raise InvalidInput({"name": "Já existe um tipo com este nome."})


def _check_dossier_type(session: Session, values: TypeOfDossier) -> None:
    if values.process_key is not None and values.process_key not in {one.key for one in process.registered()}:
        raise InvalidInput({"process_key": "Escolha um dos diagramas da lista."})
    if values.destination not in DESTINATIONS:
        raise InvalidInput({"destination": "Escolha a destinação."})
    if values.level not in ("publico", "restrito", "sigiloso"):
        raise InvalidInput({"level": "Escolha o nível de acesso."})
    if values.level == "publico":
        if values.hypothesis_id is not None:
            raise InvalidInput({"hypothesis_id": "Um tipo público não tem hipótese legal."})
        return
    hypothesis = session.get(LegalHypothesis, values.hypothesis_id) if values.hypothesis_id else None
    if hypothesis is None or hypothesis.level != values.level:
        raise InvalidInput({"hypothesis_id": "Escolha a hipótese legal que permite este nível de acesso."})


def _copy(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


history.register_kinds({
    "hipotese_legal_salva": "Uma hipótese legal de restrição de acesso foi criada ou alterada.",
    "tipo_de_documento_salvo": "O tipo de documento {type} foi criado ou alterado.",
    "tipo_de_processo_salvo": "O tipo de processo {type} foi criado ou alterado.",
})  # fmt: skip
