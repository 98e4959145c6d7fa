"""Form fields that speak Portuguese: a day, a whole number, several of a list, one of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import ValidationError
from wtforms.widgets import DateInput

NOT_A_DAY = "Escreva a data como dia, mês e ano: 24/11/2026."
_BRAZILIAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def day_of(text: str) -> date:
    """2026-11-24 (as browsers send) or 24/11/2026 (as people write); ValueError in Portuguese."""
    written = _BRAZILIAN.fullmatch(text)
    try:
        return date(*(int(part) for part in reversed(written.groups()))) if written else date.fromisoformat(text)
    except ValueError:
        raise ValueError(NOT_A_DAY) from None


class DayField(StringField):
    """A day; `data` is a date or None. What was typed stays in the field when it is none."""

    widget = DateInput()
    data: date | None  # type: ignore[assignment]  # WTForms' stubs fix it to str

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        self.data = day_of(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


class NumberField(StringField):
    """A whole number from 1 to `most`; `data` is an int or None."""

    data: int | None  # type: ignore[assignment]  # WTForms' stubs fix it to str

    def __init__(self, label: str, *arguments: object, most: int = 3650, **named: object) -> None:
        super().__init__(label, *arguments, **named)  # type: ignore[arg-type]  # handed on as they came
        self.most = most

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= self.most):
            raise ValueError(f"Escreva um número de 1 a {self.most}.")
        self.data = int(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Values and words as WTForms wants them."""
    return [SelectChoice(value, words) for value, words in pairs]


def _values(field: SelectField) -> set[str]:
    return {option.value for option in field.iter_choices()}  # type: ignore[attr-defined]  # newer than its stubs


class OneOf(SelectField):
    """One of the choices; WTForms' own refusal speaks English."""

    def pre_validate(self, form: object) -> None:
        if self.data not in _values(self):
            raise ValidationError("Escolha uma das opções.")


class OneShown(RadioField):
    """One of the choices, all of them shown."""

    def pre_validate(self, form: object) -> None:
        if self.data not in _values(self):
            raise ValidationError("Marque uma das opções.")


class SeveralOf(SelectMultipleField):
    """Some of the choices, drawn as check boxes."""

    def pre_validate(self, form: object) -> None:
        if not set(self.data or ()) <= _values(self):
            raise ValidationError("Escolha entre as opções da lista.")
