"""What the search page asks for, in its address: Portuguese names; what cannot be understood is told at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from documents.search.queries import Filters, Place

KINDS = {
    "": "Processos e documentos",
    "processos": "Só processos",
    "documentos": "Só documentos",
    "internos": "Documentos escritos aqui",
    "externos": "Documentos recebidos de fora",
    "formularios": "Formulários",
}
_KINDS = {
    "processos": "dossier",
    "documentos": "document",
    "internos": "internal",
    "externos": "external",
    "formularios": "form",
}
NAMES = ("q", "numero", "unidade", "tipo", "especie", "pessoa", "de", "ate", "processo")
_LONGEST = {"q": 2000}


@dataclass(frozen=True)
class Asked:
    """The fields as they were typed, what they mean, and what is wrong with them by field."""

    typed: Mapping[str, str]
    filters: Filters
    after: Place | None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def terms(self) -> dict[str, str]:
        """The fields that are filled in."""
        return {name: value for name, value in self.typed.items() if value}

    @property
    def text(self) -> str:
        """The query."""
        return self.typed["q"]

    @property
    def address(self) -> dict[str, Any]:
        """The same search as an address's arguments; the empty query, too, was asked for."""
        return {"q": "", **self.terms}

    @property
    def filtered(self) -> bool:
        """Whether more than the query is filled in."""
        return any(name != "q" for name in self.terms)


def read(args: Mapping[str, str]) -> Asked:
    """The search of an address."""
    whole = {name: args.get(name, "").replace("\x00", "").strip()[: _LONGEST.get(name, 100)] for name in NAMES}
    since, until = _day(whole["de"]), _day(whole["ate"])
    errors = {
        name: "Escreva o dia, o mês e o ano."
        for name, day in (("de", since), ("ate", until))
        if whole[name] and day is None
    }
    if since is not None and until is not None and since > until:
        errors["de"] = "O primeiro dia vem depois do último: troque os dois."
    kind, type_key = _kind(whole["especie"], whole["tipo"])
    filters = Filters(
        number=whole["numero"],
        unit=whole["unidade"],
        type_key=type_key,
        kind=kind,
        person=whole["pessoa"],
        since=since,
        until=until,
        dossier_id=_uuid(whole["processo"]),
    )
    return Asked(whole, filters, Place.read(args.get("depois", "")), errors)


def _kind(kind: str, chosen: str) -> tuple[str, str]:
    """The kind and the type's key: `processo:convenio` and `documento:convenio` are two types."""
    whose, _, key = chosen.partition(":")
    found = _KINDS.get(kind, "")
    if whose == "processo":
        return "dossier", key
    return (found or "document", key) if whose == "documento" else (found, "")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2999 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
