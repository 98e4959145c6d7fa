"""What a person submits, field by field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from workflow.errors import InvalidInput
from workflow.forms import validate
from workflow.process import Field, FieldKind, Form

CHOICES = (("sim", "Sim"), ("nao", "Não"))


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  João  ", "João"),
        ("textarea", "um\ndois", "um\ndois"),
        ("choice", "sim", "sim"),
        ("boolean", "on", True),
        ("boolean", "false", False),
        ("boolean", False, False),
        ("date", "24/11/2026", date(2026, 11, 24)),
        ("date", "2026-11-24", date(2026, 11, 24)),
        ("date", date(2026, 11, 24), date(2026, 11, 24)),
        ("integer", "1.250", 1250),
        ("integer", -3, -3),
        ("decimal", "1.234,56", Decimal("1234.56")),
        ("decimal", "10.5", Decimal("10.5")),
        ("decimal", 3, Decimal(3)),
    ],
)
def test_a_value_is_read(kind: FieldKind, raw: Any, value: Any) -> None:
    got = validate(Form("F", (Field("x", "X", kind, choices=CHOICES),)), {"x": raw})["x"]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", ""),
        ("text", "duas\nlinhas"),
        ("text", "a\x00b"),
        ("text", 5),
        ("text", "x" * 4001),
        ("choice", "talvez"),
        ("boolean", None),
        ("boolean", "talvez"),
        ("date", "31/02/2026"),
        ("date", "amanhã"),
        ("integer", "1,5"),
        ("integer", "१२"),
        ("integer", True),
        ("integer", "9" * 30),
        ("decimal", "abc"),
        ("decimal", "NaN"),
        ("decimal", "1e9"),
        ("decimal", "Infinity"),
    ],
)
def test_a_wrong_value_names_its_field(kind: FieldKind, raw: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(Form("F", (Field("x", "X", kind, choices=CHOICES),)), {"x": raw})
    assert set(refused.value.fields) == {"x"}


def test_an_optional_field_may_be_empty_and_unknown_data_are_refused() -> None:
    form = Form("F", (Field("x", "X", required=False),), gives=("extra",))
    assert validate(form, {"extra": [1]}) == {"x": None, "extra": [1]}
    with pytest.raises(InvalidInput) as refused:
        validate(form, {"status": "completed"})
    assert set(refused.value.fields) == {"status"}
    with pytest.raises(InvalidInput):
        validate(None, {"x": 1})
