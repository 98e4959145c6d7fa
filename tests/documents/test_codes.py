"""Codes and tokens (DE8, VA4)."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import codes


@pytest.mark.parametrize(
    "typed",
    [
        "7k3m q2xa 9tz4 hb6w",
        "7K3M-Q2XA-9TZ4-HB6W",
        "7K3MQ2XA9TZ4HB6W",
        " 7K3M–Q2XA—9TZ4\u00a0HB6W\n",
    ],
)
def test_DE8_input_is_tolerant(typed: str) -> None:
    assert codes.parse_code(typed) == "7K3MQ2XA9TZ4HB6W"


def test_DE8_confused_letters() -> None:
    assert codes.parse_code("oOiI-lL00-0000-0001") == "0011110000000001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7K3M",
        "7K3M-Q2XA-9TZ4-HB6",
        "7K3M-Q2XA-9TZ4-HB6WX",
        "UUUU-UUUU-UUUU-UUUU",
        "7K3M-Q2XA-9TZ4-HB6*",
        "A" * 10_000,
    ],
)
def test_DE8_malformed_is_none(typed: str) -> None:
    assert codes.parse_code(typed) is None


@given(st.text(max_size=80))
def test_DE8_parse_never_raises_and_gives_only_the_alphabet(typed: str) -> None:
    code = codes.parse_code(typed)
    assert code is None or (len(code) == 16 and set(code) <= set(codes.ALPHABET))


def test_DE8_codes_round_trip_and_use_the_whole_alphabet() -> None:
    made = [codes.new_code() for _ in range(500)]
    assert len(set(made)) == 500
    assert all(codes.parse_code(codes.formatted(code)) == code for code in made)
    seen = Counter(letter for code in made for letter in code)
    assert set(seen) == set(codes.ALPHABET)
    assert {code[0] for code in made} == set(codes.ALPHABET), "the first five bits are random too"


def test_VA4_token_has_128_bits_and_only_its_digest_is_needed() -> None:
    token = codes.new_token()
    raw = base64.urlsafe_b64decode(token + "==")
    assert len(raw) == 16
    assert codes.token_digest(token) == hashlib.sha256(raw).digest()


@pytest.mark.parametrize("token", ["", "abc", "*" * 22, "á" * 22, "A" * 23, "A" * 21])
def test_VA4_malformed_token_is_none(token: str) -> None:
    assert codes.token_digest(token) is None
