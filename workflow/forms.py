"""What a person submits, checked against the declared form: typed values, or InvalidInput that names each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from workflow.errors import InvalidInput
from workflow.process import Field, Form

MAX_DIGITS = 18


class _Wrong(ValueError):
    """A value that the field can't hold; the text is for the person."""


def validate(form: Form | None, submitted: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `form`'s fields, converted; anything that the form does not ask for is refused."""
    form = form or Form("")
    fields = {field.name: field for field in form.fields}
    errors = {name: "Campo desconhecido." for name in submitted if name not in fields and name not in form.gives}
    values: dict[str, Any] = {name: submitted[name] for name in form.gives if name in submitted}
    for field in form.fields:
        if field.name in form.gives:
            continue
        try:
            values[field.name] = _value(field, submitted.get(field.name))
        except _Wrong as wrong:
            errors[field.name] = str(wrong)
    if errors:
        raise InvalidInput(errors)
    return values


def _value(field: Field, raw: Any) -> Any:
    if isinstance(raw, str):
        raw = raw.strip()
    if field.kind == "boolean":
        return _boolean(field, raw)
    if raw is None or raw == "":
        if field.required:
            raise _Wrong("Preencha este campo.")
        return None
    return _READERS[field.kind](field, raw)


def _boolean(field: Field, raw: Any) -> bool:
    if raw in (True, "on", "true", "True", "1", "sim", "y"):
        return True
    if raw in (False, None, "", "off", "false", "False", "0", "nao", "não", "n"):
        if field.required and raw in (None, ""):
            raise _Wrong("Responda sim ou não.")
        return False
    raise _Wrong("Responda sim ou não.")


def _text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str) or "\x00" in raw:
        raise _Wrong("Escreva um texto.")
    if len(raw) > field.max_length:
        raise _Wrong(f"Escreva no máximo {field.max_length} caracteres (agora são {len(raw)}).")
    if field.kind == "text" and ("\n" in raw or "\r" in raw):
        raise _Wrong("Escreva em uma linha só.")
    return raw


def _choice(field: Field, raw: Any) -> str:
    if raw not in [value for value, _ in field.choices]:
        raise _Wrong("Escolha uma das opções.")
    return str(raw)


def _date(_field: Field, raw: Any) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(raw), pattern).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise _Wrong("Escreva a data como dia/mês/ano, por exemplo 24/11/2026.")


def _integer(_field: Field, raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    digits = str(raw).replace(".", "") if isinstance(raw, str) else ""
    if not digits.lstrip("-").isascii() or not digits.lstrip("-").isdigit() or len(digits) > MAX_DIGITS:
        raise _Wrong("Escreva um número inteiro.")
    return int(digits)


def _decimal(_field: Field, raw: Any) -> Decimal:
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return Decimal(raw)
    text = str(raw) if isinstance(raw, str) else ""
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Wrong("Escreva um número, por exemplo 1.234,56.") from None
    if not number.is_finite() or len(text) > MAX_DIGITS + 4 or "e" in text.lower():
        raise _Wrong("Escreva um número, por exemplo 1.234,56.")
    return number


_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "textarea": _text,
    "choice": _choice,
    "date": _date,
    "integer": _integer,
    "decimal": _decimal,
}
