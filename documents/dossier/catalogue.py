"""What an installation begins with: legal hypotheses, types of processo and of document, vehicles. Idempotent.

Administrators change them later; what they changed stays, since rows that are there are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, DossierType, LegalHypothesis
from documents.publication.vehicles import install_vehicles

HYPOTHESES: tuple[tuple[str, str, str], ...] = (
    ("Informação pessoal", "Lei 12.527/2011 (LAI), art. 31", "restrito"),
    ("Documento preparatório", "Lei 12.527/2011 (LAI), art. 7º, § 3º", "restrito"),
    ("Segurança das autoridades e das instalações", "Lei 12.527/2011 (LAI), art. 23", "restrito"),
    ("Sigilo legal", "Lei 12.527/2011 (LAI), art. 22", "restrito"),
    ("Informação classificada", "Lei 12.527/2011 (LAI), arts. 23 e 24", "sigiloso"),
    ("Sigilo em processo disciplinar", "Lei 12.527/2011 (LAI), arts. 22 e 31", "sigiloso"),
)


@dataclass(frozen=True, slots=True)
class _Type:
    key: str
    name: str
    process_key: str | None = None
    subject_code: str = ""
    current_years: int | None = None
    intermediate_years: int | None = None
    destination: str = "guarda"


DOSSIER_TYPES: tuple[_Type, ...] = (
    _Type("oficio_camaras", "Ofício às câmaras municipais", "oficio_camaras", "060", 5, 5, "guarda"),
    _Type("administrativo_geral", "Administrativo geral", None, "000", 5, 5, "eliminacao"),
    _Type("contratacao", "Contratação", None, "030", 5, 10, "eliminacao"),
    _Type("adesao", "Adesão de câmara municipal", None, "060", 5, 5, "guarda"),
    _Type("peticao", "Petição de usuário externo", None, "000", 5, 5, "eliminacao"),
)

_REQUEST_FIELDS: list[dict[str, Any]] = [
    {"name": "nome", "label": "Nome de quem pede", "kind": "text", "required": True},
    {"name": "contato", "label": "E-mail ou telefone", "kind": "text", "required": True},
    {"name": "assunto", "label": "Assunto", "kind": "text", "required": True},
    {"name": "pedido", "label": "O que se pede", "kind": "textarea", "required": True},
    {
        "name": "resposta_por",
        "label": "Como quer receber a resposta",
        "kind": "choice",
        "required": True,
        "choices": [["email", "E-mail"], ["correio", "Correio"], ["presencial", "Pessoalmente"]],
    },
]

DOCUMENT_TYPES: tuple[Mapping[str, Any], ...] = (
    {"key": "oficio", "name": "Ofício", "numbering": "unit", "mask": "Of. {seq:03d}/{year}/{siglas}", "model_key": "oficio"},
    {"key": "despacho", "name": "Despacho", "model_key": "despacho"},
    {"key": "memorando", "name": "Memorando", "numbering": "unit", "mask": "Mem. {seq:03d}/{year}/{siglas}", "model_key": "memorando"},
    {"key": "nota_tecnica", "name": "Nota técnica", "numbering": "unit", "mask": "Nota técnica {seq:03d}/{year}/{unit}", "model_key": "nota_tecnica"},
    {"key": "parecer", "name": "Parecer", "numbering": "unit", "mask": "Parecer {seq:03d}/{year}/{unit}", "model_key": "parecer"},
    {"key": "portaria", "name": "Portaria", "numbering": "unit", "mask": "Portaria {seq:03d}/{year}/{unit}", "publishable": True},
    {"key": "anexo", "name": "Anexo", "applies_to": "external"},
    {"key": "requerimento", "name": "Requerimento", "applies_to": "form", "fields": _REQUEST_FIELDS},
)  # fmt: skip


def install_types(session: Session) -> None:
    """Add whatever of the basic hypotheses and types is not there yet."""
    _install_hypotheses(session)
    known = set(session.scalars(select(DossierType.key)))
    for one in DOSSIER_TYPES:
        if one.key not in known:
            session.add(
                DossierType(
                    key=one.key,
                    name=one.name,
                    process_key=one.process_key,
                    subject_code=one.subject_code,
                    current_years=one.current_years,
                    intermediate_years=one.intermediate_years,
                    destination=one.destination,
                )
            )
    kinds = set(session.scalars(select(DocumentType.key)))
    session.add_all(DocumentType(**one) for one in DOCUMENT_TYPES if one["key"] not in kinds)
    session.flush()
    install_vehicles(session)


def _install_hypotheses(session: Session) -> None:
    known = set(session.scalars(select(LegalHypothesis.name)))
    for name, law, level in HYPOTHESES:
        if name not in known:
            session.add(LegalHypothesis(name=name, law=law, level=level))
    session.flush()
