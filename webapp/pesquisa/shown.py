"""A result as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from documents.search.language import Query
from documents.search.queries import Found
from documents.search.snippets import Piece, snippet
from webapp.shown import show_date

_LEVELS = {"restrito": "Restrito", "sigiloso": "Sigiloso"}
_STATUSES = {"draft": "Minuta", "cancelled": "Cancelado", "suspended": "Sobrestado", "attached": "Anexado"}
_KINDS = {"dossier": "Processo", "internal": "Documento", "form": "Formulário", "external": "Documento de fora"}


@dataclass(frozen=True)
class Line:
    """A result: its heading and address, what it is, in which processo, when, and the lines found in it."""

    title: str
    url: str
    kind: str
    about: str
    dossier_number: str
    unit: str
    day: str
    author: str
    level: str
    status: str
    snippet: tuple[Piece, ...]


def line(found: Found, names: Mapping[UUID, str]) -> Line:
    """The line of a result, for the staff."""
    dossier = found.document_id is None
    return Line(
        title=title(found),
        url=url_for("processo.page", dossier_id=found.dossier_id, documento=found.document_id),
        kind=_KINDS[found.kind],
        about=found.specification if dossier else found.title,
        dossier_number="" if dossier else found.dossier_number,
        unit=found.unit,
        day=show_date(found.created_at),
        author=names.get(found.author, "") if found.author else "",
        level=_LEVELS.get(found.level, ""),
        status=_STATUSES.get(found.status, ""),
        snippet=found.snippet,
    )


def public_line(found: Found, query: Query) -> Line:
    """The same for everybody: no text, no names; only what identifies the document and its processo.

    The specification of a processo is shown where the words asked for stand in it: then it is what was found.
    """
    dossier = found.document_id is None
    pieces = snippet(query, found.specification) if dossier else ()
    return Line(
        title(found), "", _KINDS[found.kind], "", "" if dossier else found.dossier_number, found.unit,
        show_date(found.created_at), "", "", "", pieces if any(piece.marked for piece in pieces) else (),
    )  # fmt: skip


def title(found: Found) -> str:
    """`0100.01.0000123/2026-70: Convênio`, `Ofício Of. 002/2018/GRPC/GRI`."""
    if found.document_id is None:
        return f"{found.number}: {found.type_name}" if found.type_name else found.number
    return found.called
