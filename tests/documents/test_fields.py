"""The blanks of the model: what is accepted, how it is written, what is refused in words."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from documents.fields import masked_cpf, written
from documents.kinds import get
from tests.documents.conftest import FIELDS, KIND
from workflow.clock import TZ
from workflow.errors import InvalidInput

DECLARACAO = get(KIND)


def test_D1_blanks_are_filled_as_the_model_asks() -> None:
    texts = written(DECLARACAO, {"name": "  João\u00a0 da Silva ", "cpf": "111.444.777-35", "date": date(2026, 1, 5)})
    assert texts == {"name": "João da Silva", "cpf": "111.444.777-35", "date": "05/01/2026"}


def test_VA3_mask() -> None:
    assert masked_cpf("52998224725") == masked_cpf("529.982.247-25") == "***.982.247-**"


@pytest.mark.parametrize("cpf", ["", "52998224726", "11111111111", "5299822472", "529.982.247-2X", None, 52998224725])
def test_D8_impossible_cpf_is_refused(cpf: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        written(DECLARACAO, {**FIELDS, "cpf": cpf})  # type: ignore[dict-item]  # what a caller may send by mistake
    assert set(refused.value.fields) == {"cpf"}
    assert "529" not in str(refused.value.fields), "a CPF is never echoed"


@pytest.mark.parametrize("value", ["", "2026-13-01", "ontem", None, datetime(2026, 1, 1, tzinfo=TZ)])
def test_impossible_date_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        written(DECLARACAO, {**FIELDS, "date": value})  # type: ignore[dict-item]
    assert set(refused.value.fields) == {"date"}


@pytest.mark.parametrize(
    "name", ["", "   ", "a" * 301, "Ana \u202eavliS", "Ana\x00", "王芳", "Ana 😀", "Ana\u200bSilva"]
)
def test_a_name_that_the_page_cannot_write_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        written(DECLARACAO, {**FIELDS, "name": name})
    assert set(refused.value.fields) == {"name"}


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Nguyễn Thị Ngọc", "Σωκράτης", "Дмитрий", "d’Ávila-Ñuñez", "A\u0301lvaro"]
)
def test_names_of_other_languages_are_written(name: str) -> None:
    assert written(DECLARACAO, {**FIELDS, "name": name})["name"]


def test_all_problems_are_told_at_once_and_unknown_fields_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        written(DECLARACAO, {})
    assert set(refused.value.fields) == {"name", "cpf", "date"}
    with pytest.raises(InvalidInput):
        written(DECLARACAO, {**FIELDS, "motivo": "x"})
