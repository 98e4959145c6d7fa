"""Screens of what processos and documents begin with: hypotheses, types of processo, types of document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from documents import kinds
from documents.dossier import registry
from documents.dossier import registry_queries as rows
from documents.dossier.registry import TypeOfDocument, TypeOfDossier
from documents.numbering import queries as numbering
from documents.numbering.rules import require_type_mask
from webapp.administracao.screens import Line, Rule, Screen, new_key, own_name, pairs, yes
from webapp.gestao.words import as_uuid
from workflow import process
from workflow.actor import Actor
from workflow.errors import NotFound
from workflow.process import Field, Form

OFICIO_MASK = "Of. {seq:03d}/{year}/{siglas}"
LEVELS = {"publico": "Público", "restrito": "Restrito", "sigiloso": "Sigiloso"}


def _hypothesis_lines(session: Session) -> list[Line]:
    return [
        Line(str(one.id), (one.name, one.law, LEVELS[one.level]), one.active) for one in rows.all_hypotheses(session)
    ]


def _hypothesis_form(_session: Session, _key: str | None) -> Form:
    return Form("Hipótese legal", (
        Field("name", "Nome", max_length=200),
        Field("law", "Norma e artigo", max_length=200, help="Por exemplo: Lei 12.527/2011, art. 31."),
        Field("level", "Permite o nível", "choice", choices=(("restrito", "Restrito"), ("sigiloso", "Sigiloso"))),
        Field("active", "Em uso?", "boolean"),
    ), action="Salvar")  # fmt: skip


def _hypothesis_values(session: Session, key: str) -> Mapping[str, str]:
    for one in rows.all_hypotheses(session):
        if str(one.id) == key:
            return {"name": one.name, "law": one.law, "level": one.level, "active": yes(one.active)}
    raise NotFound("Não encontramos esta hipótese legal.")


def _save_hypothesis(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    registry.save_hypothesis(session, UUID(key) if key else None, actor=actor, **given)


HYPOTHESES = Screen(
    "hipoteses", "Hipóteses legais", "hipótese", "As leis que permitem restringir o acesso. Sem hipótese, tudo é público.",
    "types.manage", ("Nome", "Norma", "Nível"), _hypothesis_lines, _hypothesis_form, _hypothesis_values,
    _save_hypothesis, "Sem hipótese legal, nenhum processo pode ser restrito.", rules=(own_name(_hypothesis_lines),),
)  # fmt: skip


def _dossier_lines(session: Session) -> list[Line]:
    titles = {one.key: one.title for one in process.registered()}
    return [
        Line(one.key, (one.name, LEVELS[one.level], titles.get(one.process_key or "", "—"), one.subject_code or "—"), one.active)
        for one in rows.all_dossier_types(session)
    ]  # fmt: skip


def _dossier_form(session: Session, key: str | None) -> Form:
    diagrams = tuple((one.key, one.title) for one in process.registered() if "dossier" in one.starts_with)
    laws = tuple((str(one.id), f"{one.name} ({one.law})") for one in rows.all_hypotheses(session) if one.active)
    fields = [
        Field("name", "Nome", max_length=200),
        Field("process_key", "Diagrama", "choice", required=False, choices=diagrams,
              help="O plano de trabalho que começa com o processo. Sem diagrama, só há tramitação livre."),
        Field("free_routing", "Pode ser enviado livremente entre unidades?", "boolean"),
        Field("level", "Nível de acesso inicial", "choice", choices=pairs(LEVELS)),
        Field("hypothesis_id", "Hipótese legal", "choice", required=False, choices=laws,
              help="Obrigatória para restrito e sigiloso."),
        Field("subject_code", "Classe no plano de classificação", required=False, max_length=40),
        Field("current_years", "Fase corrente, em anos", "integer", required=False),
        Field("intermediate_years", "Fase intermediária, em anos", "integer", required=False),
        Field("destination", "Destinação", "choice", choices=pairs(registry.DESTINATIONS)),
        Field("active", "Em uso?", "boolean"),
    ]  # fmt: skip
    return Form("Tipo de processo", (*_key_field(key), *fields), action="Salvar")


def _dossier_values(session: Session, key: str) -> Mapping[str, str]:
    for one in rows.all_dossier_types(session):
        if one.key == key:
            numbers = {name: _text(getattr(one, name)) for name in ("current_years", "intermediate_years")}
            return {"name": one.name, "process_key": one.process_key or "", "free_routing": yes(one.free_routing),
                    "level": one.level, "hypothesis_id": _text(one.hypothesis_id), "subject_code": one.subject_code,
                    "destination": one.destination, "active": yes(one.active), **numbers}  # fmt: skip
    raise NotFound("Não encontramos este tipo.")


def _save_dossier_type(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    rest = {name: value for name, value in given.items() if name != "key"}
    rest["hypothesis_id"] = as_uuid(given["hypothesis_id"] or "")
    rest["subject_code"] = given["subject_code"] or ""
    values = TypeOfDossier(**rest)
    registry.save_dossier_type(session, key or given["key"], values, new=key is None, actor=actor)


DOSSIER_TYPES = Screen(
    "tipos-de-processo", "Tipos de processo", "tipo de processo", "Com o que cada processo começa: acesso, classe documental, diagrama.",
    "types.manage", ("Nome", "Nível", "Diagrama", "Classe"), _dossier_lines, _dossier_form, _dossier_values,
    _save_dossier_type, "Crie o primeiro tipo para que se possam abrir processos.",
    rules=(new_key(_dossier_lines), own_name(_dossier_lines)),
)  # fmt: skip


def _document_lines(session: Session) -> list[Line]:
    return [
        Line(one.key, (one.name, registry.APPLIES[one.applies_to], registry.NUMBERING[one.numbering], numbering.type_example(session, one.mask) if one.numbering != "none" else "—"), one.active)
        for one in rows.all_document_types(session)
    ]  # fmt: skip


def _document_form(session: Session, key: str | None) -> Form:
    layouts = tuple((name, kinds.get(name).title) for name in kinds.of_dossiers())
    models = tuple((one.key, one.name) for one in rows.all_models(session))
    now = next((one.mask for one in rows.all_document_types(session) if one.key == key), "")
    written = f"Hoje o número sai como {numbering.type_example(session, now)}. " if now else ""
    fields = [
        Field("name", "Nome", max_length=200),
        Field("applies_to", "Como nasce", "choice", choices=pairs(registry.APPLIES)),
        Field("numbering", "Número", "choice", choices=pairs(registry.NUMBERING),
              help="É dado na primeira assinatura e nunca se repete."),
        Field("mask", "Máscara do número", max_length=120,
              help=written + "{seq} é o número ({seq:03d}: com três algarismos), {year} o ano, {unit} a sigla da unidade e "
              "{siglas} o caminho dela. Of. {seq:03d}/{year}/{siglas} dá " + numbering.type_example(session, OFICIO_MASK) + "."),
        Field("model_key", "Modelo de texto", "choice", required=False, choices=models),
        Field("kind", "Leiaute", "choice", choices=layouts),
        Field("signature", "Assinatura", "choice", choices=pairs(registry.SIGNATURES),
              help="Lei 14.063/2020, arts. 4º e 5º."),
        Field("publishable", "Pode ser publicado?", "boolean", required=False,
              help="Assinado e em processo público, no Diário do Legislativo ou no Portal."),
        Field("fields", "Campos do formulário", "textarea", required=False, max_length=8000,
              help="Só para formulários. Um por linha: Rótulo | tipo | obrigatório | opções separadas por ponto e vírgula."),
        Field("active", "Em uso?", "boolean"),
    ]  # fmt: skip
    return Form("Tipo de documento", (*_key_field(key), *fields), action="Salvar")


def _document_values(session: Session, key: str) -> Mapping[str, str]:
    for one in rows.all_document_types(session):
        if one.key == key:
            return {"name": one.name, "applies_to": one.applies_to, "numbering": one.numbering, "mask": one.mask,
                    "model_key": one.model_key or "", "kind": one.kind, "signature": one.signature,
                    "fields": registry.write_fields(one.fields), "publishable": yes(one.publishable),
                    "active": yes(one.active)}  # fmt: skip
    raise NotFound("Não encontramos este tipo.")


def _save_document_type(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    rest = {name: value for name, value in given.items() if name not in ("key", "fields")}
    rest["publishable"] = bool(given["publishable"])
    values = TypeOfDocument(fields=registry.read_fields(given["fields"] or ""), **rest)
    registry.save_document_type(session, key or given["key"], values, new=key is None, actor=actor)


DOCUMENT_TYPES = Screen(
    "tipos-de-documento", "Tipos de documento", "tipo de documento", "Como cada documento nasce, é numerado, escrito e assinado.",
    "types.manage", ("Nome", "Como nasce", "Número", "Exemplo de número"), _document_lines, _document_form, _document_values,
    _save_document_type, "Crie o primeiro tipo para que se possam escrever documentos.",
    rules=(
        new_key(_document_lines), own_name(_document_lines),
        Rule("mask", lambda _session, _key, raw: require_type_mask(raw["mask"])),
        Rule("fields", lambda _session, _key, raw: registry.read_fields(raw["fields"])),
    ),
)  # fmt: skip


def _key_field(key: str | None) -> tuple[Field, ...]:
    if key is not None:
        return ()
    return (
        Field(
            "key",
            "Identificador",
            max_length=60,
            help="Letras minúsculas sem acento, números e _, começando por letra; não muda depois.",
        ),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
