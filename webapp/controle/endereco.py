"""Filters, order and grouping in the address, in Portuguese; what is not known there counts as not asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from documents.inbox.items import WorkFilters

SCOPES = (("todas", "Tudo"), ("minhas", "Meus"), ("livres", "Sem ninguém"), ("concluidas", "Concluídos"))
KINDS = {"": "Tarefas e processos", "tarefas": "Só tarefas", "processos": "Só processos"}
ORIGINS = {"": "Recebidos e gerados", "recebidos": "Recebidos", "gerados": "Gerados aqui"}
DUES = {
    "": "Qualquer prazo", "atrasados": "Atrasados", "hoje": "Vencem hoje", "semana": "Vencem em 7 dias", "sem": "Sem prazo",
}  # fmt: skip
SORTS = {"": "Mais urgentes", "novos": "Mais novos", "antigos": "Mais antigos", "prazo": "Prazo"}
GROUPS = {"": "Sem grupos", "tipo": "Tipo", "prazo": "Prazo", "pessoa": "Responsável", "marcador": "Marcador"}

_KIND = {"tarefas": "task", "processos": "dossier"}
_ORIGIN = {"recebidos": "received", "gerados": "generated"}
_DUE = {"atrasados": "late", "hoje": "today", "semana": "week", "sem": "none"}
_SORT = {"novos": "newest", "antigos": "oldest", "prazo": "due"}
_GROUP = {"tipo": "type", "prazo": "due", "pessoa": "assignee", "marcador": "marker"}
NAMES = ("recorte", "especie", "origem", "tipo", "marcador", "prazo", "naolidos", "q", "ordem", "grupo")


def read(args: Mapping[str, str]) -> WorkFilters:
    """The filters that an address asks for."""
    scope = args.get("recorte", "todas")
    return WorkFilters(
        scope=scope if scope in dict(SCOPES) else "todas",
        kind=_KIND.get(args.get("especie", ""), ""),
        origin=_ORIGIN.get(args.get("origem", ""), ""),
        type=_type(args.get("tipo", "")),
        marker=uuid_of(args.get("marcador", "")),
        due=_DUE.get(args.get("prazo", ""), ""),
        unread=args.get("naolidos") == "1",
        text=" ".join(args.get("q", "").replace("\0", "").split())[:100],
        sort=_SORT.get(args.get("ordem", ""), "urgency"),
        group=_GROUP.get(args.get("grupo", ""), ""),
    )


def write(filters: WorkFilters, **other: str) -> dict[str, Any]:
    """The same filters as an address's arguments, some of them others; what is as usual is left out."""
    whole = {
        "recorte": "" if filters.scope == "todas" else filters.scope, "especie": _name(_KIND, filters.kind),
        "origem": _name(_ORIGIN, filters.origin), "tipo": filters.type,
        "marcador": str(filters.marker) if filters.marker else "", "prazo": _name(_DUE, filters.due),
        "naolidos": "1" if filters.unread else "", "q": filters.text, "ordem": _name(_SORT, filters.sort),
        "grupo": _name(_GROUP, filters.group),
    }  # fmt: skip
    return {name: value for name, value in (whole | other).items() if value}


def of_query(query: str) -> WorkFilters:
    """The filters of a query string."""
    return read(dict(parse_qsl(query[:2000])))


def to_query(filters: WorkFilters) -> str:
    """As a query string, always the same for the same filters; never empty, so that it is not the usual page."""
    return urlencode(write(filters)) or "recorte=todas"


def _name(names: Mapping[str, str], value: str) -> str:
    return next((name for name, known in names.items() if known == value), "")


def _type(text: str) -> str:
    kind, colon, key = text.partition(":")
    return text[:80] if colon and kind in ("task", "dossier") and key else ""


def uuid_of(text: str) -> UUID | None:
    """The id that this text is; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
