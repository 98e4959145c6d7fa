"""Check digits and masks: every number of identifiers.md, section 3; OF1 and OF2 of the ofícios."""

from __future__ import annotations

import pytest

from documents.numbering import rules
from workflow.errors import InvalidInput

RIGHT = (
    "60041.001093/2020-97",
    "00261.000489/2022-62",
    "00261.001969/2022-41",
    "00261.001886/2022-51",
    "00261.001192/2022-14",
    "00261.001963/2022-73",
    "00261.001882/2022-73",
    "00261.000574/2022-21",
    "1500.01.0019731/2024-24",
    "1500.01.0250326/2023-04",
    "1500.01.0069235/2025-73",
    "1500.01.0310980/2025-88",
    "9999.01.0000001/2026-20",
    "9999.01.0000123/2026-24",
    "0100.07.0000002/2026-31",
    "12.1.000000077-4",
)


@pytest.mark.parametrize("number", RIGHT)
def test_identifiers_3_right_numbers(number: str) -> None:
    found = rules.check(number)
    assert found.ok is True
    assert found.warning == ""


@pytest.mark.parametrize(
    ("number", "expected"),
    [("00261.000489/2022-63", "62"), ("23112.001054/2012-47", "72"), ("9999.01.0000123/2026-42", "24")],
)
def test_identifiers_3_wrong_digits_are_a_warning(number: str, expected: str) -> None:
    found = rules.check(number)
    assert found.ok is False
    assert found.expected == expected
    assert expected in found.warning


def test_identifiers_3_nipe_is_known_by_its_form() -> None:
    body = "17.137001.000001/2026"
    number = f"{body}-{rules.check_digits(body, 'mod11_federal')}"
    assert rules.check(number).form == "nipe"
    assert rules.check(number).ok is True
    assert rules.check("17.137001.000001/2026-21") == rules.NumberCheck("17.137001.000001/2026-21", "nipe", True, "21")


def test_identifiers_3_an_unknown_form_says_so() -> None:
    found = rules.check("processo 12")
    assert (found.form, found.ok) == (None, None)
    assert "forma" in found.warning


def test_identifiers_3_the_whole_number_leaves_1_when_divided_by_97() -> None:
    number = rules.process_number(rules.SEIMG_MASK, "0100", "07", 2, 2026, "mod97")
    assert number == "0100.07.0000002/2026-31"
    assert int("".join(char for char in number if char.isdecimal())) % 97 == 1


def test_identifiers_3_three_algorithms_by_mask() -> None:
    federal = rules.process_number("{organ}.{seq:06d}/{year}-{dv}", "60041", "", 1093, 2020, "mod11_federal")
    assert federal == "60041.001093/2020-97"
    assert rules.process_number("{yy}.{unit}.{seq:09d}-{dv}", "", "1", 77, 2012, "mod11_trf4") == "12.1.000000077-4"
    with pytest.raises(InvalidInput):
        rules.check_digits("1", "mod10")


@pytest.mark.parametrize(
    "mask",
    ["{seq:07d}/{year}", "{year}-{dv}", "{seq}-{dv}", "{seq.__class__}/{year}-{dv}", "{seq!r}/{year}-{dv}",
     "{seq:0999d}/{year}-{dv}", "{seq}/{year}-{dv", "{dv}-{seq}/{year}", "{0}{seq}/{year}-{dv}"],
)  # fmt: skip
def test_a_mask_takes_plain_names_and_widths_only(mask: str) -> None:
    with pytest.raises(InvalidInput):
        rules.require_process_mask(mask)


def test_OF1_the_oficio_number_as_the_seed_writes_it() -> None:
    mask = "Of. {seq:03d}/{year}/{siglas}"
    assert rules.write(mask, seq=2, year=2018, siglas=("GRPC", "GRI")) == "Of. 002/2018/GRPC/GRI"
    assert rules.write(mask, seq=1000, year=2026, siglas=("GRPC", "GRI")) == "Of. 1000/2026/GRPC/GRI"
    for seq in (1, 2, 10, 999, 1000, 12345):
        assert rules.OFICIO.match(rules.write(mask, seq=seq, year=2026, siglas=("GRPC", "GRI")))


@pytest.mark.parametrize(
    "number", ["Of. 2/2018/GRPC/GRI", "Of. 0002/2018/GRPC/GRI", "Of. 000/2018/GRPC/GRI", "Of. 002/18/GRPC/GRI"]
)
def test_OF1_other_forms_are_refused(number: str) -> None:
    assert rules.OFICIO.match(number) is None


def test_OF4_the_mask_is_of_the_sending_body() -> None:
    assert rules.write("OFÍCIO Nº {seq}/{year}/{siglas}", seq=652, year=2018, siglas=("SAA", "SE", "MT")) == (
        "OFÍCIO Nº 652/2018/SAA/SE/MT"
    )
    with pytest.raises(InvalidInput):
        rules.require_type_mask("Of. {seq}/{siglas}")
