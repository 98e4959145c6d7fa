"""How names, numbers, addresses and passwords are judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import rules
from workflow.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-25",
        "52998224725",
        "111.444.777-35",
        "123.456.789-09",
        "000.000.001-91",
        "987.654.321-00",
        "316.000.010-92",
    ],
)
def test_R4_valid_cpf(text: str) -> None:
    assert rules.normalize_cpf(text) == "".join(c for c in text if c.isdigit())


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-26",
        "123.456.789-90",
        "111.111.111-11",
        "000.000.000-00",
        "5299822472",
        "529.982.247-2X",
        "",
        "٥٢٩٩٨٢٢٤٧٢٥",
        "529,982,247-25",
        "529982247250",
    ],
)
def test_R4_invalid_cpf_is_told_without_echoing_it(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.normalize_cpf(text)
    assert "cpf" in caught.value.fields
    assert not text or text not in str(caught.value.fields)


def test_VA3_mask() -> None:
    assert rules.mask_cpf("52998224725") == "***.982.247-**"
    assert rules.format_cpf("52998224725") == "529.982.247-25"


def test_names_are_folded_in_python() -> None:
    assert rules.fold("  JOSÉ  D'Ávila-Conceição ") == "jose d avila conceicao"
    assert rules.fold("Straße Øre Łódź") == "strasse ore lodz"
    assert rules.name_tokens("Maria da Conceição e Silva") == ["conceicao", "maria", "silva"]


@pytest.mark.parametrize("name", ["Maria Silva", "  José  d'Ávila ", "Ana-Lúcia de Sá", "D. Pedro II", "Zoé Nguyễn"])
def test_R6_full_names(name: str) -> None:
    assert rules.clean_name(name) == " ".join(name.split())


@pytest.mark.parametrize(
    "name", ["", "Maria", "M ", "Maria 2", "Maria <b>Silva</b>", "Maria Silva @x", "a " * 150, "Maria\x00 Silva"]
)
def test_R6_what_is_no_full_name(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.clean_name(name)
    assert "full_name" in caught.value.fields


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("maria aparecida de souza", "Maria Aparecida de Souza"),
        ("JOÃO DAS NEVES E SILVA DOS SANTOS", "João das Neves e Silva dos Santos"),
        ("ÉRICA d'ávila", "ÉRICA d'ávila"),
        ("josé d'ávila-conceição", "José D'Ávila-Conceição"),
        ("MARIA DE SOUZA", "Maria de Souza"),
        ("MARIA de SOUZA", "Maria de Souza"),
        ("d. pedro ii", "D. Pedro II"),
        ("do carmo ana", "Do Carmo Ana"),
        ("Maria de Souza", "Maria de Souza"),
        ("Ana McDonald", "Ana McDonald"),
        ("", ""),
    ],
)
def test_R6_a_name_typed_in_one_case_is_offered_with_capitals(typed: str, written: str) -> None:
    assert rules.with_capitals(typed) == written
    assert rules.with_capitals(written) == written


@given(st.text(max_size=60))
def test_R6_capitals_change_nothing_that_is_searched_for(text: str) -> None:
    name = " ".join(text.split())
    assert rules.with_capitals(name).casefold() == name.casefold()


@given(st.text(max_size=60))
def test_folding_is_stable_and_plain(text: str) -> None:
    folded = rules.fold(text)
    assert rules.fold(folded) == folded
    assert folded.isascii()


def test_addresses_have_one_form() -> None:
    assert rules.normalize_email(" Maria@Example.COM ") == "maria@example.com"


@pytest.mark.parametrize(
    "text", ["", "maria", "maria@", "@example.com", "a b@example.com", "maria@example.com\nBcc: x@y.z"]
)
def test_addresses_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidInput):
        rules.normalize_email(text)


def test_passwords() -> None:
    rules.check_password("uma frase curta", "maria@example.com")
    for refused in ("curta", "x" * 129, "1234567890", "maria@example.com", "aaaaaaaaaaaa", "mariasilva"):
        with pytest.raises(InvalidInput) as caught:
            rules.check_password(refused, "maria@example.com", "mariasilva@example.com")
        assert "password" in caught.value.fields
