"""Forms: a document type's declared fields, checked as the fields of a task are, and written as a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType
from documents.errors import DocumentNotFound
from workflow.forms import validate
from workflow.process import Field, Form


def form_of(session: Session, type_key: str) -> Form:
    """The form of a document type, for the page that asks and the check of what comes back."""
    declared = session.get(DocumentType, type_key)
    if declared is None:
        raise DocumentNotFound("Este tipo de documento não existe.", type=type_key)
    return Form(declared.name, tuple(field_of(field) for field in declared.fields), action="Salvar")


def field_of(declared: Mapping[str, Any]) -> Field:
    """A field as it rests in the type's row."""
    choices = tuple((str(value), str(label)) for value, label in declared.get("choices", ()))
    return Field(
        declared["name"],
        declared["label"],
        declared.get("kind", "text"),
        bool(declared.get("required", True)),
        choices,
        declared.get("help", ""),
        int(declared.get("max_length", 4000)),
    )


def written(session: Session, type_key: str, answers: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The answers as HTML and as plain values; InvalidInput names each field that is wrong."""
    form = form_of(session, type_key)
    values = validate(form, answers)
    rows = "".join(
        f'<tr><th scope="row" class="width-35">{escape(field.label)}</th><td>{_cell(field, values[field.name])}</td></tr>'
        for field in form.fields
    )
    return f"<table><tbody>{rows}</tbody></table>", {name: _resting(value) for name, value in values.items()}


def _cell(field: Field, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "Sim" if value else "Não"
    if field.kind == "choice":
        value = dict(field.choices)[value]
    elif isinstance(value, date):
        value = f"{value:%d/%m}/{value.year:04d}"
    elif isinstance(value, Decimal):
        value = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    return "<br>".join(escape(str(value)).splitlines())


def _resting(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
